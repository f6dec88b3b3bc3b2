#include "domain/blueprint.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "data/audit.h"
#include "data/db.h"
#include "data/jobs.h"
#include "data/revision.h"
#include "domain/blueprint.sql.h"
#include "domain/blueprint_content.h"
#include "domain/password.h"
#include "domain/site_day.h"
#include "domain/staff_invitation.h"
#include "io/fiber.h"

// A creation that was interrupted gives its address back after this.
enum { UNFINISHED_S = 120, FILE_MAX_BYTES = 1 << 20, REPEAT_WAIT_MS = 8000 };

// One that is being made.
struct making {
    struct arena *a;
    const struct blueprint_site *site;
    const struct value *content;
    struct str art; // folder of its pictures
    int64_t tenant;
    struct staff_invite invite; // of its owner, with a maker
    int64_t invitation;
};

struct value *blueprint_read(struct arena *a, struct str home, struct str group, struct str name)
{
    struct json_error error;
    struct str text;
    struct str path =
        str_join(a, home, STR("/tenants/"), group, STR("/"), name, STR("/site.json"), STR_NULL);
    if (!file_exists(path) || !file_read(a, path, FILE_MAX_BYTES, &text))
        return NULL;
    struct value *v = json_parse(a, text, JSON_ANY_KEYS, &error);
    if (!v)
        log_error("a site file can't be read", "path", path, "why", error.text, "line",
            str_of_i64(a, error.line));
    return v;
}

static bool is_reserved(struct str slug)
{
    static const char *const names[] = {"www", "api", "app", "admin", "administrator", "console",
        "manage", "mail", "smtp", "imap", "ftp", "ns1", "ns2", "static", "assets", "cdn", "help",
        "support", "status", "blog", "docs", "login", "signup", "account", "accounts", "billing",
        "pay", "payment", "payments", "secure", "security", "vitrine", "platform", "operator",
        "root", "test", "localhost", "webmaster", "postmaster", "abuse", "demo"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(slug, names[i]))
            return true;
    return false;
}

// A label of a host name (RFC 1123), 3 to 40 characters, no double hyphen (reserved by RFC 5891).
static bool is_label(struct str s)
{
    if (s.len < 3 || s.len > 40 || s.p[0] == '-' || s.p[s.len - 1] == '-' ||
        str_find(s, STR("--")) >= 0)
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
                s.p[i] == '-'))
            return false;
    return true;
}

struct str blueprint_unfinished_before(struct arena *a)
{
    return db_time(a, clock_now_us() - UNFINISHED_S * US_PER_SECOND);
}

enum address_result blueprint_address(struct arena *a, struct str slug)
{
    if (!is_label(slug))
        return ADDRESS_BAD;
    if (is_reserved(slug))
        return ADDRESS_RESERVED;
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = unit_add(
        u, &SQL_blueprint_address, slug, text_skeleton(a, slug), blueprint_unfinished_before(a));
    if (unit_run(u) != DB_OK)
        return ADDRESS_UNKNOWN;
    const struct rows *r = unit_rows(u, place);
    for (int i = 0; i < r->count; i++)
        if (str_eq(rows_str(r, i, KEY(slug)), slug))
            return ADDRESS_TAKEN;
    return r->count ? ADDRESS_LOOKALIKE : ADDRESS_FREE;
}

static const struct value *or_empty(struct arena *a, const struct value *v)
{
    return v ? v : value_object(a);
}

static struct str language_array(struct arena *a, const struct value *languages)
{
    struct str all[SITE_LANGUAGES_MAX];
    size_t count = value_count(languages);
    check(count > 0 && count <= SITE_LANGUAGES_MAX);
    for (size_t i = 0; i < count; i++)
        all[i] = value_as_str(value_at(languages, i));
    return db_str_array(a, all, count);
}

// Pictures of a file's branding are named from its own folder.
static struct value *branding_of(struct arena *a, const struct value *content, struct str art)
{
    struct value *b = value_copy(a, or_empty(a, value_get(content, KEY(branding))));
    const value_key pictures[] = {KEY(hero), KEY(logo)};
    for (int i = 0; i < 2; i++) {
        struct str file = value_get_str(b, pictures[i]);
        if (file.len)
            value_set_str(a, b, pictures[i], str_join(a, art, STR("/"), file, STR_NULL));
    }
    return b;
}

static enum blueprint_result insert_site(struct making *m)
{
    struct arena *a = m->a;
    const struct blueprint_site *s = m->site;
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_blueprint_drop_unfinished, s->slug, blueprint_unfinished_before(a));
    int place = unit_add(u, &SQL_blueprint_insert_site, s->slug, text_skeleton(a, s->slug), s->name,
        value_get_str(m->content, KEY(kind)), s->currency, s->time_zone,
        language_array(a, s->languages), db_json(a, branding_of(a, m->content, m->art)),
        db_json(a, or_empty(a, value_get(m->content, KEY(texts)))),
        db_json(a, or_empty(a, value_get(m->content, KEY(contact)))), db_bool(s->practice),
        db_time(a, clock_now_us()), s->plan, s->maker ? s->maker->key : STR_NULL);
    unit_add(u, &SQL_blueprint_insert_revision, s->slug);
    switch (unit_run(u)) {
    case DB_OK:
        m->tenant = rows_i64(unit_rows(u, place), 0, KEY(tenant_id));
        return BLUEPRINT_DONE;
    case DB_CONFLICT:
        return blueprint_address(a, s->slug) == ADDRESS_LOOKALIKE ? BLUEPRINT_LOOKALIKE
                                                                  : BLUEPRINT_TAKEN;
    case DB_FAILED:
        return BLUEPRINT_BROKEN;
    default:
        return BLUEPRINT_UNAVAILABLE;
    }
}

enum blueprint_repeat blueprint_repeated(struct arena *a, struct str slug, struct str key)
{
    for (int waited = 0; waited < REPEAT_WAIT_MS; waited += 100) {
        struct unit *u = unit_new(a, DB_PLATFORM, 0);
        int place = unit_add(u, &SQL_blueprint_made_by, slug, key);
        if (unit_run(u) != DB_OK)
            return BLUEPRINT_UNKNOWN;
        const struct rows *site = unit_rows(u, place);
        if (!site->count)
            return BLUEPRINT_GONE;
        if (!rows_bool(site, 0, KEY(ours)))
            return BLUEPRINT_FOREIGN;
        if (!str_is(rows_str(site, 0, KEY(state)), "creating"))
            return BLUEPRINT_OURS;
        fiber_sleep(100);
    }
    return BLUEPRINT_FOREIGN;
}

// What a plugin seeds itself with stands in the file under its own name.
static void seed_plugins(struct unit *u, struct arena *a, const struct value *content)
{
    const struct value *features = value_get(content, KEY(features));
    for (size_t i = 0; i < value_count(features); i++) {
        value_key plugin = features->object.fields[i].key;
        struct value *payload = value_object(a), *data = value_object(a);
        value_set_str(a, payload, KEY(plugin), value_key_name(plugin));
        value_set_str(a, payload, KEY(hook), STR("switched_on"));
        value_set(a, payload, KEY(data), data);
        value_set(a, data, KEY(seed), value_get(content, plugin));
        job_add(u, STR("plugin.hook"), payload, clock_now_us(), STR_NULL);
    }
}

static bool write_owner(struct making *m, struct content *c)
{
    const struct blueprint_site *s = m->site;
    struct str folded = text_fold(m->a, s->owner_email);
    if (!s->maker) {
        struct str hash = password_hash(m->a, s->owner_password);
        return hash.p && tx_exec(c->tx, &SQL_blueprint_insert_owner, NULL, c->tenant,
                             s->owner_email, folded, s->owner_name, hash, c->now) == DB_OK;
    }
    m->invitation = id_number();
    m->invite = (struct staff_invite){.email = s->owner_email,
        .role = STR("owner"),
        .language = value_as_str(value_at(s->languages, 0)),
        .expires_us = clock_now_us() + STAFF_INVITATION_US};
    m->invite.link = str_join(m->a, s->maker->site_url,
        staff_invitation_path(m->a, m->tenant, m->invitation, m->invite.expires_us), STR_NULL);
    return tx_exec(c->tx, &SQL_blueprint_invite_owner, NULL, c->tenant, db_i64(m->a, m->invitation),
               s->owner_email, folded, s->maker->actor.name, c->now,
               db_time(m->a, m->invite.expires_us)) == DB_OK;
}

static bool write_content(struct making *m)
{
    struct arena *a = m->a;
    struct tx *tx = tx_begin(a, m->tenant);
    if (!tx)
        return false;
    struct content c = {a, tx, db_i64(a, m->tenant), m->art, db_time(a, clock_now_us()),
        m->site->samples, m->content, "owner"};
    if (!write_owner(m, &c) || !content_write(&c)) {
        log_error("a site file can't be written", "site", m->site->slug, "at", str_of(c.at));
        tx_rollback(tx);
        return false;
    }
    return tx_commit(tx) == DB_OK;
}

// Who set it up for whom, and the owner's invitation.
static void add_maker(struct making *m, struct unit *u)
{
    const struct blueprint_site *s = m->site;
    const struct feature_actor *actor = &s->maker->actor;
    struct arena *a = m->a;
    struct value *after = value_object(a);
    value_set_str(a, after, KEY(name), s->name);
    value_set_str(a, after, KEY(slug), s->slug);
    value_set_str(a, after, KEY(kind), value_get_str(m->content, KEY(kind)));
    value_set_str(a, after, KEY(plan), s->plan);
    value_set_str(a, after, KEY(email), s->owner_email);
    audit_add(u, &(struct audit){.actor_kind = actor->kind,
                     .actor_id = actor->id,
                     .actor_name = actor->name,
                     .action = STR("site.create"),
                     .object_kind = STR("site"),
                     .object_id = db_i64(a, m->tenant),
                     .after = after});
    staff_invitation_mail(u, actor->name, &m->invite);
}

static bool open_site(struct making *m)
{
    struct unit *u = unit_new(m->a, DB_PLATFORM, m->tenant);
    unit_add(u, &SQL_blueprint_open_site, db_i64(m->a, m->tenant));
    seed_plugins(u, m->a, m->content);
    if (m->site->maker)
        add_maker(m, u);
    revision_touch(u);
    return unit_run(u) == DB_OK;
}

static void forget_site(struct arena *a, int64_t tenant)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_blueprint_forget_site, db_i64(a, tenant));
    // What can't be removed now is dropped by the next one who wants the address.
    enum db_result ignored = unit_run(u);
    (void)ignored;
}

enum blueprint_result blueprint_load(
    struct arena *a, const struct blueprint_site *s, const struct value *content)
{
    struct site *site;
    struct str own_art = value_get_str(content, KEY(slug));
    struct making m = {.a = a,
        .site = s,
        .content = content,
        .art = own_art.len ? own_art : value_get_str(content, KEY(kind))};
    enum blueprint_result result = insert_site(&m);
    if (result != BLUEPRINT_DONE)
        return result;
    if (!write_content(&m)) {
        forget_site(a, m.tenant);
        return BLUEPRINT_UNAVAILABLE;
    }
    if (site_acquire_by_tenant(m.tenant, &site) != SITE_FOUND)
        return BLUEPRINT_UNAVAILABLE;
    bool ok = site_day_first(a, site, clock_now_us()) && open_site(&m);
    site_release(site);
    return ok ? BLUEPRINT_DONE : BLUEPRINT_UNAVAILABLE;
}
