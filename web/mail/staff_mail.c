// The link to a new password, for staff that asks for one. Asking only leaves a job; whether
// somebody of that address works here is looked up by it, so asking tells nobody.
#include "data/jobs.h"
#include "domain/notification.h"
#include "domain/staff_secret.h"
#include "io/fiber.h"
#include "web/mail/mail.h"

static enum job_result send_link(struct job *job, struct site *site)
{
    struct arena *a = fiber_arena();
    struct staff_reset reset;
    struct str language = value_get_str(job->payload, KEY(language));
    enum staff_result found =
        staff_reset_of(a, site, value_get_str(job->payload, KEY(email)), &reset);
    if (found != STAFF_DONE)
        return found == STAFF_GONE ? JOB_DONE : JOB_RETRY;
    if (!site_speaks(site, language))
        language = site->languages[0];
    struct request *r = mail_request(a, site, language);
    struct value *variables = value_object(a);
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    value_set_str(a, variables, KEY(name), reset.name);
    struct str path = str_format(a, "/manage/login/reset?who=%lld&until=%lld&t=%.*s",
        (long long)reset.id, (long long)reset.expires_us, STR_ARG(reset.token));
    notification_add(u, &(struct notification){.plugin = STR("core"),
                            .key = STR("staff_reset"),
                            .to = reset.email,
                            .language = language,
                            .variables = variables,
                            .action_url = request_absolute_url(r, path)});
    return unit_run(u) == DB_OK ? JOB_DONE : JOB_RETRY;
}

static enum job_result run(struct job *job)
{
    struct site *site;
    enum site_result found = site_acquire_by_tenant(job->tenant, &site);
    if (found != SITE_FOUND)
        return found == SITE_UNKNOWN ? JOB_DONE : JOB_RETRY;
    enum job_result result = send_link(job, site);
    site_release(site);
    return result;
}

void mail_staff_start(void)
{
    job_handler(STAFF_RESET_JOB, run);
}
