#include "domain/price.h"

#include "base/check.h"

// What one plugin said of one line: discounts are below zero and named.
static int64_t take_discounts(
    struct arena *a, struct order_line *l, const struct value *said, int64_t net)
{
    const struct value *discounts = value_get(said, KEY(discounts));
    for (size_t i = 0; i < value_count(discounts); i++) {
        struct value *d = value_at(discounts, i);
        int64_t minor = value_get_int(d, KEY(minor), 0);
        if (minor >= 0)
            continue;
        if (minor < -net)
            minor = -net;
        net += minor;
        value_set_int(a, d, KEY(minor), minor);
        value_append(a, l->discounts, d);
    }
    return net;
}

// What is left of each price by now; a plugin adds its own discounts to none.
static void add_current_net(struct arena *a, struct value *lines, struct order *o, int64_t *net)
{
    size_t at = 0;
    for (int i = 0; i < o->count; i++) {
        if (!o->lines[i].wanted)
            continue;
        struct value *line = value_at(lines, at++);
        value_set_int(a, line, KEY(net_minor), net[i]);
        value_set(a, line, KEY(discounts), value_list(a));
    }
}

static void run_phase(
    struct arena *a, const struct site *site, enum hook hook, struct order *o, int64_t *net)
{
    if (!hook_list(site, hook)->count)
        return;
    struct value *in = order_value(a, site, o);
    add_current_net(a, value_get(in, KEY(lines)), o, net);
    const struct value *out = value_get(hook_filter(a, site, hook, in), KEY(lines));
    size_t at = 0;
    for (int i = 0; i < o->count; i++)
        if (o->lines[i].wanted)
            net[i] = take_discounts(a, &o->lines[i], value_at(out, at++), net[i]);
}

static void tax_line(struct order_line *l, int64_t net)
{
    if (l->tax_included) {
        l->tax_minor = money_tax_included(net, l->tax_ppm);
        l->total_minor = net;
    } else {
        l->tax_minor = money_share(net, l->tax_ppm);
        check(money_add(net, l->tax_minor, &l->total_minor));
    }
}

void price_order(struct arena *a, const struct site *site, struct order *o)
{
    int64_t *net = arena_new_array(a, int64_t, (size_t)o->count + 1);
    for (int i = 0; i < o->count; i++) {
        struct order_line *l = &o->lines[i];
        l->discounts = value_list(a);
        // Quantities and prices are limited, so the product always fits.
        check(money_multiply(l->unit_minor, l->quantity, &net[i]));
    }
    run_phase(a, site, HOOK_price_member, o, net);
    run_phase(a, site, HOOK_price_coupon, o, net);
    o->total_minor = o->tax_minor = 0;
    for (int i = 0; i < o->count; i++) {
        if (!o->lines[i].wanted)
            continue;
        tax_line(&o->lines[i], net[i]);
        check(money_add(o->total_minor, o->lines[i].total_minor, &o->total_minor));
        check(money_add(o->tax_minor, o->lines[i].tax_minor, &o->tax_minor));
    }
}

static bool may_differ(const struct site *site, const struct order *o)
{
    if (hook_list(site, HOOK_price_member)->count || hook_list(site, HOOK_price_coupon)->count)
        return true;
    for (int i = 0; i < o->count; i++)
        if (o->lines[i].wanted && value_count(o->lines[i].discounts))
            return true;
    return false;
}

bool price_holds(struct arena *a, const struct site *site, const struct order *o)
{
    if (!may_differ(site, o))
        return true;
    struct order now = *o;
    now.lines = arena_new_array(a, struct order_line, (size_t)o->count + 1);
    memcpy(now.lines, o->lines, (size_t)o->count * sizeof *now.lines);
    price_order(a, site, &now);
    for (int i = 0; i < o->count; i++)
        if (o->lines[i].wanted && now.lines[i].total_minor != o->lines[i].total_minor)
            return false;
    return true;
}
