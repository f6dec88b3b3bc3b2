#include "domain/slot_outage.h"

#include "base/clock.h"
#include "base/id.h"
#include "data/jobs.h"
#include "domain/event.h"
#include "domain/opening_edit.h"
#include "domain/opening_edit.sql.h"
#include "domain/schedule.sql.h"
#include "domain/schedule_edit.h"
#include "domain/slot_change.sql.h"
#include "domain/slot_change_job.h"
#include "domain/slot_outage.sql.h"

enum { USES_MAX = 20000 };

// One outage under way: what was read, and what is to be done about it.
struct outage {
    struct arena *a;
    const struct site *site;
    const struct slot_outage *what;
    const struct schedule_facts *f;
    const struct rows *resources;
    struct outage_use *all; // of all resources
    int all_count;
    struct outage_look look;
    const struct rows *lines; // of slots that need the resource
    int64_t number;           // of the change
    struct closure closure;
};

static int resource_row(const struct outage *g, int64_t resource)
{
    for (int i = 0; i < g->resources->count; i++)
        if (rows_i64(g->resources, i, KEY(resource_id)) == resource)
            return i;
    return -1;
}

static void take_uses(struct outage *g, const struct rows *r)
{
    g->all = arena_new_array(g->a, struct outage_use, (size_t)r->count + 1);
    g->all_count = r->count;
    for (int i = 0; i < r->count; i++)
        g->all[i] = (struct outage_use){.allocation = rows_i64(r, i, KEY(allocation_id)),
            .slot = rows_i64(r, i, KEY(slot_id)),
            .line = rows_i64_or(r, i, KEY(line_id), 0),
            .order = rows_i64_or(r, i, KEY(order_id), 0),
            .offer = rows_i64(r, i, KEY(offer_id)),
            .resource = rows_i64(r, i, KEY(resource_id)),
            .from_us = rows_us(r, i, KEY(from_at)),
            .to_us = rows_us(r, i, KEY(to_at)),
            .starts_us = rows_us(r, i, KEY(starts_at)),
            .places = rows_i64(r, i, KEY(places)),
            .code = rows_str(r, i, KEY(code)),
            .name = rows_str(r, i, KEY(name)),
            .title = rows_json(g->a, r, i, KEY(title)),
            .exclusive = rows_bool(r, i, KEY(exclusive)),
            .basket = !rows_is_null(r, i, KEY(line_id)) && rows_bool(r, i, KEY(basket))};
}

static bool is_closed(const struct outage *g, int64_t resource, const struct outage_use *u)
{
    for (int i = 0; i < g->f->opening.closure_count; i++) {
        const struct closure *c = &g->f->opening.closures[i];
        if (c->resource == resource && c->from_us < u->to_us && c->to_us > u->from_us)
            return true;
    }
    return false;
}

// Whether nobody has it then: as it is, and of those that have just been given another one.
static bool is_free(const struct outage *g, int64_t resource, const struct outage_use *u)
{
    for (int i = 0; i < g->all_count; i++) {
        const struct outage_use *other = &g->all[i];
        if (other->resource == resource && other->from_us < u->to_us && other->to_us > u->from_us)
            return false;
    }
    for (int i = 0; i < g->look.count; i++) {
        const struct outage_use *other = &g->look.uses[i];
        if (other->instead == resource && other->from_us < u->to_us && other->to_us > u->from_us)
            return false;
    }
    return !is_closed(g, resource, u);
}

static bool is_of_offer(const struct schedule_offer *o, int64_t resource)
{
    for (int i = 0; i < o->resource_count; i++)
        if (o->resources[i] == resource)
            return true;
    return false;
}

// A booking may have any of the offer's own; who needs all of them gets one like it.
static bool may_have(const struct outage *g, const struct outage_use *u, int row)
{
    const struct schedule_offer *o = schedule_offer_of(g->f, u->offer);
    int64_t resource = rows_i64(g->resources, row, KEY(resource_id));
    bool own = o && is_of_offer(o, resource);
    if (u->exclusive)
        return own;
    int out = resource_row(g, g->what->resource);
    return !own &&
           str_eq(rows_str(g->resources, row, KEY(kind)), rows_str(g->resources, out, KEY(kind)));
}

static void place(struct outage *g, struct outage_use *u)
{
    for (int i = 0; i < g->resources->count && !u->instead; i++) {
        int64_t resource = rows_i64(g->resources, i, KEY(resource_id));
        if (resource == g->what->resource || !may_have(g, u, i) || !is_free(g, resource, u))
            continue;
        u->instead = resource;
        u->instead_name = rows_str(g->resources, i, KEY(name));
    }
    g->look.placed += u->instead != 0;
    g->look.lost += !u->instead;
}

// What has begun goes on.
static bool is_concerned(const struct outage *g, const struct outage_use *u)
{
    return u->resource == g->what->resource && u->from_us < g->what->to_us &&
           u->to_us > g->what->from_us && u->starts_us > g->f->now_us;
}

static enum schedule_result find_places(struct outage *g)
{
    g->look =
        (struct outage_look){.uses = arena_new_array(g->a, struct outage_use, OUTAGE_USES_MAX)};
    for (int i = 0; i < g->all_count; i++) {
        if (!is_concerned(g, &g->all[i]))
            continue;
        if (g->look.count == OUTAGE_USES_MAX)
            return SCHEDULE_TOO_MANY;
        g->look.uses[g->look.count] = g->all[i];
        place(g, &g->look.uses[g->look.count]);
        g->look.count++;
    }
    return SCHEDULE_DONE;
}

static bool read_lines(struct outage *g)
{
    int64_t *slots = arena_new_array(g->a, int64_t, (size_t)g->look.count + 1);
    size_t count = 0;
    for (int i = 0; i < g->look.count; i++)
        if (!g->look.uses[i].line)
            slots[count++] = g->look.uses[i].slot;
    struct unit *u = unit_new(g->a, DB_READ, g->site->tenant);
    int place = unit_add(
        u, &SQL_outage_lines, db_i64(g->a, g->site->tenant), db_i64_array(g->a, slots, count));
    if (unit_run(u) != DB_OK)
        return false;
    g->lines = unit_rows(u, place);
    return true;
}

static enum schedule_result read_all(struct outage *g)
{
    struct str tenant = db_i64(g->a, g->site->tenant);
    struct unit *u = unit_new(g->a, DB_READ, g->site->tenant);
    int resources = unit_add(u, &SQL_outage_resources, tenant);
    int uses = unit_add(u, &SQL_outage_uses, tenant, db_time(g->a, g->what->from_us),
        db_time(g->a, g->what->to_us), db_time(g->a, g->f->now_us));
    if (unit_run(u) != DB_OK)
        return SCHEDULE_UNAVAILABLE;
    g->resources = unit_rows(u, resources);
    if (resource_row(g, g->what->resource) < 0)
        return SCHEDULE_NOT_FOUND;
    if (unit_rows(u, uses)->count == USES_MAX)
        return SCHEDULE_TOO_MANY;
    take_uses(g, unit_rows(u, uses));
    enum schedule_result result = find_places(g);
    if (result == SCHEDULE_DONE && !read_lines(g))
        return SCHEDULE_UNAVAILABLE;
    return result;
}

enum schedule_result slot_outage_look(struct arena *a, const struct site *site,
    const struct slot_outage *what, struct outage_look *look)
{
    struct outage g = {.a = a, .site = site, .what = what};
    g.f = schedule_read(a, site, 0, clock_now_us());
    if (!g.f)
        return SCHEDULE_UNAVAILABLE;
    enum schedule_result result = read_all(&g);
    *look = g.look;
    return result;
}

// Its other resources, and the one that it gets.
static struct str resources_with(
    const struct outage *g, const struct schedule_offer *o, const struct outage_use *u)
{
    int64_t *ids = arena_new_array(g->a, int64_t, (size_t)o->resource_count + 1);
    size_t count = 0;
    for (int i = 0; i < o->resource_count; i++)
        if (o->resources[i] != g->what->resource)
            ids[count++] = o->resources[i];
    ids[count++] = u->instead;
    return db_i64_array(g->a, ids, count);
}

// What is planned for the slots takes it into account: those with another room are judged by that
// one, those without are gone.
static void tell_slot(
    const struct outage *g, const struct schedule_facts *f, struct schedule_slot *slot)
{
    for (int i = 0; i < g->look.count; i++) {
        const struct outage_use *u = &g->look.uses[i];
        const struct schedule_offer *o = schedule_offer_of(f, slot->offer);
        if (u->line || u->slot != slot->id || !o)
            continue;
        if (!u->instead)
            slot->state = SLOT_CANCELLED;
        slot->rule = 0;
        slot->resources = u->instead ? resources_with(g, o, u) : STR_NULL;
    }
}

// What had the resource has another one, or none.
static void tell_uses(const struct outage *g, struct schedule_facts *f)
{
    size_t room = (size_t)(f->use_count + g->look.count) + 1;
    struct schedule_use *uses = arena_new_array(g->a, struct schedule_use, room);
    int count = 0;
    for (int i = 0; i < f->use_count; i++)
        if (f->uses[i].resource != g->what->resource || f->uses[i].to_us <= g->what->from_us ||
            f->uses[i].from_us >= g->what->to_us)
            uses[count++] = f->uses[i];
    for (int i = 0; i < g->look.count; i++) {
        const struct outage_use *u = &g->look.uses[i];
        if (u->instead)
            uses[count++] = (struct schedule_use){.resource = u->instead,
                .offer = u->offer,
                .slot = u->line ? 0 : u->slot,
                .from_us = u->from_us,
                .to_us = u->to_us};
    }
    f->uses = uses;
    f->use_count = count;
}

static enum schedule_result apply(struct schedule_edit *e, struct schedule_facts *f)
{
    struct outage *g = e->arg;
    g->f = f;
    enum schedule_result result = read_all(g);
    if (result != SCHEDULE_DONE)
        return result;
    g->closure.resource_name =
        rows_str(g->resources, resource_row(g, g->what->resource), KEY(name));
    f->opening.closures[f->opening.closure_count++] = g->closure;
    for (int i = 0; i < f->slot_count; i++)
        tell_slot(g, f, &f->slots[i]);
    tell_uses(g, f);
    e->audit.after = opening_closure_value(e->a, &g->closure);
    return SCHEDULE_DONE;
}

// Numbers of the uses that `want` chooses.
struct chosen {
    int64_t *allocations, *instead, *slots, *lines;
    size_t count;
};
typedef bool (*choose_use)(const struct outage_use *u);

static bool is_placed(const struct outage_use *u)
{
    return u->instead != 0;
}

static bool is_placed_slot(const struct outage_use *u)
{
    return u->instead && !u->line;
}

static bool is_lost_slot(const struct outage_use *u)
{
    return !u->instead && !u->line;
}

static bool is_lost_hold(const struct outage_use *u)
{
    return !u->instead && u->basket;
}

static struct chosen choose(const struct outage *g, choose_use want)
{
    size_t room = (size_t)g->look.count + 1;
    struct chosen c = {arena_new_array(g->a, int64_t, room), arena_new_array(g->a, int64_t, room),
        arena_new_array(g->a, int64_t, room), arena_new_array(g->a, int64_t, room), 0};
    for (int i = 0; i < g->look.count; i++) {
        const struct outage_use *u = &g->look.uses[i];
        if (!want(u))
            continue;
        c.allocations[c.count] = u->allocation;
        c.instead[c.count] = u->instead;
        c.slots[c.count] = u->slot;
        c.lines[c.count++] = u->line;
    }
    return c;
}

static bool any_use(const struct outage_use *u)
{
    return u->slot != 0;
}

// Adds a line to what becomes of its order: [{order_id, placed, lost}].
static void add_line(
    struct arena *a, struct value *orders, int64_t order, int64_t line, bool placed)
{
    struct value *v = NULL;
    for (size_t i = 0; i < value_count(orders) && !v; i++)
        if (value_get_int(value_at(orders, i), KEY(order_id), 0) == order)
            v = value_at(orders, i);
    if (!v) {
        v = value_append_object(a, orders);
        value_set_int(a, v, KEY(order_id), order);
        value_set(a, v, KEY(placed), value_list(a));
        value_set(a, v, KEY(lost), value_list(a));
    }
    value_append(a, value_get(v, placed ? KEY(placed) : KEY(lost)), value_int(a, line));
}

static struct value *orders_of(const struct outage *g)
{
    struct value *orders = value_list(g->a);
    for (int i = 0; i < g->look.count; i++) {
        const struct outage_use *u = &g->look.uses[i];
        if (u->line && !u->basket)
            add_line(g->a, orders, u->order, u->line, u->instead != 0);
        for (int k = 0; !u->line && k < g->lines->count; k++)
            if (rows_i64(g->lines, k, KEY(slot_id)) == u->slot)
                add_line(g->a, orders, rows_i64(g->lines, k, KEY(order_id)),
                    rows_i64(g->lines, k, KEY(line_id)), u->instead != 0);
    }
    return orders;
}

// Who loses something has a row for that; what else they have is told by a mail of its own.
static void add_rows(const struct outage *g, struct slot_change *c)
{
    struct arena *a = g->a;
    struct value *orders = orders_of(g), *rows = value_list(a);
    for (size_t i = 0; i < value_count(orders); i++) {
        const struct value *o = value_at(orders, i);
        bool lost = value_count(value_get(o, KEY(lost))) > 0;
        struct value *row = value_append_object(a, rows);
        int64_t order = value_get_int(o, KEY(order_id), 0);
        value_set_int(a, row, KEY(order_id), order);
        if (value_count(value_get(o, KEY(placed))))
            event_add(c->u, EVENT_order_changed, order, NULL);
        value_set(a, row, KEY(lines), value_get(o, lost ? KEY(lost) : KEY(placed)));
        value_set_str(a, row, KEY(remedy), lost ? STR("refund") : STR("place"));
        value_set_str(
            a, row, KEY(state), lost && !g->what->refunds ? STR("failed") : STR("waiting"));
        value_set_str(a, row, KEY(code), lost && !g->what->refunds ? STR("no_place") : STR_NULL);
        if (!lost || !value_count(value_get(o, KEY(placed))))
            continue;
        struct value *payload = value_object(a);
        value_set_str(a, payload, KEY(order_id), str_of_i64(a, order));
        value_set(a, payload, KEY(lines), value_get(o, KEY(placed)));
        value_set_str(a, payload, KEY(reason), g->what->reason);
        job_add(c->u, STR(SLOT_PLACED_MAIL), payload, clock_now_us(), STR_NULL);
    }
    if (value_count(rows))
        unit_add(c->u, &SQL_outage_rows, c->tenant, c->id, db_json(a, rows));
}

static void add_places(const struct outage *g, struct slot_change *c)
{
    struct arena *a = g->a;
    struct chosen placed = choose(g, is_placed), moved = choose(g, is_placed_slot);
    struct chosen gone = choose(g, is_lost_slot), holds = choose(g, is_lost_hold);
    if (placed.count)
        unit_add(c->u, &SQL_outage_place, c->tenant,
            db_i64_array(a, placed.allocations, placed.count), db_i64(a, g->what->resource),
            db_i64_array(a, placed.instead, placed.count));
    if (moved.count)
        unit_add(
            c->u, &SQL_outage_place_slots, c->tenant, db_i64_array(a, moved.slots, moved.count));
    if (gone.count) {
        struct str slots = db_i64_array(a, gone.slots, gone.count);
        unit_add(c->u, &SQL_outage_cancel_slots, c->tenant, slots);
        unit_add(c->u, &SQL_slot_free_resources, c->tenant, slots);
    }
    if (holds.count)
        unit_add(c->u, &SQL_outage_drop_holds, c->tenant, db_i64_array(a, holds.lines, holds.count),
            c->now, c->ask->who->actor_kind);
}

static void add_news(const struct outage *g, const struct slot_change *c)
{
    struct value *facts = value_object(g->a);
    value_set_str(g->a, facts, KEY(reason), g->what->reason.len ? g->what->reason : STR_NULL);
    for (int i = 0; i < g->look.count; i++) {
        const struct outage_use *use = &g->look.uses[i];
        struct value *after = value_object(g->a);
        value_set_str(
            g->a, after, KEY(resource), use->instead_name.p ? use->instead_name : STR(""));
        slot_change_audit(c, use->slot, "slot.outage", NULL, after);
        if (is_lost_slot(use))
            event_add(c->u, EVENT_slot_cancelled, use->slot, facts);
    }
}

// Orders, resources, slots: in the order in which whoever sells locks them.
static void add(struct schedule_edit *e, struct unit *u)
{
    struct outage *g = e->arg;
    struct arena *a = g->a;
    struct chosen all = choose(g, any_use);
    struct slot_change c = {.a = a,
        .ask = e->ask,
        .u = u,
        .number = g->number,
        .tenant = db_i64(a, g->site->tenant),
        .id = db_i64(a, g->number),
        .slots = db_i64_array(a, all.slots, all.count),
        .now = db_time(a, clock_now_us())};
    unit_add(u, &SQL_slot_lock_orders, c.tenant, c.slots);
    unit_add(u, &SQL_slot_lock_resources, c.tenant);
    unit_add(u, &SQL_slot_take_over, c.tenant, c.slots, db_time(a, g->what->from_us),
        db_time(a, g->what->to_us), c.now);
    unit_add(u, &SQL_schedule_lock, c.tenant, c.slots);
    unit_add(u, &SQL_opening_insert_closure, c.tenant, db_i64(a, g->closure.id),
        db_i64(a, g->what->resource), STR("closure"), db_time(a, g->what->from_us),
        db_time(a, g->what->to_us), db_json(a, g->closure.reason));
    add_places(g, &c);
    unit_add(u, &SQL_slot_tell_orders, c.tenant, c.slots);
    slot_change_add(&c, "resource", (int)all.count, g->what->reason);
    add_rows(g, &c);
    add_news(g, &c);
}

enum schedule_result slot_outage(struct arena *a, const struct schedule_ask *ask,
    const struct slot_outage *what, int64_t *change)
{
    struct outage g = {.a = a, .site = ask->site, .what = what, .number = id_number()};
    g.closure = (struct closure){.id = id_number(),
        .resource = what->resource,
        .from_us = what->from_us,
        .to_us = what->to_us,
        .reason = what->closure_reason};
    struct schedule_edit e = {.a = a, .ask = ask, .apply = apply, .add = add, .arg = &g};
    e.audit = *ask->who;
    e.audit.action = STR("closure.add");
    e.audit.object_kind = STR("closure");
    e.audit.object_id = db_i64(a, g.closure.id);
    *change = g.number;
    return schedule_edit(&e).result;
}
