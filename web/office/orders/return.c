// Cancelling lines of an order and giving money back, by staff. The quote is the one that customers
// see; what was shown when the form was made is what happens, or nothing does.
#include "web/office/frame/object.h"
#include "web/office/orders/pages.h"

// Refuses the field with the words for it.
static bool read_amount(struct request *r, int64_t *minor)
{
    if (money_parse(form_str(r, KEY(amount)), r->site->currency, minor) && *minor > 0)
        return true;
    form_refuse(r, "amount", "money");
    return false;
}

static void refused(struct request *r, struct order *o, enum order_result result)
{
    switch (result) {
    case ORDER_CHANGED:
    case ORDER_ALREADY:
    case ORDER_NOT_FOUND:
    case ORDER_REFUSED: {
        struct order *now = orders_of_route(r);
        if (now)
            orders_show(r, now, 409);
        return;
    }
    case ORDER_TOO_MUCH:
        form_refuse(r, "amount", "too_much_back");
        orders_show(r, o, 422);
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

void on_order_refund(struct request *r)
{
    struct order_return what = {.has_amount = true,
        .reason = form_str(r, KEY(reason)),
        .silent = form_bool(r, KEY(silent)),
        .actor = orders_actor(r)};
    struct order_quote quote;
    struct order *o = orders_of_route(r);
    if (!o)
        return;
    if (form_refused(r) || !read_amount(r, &what.amount_minor)) {
        orders_show(r, o, 422);
        return;
    }
    if (form_int(r, KEY(version), -1) != o->version) {
        refused(r, o, ORDER_CHANGED);
        return;
    }
    struct order_outcome outcome = order_return(r->arena, r->site, o, &what, &quote);
    if (outcome.result == ORDER_DONE)
        orders_done(r, o, "refunded", value_object(r->arena));
    else
        refused(r, o, outcome.result);
}

void on_order_refund_again(struct request *r)
{
    int64_t refund;
    struct order *o = orders_of_route(r);
    if (!o)
        return;
    if (!str_to_i64(r->params[1], &refund)) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    struct order_actor actor = orders_actor(r);
    enum order_result result = order_refund_again(r->arena, r->site, o->id, refund, &actor);
    if (result == ORDER_DONE)
        orders_done(r, o, "refund_again", value_object(r->arena));
    else
        refused(r, o, result);
}

// Which lines, and how much of them.
struct wish {
    struct return_line lines[ORDER_LINES_MAX];
    struct order_return what;
};

static bool is_chosen(const struct value *asked, struct str id)
{
    for (size_t i = 0; i < value_count(asked); i++)
        if (str_eq(value_get_str(value_at(asked, i), KEY(key)), id))
            return true;
    return false;
}

// Those that were ticked; all that can be when nothing was.
static void read_lines(struct request *r, const struct order *o, struct wish *w)
{
    const struct value *asked = value_get(r->form, KEY(lines));
    w->what.count = 0;
    w->what.lines = w->lines;
    for (int i = 0; i < o->count; i++) {
        const struct order_line *l = &o->lines[i];
        bool wanted = !value_count(asked) || is_chosen(asked, str_of_i64(r->arena, l->id));
        if (order_line_returns(l) && wanted)
            w->lines[w->what.count++] = (struct return_line){l->id, RETURN_ALL_PPM};
    }
}

static struct value *lines_view(struct request *r, const struct order *o, const struct wish *w)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    for (int i = 0; i < o->count; i++) {
        const struct order_line *l = &o->lines[i];
        bool chosen = false;
        for (int k = 0; k < w->what.count; k++)
            chosen |= w->lines[k].line == l->id;
        if (!order_line_returns(l))
            continue;
        struct value *v = value_append_object(a, list);
        value_set_str(a, v, KEY(id), str_of_i64(a, l->id));
        value_set_str(a, v, KEY(title), l->title);
        value_set(a, v, KEY(when), orders_time(r, l->starts_us));
        value_set_str(a, v, KEY(rate), l->rate_name);
        value_set_int(a, v, KEY(quantity), l->quantity);
        value_set(a, v, KEY(total), orders_money(r, l->total_minor));
        value_set_bool(a, v, KEY(chosen), chosen);
    }
    return list;
}

static struct value *quote_view(
    struct request *r, const struct order *o, const struct order_quote *quote)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a), *ways = value_list(a);
    for (int i = 0; i < quote->way_count; i++) {
        struct value *way = value_append_object(a, ways);
        value_set_str(a, way, KEY(way), orders_way(r->arena, r->words, quote->ways[i].provider));
        value_set(a, way, KEY(amount), orders_money(r, quote->ways[i].amount_minor));
    }
    value_set(a, v, KEY(ways), ways);
    value_set_int(a, v, KEY(version), o->version);
    value_set(a, v, KEY(back), orders_money(r, quote->back_minor));
    value_set_bool(a, v, KEY(pays), quote->back_minor > 0);
    value_set(a, v, KEY(waived), quote->waived_minor ? orders_money(r, quote->waived_minor) : NULL);
    value_set(a, v, KEY(kept), quote->kept_minor ? orders_money(r, quote->kept_minor) : NULL);
    value_set(a, v, KEY(most), orders_money(r, quote->most_minor));
    return v;
}

static struct value *back_options(struct request *r, struct str chosen)
{
    static const char *const values[] = {"all", "none", "amount"};
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    for (size_t i = 0; i < 3; i++) {
        struct value *v = value_append_object(a, list);
        struct str key = str_join(a, STR("office.order.back."), str_of(values[i]), STR_NULL);
        value_set_str(a, v, KEY(value), str_of(values[i]));
        value_set_str(a, v, KEY(label), message(a, r->words, key, NULL));
        value_set_bool(a, v, KEY(chosen), str_is(chosen, values[i]));
        value_set_bool(a, v, KEY(is_amount), str_is(STR("amount"), values[i]));
    }
    return list;
}

// What the form says of the amount: as the shares have it, nothing, or so much.
static bool read_back(struct request *r, struct wish *w)
{
    struct str back = form_str(r, KEY(back));
    if (str_is(back, "none"))
        w->what.has_amount = true;
    if (!str_is(back, "amount"))
        return true;
    w->what.has_amount = true;
    return read_amount(r, &w->what.amount_minor);
}

static void show_cancel(struct request *r, struct order *o, struct wish *w, int status)
{
    struct arena *a = r->arena;
    struct order_quote quote;
    struct str back = form_str(r, KEY(back));
    bool readable = read_back(r, w);
    enum order_result result = order_quote(a, r->site, o, &w->what, &quote);
    if (result == ORDER_TOO_MUCH && !form_refused(r))
        form_refuse(r, "amount", "too_much_back");
    struct value *view = page_view(r);
    office_object_view(r, view,
        &(struct office_object){message(a, r->words, STR("office.order.cancel_title"), "code",
                                    value_str(a, o->code), NULL),
            "/manage/orders", "office.nav.orders"});
    value_set_str(a, view, KEY(action), request_url(r, orders_path(r, o, "/cancel")));
    value_set_str(a, view, KEY(order_url), request_url(r, orders_path(r, o, "")));
    value_set(a, view, KEY(lines), lines_view(r, o, w));
    value_set(a, view, KEY(backs), back_options(r, back.len ? back : STR("all")));
    value_set(a, view, KEY(quote),
        readable && result == ORDER_DONE && w->what.count ? quote_view(r, o, &quote) : NULL);
    if (status == 409)
        office_notice(r, view, "warning", message(a, r->words, STR("office.order.changed"), NULL));
    if (form_refused(r))
        respond_invalid(r, "office/orders/cancel", view);
    else
        respond_page(r, status, "office/orders/cancel", view);
}

void on_order_cancel_look(struct request *r)
{
    struct order *o = orders_of_route(r);
    struct wish w = {.what = {.actor = orders_actor(r)}};
    if (!o)
        return;
    read_lines(r, o, &w);
    show_cancel(r, o, &w, 200);
}

// What the page showed is an amount of its own: it is given back, or the page comes again.
void on_order_cancel(struct request *r)
{
    struct order_quote quote;
    struct order *o = orders_of_route(r);
    struct wish w = {.what = {.actor = orders_actor(r),
                         .has_amount = true,
                         .amount_minor = form_int(r, KEY(back_minor), -1),
                         .reason = form_str(r, KEY(reason)),
                         .silent = form_bool(r, KEY(silent))}};
    if (!o)
        return;
    read_lines(r, o, &w);
    size_t asked = value_count(value_get(r->form, KEY(lines)));
    if (form_refused(r) || !asked) {
        show_cancel(r, o, &w, 422);
        return;
    }
    if (form_int(r, KEY(version), -1) != o->version || (size_t)w.what.count != asked) {
        refused(r, o, ORDER_CHANGED);
        return;
    }
    struct order_outcome outcome = order_return(r->arena, r->site, o, &w.what, &quote);
    if (outcome.result != ORDER_DONE) {
        refused(r, o, outcome.result == ORDER_TOO_MUCH ? ORDER_CHANGED : outcome.result);
        return;
    }
    struct value *view = value_object(r->arena);
    value_set(r->arena, view, KEY(quote), quote_view(r, o, &quote));
    orders_done(r, o, "cancelled", view);
}
