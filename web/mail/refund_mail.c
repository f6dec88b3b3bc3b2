// Money that came when there was nothing left to give for it goes back, and this says so.
#include "data/jobs.h"
#include "domain/order_place.h"
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

static struct str paragraph(struct arena *a, struct str text)
{
    struct buf b;
    buf_init(&b, a, 16 * 1024);
    buf_add(&b, STR("<p>"));
    buf_add_html(&b, text);
    buf_add(&b, STR("</p>"));
    return buf_str(&b);
}

static struct value *refund_view(struct request *r, const struct order *o, int64_t minor)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r);
    struct str hello = words(r, "mail.refund.hello", o, minor);
    struct str text = words(r, "mail.refund.text", o, minor);
    value_set(a, value_get(view, KEY(site)), KEY(palette), mail_palette(a, r->site));
    value_set_str(a, view, KEY(preheader), words(r, "mail.refund.preheader", o, minor));
    value_set_str(a, view, KEY(body_html),
        str_join(
            a, paragraph(a, hello), paragraph(a, text), paragraph(a, r->site->name), STR_NULL));
    value_set_str(a, view, KEY(body_text),
        str_join(a, hello, STR("\n\n"), text, STR("\n\n"), r->site->name, STR_NULL));
    return view;
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
    mail.subject = words(r, "mail.refund.subject", o, minor);
    if (!mail_render(r, "notice", refund_view(r, o, minor), &mail))
        return JOB_FAILED;
    return (enum job_result)mail_send(r, job, &mail);
}

static enum job_result run_refund(struct job *job)
{
    struct site *site;
    enum order_result found;
    if (site_acquire_by_tenant(job->tenant, &site) != SITE_FOUND)
        return JOB_RETRY;
    const struct order *o = mail_order(job, site, &found);
    enum job_result result = found == ORDER_NOT_FOUND ? JOB_DONE : JOB_RETRY;
    if (o)
        result = o->email.len ? send_refund(job, site, o) : JOB_DONE;
    site_release(site);
    return result;
}

void mail_refund_start(void)
{
    job_handler("mail.refund", run_refund);
}
