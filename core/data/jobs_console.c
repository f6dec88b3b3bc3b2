// Jobs as the command line and the console see them.
#include "base/clock.h"
#include "data/jobs.h"
#include "data/jobs_console.sql.h"

static void add_job(struct arena *a, struct value *list, const struct rows *r, int i, int64_t now)
{
    struct value *job = value_append_object(a, list);
    bool running = rows_i64_or(r, i, KEY(lease_until_us), 0) > now;
    value_set_str(a, job, KEY(tenant), rows_str(r, i, KEY(tenant_id)));
    value_set_str(a, job, KEY(id), rows_str(r, i, KEY(job_id)));
    value_set(a, job, KEY(site),
        rows_is_null(r, i, KEY(slug)) ? value_null() : value_str(a, rows_str(r, i, KEY(slug))));
    value_set_str(a, job, KEY(kind), rows_str(r, i, KEY(kind)));
    value_set_str(a, job, KEY(state), running ? STR("running") : rows_str(r, i, KEY(state)));
    value_set_int(a, job, KEY(attempt), rows_i64(r, i, KEY(attempt)));
    value_set_int(a, job, KEY(run_at_us), rows_i64(r, i, KEY(run_at_us)));
    value_set_int(a, job, KEY(created_at_us), rows_i64(r, i, KEY(created_at_us)));
    if (!rows_is_null(r, i, KEY(finished_at_us)))
        value_set_int(a, job, KEY(finished_at_us), rows_i64(r, i, KEY(finished_at_us)));
    if (!rows_is_null(r, i, KEY(last_error)))
        value_set_str(a, job, KEY(error), rows_str(r, i, KEY(last_error)));
    value_set(a, job, KEY(payload), rows_json(a, r, i, KEY(payload)));
}

static void add_list(struct unit *u, int64_t tenant, struct str state, int limit)
{
    struct arena *a = unit_arena(u);
    if (tenant)
        unit_add(u, &SQL_jobs_of_site, db_i64(a, tenant), state, db_i64(a, limit));
    else if (str_is(state, "failed"))
        unit_add(u, &SQL_jobs_failed, db_i64(a, limit));
    else if (str_is(state, "done"))
        unit_add(u, &SQL_jobs_done, db_i64(a, limit));
    else
        unit_add(u, &SQL_jobs_waiting, db_i64(a, limit));
}

enum db_result jobs_list(
    struct arena *a, int64_t tenant, struct str state, int limit, struct value **list)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    if (!state.p)
        add_list(u, tenant, STR("failed"), limit);
    add_list(u, tenant, state.p ? state : STR("waiting"), limit);
    enum db_result result = unit_run(u);
    if (result != DB_OK)
        return result;
    *list = value_list(a);
    int64_t now = clock_now_us();
    for (int place = 0; place < (state.p ? 1 : 2); place++) {
        const struct rows *r = unit_rows(u, place);
        for (int i = 0; i < r->count && (int)value_count(*list) < limit; i++)
            add_job(a, *list, r, i, now);
    }
    return DB_OK;
}

bool jobs_retry(struct arena *a, int64_t tenant, int64_t job_id)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = unit_add(
        u, &SQL_job_run_again, db_i64(a, tenant), db_i64(a, job_id), db_time(a, clock_now_us()));
    return unit_run(u) == DB_OK && unit_rows(u, place)->affected > 0;
}

enum db_result jobs_load(struct arena *a, struct job_load *load)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = unit_add(u, &SQL_jobs_load, db_time(a, clock_now_us()));
    enum db_result result = unit_run(u);
    if (result != DB_OK)
        return result;
    const struct rows *r = unit_rows(u, place);
    *load = (struct job_load){
        .waiting = rows_i64(r, 0, KEY(waiting)),
        .late = rows_i64(r, 0, KEY(late)),
        .failed = rows_i64(r, 0, KEY(failed)),
    };
    return DB_OK;
}
