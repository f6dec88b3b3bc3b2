#include "data/job_lease.h"

#include "base/clock.h"
#include "data/jobs.sql.h"
#include "io/fiber.h"

enum { WINDOW = 500, ERROR_MAX = 2000 };

static struct lease *lease_of(const struct rows *r, int i, int64_t until_us)
{
    struct arena *a = arena_new();
    struct lease *l = arena_new_object(a, struct lease);
    *l = (struct lease){
        .job =
            {
                .tenant = rows_i64(r, i, KEY(tenant_id)),
                .id = rows_i64(r, i, KEY(job_id)),
                .kind = str_dup(a, rows_str(r, i, KEY(kind))),
                .payload = rows_json(a, r, i, KEY(payload)),
                .attempt = (int)rows_i64(r, i, KEY(attempt)),
                .lease_until_us = until_us,
            },
        .arena = a,
    };
    if (!rows_is_null(r, i, KEY(slug)))
        l->slug = str_dup(a, rows_str(r, i, KEY(slug)));
    return l;
}

static int add_pick(struct unit *u, const struct lease_turn *turn, int want, int64_t until_us,
    const struct lease *at_work)
{
    struct arena *a = unit_arena(u);
    size_t count = 0, i = 0;
    for (const struct lease *l = at_work; l; l = l->next)
        count += l->lane == turn->lane;
    int64_t *ids = arena_new_array(a, int64_t, count + 1);
    int64_t *sites = arena_new_array(a, int64_t, count + 1);
    for (const struct lease *l = at_work; l; l = l->next) {
        if (l->lane != turn->lane)
            continue;
        ids[i] = l->job.id;
        sites[i++] = l->job.tenant;
    }
    const struct str params[] = {
        db_time(a, clock_now_us()),
        db_time(a, until_us),
        db_i64(a, want),
        db_i64(a, turn->lane == LANE_SLOW ? SITE_SLOW_JOBS_MAX : SITE_JOBS_MAX),
        db_i64_array(a, ids, count),
        db_i64_array(a, sites, count),
        db_i64(a, turn->after),
    };
    if (turn->from_site_to_site)
        return unit_add_params(u, &SQL_job_pick_in_turn, params, 7);
    return unit_add_params(
        u, turn->lane == LANE_SLOW ? &SQL_job_pick_slow : &SQL_job_pick, params, 6);
}

// There is always a row; without a job its cells are NULL.
static enum lease_more take(
    const struct rows *r, struct lease_turn *turn, int64_t until_us, struct lease **picked)
{
    for (int i = r->count - 1; i >= 0; i--) {
        if (rows_is_null(r, i, KEY(job_id)))
            continue;
        struct lease *l = lease_of(r, i, until_us);
        l->lane = turn->lane;
        l->next = *picked;
        *picked = l;
    }
    bool sites_before = turn->after != 0;
    if (turn->lane == LANE_SLOW)
        return rows_i64(r, 0, KEY(due)) >= WINDOW ? LEASE_MORE : LEASE_NO_MORE;
    if (!turn->from_site_to_site) {
        turn->from_site_to_site = rows_i64(r, 0, KEY(due)) >= WINDOW;
        return turn->from_site_to_site ? LEASE_MORE : LEASE_NO_MORE;
    }
    turn->after = rows_i64(r, 0, KEY(last_site));
    turn->from_site_to_site = turn->after != 0;
    return turn->after || sites_before ? LEASE_MORE : LEASE_NO_MORE;
}

enum lease_more lease_pick(
    struct lease_turn *turn, int want, const struct lease *at_work, struct lease **picked)
{
    struct arena *a = arena_new();
    int64_t until_us = clock_now_us() + LEASE_MS * INT64_C(1000);
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = add_pick(u, turn, want, until_us, at_work);
    enum lease_more more = LEASE_UNKNOWN;
    if (unit_run(u) == DB_OK)
        more = take(unit_rows(u, place), turn, until_us, picked);
    arena_free(a);
    return more;
}

// Params: site, job, attempt, time, and `last` where the statement has five.
static enum db_result end_once(const struct lease *l, struct sql *sql, int64_t at_us, bool *ours)
{
    struct arena *a = l->arena;
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    const struct str params[] = {
        db_i64(a, l->job.tenant),
        db_i64(a, l->job.id),
        db_i64(a, l->job.attempt),
        db_time(a, at_us),
        str_utf8_clip(l->job.error.p ? l->job.error : STR(""), ERROR_MAX),
    };
    int place = unit_add_params(u, sql, params, sql->params);
    enum db_result result = unit_run(u);
    *ours = result == DB_OK && unit_rows(u, place)->affected > 0;
    return result;
}

// An end that can't be written is work done twice, so it outlasts a restart of the database.
static bool end(const struct lease *l, struct sql *sql, int64_t at_us)
{
    bool ours;
    int64_t pause_ms = 100;
    while (end_once(l, sql, at_us, &ours) != DB_OK) {
        if (clock_now_us() >= l->job.lease_until_us)
            return false;
        fiber_sleep(pause_ms);
        pause_ms = pause_ms < 5000 ? pause_ms * 2 : pause_ms;
    }
    return ours;
}

bool lease_done(const struct lease *l)
{
    return end(l, &SQL_job_done, clock_now_us());
}

bool lease_retry(const struct lease *l, int64_t at_us)
{
    return end(l, &SQL_job_retry_later, at_us);
}

bool lease_give_up(const struct lease *l)
{
    return end(l, &SQL_job_give_up, clock_now_us());
}

int64_t lease_count(struct arena *a)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = unit_add(u, &SQL_job_leased, db_time(a, clock_now_us()));
    return unit_run(u) == DB_OK ? rows_i64(unit_rows(u, place), 0, KEY(leased)) : -1;
}
