// One PostgreSQL connection in pipeline mode and the units that go through it. Private to data/:
// db.c chooses connections, unit.c makes units, this moves their bytes. All of it runs on the loop.
#pragma once

#include <libpq-fe.h>

#include "data/db.h"
#include "io/fiber.h"
#include "io/loop.h"

struct statement {
    struct sql *sql;
    const char **values;
    struct rows rows;
};

struct unit {
    struct arena *arena;
    enum db_set set;
    bool routed, preparing;
    uint64_t route;
    struct statement *statements;
    int count, room;
    int at;               // the statement whose results come next
    struct sql **missing; // what this connection had to prepare for it
    int missing_count;
    int64_t sent_ms;
    struct unit *next;
    struct wait wait;
    enum db_result result;
    char sqlstate[6];
    struct str refusal;
    int hidden; // statements of ours at the front, such as setting the tenant
    int64_t tenant;
    struct unit_after *after, **after_last;
};

struct unit_after {
    void (*run)(struct unit *u, void *arg);
    void *arg;
    struct unit_after *next;
};

enum conn_state { CONN_DOWN, CONN_CONNECTING, CONN_UP };

struct conn {
    PGconn *pg;
    struct watch *watch;
    enum conn_state state;
    enum db_set set;
    const char *url;
    struct unit *first, **last;
    int queued;
    unsigned char *prepared; // by number of the statement
    int prepared_room;
    struct timer timer; // the next try to connect, or the watch over the oldest unit
    int failures;
    bool reserved; // by an interactive transaction
};

void conn_open(struct conn *c, enum db_set set, const char *url);
// The connection is up and the queue has room. The unit's fiber waits on u->wait.
void conn_send(struct conn *c, struct unit *u);
// Drops it: every unit ends with DB_DOWN, and it connects again.
void conn_break(struct conn *c, const char *why);

// The unit's first error from PostgreSQL, in our terms.
void unit_fail(struct unit *u, const PGresult *r);
// It has happened: runs what follows.
void unit_happened(struct unit *u);
