#include "data/db.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/metric.h"
#include "data/db_conn.h"

enum { CONNECTIONS_MAX = 16, QUEUE_MAX = 512, TX_WAIT_MS = 2000, TX_MAX_MS = 30000 };

static struct {
    struct conn conns[DB_SETS][CONNECTIONS_MAX];
    int count[DB_SETS];
    struct wait *tx_waiting[FIBERS_MAX];
    int tx_waiting_count;
} db;

static int trace_fd = -1;

void db_init(const struct db_config *config)
{
    for (int set = 0; set < DB_SETS; set++) {
        const char *url = set == DB_PLATFORM ? config->platform_url : config->app_url;
        db.count[set] = url ? config->connections[set] : 0;
        check(db.count[set] <= CONNECTIONS_MAX);
        for (int i = 0; i < db.count[set]; i++)
            conn_open(&db.conns[set][i], (enum db_set)set, url);
    }
}

static bool set_ready(int set)
{
    for (int i = 0; i < db.count[set]; i++)
        if (db.conns[set][i].state == CONN_UP)
            return true;
    return !db.count[set];
}

bool db_ready(void)
{
    for (int set = 0; set < DB_SETS; set++)
        if (!set_ready(set))
            return false;
    return true;
}

static struct conn *least_busy(enum db_set set)
{
    struct conn *best = NULL;
    for (int i = 0; i < db.count[set]; i++) {
        struct conn *c = &db.conns[set][i];
        if (c->state == CONN_UP && !c->reserved && (!best || c->queued < best->queued))
            best = c;
    }
    return best;
}

static struct conn *choose(const struct unit *u)
{
    if (u->routed && db.count[u->set]) {
        struct conn *c = &db.conns[u->set][u->route % (uint64_t)db.count[u->set]];
        if (c->state == CONN_UP)
            return c;
    }
    return least_busy(u->set);
}

static void trace_statement(struct buf *b, const struct statement *s)
{
    buf_add(b, STR("{\"name\":"));
    json_write_str(b, str_of(s->sql->name));
    buf_add(b, STR(",\"text\":"));
    json_write_str(b, str_of(s->sql->text));
    buf_add(b, STR(",\"params\":["));
    for (int i = 0; i < s->sql->params; i++) {
        if (i)
            buf_add_char(b, ',');
        if (s->values[i])
            json_write_str(b, str_of(s->values[i]));
        else
            buf_add(b, STR("null"));
    }
    buf_add(b, STR("]}"));
}

static void trace(const struct unit *u)
{
    static const char *sets[] = {"read", "write", "exclusive", "platform"};
    struct buf b;
    buf_init(&b, u->arena, 1 << 20);
    buf_add(&b, STR("{\"request_id\":"));
    json_write_str(&b, fiber_log_context()->request_id);
    buf_add(&b, STR(",\"set\":"));
    json_write_str(&b, str_of(sets[u->set]));
    buf_add(&b, STR(",\"statements\":["));
    for (int i = 0; i < u->count; i++) {
        if (i)
            buf_add_char(&b, ',');
        trace_statement(&b, &u->statements[i]);
    }
    buf_add(&b, STR("]}\n"));
    ssize_t ignored = write(trace_fd, b.p, b.len);
    (void)ignored;
}

void db_trace(const char *path)
{
    if (trace_fd >= 0)
        close(trace_fd);
    trace_fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
}

static enum db_result run_on(struct conn *c, struct unit *u)
{
    if (trace_fd >= 0)
        trace(u);
    u->result = DB_OK;
    u->wait = (struct wait){0};
    conn_send(c, u);
    check(fiber_wait(&u->wait, -1));
    metric_add(METRIC_db_units_total, 1);
    if (u->result == DB_BUSY || u->result == DB_DOWN || u->result == DB_FAILED)
        metric_add(METRIC_db_failures_total, 1);
    return u->result;
}

enum db_result unit_run(struct unit *u)
{
    check(u->set != DB_EXCLUSIVE);
    struct conn *c = choose(u);
    if (!c)
        return u->result = DB_DOWN;
    if (c->queued >= QUEUE_MAX)
        return u->result = DB_BUSY;
    if (run_on(c, u) == DB_OK)
        unit_happened(u);
    return u->result;
}

struct tx {
    struct arena *arena;
    struct conn *conn;
    int64_t tenant;
    bool broken;
};

static struct sql sql_begin = {.name = "begin", .text = "BEGIN"};
static struct sql sql_commit = {.name = "commit", .text = "COMMIT"};
static struct sql sql_rollback = {.name = "rollback", .text = "ROLLBACK"};

static void wake_next_tx(void)
{
    if (!db.tx_waiting_count)
        return;
    struct wait *next = db.tx_waiting[0];
    memmove(
        db.tx_waiting, db.tx_waiting + 1, (size_t)--db.tx_waiting_count * sizeof db.tx_waiting[0]);
    wait_done(next);
}

static void stop_waiting(struct wait *w)
{
    for (int i = 0; i < db.tx_waiting_count; i++)
        if (db.tx_waiting[i] == w) {
            memmove(db.tx_waiting + i, db.tx_waiting + i + 1,
                (size_t)(--db.tx_waiting_count - i) * sizeof w);
            return;
        }
}

// First come, first served; each waiter is told once a connection was given back.
static struct conn *reserve(void)
{
    int64_t until = clock_mono_ms() + TX_WAIT_MS;
    for (;;) {
        struct conn *c = db.tx_waiting_count ? NULL : least_busy(DB_EXCLUSIVE);
        if (c) {
            c->reserved = true;
            return c;
        }
        struct wait w = {0};
        db.tx_waiting[db.tx_waiting_count++] = &w;
        if (!fiber_wait(&w, until - clock_mono_ms())) {
            stop_waiting(&w);
            return NULL;
        }
        if ((c = least_busy(DB_EXCLUSIVE))) {
            c->reserved = true;
            return c;
        }
    }
}

static struct unit *bare_unit(struct tx *tx)
{
    struct unit *u = arena_new_object(tx->arena, struct unit);
    u->arena = tx->arena;
    u->set = DB_EXCLUSIVE;
    return u;
}

static enum db_result tx_send(struct tx *tx, struct unit *u)
{
    if (tx->broken)
        return DB_DOWN;
    // A broken connection was given back by conn_break; somebody else may have it now.
    enum db_result result = run_on(tx->conn, u);
    tx->broken = result == DB_DOWN;
    return result;
}

struct tx *tx_begin(struct arena *a, int64_t tenant)
{
    struct conn *c = reserve();
    if (!c)
        return NULL;
    struct tx *tx = arena_new_object(a, struct tx);
    *tx = (struct tx){.arena = a, .conn = c, .tenant = tenant};
    struct unit *u = bare_unit(tx), *tenant_unit = unit_new(a, DB_EXCLUSIVE, tenant);
    unit_add_plain(u, &sql_begin);
    if (tx_send(tx, u) != DB_OK || tx_send(tx, tenant_unit) != DB_OK) {
        tx_rollback(tx);
        return NULL;
    }
    return tx;
}

enum db_result tx_run(
    struct tx *tx, struct sql *sql, const struct str *params, int count, const struct rows **rows)
{
    struct unit *u = bare_unit(tx);
    int place = unit_add_params(u, sql, params, count);
    enum db_result result = tx_send(tx, u);
    if (rows)
        *rows = unit_rows(u, place);
    return result;
}

void tx_use(struct tx *tx, struct arena *a)
{
    tx->arena = a;
}

static enum db_result tx_end(struct tx *tx, struct sql *how)
{
    enum db_result result = DB_DOWN;
    if (!tx->broken) {
        struct unit *u = bare_unit(tx);
        unit_add_plain(u, how);
        result = tx_send(tx, u);
    }
    if (!tx->broken)
        tx->conn->reserved = false;
    wake_next_tx();
    return result;
}

enum db_result tx_commit(struct tx *tx)
{
    return tx_end(tx, &sql_commit);
}

void tx_rollback(struct tx *tx)
{
    // A refused rollback leaves a broken connection, which rolls back by itself.
    enum db_result ignored = tx_end(tx, &sql_rollback);
    (void)ignored;
}
