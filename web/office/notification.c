// The words of one mail that a feature sends: on or off, subject and text in each language of the
// site, its variables, and what it looks like with their samples.
#include "domain/notification.h"
#include "domain/edition.h"

#include "data/db.h"
#include "http/notice.h"
#include "http/respond.h"
#include "http/template.h"
#include "web/office/feature_view.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/mail_group.h"
#include "web/office/office.h"

struct editing {
    const struct feature_info *info;
    const struct feature_notification *declared;
    struct notification_own own;
};

// Answers and is false when there is no such notification or the database is away.
static bool find(struct request *r, struct editing *e)
{
    e->info = notification_sender(r->params[0]);
    e->declared = e->info ? feature_notification_find(e->info, r->params[1]) : NULL;
    if (!e->declared) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return false;
    }
    if (notification_load(r->arena, r->site, e->info->name, e->declared->key, &e->own))
        return true;
    respond_problem(r, PROBLEM_UNAVAILABLE);
    return false;
}

static struct str id_of(struct request *r, const char *part, struct str language)
{
    return str_join(r->arena, str_of(part), STR("_"), language, STR_NULL);
}

static struct value *samples_of(struct request *r, const struct feature_notification *declared)
{
    struct value *samples = value_object(r->arena);
    for (size_t i = 0; i < declared->variable_count; i++)
        value_set_str(r->arena, samples, value_key_intern(declared->variables[i].name),
            declared->variables[i].sample);
    return samples;
}

static struct value *site_words(struct request *r)
{
    struct value *site = value_object(r->arena);
    value_set_str(r->arena, site, KEY(name), r->site->name);
    value_set_str(r->arena, site, KEY(home_url), request_absolute_url(r, STR("/")));
    value_set(r->arena, site, KEY(contact), r->site->contact);
    return site;
}

static bool make_notice(struct request *r, const struct feature_notification *declared,
    const struct notification_text *text, struct notice *out, struct source_error *why)
{
    struct notice_words words = {.subject = text->subject,
        .body = text->body,
        .variables = samples_of(r, declared),
        .site = site_words(r),
        .language = r->words};
    return notice_render(r->arena, &words, out, why);
}

// What was typed for a language, else what holds now.
static struct notification_text shown_text(
    struct request *r, const struct editing *e, struct str language)
{
    struct notification_text text = notification_text_in(r->site, e->declared, &e->own, language);
    const value_key key = value_key_find(language);
    struct str subject = value_get_str(value_get(r->form, KEY(subject)), key);
    struct str body = value_get_str(value_get(r->form, KEY(body)), key);
    if (subject.p)
        text.subject = subject;
    if (body.p)
        text.body = body;
    return text;
}

static struct str refusal_of(struct request *r, struct str id)
{
    return value_get_str(value_get(r->typed, value_key_find(id)), KEY(error));
}

static void add_language(
    struct request *r, struct value *list, const struct editing *e, struct str language)
{
    struct arena *a = r->arena;
    struct value *v = value_append_object(a, list);
    struct notification_text text = shown_text(r, e, language);
    struct notice notice;
    struct source_error why;
    struct str subject_id = id_of(r, "subject", language), body_id = id_of(r, "body", language);
    value_set_str(a, v, KEY(code), language);
    value_set_str(a, v, KEY(label), format_language_name(a, language));
    value_set_str(a, v, KEY(subject_id), subject_id);
    value_set_str(a, v, KEY(body_id), body_id);
    value_set_str(a, v, KEY(subject), text.subject);
    value_set_str(a, v, KEY(body), text.body);
    value_set_bool(a, v, KEY(own_words), text.own);
    value_set_str(a, v, KEY(subject_error), refusal_of(r, subject_id));
    value_set_str(a, v, KEY(body_error), refusal_of(r, body_id));
    bool good = make_notice(r, e->declared, &text, &notice, &why);
    struct value *preview = good ? value_object(a) : value_null();
    value_set(a, v, KEY(preview), preview);
    if (!good)
        return;
    value_set_str(a, preview, KEY(preview_subject), notice.subject);
    value_set_str(a, preview, KEY(preview_html), notice.html);
}

static void add_variables(struct request *r, struct value *view, const struct editing *e)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    value_set(a, view, KEY(variables), list);
    for (size_t i = 0; i < e->declared->variable_count; i++) {
        struct value *v = value_append_object(a, list);
        struct str name = e->declared->variables[i].name;
        value_set_str(a, v, KEY(tag), str_join(a, STR("{{"), name, STR("}}"), STR_NULL));
        value_set_str(a, v, KEY(sample), e->declared->variables[i].sample);
    }
    struct value *v = value_append_object(a, list);
    value_set_str(a, v, KEY(tag), STR("{{site.name}}"));
    value_set_str(a, v, KEY(sample), r->site->name);
}

// The newest versions; each but the first of them can be gone back to.
static struct value *versions_of(struct request *r, const struct editing *e)
{
    struct arena *a = r->arena;
    struct edition_row *rows;
    struct value *list = value_list(a);
    struct str subject = notification_subject(a, e->info->name, e->declared->key);
    int count = edition_list(a, r->site->tenant, subject, &rows);
    for (int i = 0; i < count; i++) {
        struct value *v = value_append_object(a, list);
        struct str tail = str_join(a, STR("/notifications/"), e->declared->key, STR("/restore/"),
            str_of_i64(a, rows[i].version), STR_NULL);
        value_set_int(a, v, KEY(number), rows[i].version);
        value_set_str(a, v, KEY(who), rows[i].actor_name.len ? rows[i].actor_name : STR_NULL);
        value_set(a, v, KEY(when), format_time_value(a, r->format, r->site->zone, rows[i].at_us));
        value_set_str(a, v, KEY(restore_url), i ? feature_url(r, e->info->name, tail.p) : STR_NULL);
    }
    return list;
}

// Without an answer of the database there is none.
static void add_history(struct request *r, struct value *view, const struct editing *e)
{
    struct unit *u = unit_new(r->arena, DB_READ, r->site->tenant);
    struct str id = str_join(r->arena, e->info->name, STR("/"), e->declared->key, STR_NULL);
    int place = office_history_add(r, u, "notification", id);
    value_set(r->arena, view, KEY(history), NULL);
    if (unit_run(u) == DB_OK)
        office_history_view(r, view, unit_rows(u, place));
}

static struct value *view_of(struct request *r, const struct editing *e)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r), *n = value_object(a), *languages = value_list(a);
    struct str tail = str_join(a, STR("/notifications/"), e->declared->key, STR_NULL);
    bool typed = value_get(r->form, KEY(do)) != NULL;
    value_set(a, view, KEY(feature), feature_item(r, e->info));
    if (str_is(e->info->name, "core"))
        value_set_str(a, value_get(view, KEY(feature)), KEY(title),
            mail_group_title(r, mail_group_of(e->declared->key)));
    value_set(a, view, KEY(notification), n);
    value_set_str(a, n, KEY(key), e->declared->key);
    value_set_str(a, n, KEY(title), feature_words(r, e->declared->title));
    value_set_bool(a, n, KEY(enabled), typed ? form_bool(r, KEY(enabled)) : e->own.enabled);
    value_set_bool(a, n, KEY(always), e->declared->always);
    value_set_bool(a, n, KEY(own_words), value_count(e->own.texts) > 0);
    value_set_int(a, n, KEY(seen), e->own.changed_us);
    value_set_str(a, n, KEY(action_url), feature_url(r, e->info->name, tail.p));
    value_set(a, view, KEY(texts), languages);
    for (int i = 0; i < r->site->language_count; i++)
        add_language(r, languages, e, r->site->languages[i]);
    add_variables(r, view, e);
    value_set_str(a, view, KEY(notifications_url), request_url(r, STR("/manage/notifications")));
    struct value *versions = versions_of(r, e);
    add_history(r, view, e);
    value_set(a, view, KEY(versions), versions);
    value_set_bool(a, view, KEY(has_versions), value_count(versions) > 0);
    value_set_bool(
        a, view, KEY(may_change), role_has(role_of(r->session.role), PERMIT_NOTIFICATIONS_CHANGE));
    return view;
}

static void on_notification(struct request *r)
{
    struct editing e;
    if (!find(r, &e))
        return;
    struct value *view = view_of(r, &e);
    office_add_notice(r, view);
    respond_page(r, 200, "office/notification", view);
}

static void refuse(
    struct request *r, struct str id, const char *code, const char *arg, struct str v)
{
    struct str key = str_join(r->arena, STR("office.notification."), str_of(code), STR_NULL);
    form_refuse_text(
        r, id.p, code, message(r->arena, r->words, key, arg, value_str(r->arena, v), NULL));
}

// The same with the line that it stands in; `name` is a piece of the text.
static void refuse_at(
    struct request *r, struct str id, const char *code, struct str text, struct str name)
{
    int64_t line = 1;
    for (const char *p = text.p; p < name.p; p++)
        line += *p == '\n';
    struct str key = str_join(r->arena, STR("office.notification."), str_of(code), STR_NULL);
    form_refuse_text(r, id.p, code,
        message(r->arena, r->words, key, "name", value_str(r->arena, name), "line",
            value_int(r->arena, line), NULL));
}

// What the reader of templates refused, as whoever writes a mail understands it.
static void refuse_broken(struct request *r, struct str id, const struct source_error *why)
{
    struct arena *a = r->arena;
    const char *code = why->code ? why->code : "other";
    struct str key = str_join(a, STR("office.notification.broken."), str_of(code), STR_NULL);
    form_refuse_text(r, id.p, "broken",
        message(a, r->words, key, "line", value_int(a, why->line), "name",
            value_str(a, why->name.p ? why->name : STR("")), "other",
            value_str(a, why->other.p ? why->other : STR("")), "other_line",
            value_int(a, why->other_line), "limit", value_int(a, TEMPLATE_NESTING_MAX), NULL));
}

static void check_text(
    struct request *r, const struct editing *e, struct str id, struct str text, size_t len_max)
{
    struct str name;
    struct source_error why;
    struct notice notice;
    // Whichever part it is, it has to read as a body does.
    struct notification_text alone = {STR("-"), text, true};
    enum notification_fault fault = notification_check(text, e->declared, &name);
    if (!text.len)
        refuse(r, id, "empty", "limit", STR(""));
    else if (str_utf8_count(text) > len_max)
        refuse(r, id, "too_long", "limit", str_of_i64(r->arena, (int64_t)len_max));
    else if (fault == NOTIFICATION_UNKNOWN)
        refuse_at(r, id, "unknown_variable", text, name);
    else if (fault == NOTIFICATION_UNCLOSED)
        refuse_at(r, id, "unclosed", text, name);
    else if (!make_notice(r, e->declared, &alone, &notice, &why))
        refuse_broken(r, id, &why);
}

static struct str normal(struct request *r, struct str text)
{
    struct buf b;
    buf_init(&b, r->arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        if (text.p[i] != '\r')
            buf_add_char(&b, text.p[i]);
    return str_trim(buf_str(&b));
}

// The venue's words of one language, refused beside their field, or absent when they are the
// built-in ones.
static void take_language(
    struct request *r, const struct editing *e, struct value *texts, struct str language)
{
    struct arena *a = r->arena;
    struct notification_text shown = shown_text(r, e, language);
    struct notification_own none = {.texts = value_object(a)};
    struct notification_text built_in = notification_text_in(r->site, e->declared, &none, language);
    struct str subject = normal(r, shown.subject), body = normal(r, shown.body);
    if (str_eq(subject, str_trim(built_in.subject)) && str_eq(body, str_trim(built_in.body)))
        return;
    check_text(r, e, id_of(r, "subject", language), subject, NOTIFICATION_SUBJECT_MAX);
    check_text(r, e, id_of(r, "body", language), body, NOTIFICATION_BODY_MAX);
    struct value *words = value_object(a);
    value_set_str(a, words, KEY(subject), subject);
    value_set_str(a, words, KEY(body), body);
    value_set(a, texts, value_key_find(language), words);
}

static void say_changed(struct request *r, struct editing *e)
{
    struct arena *a = r->arena;
    if (r->wants_json) {
        respond_problem(r, PROBLEM_CONFLICT);
        return;
    }
    // What is there now is what one has seen from here on; what was typed stays.
    if (!find(r, e))
        return;
    struct value *view = view_of(r, e);
    struct value *notice = value_append_object(a, value_get(view, KEY(notices)));
    value_set_str(a, notice, KEY(kind), STR("warning"));
    value_set_str(
        a, notice, KEY(text), message(a, r->words, STR("office.notification.changed"), NULL));
    respond_page(r, 409, "office/notification", view);
}

static struct str own_path(struct request *r, const struct editing *e, const char *tail)
{
    return str_join(r->arena, feature_path(r, e->info->name, "/notifications/"), e->declared->key,
        str_of(tail), STR("&feature="), e->info->name, STR_NULL);
}

static void save(
    struct request *r, struct editing *e, bool enabled, const struct value *texts, int64_t seen_us)
{
    struct arena *a = r->arena;
    struct feature_actor actor = feature_actor_of(r);
    struct notification_change change = {.plugin = e->info->name,
        .key = e->declared->key,
        .before = &e->own,
        .enabled = enabled || e->declared->always,
        .texts = texts,
        .seen_us = seen_us};
    switch (notification_save(a, r->site, &actor, &change)) {
    case NOTIFICATION_SAVED:
        respond_done(r, 200, own_path(r, e, "?done=saved"), value_object(a));
        return;
    case NOTIFICATION_CHANGED:
        say_changed(r, e);
        return;
    case NOTIFICATION_UNAVAILABLE:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
}

// What holds now, with the samples, to whoever asks.
static void send_test(struct request *r, const struct editing *e)
{
    struct arena *a = r->arena;
    struct unit *u = unit_new(a, DB_WRITE, r->site->tenant);
    notification_add(u, &(struct notification){.plugin = e->info->name,
                            .key = e->declared->key,
                            .to = r->session.email,
                            .language = r->language,
                            .variables = samples_of(r, e->declared),
                            .test = true});
    if (unit_run(u) == DB_OK)
        respond_done(r, 200, own_path(r, e, "?done=test_sent"), value_object(a));
    else
        respond_problem(r, PROBLEM_UNAVAILABLE);
}

static void on_restore(struct request *r)
{
    struct editing e;
    struct edition_row row;
    int64_t version = -1;
    if (!find(r, &e))
        return;
    str_to_i64(r->params[2], &version);
    struct str subject = notification_subject(r->arena, e.info->name, e.declared->key);
    if (!edition_load(r->arena, r->site->tenant, subject, version, &row)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    const struct value *texts = value_get(row.value, KEY(texts));
    if (row.value)
        save(r, &e, value_get_bool(row.value, KEY(enabled), true),
            texts ? texts : value_object(r->arena), e.own.changed_us);
    else
        respond_problem(r, PROBLEM_NOT_FOUND);
}

static void on_change(struct request *r)
{
    struct editing e;
    if (!find(r, &e))
        return;
    struct value *texts = value_object(r->arena);
    struct str what = form_str(r, KEY(do));
    int64_t seen_us = form_int(r, KEY(seen), -1);
    if (form_refused(r)) {
        respond_invalid(r, "office/notification", view_of(r, &e));
        return;
    }
    if (str_is(what, "test")) {
        send_test(r, &e);
        return;
    }
    if (str_is(what, "reset")) {
        save(r, &e, e.own.enabled, texts, seen_us);
        return;
    }
    for (int i = 0; i < r->site->language_count; i++)
        take_language(r, &e, texts, r->site->languages[i]);
    if (form_refused(r))
        respond_invalid(r, "office/notification", view_of(r, &e));
    else if (str_is(what, "preview"))
        respond_page(r, 200, "office/notification", view_of(r, &e));
    else
        save(r, &e, form_bool(r, KEY(enabled)), texts, seen_us);
}

static const char *const actions[] = {"save", "preview", "reset", "test", NULL};
static const struct form form_notice = FORM({"done", .kind = FIELD_TEXT, .max = 20},
    {"feature", .kind = FIELD_TEXT, .max = 40}, OFFICE_HISTORY_FIELD);
static const struct form form_change = FORM({"csrf", .kind = FIELD_TEXT},
    {"do", .kind = FIELD_CHOICE, .required = true, .choices = actions}, FORM_SEEN("seen"),
    {"enabled", .kind = FIELD_BOOL}, {"subject", .kind = FIELD_OBJECT},
    {"body", .kind = FIELD_OBJECT});

static const struct form form_plain = FORM({"csrf", .kind = FIELD_TEXT});

static const struct route routes[] = {
    {HTTP_GET, "/manage/features/{name}/notifications/{key}", PERMIT_FEATURES_READ, on_notification,
        &form_notice, 0, 0},
    {HTTP_POST, "/manage/features/{name}/notifications/{key}", PERMIT_NOTIFICATIONS_CHANGE,
        on_change, &form_change, 0, 0},
    {HTTP_POST, "/manage/features/{name}/notifications/{key}/restore/{version}",
        PERMIT_NOTIFICATIONS_CHANGE, on_restore, &form_plain, 0, 0},
};

OFFICE_PAGE(routes, NULL)
