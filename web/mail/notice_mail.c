// What features want to say: the venue's words or the built-in ones, with the values of the moment.
#include "data/jobs.h"
#include "domain/notification.h"
#include "http/markdown.h"
#include "http/notice.h"
#include "http/page.h"
#include "io/fiber.h"
#include "web/mail/mail.h"

enum { PREHEADER_MAX = 120 };

struct notice_job {
    const struct feature_info *info;
    const struct feature_notification *declared;
    struct notification_own own;
    struct job *job;
};

static bool make(
    struct request *r, const struct notice_job *n, const struct value *view, struct notice *out)
{
    struct mail_words words = {.plugin = n->info->name,
        .declared = n->declared,
        .own = n->own,
        .variables = value_get(n->job->payload, KEY(variables)),
        .site = value_get(view, KEY(site))};
    return mail_words_make(r, &words, out);
}

// The button that leads to what the mail is about.
static struct value *action_view(struct request *r, const struct notice_job *n)
{
    struct str url = value_get_str(n->job->payload, KEY(action_url));
    if (!url.len)
        return NULL;
    struct value *action = value_object(r->arena);
    value_set_str(r->arena, action, KEY(action_url), url);
    value_set_str(r->arena, action, KEY(label),
        message(r->arena, r->words, STR("mail.action"), "key",
            value_str(r->arena, n->declared->key), NULL));
    return action;
}

static enum job_result send(struct request *r, const struct notice_job *n)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r);
    struct notice notice;
    value_set(a, value_get(view, KEY(site)), KEY(palette), mail_palette(a, r->site));
    if (!make(r, n, view, &notice))
        return JOB_FAILED;
    struct mail mail = {.plugin = n->info->name,
        .key = n->declared->key,
        .to = value_get_str(n->job->payload, KEY(to)),
        .subject = notice.subject};
    struct str unsubscribe = value_get_str(n->job->payload, KEY(unsubscribe));
    if (unsubscribe.len)
        mail.unsubscribe_url = request_absolute_url(r, unsubscribe);
    value_set_str(a, view, KEY(unsubscribe_url), mail.unsubscribe_url);
    value_set_str(a, view, KEY(preheader), markdown_summary(a, notice.text, PREHEADER_MAX));
    value_set(a, view, KEY(action), action_view(r, n));
    value_set_str(a, view, KEY(body_html), notice.html);
    value_set_str(a, view, KEY(body_text), notice.text);
    if (!mail_render(r, "notice", view, &mail))
        return JOB_FAILED;
    return mail_send(r, n->job, &mail);
}

static enum job_result with_site(struct job *job, struct site *site)
{
    struct arena *a = fiber_arena();
    struct str language = value_get_str(job->payload, KEY(language));
    struct notice_job n = {
        .info = notification_sender(value_get_str(job->payload, KEY(plugin))), .job = job};
    struct str key = value_get_str(job->payload, KEY(key));
    n.declared = n.info ? feature_notification_find(n.info, key) : NULL;
    if (!n.declared) {
        job->error = STR("the plugin has no such notification any more");
        return JOB_FAILED;
    }
    if (!notification_load(a, site, n.info->name, key, &n.own))
        return JOB_RETRY;
    // Somebody in the office looks at it.
    bool test = value_get_bool(job->payload, KEY(test), false);
    if (!n.own.enabled && !n.declared->always && !test)
        return JOB_DONE;
    bool spoken = language.len && site_speaks(site, language);
    return send(mail_request(a, site, spoken ? language : site->languages[0]), &n);
}

static enum job_result run(struct job *job)
{
    struct site *site;
    switch (site_acquire_by_tenant(job->tenant, &site)) {
    case SITE_UNKNOWN:
        return JOB_DONE;
    case SITE_UNAVAILABLE:
        return JOB_RETRY;
    case SITE_FOUND:
        break;
    }
    enum job_result result = with_site(job, site);
    site_release(site);
    return result;
}

void mail_notice_start(void)
{
    job_handler(NOTIFICATION_JOB, run);
}
