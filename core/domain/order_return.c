#include "domain/order_return.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/id.h"
#include "data/audit.h"
#include "data/jobs.h"
#include "domain/basket.sql.h"
#include "domain/event.h"
#include "domain/order_return.sql.h"

bool order_line_returns(const struct order_line *l)
{
    return line_takes_capacity(l->state) && line_may_become(l->state, LINE_cancelled) &&
           l->state != LINE_held;
}

static const struct order_line *line_of(const struct order *o, int64_t id)
{
    for (int i = 0; i < o->count; i++)
        if (o->lines[i].id == id)
            return &o->lines[i];
    return NULL;
}

// What is unpaid is let go first; of the rest a share comes back.
static enum order_result add_line(const struct order *o, const struct return_line *asked,
    int64_t *due_left, struct order_quote *quote)
{
    const struct order_line *l = line_of(o, asked->line);
    if (!l)
        return ORDER_NOT_FOUND;
    for (int i = 0; i < quote->line_count; i++)
        if (quote->lines[i].line == asked->line)
            return ORDER_NOT_FOUND;
    if (!order_line_returns(l))
        return ORDER_ALREADY;
    int64_t waived = l->total_minor < *due_left ? l->total_minor : *due_left;
    // What the venue itself cancelled comes back whole, whoever asks first.
    int64_t share = l->slot_cancelled ? RETURN_ALL_PPM : asked->share_ppm;
    int64_t back = money_share(l->total_minor - waived, share);
    *due_left -= waived;
    quote->lines[quote->line_count++] = (struct quote_line){l->id, l->total_minor, back, waived};
    check(money_add(quote->value_minor, l->total_minor, &quote->value_minor));
    check(money_add(quote->back_minor, back, &quote->back_minor));
    quote->waived_minor += waived;
    return ORDER_DONE;
}

static int64_t left_of(const struct order_payment *payments, int count, int at)
{
    const struct order_payment *p = &payments[at];
    int64_t left = p->amount_minor;
    if (p->is_refund || p->state != PAYMENT_CAPTURED)
        return 0;
    for (int i = 0; i < count; i++)
        if (payments[i].refund_of == p->id && payments[i].state != PAYMENT_ABANDONED)
            left -= payments[i].amount_minor;
    return left > 0 ? left : 0;
}

// An amount other than what the shares come to is spread over the lines by what they cost; more
// than they cost is nothing of theirs.
static void spread_amount(struct order_quote *quote, int64_t amount)
{
    int64_t weights[ORDER_LINES_MAX], parts[ORDER_LINES_MAX], all = 0;
    for (int i = 0; i < quote->line_count; i++)
        all += weights[i] = quote->lines[i].value_minor - quote->lines[i].waived_minor;
    quote->back_minor = amount;
    if (all)
        money_split(amount < all ? amount : all, weights, (size_t)quote->line_count, parts);
    for (int i = 0; i < quote->line_count; i++)
        quote->lines[i].back_minor = all ? parts[i] : 0;
}

static enum order_result find_ways(
    const struct order_payment *payments, int count, struct order_quote *quote)
{
    int64_t open = quote->back_minor;
    for (int i = 0; i < count && open && quote->way_count < RETURN_WAYS_MAX; i++) {
        int64_t left = left_of(payments, count, i), part = left < open ? left : open;
        if (!part)
            continue;
        quote->ways[quote->way_count++] =
            (struct quote_way){payments[i].id, part, payments[i].provider};
        open -= part;
    }
    return open ? ORDER_TOO_MUCH : ORDER_DONE;
}

enum order_result order_quote(struct arena *a, const struct site *site, const struct order *o,
    const struct order_return *what, struct order_quote *quote)
{
    struct order_payment *payments;
    enum order_result result = ORDER_DONE;
    int64_t due_left = o->due_minor;
    *quote = (struct order_quote){.value_minor = 0};
    if (!o->placed_us)
        return ORDER_NOT_FOUND;
    if (!what->count && (!what->has_amount || what->amount_minor <= 0))
        return ORDER_EMPTY;
    for (int i = 0; i < what->count && result == ORDER_DONE; i++)
        result = add_line(o, &what->lines[i], &due_left, quote);
    if (result != ORDER_DONE)
        return result;
    int count = order_payments(a, site, o->id, &payments, &result);
    for (int i = 0; i < count; i++)
        quote->most_minor += left_of(payments, count, i);
    if (what->has_amount && (what->amount_minor < 0 || what->amount_minor > quote->most_minor))
        return ORDER_TOO_MUCH;
    // What was given back before, out of kindness, isn't given back once more.
    if (what->has_amount || quote->back_minor > quote->most_minor)
        spread_amount(quote, what->has_amount ? what->amount_minor : quote->most_minor);
    // Nor is it kept.
    int64_t kept = quote->value_minor - quote->waived_minor - quote->back_minor;
    int64_t left = quote->most_minor - quote->back_minor;
    kept = kept < left ? kept : left;
    quote->kept_minor = kept > 0 ? kept : 0;
    return result == ORDER_DONE ? find_ways(payments, count, quote) : result;
}

// The unit under way.
struct giving {
    struct arena *a;
    struct unit *u;
    const struct site *site;
    const struct order *o;
    const struct order_return *what;
    const struct order_quote *quote;
    struct str tenant, order, now;
    int64_t now_us;
};

// In the order of a sale: the order, its lines, their slots.
static void add_cancelling(struct giving *g)
{
    int64_t lines[ORDER_LINES_MAX], returned[ORDER_LINES_MAX], slots[ORDER_LINES_MAX];
    int64_t quantities[ORDER_LINES_MAX];
    size_t count = (size_t)g->quote->line_count;
    for (size_t i = 0; i < count; i++) {
        const struct quote_line *q = &g->quote->lines[i];
        const struct order_line *l = line_of(g->o, q->line);
        lines[i] = q->line;
        returned[i] = q->back_minor + q->waived_minor;
        slots[i] = l->slot;
        quantities[i] = l->quantity;
    }
    struct str ids = db_i64_array(g->a, lines, count), of = db_i64_array(g->a, slots, count);
    unit_add(g->u, &SQL_return_lines, g->tenant, g->order, ids, db_i64_array(g->a, returned, count),
        g->now, g->what->actor.kind, g->what->reason);
    unit_add(g->u, &SQL_basket_lock_slots, g->tenant, of);
    unit_add(g->u, &SQL_return_places, g->tenant, of, db_i64_array(g->a, quantities, count));
    unit_add(g->u, &SQL_basket_give_back, g->tenant, ids);
    unit_add(g->u, &SQL_return_tickets, g->tenant, ids);
}

static void add_refund_job(struct unit *u, int64_t order, int64_t refund, int64_t now_us)
{
    struct arena *a = unit_arena(u);
    struct value *payload = value_object(a);
    value_set_str(a, payload, KEY(refund), str_of_i64(a, refund));
    value_set_str(a, payload, KEY(order_id), str_of_i64(a, order));
    job_add(u, STR("payment.refund"), payload, now_us, STR_NULL);
}

static void add_refunds(struct giving *g)
{
    int64_t payments[RETURN_WAYS_MAX];
    size_t count = (size_t)g->quote->way_count;
    for (size_t i = 0; i < count; i++)
        payments[i] = g->quote->ways[i].payment;
    if (count)
        unit_add(g->u, &SQL_return_lock_payments, g->tenant, db_i64_array(g->a, payments, count));
    for (size_t i = 0; i < count; i++) {
        int64_t refund = id_number();
        unit_add(g->u, &SQL_return_refund, g->tenant, db_i64(g->a, payments[i]),
            db_i64(g->a, refund), db_i64(g->a, g->quote->ways[i].amount_minor), g->now);
        add_refund_job(g->u, g->o->id, refund, g->now_us);
    }
}

// What plugins, the mail and the record are told.
static struct value *news_of(const struct giving *g)
{
    struct arena *a = g->a;
    struct value *v = value_object(a), *lines = value_list(a), *ways = value_list(a);
    value_set_str(a, v, KEY(order_id), str_of_i64(a, g->o->id));
    value_set_str(a, v, KEY(code), g->o->code);
    value_set(a, v, KEY(lines), lines);
    for (int i = 0; i < g->quote->line_count; i++)
        value_append(a, lines, value_str(a, str_of_i64(a, g->quote->lines[i].line)));
    value_set_int(a, v, KEY(back_minor), g->quote->back_minor);
    value_set_int(a, v, KEY(kept_minor), g->quote->kept_minor);
    value_set_int(a, v, KEY(waived_minor), g->quote->waived_minor);
    value_set(a, v, KEY(ways), ways);
    for (int i = 0; i < g->quote->way_count; i++) {
        struct value *way = value_append_object(a, ways);
        value_set_str(a, way, KEY(provider), g->quote->ways[i].provider);
        value_set_int(a, way, KEY(amount_minor), g->quote->ways[i].amount_minor);
    }
    return v;
}

static void add_record(struct giving *g)
{
    struct arena *a = g->a;
    struct value *after = value_object(a), *titles = value_list(a);
    for (int i = 0; i < g->quote->line_count; i++)
        value_append(a, titles, value_str(a, line_of(g->o, g->quote->lines[i].line)->title));
    if (g->quote->line_count)
        value_set(a, after, KEY(cancelled_lines), titles);
    value_set_int(a, after, KEY(back_minor), g->quote->back_minor);
    if (g->quote->kept_minor)
        value_set_int(a, after, KEY(kept_minor), g->quote->kept_minor);
    if (g->quote->waived_minor)
        value_set_int(a, after, KEY(waived_minor), g->quote->waived_minor);
    if (g->what->reason.len)
        value_set_str(a, after, KEY(reason), g->what->reason);
    struct audit audit = {.actor_kind = g->what->actor.kind,
        .actor_id = g->what->actor.id,
        .actor_name = g->what->actor.name,
        .action = g->quote->line_count ? STR("order.cancel") : STR("order.refund"),
        .object_kind = STR("order"),
        .object_id = str_of_i64(a, g->o->id),
        .after = after};
    audit_add(g->u, &audit);
}

static bool nothing_stays(const struct giving *g)
{
    int live = 0;
    for (int i = 0; i < g->o->count; i++)
        live += order_line_returns(&g->o->lines[i]);
    return g->quote->line_count && g->quote->line_count == live;
}

static void add_news(struct giving *g)
{
    struct value *news = news_of(g);
    add_record(g);
    event_add(g->u, nothing_stays(g) ? EVENT_order_cancelled : EVENT_order_changed, g->o->id, news);
    if (g->quote->line_count)
        hook_notify(g->u, g->a, g->site, HOOK_order_cancelled, news);
    if (!g->what->silent)
        job_add(g->u, STR("mail.return"), news, g->now_us, STR_NULL);
}

static struct hook_refusal check_plugins(struct giving *g)
{
    if (!g->quote->line_count || !hook_list(g->site, HOOK_cancel_check)->count)
        return (struct hook_refusal){0};
    struct value *in = order_value(g->a, g->site, g->o), *lines = value_list(g->a);
    const struct value *all = value_get(in, KEY(lines));
    for (size_t i = 0; i < value_count(all); i++)
        for (int q = 0; q < g->quote->line_count; q++)
            if (str_eq(value_get_str(value_at(all, i), KEY(id)),
                    str_of_i64(g->a, g->quote->lines[q].line)))
                value_append(g->a, lines, value_at(all, i));
    value_set(g->a, in, KEY(lines), lines);
    return hook_check(g->u, g->a, g->site, HOOK_cancel_check, in);
}

struct order_outcome order_return(struct arena *a, const struct site *site, const struct order *o,
    const struct order_return *what, struct order_quote *quote)
{
    struct order_outcome outcome = {.result = order_quote(a, site, o, what, quote)};
    if (outcome.result != ORDER_DONE)
        return outcome;
    struct giving g = {.a = a,
        .u = unit_new(a, DB_WRITE, site->tenant),
        .site = site,
        .o = o,
        .what = what,
        .quote = quote,
        .tenant = db_i64(a, site->tenant),
        .order = db_i64(a, o->id),
        .now_us = clock_now_us()};
    g.now = db_time(a, g.now_us);
    unit_route(g.u, (uint64_t)o->id);
    unit_add(g.u, &SQL_return_order, g.tenant, g.order, db_i64(a, o->version),
        db_i64(a, quote->back_minor + quote->waived_minor), db_i64(a, quote->waived_minor));
    outcome.refusal = check_plugins(&g);
    outcome.result = ORDER_REFUSED;
    if (outcome.refusal.code.p || (what->add_guards && !what->add_guards(g.u, what->arg)))
        return outcome;
    if (quote->line_count)
        add_cancelling(&g);
    add_refunds(&g);
    add_news(&g);
    outcome.result = order_result_of(g.u, unit_run(g.u));
    if (outcome.result == ORDER_REFUSED)
        outcome.refusal = hook_guard_refusal(unit_refusal(g.u));
    return outcome;
}

enum order_result order_refund_again(struct arena *a, const struct site *site, int64_t order,
    int64_t refund, const struct order_actor *actor)
{
    int64_t now = clock_now_us();
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_route(u, (uint64_t)order);
    unit_add(u, &SQL_return_again, db_i64(a, site->tenant), db_i64(a, refund), db_i64(a, order),
        db_time(a, now));
    add_refund_job(u, order, refund, now);
    struct audit audit = {.actor_kind = actor->kind,
        .actor_id = actor->id,
        .actor_name = actor->name,
        .action = STR("order.refund_again"),
        .object_kind = STR("order"),
        .object_id = str_of_i64(a, order)};
    audit_add(u, &audit);
    return order_result_of(u, unit_run(u));
}
