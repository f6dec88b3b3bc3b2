// Jobs of plugins: what a hook asked to be told (plugin.hook) and what they asked for themselves
// (plugin.job).
#include "base/clock.h"
#include "data/jobs.h"
#include "domain/site.h"
#include "io/fiber.h"
#include "plug/dispatch.h"
#include "plug/trip.h"

enum { TRIPPED_RETRY_S = 60 };

static enum job_result later(struct job *job, struct str why)
{
    job->error = why;
    return JOB_RETRY;
}

// Switching off is told to a plugin that is off by then.
static bool is_about_itself(enum hook hook)
{
    return hook == HOOK_switched_on || hook == HOOK_switched_off;
}

static enum job_result run_part(
    struct job *job, struct site *site, const struct plugin *p, struct plug_run *run)
{
    struct site_plugin *on = site_plugin_find(site, p->name);
    bool itself = run->part == PLUG_HOOK && is_about_itself((enum hook)run->number);
    if (!on && !itself)
        return JOB_DONE;
    if (on && trip_is_tripped(on->trip, clock_mono_ms())) {
        job->retry_at_us = clock_now_us() + TRIPPED_RETRY_S * INT64_C(1000000);
        return later(job, STR("the plugin keeps failing"));
    }
    run->in = value_get(job->payload, KEY(data));
    if (!plug_run(fiber_arena(), site, p, on, run))
        return later(job, run->failure);
    return run->ended == VT_JOB_DONE    ? JOB_DONE
           : run->ended == VT_JOB_RETRY ? later(job, STR("the plugin asked for another try"))
                                        : JOB_FAILED;
}

static enum job_result with_site(struct job *job, const struct plugin *p, struct plug_run *run)
{
    struct site *site;
    switch (site_acquire_by_tenant(job->tenant, &site)) {
    case SITE_UNKNOWN:
        return JOB_DONE;
    case SITE_UNAVAILABLE:
        return later(job, STR("the database doesn't answer"));
    case SITE_FOUND:
        break;
    }
    enum job_result result = run_part(job, site, p, run);
    site_release(site);
    return result;
}

static enum job_result run_hook(struct job *job)
{
    const struct plugin *p = plugin_find(value_get_str(job->payload, KEY(plugin)));
    enum hook hook = hook_find(value_get_str(job->payload, KEY(hook)));
    struct plug_run run = {.part = PLUG_HOOK, .number = hook};
    if (!p || hook == HOOK_COUNT || !p->manifest.hooks[hook])
        return JOB_DONE;
    return with_site(job, p, &run);
}

static enum job_result run_job(struct job *job)
{
    const struct plugin *p = plugin_find(value_get_str(job->payload, KEY(plugin)));
    struct str name = value_get_str(job->payload, KEY(job));
    struct plug_run run = {.part = PLUG_JOB};
    for (size_t i = 0; p && i < p->manifest.job_count; i++)
        if (str_eq(p->manifest.jobs[i], name)) {
            run.number = (int)i;
            return with_site(job, p, &run);
        }
    job->error = STR("the plugin has no such job any more");
    return JOB_FAILED;
}

void plug_jobs_start(void)
{
    job_handler("plugin.hook", run_hook);
    job_handler("plugin.job", run_job);
}
