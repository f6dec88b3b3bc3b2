// PostgreSQL from fibers. A worker has disjoint sets of connections: pipelined read-only ones and
// pipelined writing ones, which many fibers share, exclusive ones for interactive transactions, and
// those of the platform role. Connections are made, watched and made again by themselves.
//
// A unit is a list of statements that goes out in one flush and is one implicit transaction: the
// tenant is set first, always, then the statements run in order; the first that fails undoes all.
// A unit has happened when its sync is answered (deferred constraints fail after every statement
// succeeded). Everything of a unit lives in the caller's arena; a fiber always waits for its own
// unit, and a connection that doesn't answer in time is dropped, so the wait ends.
#pragma once

#include "data/rows.h"
#include "data/sql.h"

enum db_set { DB_READ, DB_WRITE, DB_EXCLUSIVE, DB_PLATFORM, DB_SETS };

struct db_config {
    const char *app_url, *platform_url;
    int connections[DB_SETS];
};

// Starts connecting; needs the loop. NULL platform_url: no platform set (a plugin test, a tool).
void db_init(const struct db_config *config);
// True while every set has a connection that answers.
bool db_ready(void);

enum db_result {
    DB_OK,
    DB_REFUSED,  // a guard (vt_require) said no: unit_refusal() is its code
    DB_CONFLICT, // a unique, foreign key or exclusion constraint, or a serialization failure
    DB_BUSY,     // a lock or a statement took too long, or too much is queued: try again
    DB_DOWN,     // no connection, or it broke: nothing is known of a write
    DB_FAILED,   // the statement itself is wrong: logged, a bug
};

struct unit;

// `tenant` is the site's number, or 0 for DB_PLATFORM alone.
struct unit *unit_new(struct arena *a, enum db_set set, int64_t tenant);
// Chooses the connection: units with the same key go through the same one, in order. A write is
// routed by its slot, so a hot slot waits only for itself.
void unit_route(struct unit *u, uint64_t key);

// Each statement behind it is planned for what it is given and for its tables as they are now,
// which one that finds hundreds of rows needs: the one plan that serves small statements may be
// from when a table was empty. References are checked by a plan for each row then, so what only
// inserts goes behind unit_plan_shared().
void unit_plan_each(struct unit *u);
void unit_plan_shared(struct unit *u);

// Appends a statement and returns its place. Parameters are text, copied; an absent one is NULL.
int unit_add_params(struct unit *u, struct sql *sql, const struct str *params, int count);
#define unit_add(u, sql, ...)                                      \
    unit_add_params((u), (sql), (const struct str[]){__VA_ARGS__}, \
        (int)(sizeof((const struct str[]){__VA_ARGS__}) / sizeof(struct str)))
#define unit_add_plain(u, sql) unit_add_params((u), (sql), NULL, 0)

// Calls `run` in the unit's fiber when the unit has happened, and after no other end: to spread the
// news. It doesn't wait.
void unit_after(struct unit *u, void (*run)(struct unit *u, void *arg), void *arg);
// Whose it is: the site's number, or 0.
int64_t unit_tenant(const struct unit *u);
struct arena *unit_arena(const struct unit *u);

// Sends and waits. Everything but DB_OK left no trace (DB_DOWN: unknown).
enum db_result unit_run(struct unit *u) __attribute__((warn_unused_result));

// Results of a unit that ran.
const struct rows *unit_rows(const struct unit *u, int place);
// The code given to vt_require, absent otherwise.
struct str unit_refusal(const struct unit *u);
// SQLSTATE of the first error, "" when there was none.
const char *unit_sqlstate(const struct unit *u);

// Parameters in text form.
struct str db_i64(struct arena *a, int64_t n);
struct str db_bool(bool b);
// A timestamptz from microseconds since 1970.
struct str db_time(struct arena *a, int64_t us);
// bigint[] and text[].
struct str db_i64_array(struct arena *a, const int64_t *n, size_t count);
struct str db_str_array(struct arena *a, const struct str *s, size_t count);
struct str db_json(struct arena *a, const struct value *v);

// An interactive transaction on a connection of its own: for what needs an answer before the next
// statement. At most 30 s; NULL when none is free in time. Every path ends in commit or rollback.
struct tx;
struct tx *tx_begin(struct arena *a, int64_t tenant);
// Runs one statement; after anything but DB_OK only tx_rollback is left.
enum db_result tx_run(
    struct tx *tx, struct sql *sql, const struct str *params, int count, const struct rows **rows);
#define tx_exec(tx, sql, rows, ...)                        \
    tx_run((tx), (sql), (const struct str[]){__VA_ARGS__}, \
        (int)(sizeof((const struct str[]){__VA_ARGS__}) / sizeof(struct str)), (rows))
// What follows lives in this arena from now on: for statements that are many or large.
void tx_use(struct tx *tx, struct arena *a);
enum db_result tx_commit(struct tx *tx);
void tx_rollback(struct tx *tx);

// One line of JSON per unit (request id, set, statements with text and parameters) to this file;
// the benchmark replays them. NULL turns it off.
void db_trace(const char *path);
