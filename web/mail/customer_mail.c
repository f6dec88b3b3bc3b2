// What customers get about their accounts: the welcome with its link, the code to log in. Whether
// an address has an account is looked up here, after the page has answered, so that asking tells
// nobody.
#include "base/clock.h"
#include "data/jobs.h"
#include "domain/customer_login.h"
#include "domain/notification.h"
#include "io/fiber.h"
#include "web/mail/mail.h"

struct letter_to {
    struct site *site;
    const char *key;
    struct str to, language, path;
    struct value *variables;
    int64_t customer;
};

static enum job_result write(const struct letter_to *l)
{
    struct arena *a = fiber_arena();
    struct request *r = mail_request(a, l->site, l->language);
    struct unit *u = unit_new(a, DB_WRITE, l->site->tenant);
    notification_add(u, &(struct notification){.plugin = STR("core"),
                            .key = str_of(l->key),
                            .to = l->to,
                            .customer = l->customer,
                            .language = l->language,
                            .variables = l->variables,
                            .action_url = request_absolute_url(r, l->path)});
    return unit_run(u) == DB_OK ? JOB_DONE : JOB_RETRY;
}

static struct str language_of(const struct job *job, const struct site *site)
{
    struct str language = value_get_str(job->payload, KEY(language));
    return site_speaks(site, language) ? language : site->languages[0];
}

static bool number_of(const struct job *job, value_key key, int64_t *id)
{
    return str_to_i64(value_get_str(job->payload, key), id);
}

static enum job_result send_welcome(struct job *job, struct site *site)
{
    struct arena *a = fiber_arena();
    struct customer c;
    int64_t id, until = clock_now_us() + CUSTOMER_CONFIRM_US;
    bool known = false;
    if (!number_of(job, KEY(customer_id), &id))
        return JOB_DONE;
    enum customer_result found = customer_find(a, site, id, &c);
    if (found == CUSTOMER_DONE)
        found = customer_is_known(a, site, &c, &known);
    if (found != CUSTOMER_DONE || c.verified_us)
        return found == CUSTOMER_BUSY ? JOB_RETRY : JOB_DONE;
    struct letter_to l = {.site = site,
        .key = known ? "customer_known" : "customer_welcome",
        .to = c.email,
        .language = language_of(job, site),
        .variables = value_object(a),
        .customer = c.id};
    struct str token = customer_confirm_token(a, site, &c, until);
    l.path = str_format(a, "/account/confirm?until=%lld&t=%.*s", (long long)until, STR_ARG(token));
    value_set_str(a, l.variables, KEY(name), c.first_name);
    return write(&l);
}

static enum job_result send_code(struct job *job, struct site *site)
{
    struct arena *a = fiber_arena();
    struct customer_code code;
    int64_t id;
    if (!number_of(job, KEY(code_id), &id))
        return JOB_DONE;
    enum customer_result found = customer_code_of(a, site, id, &code);
    if (found != CUSTOMER_DONE)
        return found == CUSTOMER_BUSY ? JOB_RETRY : JOB_DONE;
    struct letter_to l = {.site = site,
        .key = "customer_code",
        .to = code.email,
        .language = language_of(job, site),
        .variables = value_object(a),
        .customer = code.customer};
    l.path =
        str_format(a, "/account/login/code?id=%lld&t=%.*s", (long long)id, STR_ARG(code.token));
    value_set_str(a, l.variables, KEY(name), code.name);
    value_set_str(a, l.variables, KEY(code), code.code);
    return write(&l);
}

static enum job_result run(struct job *job, enum job_result (*send)(struct job *, struct site *))
{
    struct site *site;
    enum site_result found = site_acquire_by_tenant(job->tenant, &site);
    if (found != SITE_FOUND)
        return found == SITE_UNKNOWN ? JOB_DONE : JOB_RETRY;
    enum job_result result = site->login == SITE_LOGIN_NONE ? JOB_DONE : send(job, site);
    site_release(site);
    return result;
}

static enum job_result welcome(struct job *job)
{
    return run(job, send_welcome);
}

static enum job_result code(struct job *job)
{
    return run(job, send_code);
}

void mail_customer_start(void)
{
    job_handler(CUSTOMER_WELCOME_JOB, welcome);
    job_handler(CUSTOMER_CODE_JOB, code);
}
