#include "base/check.h"
#include "base/clock.h"
#include "web/picture.h"
#include "web/storefront/common.h"
#include "web/storefront/sale.h"
#include "web/storefront/when.h"

struct value *sale_money(struct request *r, int64_t minor)
{
    return format_money_value(r->arena, r->format, minor, r->site->currency);
}

struct value *sale_when_view(struct request *r, int64_t at_us)
{
    return when_value(r, clock_now_us(), at_us, WHEN_FULL);
}

struct str sale_duration(struct request *r, const struct order_line *l)
{
    return format_duration(r->arena, r->format, (l->ends_us - l->starts_us) / (60 * US_PER_SECOND));
}

static struct str line_url(struct request *r, const struct order_line *l, const char *end)
{
    return request_url(r, str_join(r->arena, STR("/basket/lines/"), str_of_i64(r->arena, l->id),
                              str_of(end), STR_NULL));
}

// Why a line of the basket isn't held any more, as the page's words know it.
static struct str lost_reason(const struct order_line *l)
{
    if (l->sale == LINE_GONE)
        return STR("gone");
    if (l->sale == LINE_CLOSED)
        return STR("closed");
    return l->slot_left < l->quantity ? STR("sold_out") : STR("taken");
}

// Offers without a picture of their own show their venue's.
static struct str line_picture(struct request *r, struct str image)
{
    struct str url = picture_url(r, image, PICTURE_SMALL);
    return url.p ? url : common_picture(r, image);
}

// Why it costs what it costs, where a discount says so.
static void add_reasons(struct request *r, struct value *line, const struct order_line *l)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    value_set(a, line, KEY(reasons), list);
    for (size_t i = 0; i < value_count(l->discounts); i++) {
        const struct value *d = value_at(l->discounts, i);
        if (!value_get_str(d, KEY(why)).len)
            continue;
        struct value *v = value_append_object(a, list);
        value_set_str(a, v, KEY(label), value_get_str(d, KEY(label)));
        value_set_str(a, v, KEY(why), value_get_str(d, KEY(why)));
        value_set(a, v, KEY(amount), sale_money(r, value_get_int(d, KEY(minor), 0)));
    }
}

static struct value *line_view(struct request *r, const struct order *o, const struct order_line *l)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a), *rate = value_object(a);
    value_set_str(a, v, KEY(id), str_of_i64(a, l->id));
    value_set_str(a, v, KEY(title), l->title);
    value_set_str(a, v, KEY(offer_url),
        request_url(r, str_join(a, STR("/offers/"), l->offer_slug, STR_NULL)));
    value_set_str(a, v, KEY(image_url), line_picture(r, l->image));
    value_set(a, v, KEY(when), sale_when_view(r, l->starts_us));
    value_set(a, v, KEY(moved_from), l->moved_from_us ? sale_when_view(r, l->moved_from_us) : NULL);
    value_set_str(a, v, KEY(ends_at), instant_text(a, r->site->zone, l->ends_us));
    value_set_str(a, v, KEY(duration), sale_duration(r, l));
    value_set_str(a, v, KEY(place), l->place);
    value_set(a, v, KEY(rate), rate);
    value_set_str(a, rate, KEY(code), l->rate_code);
    value_set_str(a, rate, KEY(name), l->rate_name);
    value_set_str(a, v, KEY(state), line_state_name(l->state));
    value_set_int(a, v, KEY(quantity), l->quantity);
    value_set(a, v, KEY(unit_price), sale_money(r, l->unit_minor));
    value_set(a, v, KEY(total), sale_money(r, l->unit_minor * l->quantity));
    add_reasons(r, v, l);
    if (o->placed_us) {
        value_set_bool(a, v, KEY(cancelled), l->state == LINE_cancelled);
        value_set(a, v, KEY(returned), l->returned_minor ? sale_money(r, l->returned_minor) : NULL);
        return v;
    }
    value_set_int(a, v, KEY(min), l->min);
    value_set_int(a, v, KEY(max), l->max);
    value_set_str(a, v, KEY(update_url), line_url(r, l, ""));
    value_set_str(a, v, KEY(remove_url), line_url(r, l, "/remove"));
    value_set_str(a, v, KEY(lost), l->wanted ? STR_NULL : lost_reason(l));
    return v;
}

// Of an order, what was cancelled since stands in the receipt; what came back stands below.
static bool is_counted(const struct order *o, const struct order_line *l)
{
    return l->wanted || (o->placed_us && l->cancelled_us);
}

// Discounts of the same source and code stand as one row.
static void add_discount(struct request *r, struct value *list, const struct value *d)
{
    struct arena *a = r->arena;
    struct str code = value_get_str(d, KEY(code)), label = value_get_str(d, KEY(label));
    int64_t minor = value_get_int(d, KEY(minor), 0);
    for (size_t i = 0; i < value_count(list); i++) {
        struct value *row = value_at(list, i);
        if (!str_eq(value_get_str(row, KEY(label)), label))
            continue;
        minor += value_get_int(value_get(row, KEY(amount)), KEY(minor), 0);
        value_set(a, row, KEY(amount), sale_money(r, minor));
        return;
    }
    struct value *row = value_append_object(a, list);
    value_set_str(a, row, KEY(code), code);
    value_set_str(a, row, KEY(label), label);
    value_set(a, row, KEY(amount), sale_money(r, minor));
}

struct tax_row {
    int64_t ppm, minor;
    bool included;
    struct str name;
};

static struct str tax_label(struct request *r, const struct tax_row *t)
{
    return message(r->arena, r->words,
        t->included ? STR("storefront.tax.included") : STR("storefront.tax.added"), "name",
        value_str(r->arena, t->name), "rate",
        value_str(r->arena, format_percent(r->arena, r->format, t->ppm)), NULL);
}

static void add_taxes(struct request *r, struct value *view, const struct order *o)
{
    struct arena *a = r->arena;
    struct tax_row rows[ORDER_LINES_MAX];
    int count = 0;
    for (int i = 0; i < o->count; i++) {
        const struct order_line *l = &o->lines[i];
        int at = 0;
        if (!is_counted(o, l) || !l->tax_minor)
            continue;
        while (at < count && (rows[at].ppm != l->tax_ppm || rows[at].included != l->tax_included))
            at++;
        if (at == count)
            rows[count++] = (struct tax_row){l->tax_ppm, 0, l->tax_included, l->tax_name};
        rows[at].minor += l->tax_minor;
    }
    struct value *included = value_list(a), *added = value_list(a);
    value_set(a, view, KEY(included_taxes), included);
    value_set(a, view, KEY(added_taxes), added);
    for (int i = 0; i < count; i++) {
        struct value *row = value_append_object(a, rows[i].included ? included : added);
        value_set_str(a, row, KEY(label), tax_label(r, &rows[i]));
        value_set(a, row, KEY(amount), sale_money(r, rows[i].minor));
    }
}

// What somebody else took over since is still in the basket's stored total.
static int64_t wanted_total(const struct order *o)
{
    int64_t total = 0;
    for (int i = 0; i < o->count; i++)
        if (o->lines[i].wanted)
            check(money_add(total, o->lines[i].total_minor, &total));
    return total;
}

struct value *sale_order_view(struct request *r, const struct order *o)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a), *lines = value_list(a), *discounts = value_list(a);
    value_set_str(a, v, KEY(code), o->code);
    value_set_str(a, v, KEY(state), str_of(sale_order_state(o)));
    value_set(a, v, KEY(lines), lines);
    value_set(a, v, KEY(discounts), discounts);
    for (int i = 0; i < o->count; i++) {
        const struct order_line *l = &o->lines[i];
        value_append(a, lines, line_view(r, o, l));
        for (size_t d = 0; is_counted(o, l) && d < value_count(l->discounts); d++)
            add_discount(r, discounts, value_at(l->discounts, d));
    }
    add_taxes(r, v, o);
    value_set(a, v, KEY(total), sale_money(r, o->placed_us ? o->total_minor : wanted_total(o)));
    value_set(a, v, KEY(returned), o->returned_minor ? sale_money(r, o->returned_minor) : NULL);
    if (!o->placed_us)
        value_set_int(a, v, KEY(version), o->version);
    return v;
}

static struct str payment_name(struct request *r, struct str plugin)
{
    struct str key = str_join(r->arena, STR("x."), plugin, STR(".tender"), STR_NULL);
    return message(r->arena, r->words, key, NULL);
}

static struct str payment_words(const struct order_payment *p)
{
    if (!p->is_refund)
        return STR("storefront.order.paid");
    return p->state == PAYMENT_CAPTURED ? STR("storefront.order.refunded")
                                        : STR("storefront.order.refunding");
}

bool sale_add_payments(struct request *r, const struct order *o, struct value *view)
{
    struct arena *a = r->arena;
    struct order_payment *payments;
    enum order_result result;
    int count = order_payments(a, r->site, o->id, &payments, &result);
    struct value *list = value_list(a);
    for (int i = 0; i < count; i++) {
        const struct order_payment *p = &payments[i];
        if (p->state != PAYMENT_CAPTURED && !p->is_refund)
            continue;
        struct value *v = value_append_object(a, list);
        struct date day = zone_date(r->site->zone, p->changed_us);
        value_set_str(a, v, KEY(name), payment_name(r, p->provider));
        value_set_str(a, v, KEY(text),
            message(a, r->words, payment_words(p), "amount", sale_money(r, p->amount_minor), "date",
                value_str(a, format_date(a, r->format, day, FORMAT_DATE_LONG)), NULL));
    }
    value_set(a, view, KEY(payments), list);
    return result == ORDER_DONE;
}

struct value *sale_hold_view(struct request *r, const struct order *o, const char *next)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    int64_t now = clock_now_us(), left = (o->hold_until_us - now) / US_PER_SECOND;
    bool expired = basket_is_expired(o, now) || order_has_lost(o);
    value_set(a, v, KEY(until), sale_when_view(r, o->hold_until_us));
    value_set_int(a, v, KEY(seconds_left), left > 0 ? left : 0);
    value_set_bool(a, v, KEY(expired), expired);
    value_set_str(a, v, KEY(extend_url),
        basket_can_extend(o) ? request_url(r, STR("/basket/extend")) : STR_NULL);
    value_set_str(a, v, KEY(renew_url), request_url(r, STR("/basket/renew")));
    value_set_str(a, v, KEY(next), str_of(next));
    return v;
}

struct value *sale_steps_view(struct request *r, const char *current, bool to_pay)
{
    static const struct {
        const char *name, *path;
    } steps[] = {{"basket", "/basket"}, {"details", "/checkout"}, {"pay", "/checkout/pay"}};
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    bool done = true;
    for (int i = 0; i < (to_pay ? 3 : 2); i++) {
        struct value *v = value_append_object(a, list);
        bool now = str_is(str_of(steps[i].name), current);
        done = done && !now;
        value_set_str(a, v, KEY(name), str_of(steps[i].name));
        value_set_bool(a, v, KEY(current), now);
        value_set_str(a, v, KEY(state), now ? STR("current") : done ? STR("done") : STR("todo"));
        value_set_str(a, v, KEY(step_url), done ? request_url(r, str_of(steps[i].path)) : STR_NULL);
    }
    return list;
}

const char *sale_order_state(const struct order *o)
{
    static const struct {
        enum line_state state;
        const char *name;
    } order[] = {{LINE_paying, "paying"}, {LINE_held, "held"}, {LINE_reserved, "reserved"},
        {LINE_confirmed, "confirmed"}, {LINE_option, "option"}, {LINE_expired, "expired"},
        {LINE_released, "released"}};
    for (size_t s = 0; s < sizeof order / sizeof *order; s++)
        for (int i = 0; i < o->count; i++)
            if (o->lines[i].state == order[s].state)
                return order[s].name;
    return "cancelled";
}
