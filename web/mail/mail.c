#include "web/mail/mail.h"

#include "base/clock.h"
#include "data/db.h"
#include "data/jobs.h"
#include "domain/logo.h"
#include "domain/mime.h"
#include "http/host.h"
#include "http/page.h"
#include "http/template.h"
#include "io/fiber.h"
#include "io/outbox.h"
#include "io/transfer.h"
#include "web/mail/mail.sql.h"
#include "web/web.h"

// A logo stands in the head at half its pixels, so that it is sharp on fine screens too.
enum { MAIL_MAX = 1 << 20, LOGO_WIDTH_MAX = 480, LOGO_HEIGHT_MAX = 96 };
#define LOGO_NAME "logo.png"

struct request *mail_request(struct arena *a, struct site *site, struct str language)
{
    struct request *r = arena_new_object(a, struct request);
    const struct web_config *config = web_config();
    *r = (struct request){.arena = a,
        .method = HTTP_GET,
        .authority = str_join(a, site->slug, STR("."), host_platform(), STR_NULL),
        .port = config->public_port,
        .path = STR("/"),
        .secure = config->public_https,
        .surface = SURFACE_STOREFRONT,
        .site = site,
        .language = language,
        .words = messages_language(respond_parts()->messages, language),
        .format = format_for(language, site->region)};
    return r;
}

static bool render(struct request *r, struct str name, struct value *view, struct str *out)
{
    struct buf b;
    const struct template *t = template_find(respond_parts()->templates, name);
    struct template_input in = {.view = view, .language = r->words, .overlay = r->site->overlay};
    buf_init(&b, r->arena, MAIL_MAX);
    if (!t)
        return false;
    enum template_outcome outcome = template_render(t, &in, &b);
    *out = buf_str(&b);
    return outcome == TEMPLATE_DONE || outcome == TEMPLATE_FELL_BACK;
}

// It travels inside the mail: one that is fetched is hidden by most mail programs until their
// reader allows it, tells who reads when, and is gone with the site.
static void add_logo(struct request *r, struct value *view, struct mail *mail)
{
    struct arena *a = r->arena;
    struct logo logo = {.width = 0};
    if (!mail->of_platform)
        logo = logo_load(a, r->site, LOGO_WIDTH_MAX, LOGO_HEIGHT_MAX);
    struct value *v = value_object(a);
    value_set(a, value_get(view, KEY(site)), KEY(mail_logo), logo.png.len ? v : NULL);
    if (!logo.png.len)
        return;
    mail->logo = logo.png;
    value_set_str(a, v, KEY(source), STR("cid:" LOGO_NAME));
    value_set_int(a, v, KEY(width), (logo.width + 1) / 2);
    value_set_int(a, v, KEY(height), (logo.height + 1) / 2);
}

bool mail_render(struct request *r, const char *name, struct value *view, struct mail *mail)
{
    struct str html = str_join(r->arena, STR("mail/"), str_of(name), STR_NULL);
    struct str text = str_join(r->arena, html, STR(".txt"), STR_NULL);
    value_set_str(r->arena, view, KEY(subject), mail->subject);
    add_logo(r, view, mail);
    return render(r, html, view, &mail->html) && render(r, text, view, &mail->text);
}

static struct order *order_of(
    const struct job *job, const struct site *site, enum order_result *result)
{
    int64_t id = 0;
    *result = ORDER_NOT_FOUND;
    if (!str_to_i64(value_get_str(job->payload, KEY(order_id)), &id))
        return NULL;
    return order_find(fiber_arena(), site, id, result);
}

enum job_result mail_about_order(struct job *job, mail_order_send send)
{
    struct site *site;
    enum order_result found;
    if (site_acquire_by_tenant(job->tenant, &site) != SITE_FOUND)
        return JOB_RETRY;
    const struct order *o = order_of(job, site, &found);
    enum job_result result = found == ORDER_NOT_FOUND ? JOB_DONE : JOB_RETRY;
    if (o)
        result = o->email.len ? send(job, site, o) : JOB_DONE;
    site_release(site);
    return result;
}

static struct str sender_address(struct request *r, const struct mail *mail)
{
    if (mail->of_platform)
        return str_join(r->arena, STR("console@"), host_platform(), STR_NULL);
    return str_join(r->arena, r->site->slug, STR("@"), host_platform(), STR_NULL);
}

static bool was_sent(struct request *r, const struct job *job, bool *sent)
{
    struct unit *u = unit_new(r->arena, DB_READ, job->tenant);
    int place =
        unit_add(u, &SQL_mail_was_sent, db_i64(r->arena, job->tenant), db_i64(r->arena, job->id));
    if (unit_run(u) != DB_OK)
        return false;
    *sent = rows_i64(unit_rows(u, place), 0, KEY(sent)) > 0;
    return true;
}

static enum job_result note(
    struct request *r, const struct job *job, const struct mail *mail, const char *state)
{
    struct arena *a = r->arena;
    // Sent twice at worst, with the same message id.
    if (mail->of_platform)
        return JOB_DONE;
    struct unit *u = unit_new(a, DB_WRITE, job->tenant);
    unit_add(u, &SQL_mail_note, db_i64(a, job->tenant), db_i64(a, job->id), mail->plugin, mail->key,
        mail->to, mail->subject, str_of(state), db_time(a, clock_now_us()),
        value_get_str(job->payload, KEY(order_id)), value_get_str(job->payload, KEY(customer_id)));
    return unit_run(u) == DB_OK ? JOB_DONE : JOB_RETRY;
}

static bool build(
    struct request *r, const struct job *job, const struct mail *mail, struct str *message)
{
    struct arena *a = r->arena;
    const struct mime_attachment logo = {STR(LOGO_NAME), STR("image/png"), mail->logo};
    // A venue's own template may do without it.
    bool shown = str_find(mail->html, STR("cid:" LOGO_NAME)) >= 0;
    struct str name = mail->of_platform ? STR("Vitrine") : r->site->name;
    struct str reply = mail->of_platform ? STR_NULL : value_get_str(r->site->contact, KEY(email));
    // One click in the mail program ends it, without a page or a login (RFC 8058).
    const struct mime_header unsubscribe[] = {
        {STR("List-Unsubscribe"), str_join(a, STR("<"), mail->unsubscribe_url, STR(">"), STR_NULL)},
        {STR("List-Unsubscribe-Post"), STR("List-Unsubscribe=One-Click")}};
    struct mime_message m = {
        .from = {name, sender_address(r, mail)},
        .to = {mail->to_name, mail->to},
        .reply_to = {name, reply},
        .subject = mail->subject,
        .text = mail->text,
        .html = mail->html,
        .attachments = mail->attachments,
        .attachment_count = mail->attachment_count,
        .pictures = &logo,
        .picture_count = mail->logo.len && shown,
        .headers = unsubscribe,
        .header_count = mail->unsubscribe_url.len ? 2 : 0,
        // The job's number: sending it again is the same mail.
        .id = str_join(a, str_of_i64(a, job->id), STR("@"), r->authority, STR_NULL),
        .date_us = clock_now_us(),
    };
    return mime_build(a, &m, message) == MIME_DONE;
}

static enum job_result deliver(
    struct request *r, struct job *job, const struct mail *mail, struct str message)
{
    struct str smtp = web_config()->smtp_url, reply = STR_NULL;
    if (!smtp.len) {
        struct str folder = str_join(r->arena, web_config()->state, STR("/outbox"), STR_NULL);
        struct str id = str_of_i64(r->arena, job->id);
        bool ok = outbox_write(r->arena, folder, id, message, NULL);
        return ok ? note(r, job, mail, "sent") : JOB_RETRY;
    }
    struct transfer_mail out = {sender_address(r, mail), mail->to, message};
    enum transfer_result result = transfer_smtp(r->arena, smtp, &out, &reply);
    if (result == TRANSFER_DONE)
        return note(r, job, mail, "sent");
    job->error = str_join(
        r->arena, transfer_result_name(result), STR(" "), reply.p ? reply : STR(""), STR_NULL);
    return transfer_is_final(result) ? note(r, job, mail, "refused") : JOB_RETRY;
}

enum job_result mail_send(struct request *r, struct job *job, const struct mail *mail)
{
    bool sent = false;
    struct str message;
    if (!was_sent(r, job, &sent))
        return JOB_RETRY;
    if (sent)
        return JOB_DONE;
    if (!build(r, job, mail, &message)) {
        job->error = STR("the mail can't be built");
        return JOB_FAILED;
    }
    return deliver(r, job, mail, message);
}
