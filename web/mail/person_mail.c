// The mail by which a venue invites a verified person. Whether the address is one's is looked up
// here, after the page has answered.
#include "data/jobs.h"
#include "domain/notification.h"
#include "domain/person_invite.h"
#include "io/fiber.h"
#include "web/mail/mail.h"

static enum job_result send(struct job *job, struct site *site)
{
    struct arena *a = fiber_arena();
    struct person_invitation invitation;
    struct str email = value_get_str(job->payload, KEY(email));
    enum customer_result found = person_invitation_of(a, site, email, &invitation);
    if (found != CUSTOMER_DONE)
        return found == CUSTOMER_BUSY ? JOB_RETRY : JOB_DONE;
    struct str language =
        site_speaks(site, invitation.language) ? invitation.language : site->languages[0];
    struct request *r = mail_request(a, site, language);
    struct str path = str_format(a, "/profile/invitation?p=%lld&until=%lld&t=%.*s",
        (long long)invitation.person, (long long)invitation.until_us, STR_ARG(invitation.token));
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    notification_add(u, &(struct notification){.plugin = STR("core"),
                            .key = STR("person_invitation"),
                            .to = email,
                            .language = language,
                            .variables = value_object(a),
                            .action_url = request_absolute_url(r, path)});
    return unit_run(u) == DB_OK ? JOB_DONE : JOB_RETRY;
}

static enum job_result run(struct job *job)
{
    struct site *site;
    enum site_result found = site_acquire_by_tenant(job->tenant, &site);
    if (found != SITE_FOUND)
        return found == SITE_UNKNOWN ? JOB_DONE : JOB_RETRY;
    enum job_result result = send(job, site);
    site_release(site);
    return result;
}

void mail_person_start(void)
{
    job_handler(PERSON_INVITE_JOB, run);
}
