// Money that came when there was nothing left to give for it goes back, and this says so.
#include "data/jobs.h"
#include "domain/order_place.h"
#include "http/notice.h"
#include "http/page.h"
#include "io/fiber.h"
#include "web/mail/mail.h"
#include "web/storefront/sale.h"

static struct str words(struct request *r, const char *key, const struct order *o, int64_t minor)
{
    struct arena *a = r->arena;
    const char *state = o->placed_us ? "paid" : "gone";
    return message(a, r->words, str_of(key), "state", value_str(a, str_of(state)), "amount",
        sale_money(r, minor), "code", value_str(a, o->code), "name", value_str(a, o->name), NULL);
}

// The words, and what every mail's view has beside them.
static enum mail_words_result make(
    struct request *r, const struct order *o, int64_t minor, struct value *view, struct mail *mail)
{
    struct arena *a = r->arena;
    struct value *variables = value_object(a);
    struct notice notice;
    value_set(a, view, KEY(variables), variables);
    value_set_str(a, variables, KEY(name), o->name);
    value_set_str(a, variables, KEY(code), o->code);
    value_set_str(a, variables, KEY(amount), value_get_str(sale_money(r, minor), KEY(text)));
    enum mail_words_result made =
        mail_words_of_core(r, o->placed_us ? "refund_double" : "refund_late", view, &notice);
    if (made != MAIL_WORDS_MADE)
        return made;
    mail->subject = notice.subject;
    value_set(a, value_get(view, KEY(site)), KEY(palette), mail_palette(a, r->site));
    value_set_str(a, view, KEY(preheader), words(r, "mail.refund.preheader", o, minor));
    value_set_str(a, view, KEY(body_html), notice.html);
    value_set_str(a, view, KEY(body_text), notice.text);
    return made;
}

static int64_t refunded(struct job *job, const struct site *site, int64_t order)
{
    struct order_payment *payments;
    enum order_result result;
    struct str id = value_get_str(job->payload, KEY(refund));
    int count = order_payments(fiber_arena(), site, order, &payments, &result);
    for (int i = 0; i < count; i++)
        if (str_eq(str_of_i64(fiber_arena(), payments[i].id), id))
            return payments[i].amount_minor;
    return 0;
}

static enum job_result send_refund(struct job *job, struct site *site, const struct order *o)
{
    struct arena *a = fiber_arena();
    struct request *r = mail_request(a, site, o->language);
    struct mail mail = {
        .plugin = STR("core"), .key = STR("refund"), .to = o->email, .to_name = o->name};
    int64_t minor = refunded(job, site, o->id);
    if (!minor)
        return JOB_RETRY;
    struct value *view = page_view(r);
    enum mail_words_result made = make(r, o, minor, view, &mail);
    if (made != MAIL_WORDS_MADE)
        return made == MAIL_WORDS_OFF ? JOB_DONE : JOB_RETRY;
    if (!mail_render(r, "notice", view, &mail))
        return JOB_FAILED;
    return mail_send(r, job, &mail);
}

static enum job_result run_refund(struct job *job)
{
    return mail_about_order(job, send_refund);
}

void mail_refund_start(void)
{
    job_handler("mail.refund", run_refund);
}
