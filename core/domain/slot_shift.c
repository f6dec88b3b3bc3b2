#include "domain/slot_shift.h"

#include "base/clock.h"
#include "base/id.h"
#include "domain/event.h"
#include "domain/slot_change.sql.h"
#include "domain/slot_shift.sql.h"

enum { NOBODY = -1 };

// One look: who uses what, and which of the steps it belongs to.
struct looking {
    struct arena *a;
    struct slot_shift *s;
    const struct schedule_facts *f;
    const struct rows *own, *then; // uses of the steps' slots, and those at their new times
    int *own_step, *then_step;     // side by side: whose use it is, NOBODY: somebody's who stays
    int *slot_step;                // of each of the facts' slots
};

static int step_of(const struct slot_shift *s, int64_t slot)
{
    for (int i = 0; i < s->count; i++)
        if (s->steps[i].slot == slot)
            return i;
    return NOBODY;
}

static bool moves(const struct slot_shift *s, int step)
{
    return step != NOBODY && !s->steps[step].blocked;
}

static int64_t end_of(const struct slot_step *step)
{
    int64_t buffer = step->offer->buffer_min * 60 * US_PER_SECOND;
    return step->to_us + step->stored->ends_us - step->stored->starts_us + buffer;
}

static struct slot_conflict *block(struct slot_step *step, enum slot_conflict_kind kind)
{
    step->conflict = (struct slot_conflict){.kind = kind};
    step->has_conflict = true;
    step->blocked = kind != SLOT_HOURS;
    return &step->conflict;
}

static void block_overlap(struct looking *g, struct slot_step *step, int use)
{
    struct slot_conflict *c = block(step, SLOT_OVERLAP);
    c->resource = rows_str(g->then, use, KEY(resource_name));
    c->other_title = rows_json(g->a, g->then, use, KEY(title));
    c->from_us = rows_us(g->then, use, KEY(from_at));
    c->to_us = rows_us(g->then, use, KEY(to_at));
}

// The use that somebody who stays has of a resource in a time; NOBODY: there is none.
static int use_of(const struct looking *g, int64_t resource, int64_t from_us, int64_t to_us)
{
    for (int i = 0; i < g->then->count; i++)
        if (rows_i64(g->then, i, KEY(resource_id)) == resource && !moves(g->s, g->then_step[i]) &&
            rows_us(g->then, i, KEY(from_at)) < to_us && rows_us(g->then, i, KEY(to_at)) > from_us)
            return i;
    return NOBODY;
}

// Who booked keeps the court; where nobody has booked one of them has to be free.
static void look_at_uses(struct looking *g, int number)
{
    struct slot_step *step = &g->s->steps[number];
    int64_t by = step->to_us - step->stored->starts_us;
    int taken = 0, last = NOBODY, own = 0;
    for (int i = 0; i < g->own->count; i++) {
        if (g->own_step[i] != number)
            continue;
        int use = use_of(g, rows_i64(g->own, i, KEY(resource_id)),
            rows_us(g->own, i, KEY(from_at)) + by, rows_us(g->own, i, KEY(to_at)) + by);
        own++;
        if (use != NOBODY) {
            block_overlap(g, step, use);
            return;
        }
    }
    for (int i = 0; !own && i < step->offer->resource_count; i++) {
        int use = use_of(g, step->offer->resources[i], step->to_us, end_of(step));
        taken += use != NOBODY;
        last = use != NOBODY ? use : last;
    }
    if (taken && taken == step->offer->resource_count)
        block_overlap(g, step, last);
}

static bool is_twice(const struct looking *g, const struct slot_step *step)
{
    for (int i = 0; i < g->f->slot_count; i++)
        if (g->f->slots[i].starts_us == step->to_us && g->f->slots[i].offer == step->offer->id &&
            !moves(g->s, g->slot_step[i]))
            return true;
    return false;
}

static void look_at(struct looking *g, int number)
{
    struct slot_step *step = &g->s->steps[number];
    struct schedule_moment m = schedule_moment_of(g->a, g->f, step->offer, step->to_us);
    step->has_conflict = false;
    if (step->gap)
        block(step, SLOT_GAP);
    else if (step->to_us <= g->f->now_us)
        block(step, SLOT_PAST);
    else if (m.time == SCHEDULE_TIME_CLOSURE)
        block(step, SLOT_CLOSURE)->closure = m.closure;
    else if (is_twice(g, step))
        block(step, SLOT_TWICE);
    else
        look_at_uses(g, number);
    if (!step->has_conflict && m.time == SCHEDULE_TIME_HOURS)
        block(step, SLOT_HOURS);
}

// Whoever stays may stand in the way of another: again, until nobody more has to stay.
static void look_at_all(struct looking *g)
{
    struct slot_shift *s = g->s;
    for (int before = NOBODY; before != s->blocked;) {
        before = s->blocked;
        s->blocked = s->outside = 0;
        for (int i = 0; i < s->count; i++) {
            if (!s->steps[i].blocked)
                look_at(g, i);
            s->blocked += s->steps[i].blocked;
            s->outside += s->steps[i].has_conflict && !s->steps[i].blocked;
        }
    }
    s->moving = s->count - s->blocked;
}

static int *steps_of(struct looking *g, const struct rows *uses)
{
    int *steps = arena_new_array(g->a, int, (size_t)uses->count + 1);
    for (int i = 0; i < uses->count; i++)
        steps[i] = step_of(g->s, rows_i64(uses, i, KEY(slot_id)));
    return steps;
}

static bool find_steps(struct looking *g)
{
    g->slot_step = arena_new_array(g->a, int, (size_t)g->f->slot_count + 1);
    for (int i = 0; i < g->f->slot_count; i++) {
        const struct schedule_slot *slot = &g->f->slots[i];
        g->slot_step[i] = step_of(g->s, slot->id);
        if (g->slot_step[i] == NOBODY || slot->state == SLOT_CANCELLED)
            continue;
        g->s->steps[g->slot_step[i]].stored = slot;
        g->s->steps[g->slot_step[i]].offer = schedule_offer_of(g->f, slot->offer);
    }
    for (int i = 0; i < g->s->count; i++)
        if (!g->s->steps[i].offer)
            return false;
    return g->s->count > 0;
}

static bool read_uses(struct looking *g)
{
    struct slot_shift *s = g->s;
    int64_t *ids = arena_new_array(g->a, int64_t, (size_t)s->count);
    int64_t from = INT64_MAX, to = 0;
    for (int i = 0; i < s->count; i++) {
        ids[i] = s->steps[i].slot;
        from = s->steps[i].to_us < from ? s->steps[i].to_us : from;
        to = end_of(&s->steps[i]) > to ? end_of(&s->steps[i]) : to;
    }
    struct str tenant = db_i64(g->a, g->f->site->tenant), now = db_time(g->a, g->f->now_us);
    struct unit *u = unit_new(g->a, DB_READ, g->f->site->tenant);
    int own = unit_add(
        u, &SQL_slot_shift_own_uses, tenant, db_i64_array(g->a, ids, (size_t)s->count), now);
    int then =
        unit_add(u, &SQL_slot_shift_uses_then, tenant, db_time(g->a, from), db_time(g->a, to), now);
    if (unit_run(u) != DB_OK)
        return false;
    g->own = unit_rows(u, own);
    g->then = unit_rows(u, then);
    g->own_step = steps_of(g, g->own);
    g->then_step = steps_of(g, g->then);
    return true;
}

enum schedule_result slot_shift_look(
    struct arena *a, const struct site *site, struct slot_shift *shift)
{
    struct looking g = {.a = a, .s = shift, .f = schedule_read(a, site, 0, clock_now_us())};
    shift->facts = g.f;
    if (!g.f)
        return SCHEDULE_UNAVAILABLE;
    if (!find_steps(&g))
        return SCHEDULE_NOT_FOUND;
    if (!read_uses(&g))
        return SCHEDULE_UNAVAILABLE;
    look_at_all(&g);
    return SCHEDULE_DONE;
}

static struct value *time_value(struct arena *a, int64_t starts_us)
{
    struct value *v = value_object(a);
    value_set_int(a, v, KEY(starts_us), starts_us);
    return v;
}

// Whoever listens hears from when to when.
static void add_event(const struct slot_change *c, const struct slot_step *step, struct str reason)
{
    const struct zone *zone = c->ask->site->zone;
    struct value *facts = value_object(c->a);
    value_set_str(c->a, facts, KEY(from), instant_text(c->a, zone, step->stored->starts_us));
    value_set_str(c->a, facts, KEY(to), instant_text(c->a, zone, step->to_us));
    value_set_str(c->a, facts, KEY(reason), reason.len ? reason : STR_NULL);
    event_add(c->u, EVENT_slot_moved, step->slot, facts);
}

static void add_news(const struct slot_change *c, const struct slot_shift *s, struct str reason)
{
    for (int i = 0; i < s->count; i++) {
        const struct slot_step *step = &s->steps[i];
        if (step->blocked)
            continue;
        slot_change_audit(c, step->slot, "slot.move", time_value(c->a, step->stored->starts_us),
            time_value(c->a, step->to_us));
        add_event(c, step, reason);
    }
}

static struct value *wishes_of(struct arena *a, const struct slot_shift *s)
{
    struct value *list = value_list(a);
    for (int i = 0; i < s->count; i++) {
        const struct slot_step *step = &s->steps[i];
        if (step->blocked)
            continue;
        struct value *v = value_append_object(a, list);
        value_set_int(a, v, KEY(slot_id), step->slot);
        value_set_int(a, v, KEY(to_us), step->to_us);
        value_set_int(a, v, KEY(by_us), step->to_us - step->stored->starts_us);
        value_set_int(a, v, KEY(version), step->stored->version);
    }
    return list;
}

static enum schedule_result shift_once(
    struct slot_change *c, const struct slot_shift *s, struct str reason, bool *again)
{
    struct str wishes = db_json(c->a, wishes_of(c->a, s));
    unit_add(c->u, &SQL_slot_shift_leave, c->tenant, c->slots);
    unit_add(c->u, &SQL_slot_shift_park, c->tenant, c->slots);
    unit_add(c->u, &SQL_slot_shift_park_uses, c->tenant, c->slots);
    unit_add(c->u, &SQL_slot_shift, c->tenant, wishes);
    unit_add(c->u, &SQL_slot_shift_uses, c->tenant, wishes);
    unit_add(c->u, &SQL_slot_shift_lines, c->tenant, wishes, c->now, c->ask->who->actor_kind);
    unit_add(c->u, &SQL_slot_tell_orders, c->tenant, c->slots);
    slot_change_add(c, "move", s->moving, reason);
    unit_add(c->u, &SQL_slot_change_rows, c->tenant, c->id, c->slots, STR("tell"),
        s->choose_until_us ? db_time(c->a, s->choose_until_us) : STR_NULL);
    add_news(c, s, reason);
    return slot_change_end(c, again);
}

// Holds that ran out stand in nobody's way, here no more than when somebody buys.
static void take_over(
    struct arena *a, const struct schedule_ask *ask, const struct slot_shift *s, struct str slots)
{
    struct str tenant = db_i64(a, ask->site->tenant);
    struct unit *u = unit_new(a, DB_WRITE, ask->site->tenant);
    int64_t from = INT64_MAX, to = 0;
    for (int i = 0; i < s->count; i++) {
        from = s->steps[i].to_us < from ? s->steps[i].to_us : from;
        to = end_of(&s->steps[i]) > to ? end_of(&s->steps[i]) : to;
    }
    unit_add(u, &SQL_slot_lock_resources, tenant);
    unit_add(u, &SQL_slot_take_over, tenant, slots, db_time(a, from), db_time(a, to),
        db_time(a, clock_now_us()));
    enum db_result ignored = unit_run(u);
    (void)ignored; // what is still there is in the way, and said so
}

enum schedule_result slot_shift(struct arena *a, const struct schedule_ask *ask,
    const struct slot_shift *s, struct str reason, int64_t *change)
{
    enum schedule_result result = SCHEDULE_CHANGED;
    int64_t *ids = arena_new_array(a, int64_t, (size_t)s->count + 1);
    int count = 0;
    bool again = true;
    *change = id_number();
    for (int i = 0; i < s->count; i++)
        if (!s->steps[i].blocked)
            ids[count++] = s->steps[i].slot;
    if (count)
        take_over(a, ask, s, db_i64_array(a, ids, (size_t)count));
    for (int i = 0; i < SLOT_CHANGE_TRIES && again && count; i++) {
        struct slot_change c = slot_change_begin(a, ask, *change, ids, count);
        result = shift_once(&c, s, reason, &again);
    }
    return result;
}
