#include "domain/order_rebook.h"

#include "base/clock.h"
#include "data/audit.h"
#include "domain/basket.sql.h"
#include "domain/basket_save.h"
#include "domain/event.h"
#include "domain/order_rebook.sql.h"
#include "domain/order_return.h"
#include "domain/order_return.sql.h"

// The unit under way.
struct rebooking {
    struct arena *a;
    struct unit *u;
    const struct order *o;
    const struct order_rebooking *what;
    const struct order_line *lines[ORDER_LINES_MAX]; // as they are, side by side with what->lines
    struct str tenant, order, now;
    bool exclusive;
};

static const struct order_line *line_of(const struct order *o, int64_t id)
{
    for (int i = 0; i < o->count; i++)
        if (o->lines[i].id == id)
            return &o->lines[i];
    return NULL;
}

// To another time, or at the same one to a resource that is asked for.
static bool goes_elsewhere(const struct order_line *l, const struct rebook_line *to)
{
    return l->slot != to->slot || (l->exclusive && to->resource);
}

static bool find_lines(struct rebooking *g)
{
    for (int i = 0; i < g->what->count; i++) {
        const struct order_line *l = line_of(g->o, g->what->lines[i].line);
        if (!l || !order_line_returns(l) || !goes_elsewhere(l, &g->what->lines[i]))
            return false;
        g->lines[i] = l;
        g->exclusive |= l->exclusive;
    }
    return g->what->count > 0;
}

// In the order of a sale: the order, resources, slots.
static void lock(struct rebooking *g)
{
    int64_t slots[ORDER_LINES_MAX * 2], offers[ORDER_LINES_MAX];
    size_t count = 0, exclusive = 0;
    for (int i = 0; i < g->what->count; i++) {
        slots[count++] = g->lines[i]->slot;
        slots[count++] = g->what->lines[i].slot;
        if (g->lines[i]->exclusive)
            offers[exclusive++] = g->lines[i]->offer;
    }
    unit_add(g->u, &SQL_rebook_order, g->tenant, g->order, db_i64(g->a, g->o->version));
    if (exclusive)
        unit_add(
            g->u, &SQL_basket_lock_resources, g->tenant, db_i64_array(g->a, offers, exclusive));
    unit_add(g->u, &SQL_basket_lock_slots, g->tenant, db_i64_array(g->a, slots, count));
}

// What they have is free before they take again: it may be the same court.
static void add_lines(struct rebooking *g)
{
    int64_t ids[ORDER_LINES_MAX], from[ORDER_LINES_MAX], to[ORDER_LINES_MAX];
    int64_t offers[ORDER_LINES_MAX], quantities[ORDER_LINES_MAX];
    size_t count = (size_t)g->what->count;
    for (size_t i = 0; i < count; i++) {
        ids[i] = g->lines[i]->id;
        from[i] = g->lines[i]->slot;
        to[i] = g->what->lines[i].slot;
        offers[i] = g->lines[i]->offer;
        quantities[i] = g->lines[i]->quantity;
    }
    struct str lines = db_i64_array(g->a, ids, count), old = db_i64_array(g->a, from, count);
    struct str new = db_i64_array(g->a, to, count);
    unit_add(g->u, &SQL_rebook_slots, g->tenant, new, db_i64_array(g->a, offers, count), g->now);
    unit_add(g->u, &SQL_basket_give_back, g->tenant, lines);
    unit_add(g->u, &SQL_return_places, g->tenant, old, db_i64_array(g->a, quantities, count));
    for (size_t i = 0; i < count; i++)
        basket_take_slot(g->u, to[i], quantities[i], g->exclusive, g->now);
    unit_add(g->u, &SQL_rebook_lines, g->tenant, g->order, lines, old, new, g->now,
        g->what->actor.kind, g->what->reason);
}

static void choose_places(struct rebooking *g)
{
    for (int i = 0; i < g->what->count; i++) {
        const struct order_line *l = g->lines[i];
        struct str line = db_i64(g->a, l->id), slot = db_i64(g->a, g->what->lines[i].slot);
        struct str quantity = db_i64(g->a, l->quantity);
        if (l->exclusive)
            basket_choose(g->u, l, g->what->lines[i].slot, g->what->lines[i].resource);
        else if (l->numbered) {
            unit_add(g->u, &SQL_rebook_seat, g->tenant, slot, line, quantity);
            unit_add(g->u, &SQL_rebook_tickets, g->tenant, line);
        }
    }
}

static void add_record(struct rebooking *g)
{
    struct arena *a = g->a;
    struct value *after = value_object(a), *titles = value_list(a);
    for (int i = 0; i < g->what->count; i++)
        value_append(a, titles, value_str(a, g->lines[i]->title));
    value_set(a, after, KEY(rebooked_lines), titles);
    if (g->what->reason.len)
        value_set_str(a, after, KEY(reason), g->what->reason);
    struct audit audit = {.actor_kind = g->what->actor.kind,
        .actor_id = g->what->actor.id,
        .actor_name = g->what->actor.name,
        .action = STR("order.rebook"),
        .object_kind = STR("order"),
        .object_id = str_of_i64(a, g->o->id),
        .after = after};
    audit_add(g->u, &audit);
}

static void add_event(struct rebooking *g)
{
    struct value *facts = value_object(g->a), *lines = value_list(g->a);
    for (int i = 0; i < g->what->count; i++)
        value_append(g->a, lines, value_str(g->a, str_of_i64(g->a, g->lines[i]->id)));
    value_set(g->a, facts, KEY(rebooked_lines), lines);
    event_add(g->u, EVENT_order_changed, g->o->id, facts);
}

enum order_result order_rebook(struct arena *a, const struct site *site, const struct order *o,
    const struct order_rebooking *what)
{
    struct rebooking g = {.a = a,
        .u = unit_new(a, DB_WRITE, site->tenant),
        .o = o,
        .what = what,
        .tenant = db_i64(a, site->tenant),
        .order = db_i64(a, o->id),
        .now = db_time(a, clock_now_us())};
    if (!find_lines(&g))
        return ORDER_ALREADY;
    unit_route(g.u, (uint64_t)what->lines[0].slot);
    lock(&g);
    add_lines(&g);
    choose_places(&g);
    add_record(&g);
    add_event(&g);
    if (!what->add(g.u, what->arg))
        return ORDER_UNAVAILABLE;
    return order_result_of(g.u, unit_run(g.u));
}
