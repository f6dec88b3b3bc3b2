#include "plug/plugin_error.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "data/db.h"
#include "data/jobs.h"
#include "io/fiber.h"
#include "plug/plugin_error.sql.h"
#include "plug/trip.h"

// Different failures kept between two writes; more of them are only counted in the metrics.
enum {
    PENDING_MAX = 64,
    MESSAGE_MAX = 300,
    DETAIL_MAX = 2000,
    WRITE_EVERY_MS = 200,
    KEEP_DAYS = 30
};
#define DAY_US (86400 * INT64_C(1000000))

struct pending {
    struct plugin_error what;
    int64_t happened;
};

static struct {
    struct pending items[PENDING_MAX];
    int count;
    struct arena *arena; // of their texts
    bool writing;
} errors;

static bool is_same(const struct plugin_error *a, const struct plugin_error *b)
{
    return a->tenant == b->tenant && str_eq(a->plugin, b->plugin) && str_eq(a->place, b->place) &&
           str_eq(a->message, b->message);
}

static void add_row(struct arena *a, const struct pending *p)
{
    int64_t now = clock_now_us();
    const struct plugin_error *w = &p->what;
    struct unit *u = unit_new(a, DB_WRITE, w->tenant);
    unit_add(u, &SQL_plugin_error_add, db_i64(a, w->tenant), w->plugin, w->place, w->message,
        w->detail, db_i64(a, p->happened), db_time(a, now),
        w->tripped ? db_time(a, now + TRIP_PAUSE_MS * INT64_C(1000)) : STR_NULL);
    if (unit_run(u) != DB_OK)
        log_warn("a plugin's failure could not be recorded", "plugin", w->plugin, "place", w->place,
            "error", w->message);
}

static void write_all(void *unused)
{
    (void)unused;
    while (errors.count) {
        fiber_sleep(WRITE_EVERY_MS);
        struct pending now[PENDING_MAX];
        int count = errors.count;
        struct arena *texts = errors.arena;
        memcpy(now, errors.items, sizeof now);
        errors.count = 0;
        errors.arena = NULL;
        for (int i = 0; i < count; i++)
            add_row(fiber_arena(), &now[i]);
        arena_free(texts);
    }
    errors.writing = false;
}

static struct str keep(struct str s, size_t max)
{
    return str_dup(errors.arena, s.p ? str_utf8_clip(s, max) : STR(""));
}

void plugin_error_add(const struct plugin_error *what)
{
    struct plugin_error w = *what;
    w.message = str_utf8_clip(w.message, MESSAGE_MAX);
    for (int i = 0; i < errors.count; i++)
        if (is_same(&errors.items[i].what, &w)) {
            errors.items[i].happened++;
            errors.items[i].what.tripped |= w.tripped;
            return;
        }
    if (errors.count == PENDING_MAX)
        return;
    if (!errors.arena)
        errors.arena = arena_new();
    w.plugin = keep(w.plugin, 64);
    w.place = keep(w.place, 200);
    w.message = keep(w.message, MESSAGE_MAX);
    w.detail = keep(w.detail, DETAIL_MAX);
    errors.items[errors.count++] = (struct pending){w, 1};
    if (!errors.writing)
        errors.writing = fiber_start(write_all, NULL, NULL);
}

static bool clean(struct arena *a, int64_t now_us)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = unit_add(u, &SQL_plugin_error_clean, db_time(a, now_us - KEEP_DAYS * DAY_US));
    return unit_run(u) == DB_OK && unit_rows(u, place)->affected > 0;
}

void plugin_error_start(void)
{
    job_housekeeping(clean);
}
