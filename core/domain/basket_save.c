#include "domain/basket_save.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/hash.h"
#include "domain/basket.sql.h"
#include "domain/price.h"

// Statements of the change, with what several of them need.
struct save {
    struct arena *a;
    const struct site *site;
    struct basket_change *change;
    struct order *o;
    struct unit *u;
    struct str tenant, order, now, until;
    int64_t slots[ORDER_LINES_MAX * 2], deltas[ORDER_LINES_MAX * 2];
    int slot_count;
};

static void add_delta(struct save *s, int64_t slot, int64_t delta)
{
    for (int i = 0; i < s->slot_count; i++)
        if (s->slots[i] == slot) {
            s->deltas[i] += delta;
            return;
        }
    s->slots[s->slot_count] = slot;
    s->deltas[s->slot_count++] = delta;
}

static int64_t wanted_quantity(const struct order_line *l)
{
    return l->wanted ? l->quantity : 0;
}

static bool changes_places(const struct order_line *l)
{
    return wanted_quantity(l) != l->stored_quantity;
}

static void drop_unchanged_slots(struct save *s)
{
    int kept = 0;
    for (int i = 0; i < s->slot_count; i++)
        if (s->deltas[i]) {
            s->slots[kept] = s->slots[i];
            s->deltas[kept++] = s->deltas[i];
        }
    s->slot_count = kept;
}

// Ten minutes from now, or ten more than there are, thirty since it began at most.
static void set_hold(struct save *s, int64_t now)
{
    struct order *o = s->o;
    if (s->change->keeps_hold && !s->change->is_new)
        return;
    if (s->change->is_new || basket_is_expired(o, now)) {
        o->hold_started_us = now;
        o->hold_extended = false;
    }
    int64_t from = s->change->extends ? o->hold_until_us : now;
    int64_t until = from + BASKET_HOLD_US, last = o->hold_started_us + BASKET_HOLD_MAX_US;
    if (until > last)
        until = last;
    // What an extension or a refused payment gave is never shortened.
    if (o->hold_until_us <= now || o->hold_until_us < until)
        o->hold_until_us = until;
    o->hold_extended |= s->change->extends;
}

static int64_t held_before(const struct order *o)
{
    int64_t count = 0;
    for (int i = 0; i < o->count; i++)
        count += o->lines[i].stored_quantity > 0;
    return count;
}

static void write_order(struct save *s)
{
    struct arena *a = s->a;
    struct order *o = s->o;
    struct str total = db_i64(a, o->total_minor), tax = db_i64(a, o->tax_minor);
    struct str data = o->plugin_data ? db_json(a, o->plugin_data) : STR("{}");
    if (s->change->is_new) {
        unit_add(s->u, &SQL_basket_insert_order, s->tenant, s->order, o->code,
            db_i64(a, o->session), db_i64(a, o->channel), o->language,
            str_of(s->site->currency.code), s->now, s->until, total, tax, data,
            o->customer ? db_i64(a, o->customer) : STR_NULL);
        return;
    }
    unit_add(s->u, &SQL_basket_update_order, s->tenant, s->order, db_i64(a, o->version),
        db_time(a, o->hold_started_us), s->until, db_bool(o->hold_extended), total, tax, data);
    int64_t held = held_before(o);
    if (held)
        unit_add(s->u, &SQL_basket_refresh_holds, s->tenant, s->order, s->until, db_i64(a, held));
}

static bool any_exclusive(const struct order *o)
{
    for (int i = 0; i < o->count; i++)
        if (o->lines[i].exclusive && changes_places(&o->lines[i]))
            return true;
    return false;
}

static void lock_resources(struct save *s)
{
    int64_t offers[ORDER_LINES_MAX * 2];
    size_t count = 0;
    for (int i = 0; i < s->o->count; i++)
        if (s->o->lines[i].exclusive)
            offers[count++] = s->o->lines[i].offer;
    unit_add(s->u, &SQL_basket_lock_resources, s->tenant, db_i64_array(s->a, offers, count));
}

void basket_take_slot(struct unit *u, int64_t slot, int64_t delta, bool exclusive, struct str now)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, unit_tenant(u)), number = db_i64(a, slot);
    if (exclusive)
        unit_add(u, &SQL_basket_take_over_resources, tenant, number, now);
    unit_add(u, &SQL_basket_take_over, tenant, number, now);
    unit_add(u, &SQL_basket_take_places, tenant, number, db_i64(a, delta));
}

// Lock first, in a fixed order, resources before slots: who has a resource may take over lines of
// other slots. Then what expired; then, on a fresh snapshot, the guard.
static void take_places(struct save *s)
{
    if (!s->slot_count)
        return;
    bool exclusive = any_exclusive(s->o);
    if (exclusive)
        lock_resources(s);
    unit_add(s->u, &SQL_basket_lock_slots, s->tenant,
        db_i64_array(s->a, s->slots, (size_t)s->slot_count));
    for (int i = 0; i < s->slot_count; i++)
        basket_take_slot(s->u, s->slots[i], s->deltas[i], exclusive, s->now);
}

static void add_line(struct arena *a, struct value *list, const struct order_line *l)
{
    struct value *v = value_append_object(a, list);
    value_set_int(a, v, KEY(line_id), l->id);
    value_set_int(a, v, KEY(offer_id), l->offer);
    value_set_int(a, v, KEY(slot_id), l->slot);
    value_set_int(a, v, KEY(rate_id), l->rate);
    value_set_int(a, v, KEY(quantity), l->quantity);
    value_set_str(a, v, KEY(title), l->title);
    value_set_str(a, v, KEY(rate_name), l->rate_name);
    value_set_int(a, v, KEY(starts_us), l->starts_us);
    value_set_int(a, v, KEY(ends_us), l->ends_us);
    value_set_int(a, v, KEY(unit_minor), l->unit_minor);
    value_set(a, v, KEY(discounts), l->discounts);
    value_set_int(a, v, KEY(tax_ppm), l->tax_ppm);
    value_set_bool(a, v, KEY(tax_included), l->tax_included);
    value_set_int(a, v, KEY(tax_minor), l->tax_minor);
    value_set_int(a, v, KEY(total_minor), l->total_minor);
    value_set_str(a, v, KEY(was), l->is_new ? STR_NULL : line_state_name(l->state));
}

static void write_lines(struct save *s)
{
    struct value *lines = value_list(s->a);
    int64_t removed[ORDER_LINES_MAX * 2];
    size_t removed_count = 0;
    for (int i = 0; i < s->o->count; i++) {
        const struct order_line *l = &s->o->lines[i];
        if (l->wanted)
            add_line(s->a, lines, l);
        else if (l->stored_quantity || l->quantity == 0)
            removed[removed_count++] = l->id;
    }
    if (value_count(lines))
        unit_add(s->u, &SQL_basket_write_lines, s->tenant, s->order, db_json(s->a, lines), s->until,
            s->now);
    if (removed_count)
        unit_add(s->u, &SQL_basket_remove_lines, s->tenant, s->order,
            db_i64_array(s->a, removed, removed_count), s->now);
}

void basket_choose(struct unit *u, const struct order_line *l, int64_t slot, int64_t resource)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, unit_tenant(u)), number = db_i64(a, slot);
    struct str line = db_i64(a, l->id), quantity = db_i64(a, l->quantity);
    if (l->exclusive)
        unit_add(u, &SQL_basket_allocate, tenant, number, line, quantity,
            resource ? db_i64(a, resource) : STR_NULL);
    else
        unit_add(u, &SQL_basket_seat, tenant, number, line, quantity);
}

// Resources and numbered places of changed lines are given back and chosen anew.
static void choose_places(struct save *s)
{
    int64_t back[ORDER_LINES_MAX * 2];
    size_t count = 0;
    for (int i = 0; i < s->o->count; i++) {
        const struct order_line *l = &s->o->lines[i];
        if ((l->exclusive || l->numbered) && l->stored_quantity && changes_places(l))
            back[count++] = l->id;
    }
    if (count)
        unit_add(s->u, &SQL_basket_give_back, s->tenant, db_i64_array(s->a, back, count));
    for (int i = 0; i < s->o->count; i++) {
        const struct order_line *l = &s->o->lines[i];
        if (!l->wanted || !changes_places(l) || !(l->exclusive || l->numbered))
            continue;
        basket_choose(s->u, l, l->slot, l->resource);
    }
}

static void begin(struct save *s)
{
    int64_t now = clock_now_us();
    s->slot_count = 0;
    for (int i = 0; i < s->o->count; i++) {
        const struct order_line *l = &s->o->lines[i];
        add_delta(s, l->slot, wanted_quantity(l) - l->stored_quantity);
    }
    drop_unchanged_slots(s);
    set_hold(s, now);
    s->u = unit_new(s->a, DB_WRITE, s->site->tenant);
    s->tenant = db_i64(s->a, s->site->tenant);
    s->order = db_i64(s->a, s->o->id);
    s->now = db_time(s->a, now);
    s->until = db_time(s->a, s->o->hold_until_us);
    unit_route(s->u, (uint64_t)(s->slot_count ? s->slots[0] : s->o->id));
    if (s->change->session_hash.p)
        unit_add(s->u, &SQL_basket_insert_session, s->tenant, db_i64(s->a, s->o->session),
            s->change->session_hash, s->now);
}

static struct hook_refusal ask_plugins(struct save *s)
{
    if (!hook_list(s->site, HOOK_hold_check)->count)
        return (struct hook_refusal){0};
    return hook_check(s->u, s->a, s->site, HOOK_hold_check, order_value(s->a, s->site, s->o));
}

struct order_outcome basket_save(
    struct arena *a, const struct site *site, struct basket_change *change)
{
    struct save s = {.a = a, .site = site, .change = change, .o = change->order};
    struct order_outcome outcome = {.result = ORDER_REFUSED};
    price_order(a, site, s.o);
    begin(&s);
    outcome.refusal = ask_plugins(&s);
    if (outcome.refusal.code.p)
        return outcome;
    write_order(&s);
    take_places(&s);
    write_lines(&s);
    choose_places(&s);
    outcome.result = order_result_of(s.u, unit_run(s.u));
    if (outcome.result == ORDER_REFUSED)
        outcome.refusal.code = unit_refusal(s.u);
    return outcome;
}
