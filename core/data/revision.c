#include "data/revision.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "data/revision.sql.h"
#include "io/fiber.h"
#include "io/loop.h"
#include "io/redis.h"

// Changes carry the time of their statement and become visible with their commit, so later ones
// may be seen first. A look goes back over what a unit may take; every twentieth goes back over
// what an interactive transaction or a step of the server's clock may.
enum { LOOK_EVERY_MS = 500, OVERLAP_S = 10, SWEEP_EVERY = 20, SWEEP_S = 120 };
enum { START_RETRY_MS = 50, CALLBACKS_MAX = 8 };

static const char channel[] = "vitrine:revision";

struct seen {
    int64_t tenant, revision;
};

static struct {
    struct seen *table; // open addressing; tenant 0 is a free place
    size_t count, room; // room is a power of two
    void (*on_change[CALLBACKS_MAX])(int64_t tenant, int64_t revision);
    int callbacks;
    struct timer timer;
    int64_t newest_us; // of the database's clock
    int64_t heard_ms;
    unsigned looks;
    bool ready, looking, stopped;
} state;

static struct seen *place_of(struct seen *table, size_t room, int64_t tenant)
{
    size_t at = ((uint64_t)tenant * UINT64_C(0x9e3779b97f4a7c15)) >> 20 & (room - 1);
    while (table[at].tenant && table[at].tenant != tenant)
        at = (at + 1) & (room - 1);
    return &table[at];
}

static void grow(void)
{
    size_t room = state.room ? state.room * 2 : 1024;
    struct seen *table = calloc(room, sizeof *table);
    check(table);
    for (size_t i = 0; i < state.room; i++)
        if (state.table[i].tenant)
            *place_of(table, room, state.table[i].tenant) = state.table[i];
    free(state.table);
    state.table = table;
    state.room = room;
}

int64_t revision_seen(int64_t tenant)
{
    return state.room ? place_of(state.table, state.room, tenant)->revision : 0;
}

size_t revision_sites(void)
{
    return state.count;
}

int64_t revision_silence_ms(void)
{
    return clock_mono_ms() - state.heard_ms;
}

bool revision_ready(void)
{
    return state.ready;
}

void revision_learn(int64_t tenant, int64_t revision)
{
    check(tenant > 0);
    if (state.count * 4 >= state.room * 3)
        grow();
    struct seen *s = place_of(state.table, state.room, tenant);
    if (s->revision >= revision)
        return;
    if (!s->tenant) {
        s->tenant = tenant;
        state.count++;
    }
    s->revision = revision;
    for (int i = 0; i < state.callbacks; i++)
        state.on_change[i](tenant, revision);
}

void revision_on_change(void (*on_change)(int64_t tenant, int64_t revision))
{
    check(state.callbacks < CALLBACKS_MAX);
    state.on_change[state.callbacks++] = on_change;
}

struct touch {
    int place;
};

static void on_touched(struct unit *u, void *arg)
{
    struct touch *touch = arg;
    struct arena *a = unit_arena(u);
    int64_t tenant = unit_tenant(u);
    int64_t revision = rows_i64(unit_rows(u, touch->place), 0, KEY(revision));
    revision_learn(tenant, revision);
    // Lost news are found by looking.
    redis_publish(str_of(channel),
        str_join(a, str_of_i64(a, tenant), STR(" "), str_of_i64(a, revision), STR_NULL));
}

void revision_touch(struct unit *u)
{
    struct arena *a = unit_arena(u);
    struct touch *touch = arena_new_object(a, struct touch);
    touch->place = unit_add(u, &SQL_revision_touch, db_i64(a, unit_tenant(u)));
    unit_after(u, on_touched, touch);
}

static void learn_rows(const struct rows *r)
{
    for (int i = 0; i < r->count; i++)
        revision_learn(rows_i64(r, i, KEY(tenant_id)), rows_i64(r, i, KEY(revision)));
}

static bool read_page(int64_t *after)
{
    struct arena *a = arena_new();
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_revision_page, db_i64(a, *after));
    bool more = unit_run(u) == DB_OK;
    if (more) {
        const struct rows *r = unit_rows(u, 0);
        learn_rows(r);
        *after = r->count ? rows_i64(r, r->count - 1, KEY(tenant_id)) : 0;
    }
    arena_free(a);
    return more;
}

// The newest moment is read before the pages, so what changes meanwhile is met by the next look.
static void read_all(struct arena *a)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add_plain(u, &SQL_revision_newest);
    if (unit_run(u) != DB_OK)
        return;
    int64_t after = 0;
    do {
        if (!read_page(&after))
            return;
    } while (after);
    state.newest_us = rows_us(unit_rows(u, 0), 0, KEY(newest_us));
    state.ready = true;
    state.heard_ms = clock_mono_ms();
}

static void read_changes(struct arena *a)
{
    int64_t back_s = state.looks++ % SWEEP_EVERY ? OVERLAP_S : SWEEP_S;
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_revision_changes, db_time(a, state.newest_us - back_s * 1000000));
    int64_t asked_ms = clock_mono_ms();
    if (unit_run(u) != DB_OK)
        return;
    state.heard_ms = asked_ms;
    const struct rows *r = unit_rows(u, 0);
    learn_rows(r);
    if (r->count) {
        int64_t newest = rows_us(r, r->count - 1, KEY(changed_us));
        state.newest_us = newest > state.newest_us ? newest : state.newest_us;
    }
}

static void on_due(struct timer *t);

static void look(void *unused)
{
    (void)unused;
    if (state.ready)
        read_changes(fiber_arena());
    else
        read_all(fiber_arena());
    state.looking = false;
    if (!state.stopped)
        timer_start(&state.timer, state.ready ? LOOK_EVERY_MS : START_RETRY_MS, on_due);
}

static void on_due(struct timer *t)
{
    if (state.looking || state.stopped)
        return;
    timer_stop(t);
    state.looking = true;
    if (fiber_start(look, NULL, NULL))
        return;
    state.looking = false;
    timer_start(t, LOOK_EVERY_MS, on_due);
}

static void on_message(struct str message)
{
    int64_t tenant, revision;
    if (!message.p)
        on_due(&state.timer);
    else if (str_to_i64(str_cut(&message, ' '), &tenant) && str_to_i64(message, &revision) &&
             tenant > 0)
        revision_learn(tenant, revision);
}

void revision_start(void)
{
    state.stopped = false;
    redis_subscribe(channel, on_message);
    timer_start(&state.timer, 0, on_due);
}

void revision_stop(void)
{
    state.stopped = true;
    timer_stop(&state.timer);
}
