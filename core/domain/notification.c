#include "domain/notification.h"

#include "base/clock.h"
#include "data/audit.h"
#include "data/jobs.h"
#include "data/revision.h"
#include "domain/edition.h"
#include "domain/notification.sql.h"

static const struct feature_info *core;

void notification_core_set(const struct feature_info *info)
{
    core = info;
}

const struct feature_info *notification_sender(struct str plugin)
{
    return core && str_eq(core->name, plugin) ? core : feature_info_find(plugin);
}

void notification_add(struct unit *u, const struct notification *what)
{
    struct arena *a = unit_arena(u);
    struct value *payload = value_object(a);
    value_set_str(a, payload, KEY(plugin), what->plugin);
    value_set_str(a, payload, KEY(key), what->key);
    value_set_str(a, payload, KEY(to), what->to);
    value_set_str(a, payload, KEY(language), what->language);
    value_set(a, payload, KEY(variables),
        what->variables ? value_copy(a, what->variables) : value_object(a));
    value_set_str(a, payload, KEY(action_url), what->action_url);
    if (what->unsubscribe.len)
        value_set_str(a, payload, KEY(unsubscribe), what->unsubscribe);
    if (what->customer)
        value_set_str(a, payload, KEY(customer_id), str_of_i64(a, what->customer));
    if (what->test)
        value_set_bool(a, payload, KEY(test), true);
    job_add(u, STR(NOTIFICATION_JOB), payload, clock_now_us(), STR_NULL);
}

bool notification_load(struct arena *a, const struct site *site, struct str plugin, struct str key,
    struct notification_own *out)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(u, &SQL_notification_load, db_i64(a, site->tenant), plugin, key);
    *out = (struct notification_own){.enabled = true, .texts = value_object(a)};
    if (unit_run(u) != DB_OK)
        return false;
    const struct rows *rows = unit_rows(u, place);
    if (rows->count)
        *out = (struct notification_own){.enabled = rows_bool(rows, 0, KEY(enabled)),
            .texts = rows_json(a, rows, 0, KEY(texts)),
            .changed_us = rows_us(rows, 0, KEY(changed_us))};
    return true;
}

struct notification_text notification_text_in(const struct site *site,
    const struct feature_notification *declared, const struct notification_own *own,
    struct str language)
{
    const struct value *words = value_get(own->texts, value_key_find(language));
    struct notification_text text = {
        value_get_str(words, KEY(subject)), value_get_str(words, KEY(body)), true};
    if (text.subject.len && text.body.len)
        return text;
    return (struct notification_text){site_text_in(site, declared->subject, language),
        site_text_in(site, declared->body, language), false};
}

struct str notification_subject(struct arena *a, struct str plugin, struct str key)
{
    return str_join(a, STR("notification/"), plugin, STR("/"), key, STR_NULL);
}

static struct value *state_of(struct arena *a, bool enabled, const struct value *texts)
{
    struct value *v = value_object(a);
    value_set_bool(a, v, KEY(enabled), enabled);
    value_set(a, v, KEY(texts), value_copy(a, texts));
    return v;
}

enum notification_result notification_save(struct arena *a, const struct site *site,
    const struct feature_actor *actor, const struct notification_change *c)
{
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    struct str tenant = db_i64(a, site->tenant);
    unit_add(u, &SQL_notification_guard, tenant, c->plugin, c->key, db_i64(a, c->seen_us));
    unit_add(u, &SQL_notification_save, tenant, c->plugin, c->key, db_bool(c->enabled),
        db_json(a, c->texts), db_time(a, clock_now_us()));
    struct audit audit = {.actor_kind = actor->kind,
        .actor_id = actor->id,
        .actor_name = actor->name,
        .action = STR("notification.change"),
        .object_kind = STR("notification"),
        .object_id = str_join(a, c->plugin, STR("/"), c->key, STR_NULL),
        .before = state_of(a, c->before->enabled, c->before->texts),
        .after = state_of(a, c->enabled, c->texts)};
    edition_append(u, &(struct edition){.subject = notification_subject(a, c->plugin, c->key),
                          .before = audit.before,
                          .value = audit.after,
                          .actor_name = actor->name});
    audit_add(u, &audit);
    revision_touch(u);
    switch (unit_run(u)) {
    case DB_OK:
        return NOTIFICATION_SAVED;
    case DB_REFUSED:
    case DB_CONFLICT:
        return NOTIFICATION_CHANGED;
    default:
        return NOTIFICATION_UNAVAILABLE;
    }
}

static bool is_variable(const struct feature_notification *declared, struct str name)
{
    for (size_t i = 0; i < declared->variable_count; i++)
        if (str_eq(declared->variables[i].name, name))
            return true;
    return str_is(name, "site") || str_starts(name, STR("site."));
}

enum notification_fault notification_check(
    struct str text, const struct feature_notification *declared, struct str *name)
{
    for (ptrdiff_t at; (at = str_find(text, STR("{{"))) >= 0;) {
        text = str_sub(text, (size_t)at + 2, text.len);
        ptrdiff_t end = str_find(text, STR("}}"));
        *name = str_trim(end < 0 ? str_utf8_clip(text, 40) : str_sub(text, 0, (size_t)end));
        if (end < 0)
            return NOTIFICATION_UNCLOSED;
        if (name->len && strchr("{#^/&", name->p[0]))
            *name = str_trim(str_sub(*name, 1, name->len));
        if (!str_is(*name, ".") && !is_variable(declared, *name))
            return NOTIFICATION_UNKNOWN;
    }
    return NOTIFICATION_GOOD;
}
