#include "data/db_conn.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"

enum { WATCH_MS = 1000, RETRY_MIN_MS = 50, RETRY_MAX_MS = 2000 };

// Statements are few, prepared once and the same for all sites, so one plan serves them all; made
// anew for each execution, as PostgreSQL would for some, it costs more than running it. Compiled to
// machine code, which the estimate of a plan over ten thousand sites may ask for, it takes seconds.
// Rows that are asked for are in memory: looking one up costs hardly more than reading on. And they
// are few: a plan that joins by reading a side whole believes that a site is small.
#define ONE_PLAN                                        \
    " -c plan_cache_mode=force_generic_plan -c jit=off" \
    " -c random_page_cost=1.1 -c enable_mergejoin=off"

// How long a set may take for a statement, a lock, a whole unit. The unit's limit is above the
// server's own, so it is met only when the server or the way to it is gone.
static const struct {
    const char *options;
    int64_t unit_max_ms;
} limits[DB_SETS] = {
    [DB_READ] = {"-c default_transaction_read_only=on -c statement_timeout=2s" ONE_PLAN, 4000},
    [DB_WRITE] = {"-c statement_timeout=3s -c lock_timeout=1s" ONE_PLAN, 6000},
    [DB_EXCLUSIVE] = {"-c statement_timeout=30s -c lock_timeout=5s -c jit=off"
                      " -c idle_in_transaction_session_timeout=30s",
        60000},
    [DB_PLATFORM] = {"-c statement_timeout=3s -c lock_timeout=1s" ONE_PLAN, 6000},
};

static void on_readable(void *owner);
static void on_writable(void *owner);
static void on_connecting(void *owner);
static const struct watch_handler up_handler = {on_readable, on_writable};
static const struct watch_handler connecting_handler = {on_connecting, on_connecting};

static void connect_start(struct conn *c);

static void on_retry(struct timer *t)
{
    connect_start((struct conn *)((char *)t - offsetof(struct conn, timer)));
}

static void close_now(struct conn *c)
{
    watch_free(c->watch);
    c->watch = NULL;
    if (c->pg)
        PQfinish(c->pg);
    c->pg = NULL;
    c->state = CONN_DOWN;
    timer_stop(&c->timer);
}

void conn_break(struct conn *c, const char *why)
{
    log_warn("database connection lost", "why", str_trim(str_of(why)));
    close_now(c);
    for (struct unit *u; (u = c->first); wait_done(&u->wait)) {
        c->first = u->next;
        u->result = DB_DOWN;
    }
    c->last = &c->first;
    c->queued = 0;
    c->reserved = false;
    int64_t wait = RETRY_MIN_MS << (c->failures < 6 ? c->failures : 6);
    c->failures++;
    timer_start(&c->timer, wait < RETRY_MAX_MS ? wait : RETRY_MAX_MS, on_retry);
}

static void on_watch(struct timer *t)
{
    struct conn *c = (struct conn *)((char *)t - offsetof(struct conn, timer));
    int64_t limit = limits[c->set].unit_max_ms;
    if (c->state == CONN_CONNECTING)
        conn_break(c, "connecting took too long");
    else if (c->first && clock_mono_ms() - c->first->sent_ms > limit)
        conn_break(c, "no answer in time");
    else
        timer_start(&c->timer, WATCH_MS, on_watch);
}

static void ignore_notice(void *unused, const char *message)
{
    (void)unused, (void)message;
}

static void up(struct conn *c)
{
    PQsetNoticeProcessor(c->pg, ignore_notice, NULL);
    check(PQsetnonblocking(c->pg, 1) == 0 && PQenterPipelineMode(c->pg) == 1);
    watch_free(c->watch);
    c->watch = watch_new(PQsocket(c->pg), &up_handler, c);
    if (!c->watch) {
        conn_break(c, "out of descriptors");
        return;
    }
    watch_read(c->watch, true);
    free(c->prepared);
    c->prepared = NULL;
    c->prepared_room = 0;
    c->failures = 0;
    c->state = CONN_UP;
    timer_start(&c->timer, WATCH_MS, on_watch);
}

static void on_connecting(void *owner)
{
    struct conn *c = owner;
    PostgresPollingStatusType next = PQconnectPoll(c->pg);
    if (next == PGRES_POLLING_OK) {
        up(c);
        return;
    }
    if (next == PGRES_POLLING_FAILED) {
        conn_break(c, PQerrorMessage(c->pg));
        return;
    }
    // libpq may have opened another socket, for the next address.
    watch_free(c->watch);
    c->watch = watch_new(PQsocket(c->pg), &connecting_handler, c);
    if (!c->watch)
        conn_break(c, "out of descriptors");
    else if (next == PGRES_POLLING_WRITING)
        watch_write(c->watch);
    else
        watch_read(c->watch, true);
}

static void connect_start(struct conn *c)
{
    const char *names[] = {"dbname", "options", "application_name", NULL};
    const char *values[] = {c->url, limits[c->set].options, "vitrine", NULL};
    c->pg = PQconnectStartParams(names, values, 1);
    check(c->pg);
    if (PQstatus(c->pg) == CONNECTION_BAD) {
        conn_break(c, PQerrorMessage(c->pg));
        return;
    }
    c->state = CONN_CONNECTING;
    timer_start(&c->timer, limits[c->set].unit_max_ms, on_watch);
    c->watch = watch_new(PQsocket(c->pg), &connecting_handler, c);
    check(c->watch);
    watch_write(c->watch);
}

void conn_open(struct conn *c, enum db_set set, const char *url)
{
    *c = (struct conn){.set = set, .url = url, .last = &c->first};
    connect_start(c);
}

static bool is_prepared(const struct conn *c, const struct sql *sql)
{
    return sql->number < c->prepared_room && c->prepared[sql->number];
}

static void mark_prepared(struct conn *c, const struct sql *sql, bool yes)
{
    if (sql->number >= c->prepared_room) {
        int room = sql->number + 64;
        c->prepared = realloc(c->prepared, (size_t)room);
        check(c->prepared);
        memset(c->prepared + c->prepared_room, 0, (size_t)(room - c->prepared_room));
        c->prepared_room = room;
    }
    c->prepared[sql->number] = yes;
}

static void statement_name(const struct sql *sql, char name[16])
{
    char *p = name + 15;
    *p = 0;
    for (int n = sql->number; n; n /= 10)
        *--p = (char)('0' + n % 10);
    *--p = 's';
    memmove(name, p, strlen(p) + 1);
}

// Missing statements are prepared in a transaction of their own before the unit, so that an error
// of the unit can't skip them.
static bool send_missing(struct conn *c, struct unit *u)
{
    char name[16];
    u->missing = NULL;
    u->missing_count = 0;
    for (int i = 0; i < u->count; i++) {
        struct sql *sql = u->statements[i].sql;
        if (is_prepared(c, sql))
            continue;
        if (!u->missing)
            u->missing = arena_new_array(u->arena, struct sql *, (size_t)u->count);
        statement_name(sql, name);
        if (!PQsendPrepare(c->pg, name, sql->text, sql->params, NULL))
            return false;
        mark_prepared(c, sql, true);
        u->missing[u->missing_count++] = sql;
    }
    u->preparing = u->missing_count > 0;
    return !u->preparing || PQpipelineSync(c->pg);
}

static bool send_statements(struct conn *c, struct unit *u)
{
    char name[16];
    for (int i = 0; i < u->count; i++) {
        struct statement *s = &u->statements[i];
        statement_name(s->sql, name);
        if (!PQsendQueryPrepared(c->pg, name, s->sql->params, s->values, NULL, NULL, 0))
            return false;
    }
    return PQpipelineSync(c->pg);
}

void conn_send(struct conn *c, struct unit *u)
{
    check(c->state == CONN_UP);
    u->at = 0;
    u->next = NULL;
    u->sent_ms = clock_mono_ms();
    *c->last = u;
    c->last = &u->next;
    c->queued++;
    int left = -1;
    if (send_missing(c, u) && send_statements(c, u))
        left = PQflush(c->pg);
    if (left < 0)
        conn_break(c, PQerrorMessage(c->pg));
    else if (left > 0)
        watch_write(c->watch);
}

static void learn_columns(struct sql *sql, const PGresult *r)
{
    int columns = PQnfields(r);
    sql->keys = calloc((size_t)columns + 1, sizeof *sql->keys);
    sql->types = calloc((size_t)columns + 1, sizeof *sql->types);
    check(sql->keys && sql->types);
    for (int i = 0; i < columns; i++) {
        sql->keys[i] = value_key_intern(str_of(PQfname(r, i)));
        sql->types[i] = PQftype(r, i);
    }
    sql->columns = columns;
}

static void take_rows(struct unit *u, struct statement *s, const PGresult *r)
{
    if (!s->sql->keys)
        learn_columns(s->sql, r);
    int count = PQntuples(r), columns = PQnfields(r);
    check(columns == s->sql->columns);
    struct str *cells = arena_alloc(u->arena, (size_t)(count * columns + 1) * sizeof *cells);
    for (int row = 0; row < count; row++)
        for (int i = 0; i < columns; i++)
            cells[row * columns + i] = PQgetisnull(r, row, i)
                                           ? STR_NULL
                                           : str_dup(u->arena, str_n(PQgetvalue(r, row, i),
                                                                   (size_t)PQgetlength(r, row, i)));
    int64_t affected = 0;
    str_to_i64(str_of(PQcmdTuples((PGresult *)r)), &affected);
    s->rows = (struct rows){count, columns, s->sql->keys, s->sql->types, cells, affected};
}

static void finish(struct conn *c, struct unit *u)
{
    c->first = u->next;
    if (!c->first)
        c->last = &c->first;
    c->queued--;
    wait_done(&u->wait);
}

static void on_sync(struct conn *c, struct unit *u)
{
    if (u->preparing) {
        u->preparing = false;
        u->at = 0;
    } else {
        finish(c, u);
    }
}

static void on_result(struct conn *c, struct unit *u, PGresult *r)
{
    switch (PQresultStatus(r)) {
    case PGRES_PIPELINE_SYNC:
        on_sync(c, u);
        break;
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
        if (!u->preparing)
            take_rows(u, &u->statements[u->at], r);
        break;
    case PGRES_PIPELINE_ABORTED:
        if (u->preparing)
            mark_prepared(c, u->missing[u->at], false);
        break;
    default:
        if (u->preparing)
            mark_prepared(c, u->missing[u->at], false);
        unit_fail(u, r);
    }
}

static void on_readable(void *owner)
{
    struct conn *c = owner;
    if (!PQconsumeInput(c->pg)) {
        conn_break(c, PQerrorMessage(c->pg));
        return;
    }
    while (c->first && !PQisBusy(c->pg)) {
        struct unit *u = c->first;
        PGresult *r = PQgetResult(c->pg);
        if (r)
            on_result(c, u, r);
        else if (PQstatus(c->pg) == CONNECTION_BAD)
            break;
        else
            u->at++;
        PQclear(r);
    }
    if (PQstatus(c->pg) == CONNECTION_BAD)
        conn_break(c, PQerrorMessage(c->pg));
}

static void on_writable(void *owner)
{
    struct conn *c = owner;
    int left = PQflush(c->pg);
    if (left < 0)
        conn_break(c, PQerrorMessage(c->pg));
    else if (left > 0)
        watch_write(c->watch);
}
