#include "plug/trip.h"

#include <stdlib.h>
#include <uthash.h>

#include "base/check.h"
#include "base/clock.h"

enum { TRIPS_MAX = 10000 };

struct key {
    int64_t tenant, plugin;
};

struct trip {
    UT_hash_handle hh;
    struct key key;
    int holders;
    int failures;
    int64_t since_ms, until_ms;
};

static struct trip *trips;

static bool is_idle(const struct trip *t, int64_t now_ms)
{
    return !t->holders && now_ms - t->since_ms > TRIP_WINDOW_MS && now_ms >= t->until_ms;
}

static void sweep(int64_t now_ms)
{
    struct trip *t, *next;
    HASH_ITER(hh, trips, t, next)
    if (is_idle(t, now_ms)) {
        HASH_DEL(trips, t);
        free(t);
    }
}

struct trip *trip_acquire(int64_t tenant, uint32_t plugin, bool make)
{
    struct key key = {tenant, plugin};
    struct trip *t;
    HASH_FIND(hh, trips, &key, sizeof key, t);
    if (!t && make) {
        if (HASH_COUNT(trips) >= TRIPS_MAX)
            sweep(clock_mono_ms());
        if (HASH_COUNT(trips) >= TRIPS_MAX)
            return NULL;
        t = calloc(1, sizeof *t);
        check(t);
        t->key = key;
        HASH_ADD(hh, trips, key, sizeof t->key, t);
    }
    if (t)
        t->holders++;
    return t;
}

void trip_release(struct trip *t)
{
    if (t)
        t->holders--;
}

bool trip_is_tripped(const struct trip *t, int64_t now_ms)
{
    return t && now_ms < t->until_ms;
}

bool trip_count(struct trip *t, int64_t now_ms)
{
    if (now_ms - t->since_ms > TRIP_WINDOW_MS) {
        t->since_ms = now_ms;
        t->failures = 0;
    }
    if (++t->failures < TRIP_FAILURES)
        return false;
    t->failures = 0;
    t->until_ms = now_ms + TRIP_PAUSE_MS;
    return true;
}
