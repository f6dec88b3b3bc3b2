// vitrine.h: database, cache, payments, tries, jobs, mail.
#include "base/check.h"
#include "base/clock.h"
#include "base/json.h"
#include "data/attempt.h"
#include "data/audit.h"
#include "data/cache.h"
#include "data/db.h"
#include "data/jobs.h"
#include "data/revision.h"
#include "domain/notification.h"
#include "domain/order_place.h"
#include "plug/api.h"

enum { STATEMENTS_MAX = 50, PARAMS_MAX = 40, CACHE_WAIT_MS = 2000, CACHED_MAX = 256 << 10 };
enum { CACHE_SECONDS_MAX = 86400, ATTEMPTS_MAX = 100000, ATTEMPT_SECONDS_MAX = 86400 };
enum { BULK_ROWS = 100 };

static struct str param_text(struct arena *a, const struct value *v)
{
    switch (v ? v->kind : VALUE_NULL) {
    case VALUE_NULL:
        return STR_NULL;
    case VALUE_BOOL:
        return db_bool(v->boolean);
    case VALUE_INT:
        return db_i64(a, v->integer);
    case VALUE_STR:
        return v->str;
    default:
        return db_json(a, v);
    }
}

static bool refuse(struct str *why, struct str text)
{
    if (why)
        *why = text;
    return false;
}

bool plug_add_statement(
    struct unit *u, const struct plugin *p, const struct value *step, struct str *why)
{
    struct arena *a = unit_arena(u);
    bool positional = value_is(step, VALUE_LIST);
    const struct value *rest = positional ? step : value_get(step, KEY(params));
    size_t first = positional ? 1 : 0, count = value_count(rest);
    struct str name =
        positional ? value_as_str(value_at(step, 0)) : value_get_str(step, KEY(statement));
    struct sql *sql = plugin_statement(p, name);
    if (!sql)
        return refuse(why, str_format(a, "there is no statement %.*s", STR_ARG(name)));
    // Trailing absent ones need not be written.
    int given = (int)(count - first) + 1;
    if (given > sql->params || sql->params > PARAMS_MAX)
        return refuse(
            why, str_format(a, "statement %.*s takes %d parameters beside the site, not %d",
                     STR_ARG(name), sql->params - 1, given - 1));
    struct str params[PARAMS_MAX] = {db_i64(a, unit_tenant(u))};
    for (int i = 1; i < given; i++)
        params[i] = param_text(a, value_at(rest, first + (size_t)i - 1));
    unit_add_params(u, sql, params, sql->params);
    return true;
}

// Whether a statement is given a hundred rows or more at once.
static bool is_bulk(const struct value *steps)
{
    for (size_t i = 0; i < value_count(steps); i++) {
        const struct value *params = value_get(value_at(steps, i), KEY(params));
        for (size_t p = 0; p < value_count(params); p++) {
            const struct value *param = value_at(params, p);
            if (value_is(param, VALUE_LIST) && value_count(param) >= BULK_ROWS)
                return true;
        }
    }
    return false;
}

static bool run(struct vt_call *c, struct unit *u)
{
    switch (unit_run(u)) {
    case DB_OK:
        return true;
    case DB_BUSY:
        return api_fail(c, "the database is busy");
    case DB_DOWN:
        return api_fail(c, "the database doesn't answer");
    case DB_FAILED:
        return api_fail(c, "a statement is wrong (%s); the log says more", unit_sqlstate(u));
    case DB_REFUSED:
    case DB_CONFLICT:
        return api_fail(c, "the database refused: %.*s",
            STR_ARG(unit_refusal(u).p ? unit_refusal(u) : STR("conflict")));
    }
    unreachable();
}

struct vt_value *vt_db_read_all(struct vt_call *c, struct vt_value *statements)
{
    const struct value *all = api_value(statements);
    struct unit *u = unit_new(c->arena, DB_READ, c->site->tenant);
    struct str why;
    if (c->failure.p)
        return NULL;
    if (!value_is(all, VALUE_LIST) || value_count(all) > STATEMENTS_MAX)
        return vt_fail(c, VT("give a list of at most 50 statements"));
    if (is_bulk(all))
        unit_plan_each(u);
    for (size_t i = 0; i < value_count(all); i++)
        if (!plug_add_statement(u, c->plugin, value_at(all, i), &why))
            return vt_fail(c, api_out(why));
    if (!run(c, u))
        return NULL;
    struct value *results = value_list(c->arena);
    for (size_t i = 0; i < value_count(all); i++)
        value_append(c->arena, results, rows_list(c->arena, unit_rows(u, (int)i)));
    return api_give(results);
}

struct vt_value *vt_db_read(struct vt_call *c, struct vt_str statement, struct vt_value *params)
{
    struct value *one = value_list(c->arena), *step = value_object(c->arena);
    value_append(c->arena, one, step);
    value_set_str(c->arena, step, KEY(statement), api_in(statement));
    value_set(c->arena, step, KEY(params), api_value(params));
    return vt_at(vt_db_read_all(c, api_give(one)), 0);
}

void vt_db_step(
    struct vt_call *c, struct vt_value *steps, struct vt_str statement, struct vt_value *params)
{
    struct value *step = value_append_object(c->arena, api_value(steps));
    value_set_str(c->arena, step, KEY(statement), api_in(statement));
    value_set(c->arena, step, KEY(params), api_value(params));
}

static bool is_job_of(const struct plugin *p, struct str name)
{
    for (size_t i = 0; i < p->manifest.job_count; i++)
        if (str_eq(p->manifest.jobs[i], name))
            return true;
    return false;
}

static bool add_job(struct vt_call *c, struct unit *u, const struct value *step)
{
    struct str name = value_get_str(step, KEY(job));
    if (!is_job_of(c->plugin, name))
        return api_fail(c, "there is no job %.*s in plugin.json", STR_ARG(name));
    struct value *payload = value_object(c->arena);
    value_set_str(c->arena, payload, KEY(plugin), c->plugin->name);
    value_set_str(c->arena, payload, KEY(job), name);
    value_set(c->arena, payload, KEY(data), value_get(step, KEY(data)));
    struct str once = value_get_str(step, KEY(once));
    if (once.p)
        once = str_join(c->arena, c->plugin->name, STR("/"), name, STR("/"), once, STR_NULL);
    job_add(u, STR("plugin.job"), payload, value_get_int(step, KEY(at_us), clock_now_us()), once);
    return true;
}

static bool add_mail(struct vt_call *c, struct unit *u, const struct value *step)
{
    struct notification mail = {.plugin = c->plugin->name,
        .key = value_get_str(step, KEY(mail)),
        .to = value_get_str(step, KEY(to)),
        .language = value_get_str(step, KEY(language)),
        .variables = value_get(step, KEY(variables)),
        .unsubscribe = value_get_str(step, KEY(unsubscribe))};
    const struct feature_notification *declared =
        feature_notification_find(&c->plugin->manifest.info, mail.key);
    if (!declared)
        return api_fail(c, "there is no notification %.*s in plugin.json", STR_ARG(mail.key));
    if (!mail.to.len)
        return api_fail(c, "the mail has no receiver");
    if (mail.unsubscribe.len && !str_starts(mail.unsubscribe, STR("/x/")))
        return api_fail(c, "unsubscribe is the path of a page below /x/");
    str_to_i64(value_get_str(step, KEY(customer_id)), &mail.customer);
    for (size_t i = 0; i < declared->variable_count; i++)
        if (value_is(
                value_get(mail.variables, value_key_find(declared->variables[i].name)), VALUE_NULL))
            return api_fail(
                c, "the mail's variable %.*s is missing", STR_ARG(declared->variables[i].name));
    notification_add(u, &mail);
    return true;
}

static void add_audit(struct vt_call *c, struct unit *u, const struct value *step)
{
    bool staff = c->request && c->request->surface == SURFACE_OFFICE;
    struct audit audit = {.actor_kind = staff ? request_actor_kind(c->request) : STR("plugin"),
        .actor_id = staff ? c->request->session.person : 0,
        .actor_name = staff ? c->request->session.name : c->plugin->name,
        .action = str_join(
            c->arena, c->plugin->name, STR("."), value_get_str(step, KEY(audit)), STR_NULL),
        .object_kind = c->plugin->name,
        .object_id = value_get_str(step, KEY(object)),
        .before = value_get(step, KEY(before)),
        .after = value_get(step, KEY(after))};
    if (!audit.object_id.p)
        audit.object_id = STR("");
    audit_add(u, &audit);
}

// The rows' place of a step that is a statement, -1 of others, -2 when it failed.
static int add_step(struct vt_call *c, struct unit *u, const struct value *step, int place)
{
    struct str why;
    if (value_get(step, KEY(job)))
        return add_job(c, u, step) ? -1 : -2;
    if (value_get(step, KEY(mail)))
        return add_mail(c, u, step) ? -1 : -2;
    if (value_get(step, KEY(audit))) {
        add_audit(c, u, step);
        return -1;
    }
    if (plug_add_statement(u, c->plugin, step, &why))
        return place;
    api_fail(c, "%.*s", STR_ARG(why));
    return -2;
}

// What staff change in the office may show on cached pages.
static bool changes_pages(const struct vt_call *c)
{
    return c->request && c->request->surface == SURFACE_OFFICE && c->request->method != HTTP_GET;
}

static bool is_statement(const struct value *step)
{
    return !value_get(step, KEY(job)) && !value_get(step, KEY(mail)) &&
           !value_get(step, KEY(audit));
}

// Statements first, so that their rows stand at places of their own.
static bool add_steps(struct vt_call *c, struct unit *u, const struct value *all, int *places)
{
    int statements = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < value_count(all); i++) {
            if (is_statement(value_at(all, i)) != (pass == 0))
                continue;
            places[i] = add_step(c, u, value_at(all, i), statements);
            if (places[i] == -2)
                return false;
            statements += places[i] >= 0;
        }
    return true;
}

static struct value *rows_of_steps(
    struct vt_call *c, struct unit *u, const struct value *all, const int *places)
{
    struct value *results = value_list(c->arena);
    for (size_t i = 0; i < value_count(all); i++)
        value_append(c->arena, results,
            places[i] < 0 ? value_list(c->arena) : rows_list(c->arena, unit_rows(u, places[i])));
    return results;
}

struct vt_value *vt_db_write(struct vt_call *c, struct vt_value *steps, struct vt_str *refused)
{
    const struct value *all = api_value(steps);
    int places[STATEMENTS_MAX];
    *refused = VT_NULL;
    if (c->failure.p)
        return NULL;
    if (!value_is(all, VALUE_LIST) || value_count(all) > STATEMENTS_MAX)
        return vt_fail(c, VT("give a list of at most 50 steps"));
    struct unit *u = unit_new(c->arena, DB_WRITE, c->site->tenant);
    if (!add_steps(c, u, all, places))
        return NULL;
    if (changes_pages(c))
        revision_touch(u);
    enum db_result result = unit_run(u);
    if (result == DB_OK)
        return api_give(rows_of_steps(c, u, all, places));
    if (result == DB_REFUSED || result == DB_CONFLICT)
        *refused = result == DB_REFUSED ? api_out(unit_refusal(u)) : VT("conflict");
    else
        api_fail(c, "the database could not write (%s)",
            result == DB_FAILED ? unit_sqlstate(u) : "it is busy or away");
    return NULL;
}

static bool write_one(struct vt_call *c, struct value *step)
{
    struct value *steps = value_list(c->arena);
    struct vt_str refused;
    value_append(c->arena, steps, step);
    return vt_db_write(c, api_give(steps), &refused) ||
           api_fail(c, "the database refused: %.*s", (int)refused.len, refused.p);
}

bool vt_jobs_add(struct vt_call *c, struct vt_str job, struct vt_value *data, int64_t at_us)
{
    struct value *step = value_object(c->arena);
    value_set_str(c->arena, step, KEY(job), api_in(job));
    value_set(c->arena, step, KEY(data), api_value(data));
    if (at_us)
        value_set_int(c->arena, step, KEY(at_us), at_us);
    return write_one(c, step);
}

bool vt_mail_send(
    struct vt_call *c, struct vt_str key, struct vt_str to, struct vt_value *variables)
{
    struct value *step = value_object(c->arena);
    value_set_str(c->arena, step, KEY(mail), api_in(key));
    value_set_str(c->arena, step, KEY(to), api_in(to));
    api_speak(c);
    value_set_str(c->arena, step, KEY(language), c->language);
    value_set(c->arena, step, KEY(variables), api_value(variables));
    return write_one(c, step);
}

static const char *payment_state_name(enum payment_state state)
{
    static const char *const names[] = {[PAYMENT_STARTED] = "started",
        [PAYMENT_CAPTURED] = "captured",
        [PAYMENT_REFUSED] = "refused",
        [PAYMENT_ABANDONED] = "abandoned"};
    return names[state];
}

struct vt_value *vt_payments_ask(struct vt_call *c, struct vt_str reference)
{
    enum payment_state state;
    int64_t payment, order;
    if (c->failure.p)
        return NULL;
    payment = payment_by_reference(c->arena, c->site, c->plugin->name, api_in(reference));
    if (!payment)
        return NULL;
    enum order_result result = payment_ask(c->arena, c->site, payment, &state, &order).result;
    if (result != ORDER_DONE)
        return vt_fail(c, VT("the payment could not be settled now"));
    struct value *v = value_object(c->arena);
    value_set_str(c->arena, v, KEY(state), str_of(payment_state_name(state)));
    return api_give(v);
}

bool vt_attempts_take(struct vt_call *c, const struct vt_attempt *what, int64_t *wait_s)
{
    struct attempt attempt = {.tenant = c->site->tenant,
        .purpose = str_join(c->arena, c->plugin->name, STR("."), api_in(what->purpose), STR_NULL),
        .identity = api_in(what->identity),
        .limit = (int)what->limit,
        .window_ms = what->seconds * 1000};
    if (c->failure.p)
        return false;
    if (what->limit < 1 || what->limit > ATTEMPTS_MAX || what->seconds < 1 ||
        what->seconds > ATTEMPT_SECONDS_MAX)
        return api_fail(
            c, "allow 1 to %d tries in 1 to %d seconds", ATTEMPTS_MAX, ATTEMPT_SECONDS_MAX);
    switch (attempt_take(c->arena, &attempt, wait_s)) {
    case ATTEMPT_ALLOWED:
        return true;
    case ATTEMPT_REFUSED:
        return false;
    case ATTEMPT_UNKNOWN:
        return api_fail(c, "the database doesn't answer");
    }
    unreachable();
}

static struct value *decode_cached(struct arena *a, struct str body)
{
    struct json_error ignored;
    return json_parse(a, body, JSON_ANY_KEYS, &ignored);
}

static void keep(struct vt_call *c, struct cache_claim *claim, const struct value *v, int64_t ms)
{
    struct buf b;
    buf_init(&b, c->arena, CACHED_MAX);
    json_write(&b, v);
    if (b.full || c->failure.p) {
        cache_abandon(claim);
        return;
    }
    struct cache_value value = {.revision = c->site->revision, .ttl_ms = ms, .body = buf_str(&b)};
    cache_release(cache_fill(claim, &value));
}

struct vt_value *vt_cache_get(
    struct vt_call *c, struct vt_str key, int64_t seconds, vt_make_fn *make, void *arg)
{
    struct cache_claim *claim = NULL;
    struct cache_want want = {.tenant = c->site->tenant,
        .key = str_join(c->arena, STR("x."), c->plugin->name, STR("."), api_in(key), STR_NULL),
        .shared = true,
        .wait_ms = CACHE_WAIT_MS};
    if (c->failure.p)
        return NULL;
    if (seconds < 1 || seconds > CACHE_SECONDS_MAX)
        return vt_fail(c, VT("keep it for 1 to 86400 seconds"));
    const struct cache_entry *found = cache_claim(&want, &claim);
    if (found) {
        struct value *v = decode_cached(c->arena, found->body);
        cache_release(found);
        return api_give(v);
    }
    struct vt_value *made = make(c, arg);
    if (claim)
        keep(c, claim, api_value(made), seconds * 1000);
    return c->failure.p ? NULL : made;
}
