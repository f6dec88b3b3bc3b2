// What was cancelled, what comes back for it, and by which way.
#include "data/jobs.h"
#include "domain/order_place.h"
#include "http/notice.h"
#include "http/page.h"
#include "io/fiber.h"
#include "web/mail/mail.h"
#include "web/storefront/sale.h"

// Text and HTML grow side by side.
struct bodies {
    struct request *r;
    const struct order *o;
    const struct value *news;
    struct buf text, html;
};

static const char *kind_of(const struct bodies *b)
{
    if (!value_count(value_get(b->news, KEY(lines))))
        return "refund";
    return str_is(str_of(sale_order_state(b->o)), "cancelled") ? "all" : "part";
}

static struct str words(const struct bodies *b, const char *key, int64_t minor, struct str way)
{
    struct arena *a = b->r->arena;
    return message(a, b->r->words, str_of(key), "kind", value_str(a, str_of(kind_of(b))), "amount",
        sale_money(b->r, minor), "way", value_str(a, way.p ? way : STR("")), "code",
        value_str(a, b->o->code), "name", value_str(a, b->o->name), "venue",
        value_str(a, b->r->site->name), NULL);
}

static void add(struct bodies *b, struct str paragraph)
{
    if (b->text.len)
        buf_add(&b->text, STR("\n\n"));
    buf_add(&b->text, paragraph);
    buf_add(&b->html, STR("<p>"));
    buf_add_html(&b->html, paragraph);
    buf_add(&b->html, STR("</p>"));
}

static bool was_cancelled(const struct bodies *b, int64_t line)
{
    const struct value *lines = value_get(b->news, KEY(lines));
    struct str id = str_of_i64(b->r->arena, line);
    for (size_t i = 0; i < value_count(lines); i++)
        if (str_eq(value_as_str(value_at(lines, i)), id))
            return true;
    return false;
}

static void add_lines(struct bodies *b)
{
    struct arena *a = b->r->arena;
    for (int i = 0; i < b->o->count; i++) {
        const struct order_line *l = &b->o->lines[i];
        if (!was_cancelled(b, l->id))
            continue;
        struct str when = value_get_str(sale_when_view(b->r, l->starts_us), KEY(text));
        add(b, str_join(a, l->title, STR(" · "), when, STR(" · "), str_of_i64(a, l->quantity),
                   STR(" × "), l->rate_name, STR_NULL));
    }
}

static struct str way_name(struct request *r, struct str provider)
{
    struct str key = str_join(r->arena, STR("x."), provider, STR(".tender"), STR_NULL);
    return message(r->arena, r->words, key, NULL);
}

static void add_money(struct bodies *b)
{
    const struct value *ways = value_get(b->news, KEY(ways));
    int64_t waived = value_get_int(b->news, KEY(waived_minor), 0);
    int64_t kept = value_get_int(b->news, KEY(kept_minor), 0);
    for (size_t i = 0; i < value_count(ways); i++) {
        const struct value *way = value_at(ways, i);
        add(b, words(b, "mail.return.back", value_get_int(way, KEY(amount_minor), 0),
                   way_name(b->r, value_get_str(way, KEY(provider)))));
    }
    if (waived)
        add(b, words(b, "mail.return.waived", waived, STR_NULL));
    if (kept)
        add(b, words(b, "mail.return.kept", kept, STR_NULL));
}

// The opening words, which the venue may write itself.
static enum mail_words_result open_with(struct bodies *b, struct value *view, struct mail *mail)
{
    static const char *const keys[][2] = {
        {"all", "returned_all"}, {"part", "returned_part"}, {"refund", "returned_money"}};
    struct arena *a = b->r->arena;
    struct value *variables = value_object(a);
    struct notice notice;
    const char *key = keys[2][1];
    for (int i = 0; i < 3; i++)
        if (str_is(str_of(keys[i][0]), kind_of(b)))
            key = keys[i][1];
    int64_t back = value_get_int(b->news, KEY(back_minor), 0);
    value_set(a, view, KEY(variables), variables);
    value_set_str(a, variables, KEY(name), b->o->name);
    value_set_str(a, variables, KEY(code), b->o->code);
    value_set_str(a, variables, KEY(amount), value_get_str(sale_money(b->r, back), KEY(text)));
    enum mail_words_result made = mail_words_of_core(b->r, key, view, &notice);
    if (made != MAIL_WORDS_MADE)
        return made;
    mail->subject = notice.subject;
    buf_add(&b->html, notice.html);
    buf_add(&b->text, notice.text);
    return made;
}

static struct value *view_of(struct bodies *b, struct mail *mail, enum mail_words_result *made)
{
    struct request *r = b->r;
    struct arena *a = r->arena;
    struct value *view = page_view(r), *action = value_object(a);
    int64_t back = value_get_int(b->news, KEY(back_minor), 0);
    buf_init(&b->text, a, 64 * 1024);
    buf_init(&b->html, a, 128 * 1024);
    *made = open_with(b, view, mail);
    add_lines(b);
    add_money(b);
    value_set(a, value_get(view, KEY(site)), KEY(palette), mail_palette(a, r->site));
    value_set_str(a, view, KEY(preheader), words(b, "mail.return.text", back, STR_NULL));
    value_set_str(a, view, KEY(body_html), buf_str(&b->html));
    value_set_str(a, view, KEY(body_text), buf_str(&b->text));
    value_set(a, view, KEY(action), action);
    value_set_str(a, action, KEY(label), words(b, "mail.order.open", 0, STR_NULL));
    value_set_str(a, action, KEY(action_url), request_absolute_url(r, sale_order_path(r, b->o)));
    return view;
}

static enum job_result send(struct job *job, struct site *site, const struct order *o)
{
    struct arena *a = fiber_arena();
    struct bodies b = {.r = mail_request(a, site, o->language), .o = o, .news = job->payload};
    struct mail mail = {
        .plugin = STR("core"), .key = STR("return"), .to = o->email, .to_name = o->name};
    enum mail_words_result made;
    struct value *view = view_of(&b, &mail, &made);
    if (made != MAIL_WORDS_MADE)
        return made == MAIL_WORDS_OFF ? JOB_DONE : JOB_RETRY;
    if (!mail_render(b.r, "notice", view, &mail))
        return JOB_FAILED;
    return mail_send(b.r, job, &mail);
}

static enum job_result run(struct job *job)
{
    return mail_about_order(job, send);
}

void mail_return_start(void)
{
    job_handler("mail.return", run);
}
