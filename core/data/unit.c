#include "base/check.h"
#include "base/json.h"
#include "base/zone.h"
#include "data/db_conn.h"

static struct sql set_tenant = {
    .name = "set_tenant", .text = "SELECT set_config('vitrine.tenant', $1, true)", .params = 1};

static struct sql plan_each = {.name = "plan_each",
    .text = "SELECT set_config('plan_cache_mode', 'force_custom_plan', true)",
    .params = 0};
static struct sql plan_shared = {.name = "plan_shared",
    .text = "SELECT set_config('plan_cache_mode', 'force_generic_plan', true)",
    .params = 0};

static int statement_count;

struct unit *unit_new(struct arena *a, enum db_set set, int64_t tenant)
{
    check(tenant > 0 || set == DB_PLATFORM);
    struct unit *u = arena_new_object(a, struct unit);
    u->arena = a;
    u->set = set;
    u->tenant = tenant;
    u->after_last = &u->after;
    if (tenant) {
        unit_add(u, &set_tenant, db_i64(a, tenant));
        u->hidden = 1;
    }
    return u;
}

void unit_route(struct unit *u, uint64_t key)
{
    u->routed = true;
    u->route = key;
}

void unit_plan_each(struct unit *u)
{
    bool first = u->count == u->hidden;
    unit_add_plain(u, &plan_each);
    if (first)
        u->hidden++;
}

void unit_plan_shared(struct unit *u)
{
    unit_add_plain(u, &plan_shared);
}

int unit_add_params(struct unit *u, struct sql *sql, const struct str *params, int count)
{
    check(count == sql->params);
    if (!sql->number)
        sql->number = ++statement_count;
    if (u->count == u->room) {
        int room = u->room ? u->room * 2 : 8;
        u->statements = arena_grow(u->arena, u->statements, (size_t)u->room * sizeof *u->statements,
            (size_t)room * sizeof *u->statements);
        u->room = room;
    }
    struct statement *s = &u->statements[u->count];
    *s = (struct statement){
        .sql = sql, .values = arena_new_array(u->arena, const char *, count + 1)};
    for (int i = 0; i < count; i++)
        s->values[i] = str_z(u->arena, params[i]);
    return u->count++ - u->hidden;
}

void unit_after(struct unit *u, void (*run)(struct unit *u, void *arg), void *arg)
{
    struct unit_after *after = arena_new_object(u->arena, struct unit_after);
    *after = (struct unit_after){.run = run, .arg = arg};
    *u->after_last = after;
    u->after_last = &after->next;
}

void unit_happened(struct unit *u)
{
    for (struct unit_after *after = u->after; after; after = after->next)
        after->run(u, after->arg);
}

int64_t unit_tenant(const struct unit *u)
{
    return u->tenant;
}

struct arena *unit_arena(const struct unit *u)
{
    return u->arena;
}

const struct rows *unit_rows(const struct unit *u, int place)
{
    check(place >= 0 && place + u->hidden < u->count);
    return &u->statements[place + u->hidden].rows;
}

struct str unit_refusal(const struct unit *u)
{
    return u->refusal;
}

const char *unit_sqlstate(const struct unit *u)
{
    return u->sqlstate;
}

// vt_require raises this class, with the code as its message.
static const char guard_state[] = "VT001";

static enum db_result result_of(struct str state)
{
    if (str_is(state, guard_state))
        return DB_REFUSED;
    if (str_starts(state, STR("23")) || str_is(state, "40001") || str_is(state, "40P01"))
        return DB_CONFLICT;
    if (str_is(state, "55P03") || str_is(state, "57014") || str_is(state, "25P03"))
        return DB_BUSY;
    // A server that shuts down, starts up or has no connection left.
    if (!state.len || str_starts(state, STR("57P")) || str_starts(state, STR("08")) ||
        str_is(state, "53300"))
        return DB_DOWN;
    return DB_FAILED;
}

void unit_fail(struct unit *u, const PGresult *r)
{
    if (u->result != DB_OK)
        return;
    struct str state = str_of(PQresultErrorField(r, PG_DIAG_SQLSTATE));
    u->result = result_of(state);
    memcpy(u->sqlstate, state.p ? state.p : "", state.len < 5 ? state.len : 5);
    if (u->result == DB_REFUSED)
        u->refusal = str_dup(u->arena, str_of(PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY)));
    if (u->result == DB_FAILED) {
        struct sql *sql = u->preparing ? u->missing[u->at] : u->statements[u->at].sql;
        log_error("statement failed", "statement", str_of(sql->name), "state", state, "error",
            str_of(PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY)));
    }
}

struct str db_i64(struct arena *a, int64_t n)
{
    return str_of_i64(a, n);
}

struct str db_bool(bool b)
{
    return b ? STR("t") : STR("f");
}

struct str db_time(struct arena *a, int64_t us)
{
    // Floor division, so times before 1970 stay right.
    int64_t day = us / US_PER_DAY - (us % US_PER_DAY < 0), of_day = us - day * US_PER_DAY;
    int64_t second = of_day / US_PER_SECOND;
    const int64_t parts[] = {second / 3600, second / 60 % 60, second % 60};
    char *text = arena_alloc(a, sizeof "2026-12-01 10:00:00.000000+00");
    char *at = date_put(text, date_from_days((int32_t)day));
    for (int i = 0; i < 3; i++) {
        *at++ = i ? ':' : ' ';
        at = str_put_digits(at, (uint32_t)parts[i], 2);
    }
    *at++ = '.';
    at = str_put_digits(at, (uint32_t)(of_day % US_PER_SECOND), 6);
    memcpy(at, "+00", sizeof "+00");
    return str_n(text, (size_t)(at - text) + 3);
}

struct str db_i64_array(struct arena *a, const int64_t *n, size_t count)
{
    struct buf b;
    buf_init(&b, a, 24 * count + 16);
    buf_add_char(&b, '{');
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_add_char(&b, ',');
        buf_add_i64(&b, n[i]);
    }
    buf_add_char(&b, '}');
    return buf_str(&b);
}

struct str db_str_array(struct arena *a, const struct str *s, size_t count)
{
    struct buf b;
    buf_init(&b, a, 64 << 20);
    buf_add_char(&b, '{');
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_add_char(&b, ',');
        buf_add_char(&b, '"');
        for (size_t k = 0; k < s[i].len; k++) {
            if (s[i].p[k] == '"' || s[i].p[k] == '\\')
                buf_add_char(&b, '\\');
            buf_add_char(&b, s[i].p[k]);
        }
        buf_add_char(&b, '"');
    }
    buf_add_char(&b, '}');
    check(!b.full);
    return buf_str(&b);
}

struct str db_json(struct arena *a, const struct value *v)
{
    struct buf b;
    buf_init(&b, a, 64 << 20);
    json_write(&b, v);
    check(!b.full);
    return buf_str(&b);
}
