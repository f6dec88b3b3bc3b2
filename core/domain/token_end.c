#include "domain/token_end.h"

#include "base/clock.h"
#include "data/jobs.h"
#include "domain/letter.h"
#include "domain/site.h"
#include "domain/token_end.sql.h"
#include "io/fiber.h"

static const char kind[] = "token.end";
static const int days_before[] = {7, 1};

void token_end_add(struct unit *u, int64_t token, int64_t expires_us)
{
    struct arena *a = unit_arena(u);
    for (size_t i = 0; i < sizeof days_before / sizeof *days_before; i++) {
        int64_t at_us = expires_us - days_before[i] * US_PER_DAY;
        if (at_us <= clock_now_us())
            continue;
        struct value *payload = value_object(a);
        value_set_str(a, payload, KEY(token), str_of_i64(a, token));
        value_set_int(a, payload, KEY(days), days_before[i]);
        job_add(u, str_of(kind), payload, at_us, STR_NULL);
    }
}

static struct letter letter_of(
    struct arena *a, const struct site *site, const struct job *job, const struct rows *token)
{
    struct value *arguments = value_object(a);
    value_set_str(a, arguments, KEY(name), rows_str(token, 0, KEY(name)));
    value_set_str(a, arguments, KEY(start), rows_str(token, 0, KEY(start)));
    value_set_str(a, arguments, KEY(venue), site->name);
    value_set_int(a, arguments, KEY(days), value_get_int(job->payload, KEY(days), 1));
    return (struct letter){.key = STR("token_ends"),
        .arguments = arguments,
        .path =
            str_join(a, STR("/manage/tokens/"), value_get_str(job->payload, KEY(token)), STR_NULL)};
}

static enum job_result tell(struct job *job, const struct site *site)
{
    struct arena *a = fiber_arena();
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(u, &SQL_token_end, db_i64(a, site->tenant),
        value_get_str(job->payload, KEY(token)), db_time(a, clock_now_us()));
    if (unit_run(u) != DB_OK)
        return JOB_RETRY;
    const struct rows *token = unit_rows(u, place);
    if (!token->count)
        return JOB_DONE;
    struct letter letter = letter_of(a, site, job, token);
    struct unit *write = unit_new(a, DB_WRITE, site->tenant);
    letter_to_owners(write, &letter);
    if (!str_is(rows_str(token, 0, KEY(role)), "owner"))
        letter_to_staff(write, &letter, rows_i64(token, 0, KEY(staff_id)));
    return unit_run(write) == DB_OK ? JOB_DONE : JOB_RETRY;
}

static enum job_result run(struct job *job)
{
    struct site *site;
    enum site_result found = site_acquire_by_tenant(job->tenant, &site);
    if (found != SITE_FOUND)
        return found == SITE_UNKNOWN ? JOB_DONE : JOB_RETRY;
    enum job_result result = tell(job, site);
    site_release(site);
    return result;
}

void token_end_start(void)
{
    job_handler(kind, run);
}
