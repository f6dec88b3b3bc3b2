// The platform's regular cleaning: one job that writes its successor before it starts.
#include "base/check.h"
#include "base/clock.h"
#include "data/attempt.h"
#include "data/job_lease.h"
#include "data/jobs_console.sql.h"

enum { CLEANERS_MAX = 16, BATCHES_MAX = 1000 };
enum { EVERY_S = 3600, DONE_KEPT_S = 7 * 86400, FAILED_KEPT_S = 90 * 86400 };

static const char kind[] = "housekeeping";

static bool (*cleaners[CLEANERS_MAX])(struct arena *a, int64_t now_us);
static int cleaner_count;

static bool clean_batch(struct arena *a, struct sql *sql, int64_t before_us)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, sql, db_time(a, before_us));
    return unit_run(u) == DB_OK && unit_rows(u, 0)->affected > 0;
}

static bool clean_jobs(struct arena *a, int64_t now_us)
{
    bool done = clean_batch(a, &SQL_jobs_clean_done, now_us - DONE_KEPT_S * INT64_C(1000000));
    bool failed = clean_batch(a, &SQL_jobs_clean_failed, now_us - FAILED_KEPT_S * INT64_C(1000000));
    return done || failed;
}

static enum job_result run(struct job *job)
{
    struct arena *a = arena_new();
    int64_t now_us = clock_now_us();
    bool ok = housekeeping_add(a, now_us + EVERY_S * INT64_C(1000000));
    for (int i = 0; ok && i < cleaner_count; i++)
        for (int batch = 0; batch < BATCHES_MAX && cleaners[i](a, now_us); batch++)
            arena_reset(a);
    arena_free(a);
    if (!ok)
        job->error = STR("the database did not answer");
    return ok ? JOB_DONE : JOB_RETRY;
}

void housekeeping_register(void)
{
    if (cleaner_count)
        return;
    cleaners[cleaner_count++] = clean_jobs;
    cleaners[cleaner_count++] = attempt_clean;
    job_handler(kind, run);
}

void job_housekeeping(bool (*clean)(struct arena *a, int64_t now_us))
{
    housekeeping_register();
    check(cleaner_count < CLEANERS_MAX);
    cleaners[cleaner_count++] = clean;
}

bool housekeeping_add(struct arena *a, int64_t run_at_us)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    job_add(u, str_of(kind), NULL, run_at_us, STR("hourly"));
    return unit_run(u) == DB_OK;
}
