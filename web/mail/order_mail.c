#include "data/jobs.h"
#include "domain/mime.h"
#include "domain/order_place.h"
#include "http/notice.h"
#include "http/page.h"
#include "io/fiber.h"
#include "web/mail/mail.h"
#include "web/storefront/order_documents.h"
#include "web/storefront/sale.h"

static struct value *customer_view(struct arena *a, const struct order *o)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(name), o->name);
    value_set_str(a, v, KEY(email), o->email);
    return v;
}

static bool add_order(struct request *r, const struct order *o, struct value *view)
{
    struct arena *a = r->arena;
    struct value *v = sale_order_view(r, o);
    value_set(a, view, KEY(order), v);
    value_set(a, v, KEY(customer), customer_view(a, o));
    value_set(a, v, KEY(due), o->due_minor ? sale_money(r, o->due_minor) : NULL);
    value_set_str(a, v, KEY(order_url), request_absolute_url(r, sale_order_path(r, o)));
    value_set(a, value_get(view, KEY(site)), KEY(palette), mail_palette(a, r->site));
    return sale_add_payments(r, o, v);
}

// The opening words, which the venue may write itself.
static enum mail_words_result add_words(
    struct request *r, const struct order *o, struct value *view, struct mail *mail)
{
    struct arena *a = r->arena;
    struct value *variables = value_object(a);
    struct notice notice;
    bool reserved = str_is(str_of(sale_order_state(o)), "reserved");
    value_set_str(a, variables, KEY(name), o->name);
    value_set_str(a, variables, KEY(code), o->code);
    value_set(a, view, KEY(variables), variables);
    enum mail_words_result made =
        mail_words_of_core(r, reserved ? "order_reserved" : "order_confirmed", view, &notice);
    if (made != MAIL_WORDS_MADE)
        return made;
    mail->subject = notice.subject;
    value_set_str(a, view, KEY(intro_html), notice.html);
    value_set_str(a, view, KEY(intro_text), notice.text);
    return made;
}

static enum job_result send_order(struct job *job, struct site *site, const struct order *o)
{
    struct arena *a = fiber_arena();
    struct request *r = mail_request(a, site, o->language);
    struct mail mail = {
        .plugin = STR("core"), .key = STR("order"), .to = o->email, .to_name = o->name};
    struct value *view = page_view(r);
    if (!add_order(r, o, view))
        return JOB_RETRY;
    enum mail_words_result made = add_words(r, o, view, &mail);
    if (made != MAIL_WORDS_MADE)
        return made == MAIL_WORDS_OFF ? JOB_DONE : JOB_RETRY;
    if (!mail_render(r, "order", view, &mail))
        return JOB_FAILED;
    // Sent again after all of it was cancelled there is no ticket.
    bool live = !str_is(str_of(sale_order_state(o)), "cancelled");
    struct str pdf = live ? order_ticket_pdf(r, o) : STR_NULL;
    if (live && !pdf.p)
        return JOB_RETRY;
    struct mime_attachment attachments[] = {
        {str_join(a, o->code, STR(".pdf"), STR_NULL), STR("application/pdf"), pdf},
        {str_join(a, o->code, STR(".ics"), STR_NULL),
            STR("text/calendar; charset=utf-8; method=PUBLISH"), order_calendar(r, o)}};
    mail.attachments = attachments;
    mail.attachment_count = live ? 2 : 0;
    return mail_send(r, job, &mail);
}

static enum job_result run_order(struct job *job)
{
    return mail_about_order(job, send_order);
}

void mail_start(void)
{
    job_handler("mail.order", run_order);
    mail_notice_start();
    mail_letter_start();
    mail_refund_start();
    mail_moved_start();
    mail_return_start();
    mail_staff_start();
    mail_customer_start();
    mail_person_start();
}
