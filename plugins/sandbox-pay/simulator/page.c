// The hosted page: the shop's customer chooses what the bank would say, and how the shop hears of
// it. No card is asked for. Works without a script; there is none.
#include "api.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/zone.h"
#include "http/format.h"
#include "http/template.h"
#include "http/urlencoded.h"

enum { PAGE_MAX = 256 * 1024, FIELDS_MAX = 16, DELAY_MAX_S = 600 };

static struct {
    struct messages *words;
    struct template_set *templates;
    struct str css, origin;
} pages;

static bool complain(struct arena *a, const struct source_error *e)
{
    fprintf(stderr, "simulator: %s\n", source_error_text(a, e).p);
    return false;
}

bool page_init(struct arena *a, const char *dir, struct str origin)
{
    struct source_error e;
    pages.origin = origin;
    pages.words = messages_new(a);
    if (!messages_add_dir(
            pages.words, str_join(a, str_of(dir), STR("/locales"), STR_NULL).p, STR(""), &e))
        return complain(a, &e);
    messages_finish(pages.words);
    const char *folder = str_join(a, str_of(dir), STR("/pages"), STR_NULL).p;
    pages.templates = template_set_new(a, pages.words, NULL);
    if (!template_set_add_tree(pages.templates, folder, STR(""), &e) ||
        !template_set_finish(pages.templates, false, &e))
        return complain(a, &e);
    pages.css = source_read(a, str_join(a, str_of(folder), STR("/page.css"), STR_NULL).p, &e);
    return pages.css.p || complain(a, &e);
}

// The shop's choice, else the first language of the browser's that we speak.
static struct str language_of(const struct call *call, const struct payment *p)
{
    if (p && messages_has_language(pages.words, p->language))
        return p->language;
    for (struct str rest = call->accept_language; rest.p;) {
        struct str item = str_cut(&rest, ',');
        struct str tag = str_trim(str_cut(&item, ';'));
        struct str main = str_cut(&tag, '-');
        if (messages_has_language(pages.words, main))
            return main;
    }
    return STR("en");
}

// "https://shop.example:8443" of an address.
static struct str origin_of(struct str url)
{
    size_t end = (size_t)str_find(url, STR("://")) + 3;
    while (end < url.len && url.p[end] != '/' && url.p[end] != '?' && url.p[end] != '#')
        end++;
    return str_sub(url, 0, end);
}

static void show(
    struct call *call, int status, const char *name, const struct payment *p, struct value *view)
{
    struct arena *a = call->arena;
    struct buf b;
    struct str language = language_of(call, p);
    struct template_input in = {view, messages_language(pages.words, language), NULL};
    value_set_str(a, view, KEY(lang), language);
    buf_init(&b, a, PAGE_MAX);
    bool done =
        template_render(template_find(pages.templates, str_of(name)), &in, &b) == TEMPLATE_DONE;
    call->answer.status = done ? status : 500;
    call->answer.type = STR("text/html; charset=utf-8");
    call->answer.body = buf_str(&b);
    // A form's redirect back to the shop counts as the form's target.
    call->answer.policy = str_join(a,
        STR("default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            "form-action 'self' "),
        p ? origin_of(p->return_url) : STR(""), STR_NULL);
}

static void back_to_shop(struct call *call, const struct payment *p)
{
    call->answer.status = 303;
    call->answer.type = STR("text/plain; charset=utf-8");
    call->answer.location = str_dup(call->arena, p->return_url);
}

static struct value *view_of(struct call *call, const struct payment *p)
{
    struct arena *a = call->arena;
    struct value *v = value_object(a);
    struct format *f = format_for(language_of(call, p), STR_NULL);
    int64_t left_us = p->expires_us - clock_now_us();
    value_set_str(a, v, KEY(shop), p->shop);
    value_set_str(a, v, KEY(reference), p->reference);
    value_set_str(a, v, KEY(return_url), p->return_url);
    value_set_str(a, v, KEY(action), str_join(a, STR("/pay/"), p->id, STR_NULL));
    value_set(a, v, KEY(amount), format_money_value(a, f, p->amount_minor, p->currency));
    value_set_int(a, v, KEY(minutes), left_us < 0 ? 0 : 1 + left_us / (60 * US_PER_SECOND));
    value_set_str(a, v, KEY(state), payment_state_name(p->state));
    return v;
}

static void show_choice(struct call *call, int status, const struct payment *p, bool delay_wrong)
{
    struct value *v = view_of(call, p);
    value_set_bool(call->arena, v, KEY(delay_wrong), delay_wrong);
    show(call, status, "pay", p, v);
}

static struct str field(const struct pair *fields, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(fields[i].name, name))
            return fields[i].value;
    return STR_NULL;
}

static bool read_manner(const struct pair *fields, size_t count, struct manner *manner)
{
    struct str chosen = field(fields, count, "manner");
    int64_t delay_s = 0;
    bool late = str_is(chosen, "late");
    if (late && (!str_to_i64(str_trim(field(fields, count, "delay")), &delay_s) || delay_s < 1 ||
                    delay_s > DELAY_MAX_S))
        return false;
    *manner = (struct manner){.delay_s = (int)delay_s,
        .twice = str_is(chosen, "twice"),
        .reordered = str_is(chosen, "reordered"),
        .silent = str_is(chosen, "silent")};
    return true;
}

static bool is_reason(struct str reason)
{
    static const char *const known[] = {
        "card_declined", "insufficient_funds", "expired_card", "suspected_fraud"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_is(reason, known[i]))
            return true;
    return false;
}

// Whatever was chosen before, by another tab or a second click, stays.
static void choose(struct call *call, struct payment *p, const struct pair *fields, size_t count)
{
    struct str outcome = field(fields, count, "outcome"), reason = field(fields, count, "reason");
    struct manner manner;
    bool good = read_manner(fields, count, &manner);
    if (p->state != PAYMENT_CREATED) {
        back_to_shop(call, p);
        return;
    }
    if (!good) {
        show_choice(call, 422, p, true);
        return;
    }
    p->manner = manner;
    if (str_is(outcome, "authenticate")) {
        show(call, 200, "authenticate", p, view_of(call, p));
        return;
    }
    if (str_is(outcome, "approve"))
        payment_authorize(p);
    else if (str_is(outcome, "refuse") && is_reason(reason))
        payment_refuse(p, reason);
    else if (str_is(outcome, "unconfirmed"))
        payment_refuse(p, STR("authentication_failed"));
    else if (str_is(outcome, "leave"))
        payment_cancel(p);
    else
        show_choice(call, 422, p, false);
    if (p->state != PAYMENT_CREATED)
        back_to_shop(call, p);
}

static bool came_from_us(const struct call *call)
{
    if (call->fetch_site.p && !str_is(call->fetch_site, "same-origin"))
        return false;
    return str_eq(call->origin, str_join(call->arena, STR("http://"), call->host, STR_NULL));
}

static void post(struct call *call, struct payment *p)
{
    struct pair fields[FIELDS_MAX];
    size_t count;
    if (!came_from_us(call))
        show(call, 403, "unknown", NULL, value_object(call->arena));
    else if (!urlencoded_read(call->arena, call->body, fields, FIELDS_MAX, &count))
        show_choice(call, 400, p, false);
    else
        choose(call, p, fields, count);
}

void page_serve(struct call *call)
{
    struct payment *p = payment_find(call_rest(call, "/pay/"));
    if (str_is(call->path, "/page.css")) {
        call->answer.status = 200;
        call->answer.type = STR("text/css; charset=utf-8");
        call->answer.body = pages.css;
        call->answer.keep = true;
    } else if (!p) {
        show(call, 404, "unknown", NULL, value_object(call->arena));
    } else if (str_is(call->method, "POST")) {
        post(call, p);
    } else if (p->state == PAYMENT_CREATED) {
        show_choice(call, 200, p, false);
    } else {
        struct value *v = view_of(call, p);
        bool good = p->state == PAYMENT_AUTHORIZED || p->state == PAYMENT_CAPTURED;
        value_set_bool(call->arena, v, KEY(good), good);
        show(call, 200, "over", p, v);
    }
}
