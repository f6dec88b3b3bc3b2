#include <stdio.h>
#include <string.h>

#include "base/zone.h"
#include "data/jobs.h"
#include "io/fiber.h"
#include "main/command.h"

enum { LIST_MAX = 200 };

static int usage(void)
{
    fprintf(stderr, "usage: vitrine jobs [list [waiting|failed|done]]\n"
                    "       vitrine jobs retry SITE ID   (- for the platform's own)\n");
    return 2;
}

static struct str or_dash(struct str s)
{
    return s.len ? s : STR("-");
}

static int no_answer(void)
{
    fprintf(stderr, "vitrine: the database didn't answer\n");
    return 1;
}

static void print_job(struct arena *a, const struct value *job)
{
    int64_t at = value_get_int(job, KEY(finished_at_us), value_get_int(job, KEY(run_at_us), 0));
    struct str when = instant_text(a, zone_utc(), at);
    struct str site = or_dash(value_get_str(job, KEY(site)));
    printf("%.*s  %.*s  %-8.*s  %.*s  %.*s  tries %d  %.*s\n", STR_ARG(value_get_str(job, KEY(id))),
        STR_ARG(when), STR_ARG(value_get_str(job, KEY(state))), STR_ARG(site),
        STR_ARG(value_get_str(job, KEY(kind))), (int)value_get_int(job, KEY(attempt), 0),
        STR_ARG(or_dash(value_get_str(job, KEY(error)))));
}

static int list_jobs(struct arena *a, struct str state)
{
    struct value *list;
    if (jobs_list(a, 0, state, LIST_MAX, &list) != DB_OK)
        return no_answer();
    for (size_t i = 0; i < value_count(list); i++)
        print_job(a, value_at(list, i));
    return 0;
}

// Ids are unique within a site only, so the site is named too.
static int retry_job(struct arena *a, struct str site, struct str id)
{
    struct value *list;
    if (jobs_list(a, 0, STR_NULL, 100000, &list) != DB_OK)
        return no_answer();
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *job = value_at(list, i);
        int64_t tenant, job_id;
        if (str_eq(value_get_str(job, KEY(id)), id) && str_to_i64(id, &job_id) &&
            str_eq(or_dash(value_get_str(job, KEY(site))), site) &&
            str_to_i64(value_get_str(job, KEY(tenant)), &tenant) && jobs_retry(a, tenant, job_id))
            return 0;
    }
    fprintf(stderr, "vitrine: no such job waits or failed, or it runs now\n");
    return 1;
}

int command_jobs(const struct config *config, int argc, char **argv)
{
    (void)config;
    struct arena *a = fiber_arena();
    const char *word = argc > 0 ? argv[0] : "list";
    if (strcmp(word, "retry") == 0 && argc == 3)
        return retry_job(a, str_of(argv[1]), str_of(argv[2]));
    if (strcmp(word, "list") != 0 || argc > 2)
        return usage();
    struct str state = argc == 2 ? str_of(argv[1]) : STR_NULL;
    bool known =
        !state.p || str_is(state, "waiting") || str_is(state, "failed") || str_is(state, "done");
    return known ? list_jobs(a, state) : usage();
}
