// What the platform has to tell (domain/letter.h): to people of a site in the site's dress, to
// operators in the platform's own.
#include "base/clock.h"
#include "data/db.h"
#include "data/jobs.h"
#include "domain/feature_info.h"
#include "domain/letter.h"
#include "http/host.h"
#include "http/page.h"
#include "io/fiber.h"
#include "web/mail/letter_mail.sql.h"
#include "web/mail/mail.h"

static struct str words(struct request *r, const struct value *payload, const char *part)
{
    struct message_arg args[MESSAGE_ARGS_MAX];
    const struct value *arguments = value_get(payload, KEY(arguments));
    struct str key = str_join(r->arena, STR("mail.letter."), value_get_str(payload, KEY(key)),
        STR("."), str_of(part), STR_NULL);
    size_t count = 0;
    for (; count < value_count(arguments) && count < MESSAGE_ARGS_MAX; count++)
        args[count] = (struct message_arg){
            arguments->object.fields[count].key, arguments->object.fields[count].value};
    message_id id = message_find(respond_parts()->messages, key);
    return id ? message_text(r->arena, r->words, id, args, count) : STR_NULL;
}

// Paragraphs of a text whose lines are kept apart by empty ones.
static struct str paragraphs(struct arena *a, struct str text)
{
    struct buf b;
    buf_init(&b, a, 64 * 1024);
    while (text.p) {
        struct str line = str_trim(str_cut(&text, '\n'));
        if (!line.len)
            continue;
        buf_add(&b, STR("<p>"));
        buf_add_html(&b, line);
        buf_add(&b, STR("</p>"));
    }
    return buf_str(&b);
}

static void name_feature(struct request *r, const struct value *payload)
{
    struct value *arguments = value_get(payload, KEY(arguments));
    const struct feature_info *info = feature_info_find(value_get_str(arguments, KEY(feature)));
    if (info)
        value_set_str(
            r->arena, arguments, KEY(feature), site_text_in(r->site, info->title, r->language));
}

static struct str link_of(struct request *r, const struct value *payload, bool platform)
{
    struct str path = value_get_str(payload, KEY(path));
    struct str host = platform ? host_platform() : r->authority;
    if (!path.len)
        return STR_NULL;
    return str_join(r->arena, host_url(r->arena, host), path, STR_NULL);
}

static struct value *view_of(struct request *r, const struct value *payload, bool platform)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r), *site = value_get(view, KEY(site));
    struct str text = words(r, payload, "text"), label = words(r, payload, "action");
    struct str url = link_of(r, payload, platform);
    value_set(a, site, KEY(palette), mail_palette(a, r->site));
    if (platform) {
        value_set_str(a, site, KEY(name), STR("Vitrine"));
        value_set_str(a, site, KEY(home_url), host_url(a, host_platform()));
        value_set(a, site, KEY(contact), NULL);
        value_set_bool(a, site, KEY(practice), false);
    }
    value_set_str(a, view, KEY(preheader), words(r, payload, "subject"));
    value_set_str(a, view, KEY(body_html), paragraphs(a, text));
    value_set_str(a, view, KEY(body_text), text);
    if (url.p && label.p) {
        struct value *action = value_object(a);
        value_set(a, view, KEY(action), action);
        value_set_str(a, action, KEY(action_url), url);
        value_set_str(a, action, KEY(label), label);
    }
    return view;
}

static enum job_result send(struct job *job, struct site *site)
{
    struct str language = value_get_str(job->payload, KEY(language));
    bool platform = value_get_bool(job->payload, KEY(operator), false);
    bool spoken = platform ? language.len > 0 : site_speaks(site, language);
    struct request *r = mail_request(fiber_arena(), site, spoken ? language : site->languages[0]);
    name_feature(r, job->payload);
    struct mail mail = {.plugin = STR("core"),
        .key = value_get_str(job->payload, KEY(key)),
        .to = value_get_str(job->payload, KEY(to)),
        .to_name = value_get_str(job->payload, KEY(to_name)),
        .subject = words(r, job->payload, "subject"),
        .of_platform = platform};
    if (!mail_render(r, "notice", view_of(r, job->payload, platform), &mail))
        return JOB_FAILED;
    return mail_send(r, job, &mail);
}

// One job for each operator; twice at worst, when the first answer is lost.
static enum job_result fan_out(struct job *job)
{
    struct arena *a = fiber_arena();
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_letter_operators, db_i64(a, job->tenant), STR(LETTER_JOB),
        db_json(a, job->payload), db_time(a, clock_now_us()));
    return unit_run(u) == DB_OK ? JOB_DONE : JOB_RETRY;
}

static enum job_result run(struct job *job)
{
    struct site *site;
    if (str_is(job->kind, LETTER_OPERATORS_JOB))
        return fan_out(job);
    switch (site_acquire_by_tenant(job->tenant, &site)) {
    case SITE_UNKNOWN:
        return JOB_DONE;
    case SITE_UNAVAILABLE:
        return JOB_RETRY;
    case SITE_FOUND:
        break;
    }
    enum job_result result = send(job, site);
    site_release(site);
    return result;
}

void mail_letter_start(void)
{
    job_handler(LETTER_JOB, run);
    job_handler(LETTER_OPERATORS_JOB, run);
}
