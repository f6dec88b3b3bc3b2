// What slots there should be, against those there are: arithmetic on what was read. First, offer by
// offer, what rules and opening say of each time; then, in the order of time, who gets the rooms.
#include <stdlib.h>

#include "base/check.h"
#include "base/id.h"
#include "domain/schedule_room.h"

enum { WANTED_MAX = SCHEDULE_SLOTS_MAX * 4 };

struct wanted {
    int64_t at_us, rule;
};

// A time that opening leaves room for: of a slot that takes its resources anew, or a new one.
struct candidate {
    const struct schedule_offer *o;
    const struct schedule_slot *slot; // NULL: a new one
    struct wanted w;
    struct str open;
};

struct planning {
    struct arena *a;
    const struct schedule_facts *f;
    const struct schedule_offer *o;
    struct schedule_plan *p;
    struct schedule_room *room;
    struct wanted *wanted;
    int wanted_count;
    struct candidate *candidates;
    int candidate_count, candidate_room, missing_room;
    size_t exception; // the next one to look at
};

// What a list needs for one more.
static void *grown(struct arena *a, void *list, int count, int *room, size_t size)
{
    if (count < *room)
        return list;
    int before = *room;
    *room = before ? before * 2 : 64;
    return arena_grow(a, list, (size_t)before * size, (size_t)*room * size);
}

static struct schedule_missing *miss(
    struct planning *g, const struct wanted *w, enum schedule_why why)
{
    struct schedule_plan *p = g->p;
    p->missing = grown(g->a, p->missing, p->missing_count, &g->missing_room, sizeof *p->missing);
    struct schedule_missing *m = &p->missing[p->missing_count++];
    *m = (struct schedule_missing){
        .offer = g->o->id, .rule = w->rule, .at_us = w->at_us, .cause = {.why = why}};
    return m;
}

static void add_candidate(struct planning *g, const struct candidate *c)
{
    g->candidates =
        grown(g->a, g->candidates, g->candidate_count, &g->candidate_room, sizeof *g->candidates);
    g->candidates[g->candidate_count++] = *c;
}

// Weeks start on Monday; week 0 holds 1 January 1970, a Thursday.
static int64_t week_of(struct date d)
{
    int64_t days = date_to_days(d) + 3;
    return days >= 0 ? days / 7 : (days - 6) / 7;
}

static bool rule_applies(const struct schedule_rule *r, struct date d)
{
    if ((r->has_from && date_cmp(d, r->from) < 0) || (r->has_to && date_cmp(d, r->to) > 0))
        return false;
    return week_of(d) % r->every == r->week && r->days & 1u << date_weekday(d);
}

static void want_rule(struct planning *g, const struct schedule_rule *r)
{
    const struct zone *zone = g->f->site->zone;
    struct date first = zone_date(zone, g->f->now_us);
    for (int i = 0; i <= g->o->days_ahead; i++) {
        struct date d = date_add_days(first, i);
        if (!rule_applies(r, d))
            continue;
        for (int m = 0; m < r->count && g->wanted_count < WANTED_MAX; m++) {
            struct local_time local = {d, r->minutes[m] * 60};
            struct zone_instant at = zone_instant(zone, local);
            struct wanted w = {at.first_us, r->id};
            if (at.result == ZONE_GAP)
                miss(g, &w, SCHEDULE_GAP)->minute = r->minutes[m];
            else if (at.first_us > g->f->now_us)
                g->wanted[g->wanted_count++] = w;
        }
    }
}

static int by_time(const void *left, const void *right)
{
    const struct wanted *a = left, *b = right;
    if (a->at_us != b->at_us)
        return a->at_us < b->at_us ? -1 : 1;
    return a->rule < b->rule ? -1 : a->rule > b->rule;
}

// In the order of time, each time once.
static void want_all(struct planning *g)
{
    g->wanted_count = 0;
    for (int i = 0; i < g->f->rule_count; i++)
        if (g->f->rules[i].offer == g->o->id)
            want_rule(g, &g->f->rules[i]);
    if (g->wanted_count)
        qsort(g->wanted, (size_t)g->wanted_count, sizeof *g->wanted, by_time);
    int kept = 0;
    for (int i = 0; i < g->wanted_count; i++)
        if (!kept || g->wanted[i].at_us != g->wanted[kept - 1].at_us)
            g->wanted[kept++] = g->wanted[i];
    g->wanted_count = kept;
    if (kept > SCHEDULE_SLOTS_MAX) {
        g->p->too_many = g->o->id;
        g->p->too_many_slots = kept;
    }
}

static bool is_exception(struct planning *g, int64_t at_us)
{
    for (; g->exception < value_count(g->f->exceptions); g->exception++) {
        const struct value *e = value_at(g->f->exceptions, g->exception);
        int64_t offer = value_get_int(e, KEY(offer_id), 0);
        int64_t starts = value_get_int(e, KEY(starts_at), 0);
        if (offer > g->o->id || (offer == g->o->id && starts >= at_us))
            return offer == g->o->id && starts == at_us;
    }
    return false;
}

static enum schedule_time time_of(const struct schedule_facts *f, int64_t resource, int64_t from_us,
    int64_t to_us, const struct closure **closure)
{
    const struct closure *found = opening_closure(&f->opening, resource, from_us, to_us);
    if (found) {
        *closure = found;
        return SCHEDULE_TIME_CLOSURE;
    }
    return opening_covers(&f->opening, resource, from_us, to_us) ? SCHEDULE_TIME_OPEN
                                                                 : SCHEDULE_TIME_HOURS;
}

struct schedule_moment schedule_moment_of(struct arena *a, const struct schedule_facts *f,
    const struct schedule_offer *o, int64_t from_us)
{
    int64_t to_us = from_us + o->duration_min * 60 * US_PER_SECOND;
    struct schedule_moment m = {.time = SCHEDULE_TIME_OPEN};
    if (!o->resource_count || (!f->opening.hours_count && !f->opening.closure_count)) {
        m.time = time_of(f, 0, from_us, to_us, &m.closure);
        return m;
    }
    int64_t *ids = arena_new_array(a, int64_t, (size_t)o->resource_count);
    int count = 0;
    for (int i = 0; i < o->resource_count; i++) {
        enum schedule_time t = time_of(f, o->resources[i], from_us, to_us, &m.closure);
        if (t == SCHEDULE_TIME_OPEN) {
            ids[count++] = o->resources[i];
        } else if (m.time == SCHEDULE_TIME_OPEN || t == SCHEDULE_TIME_CLOSURE) {
            m.time = t;
            m.resource = o->resources[i];
        }
    }
    // One booking takes one of them; otherwise all are needed.
    if (count == o->resource_count || (o->exclusive && count))
        m = (struct schedule_moment){
            .open = count < o->resource_count ? db_i64_array(a, ids, (size_t)count) : STR_NULL};
    return m;
}

static int64_t capacity_of(const struct schedule_offer *o, struct str open)
{
    if (!o->exclusive)
        return o->capacity;
    if (!open.p)
        return o->resource_count;
    int64_t count = 1;
    for (size_t i = 0; i < open.len; i++)
        count += open.p[i] == ',';
    return count;
}

static int64_t end_of(const struct schedule_offer *o, int64_t starts_us)
{
    return starts_us + o->duration_min * 60 * US_PER_SECOND;
}

static struct schedule_cause closed_cause(const struct schedule_moment *m)
{
    bool closure = m->time == SCHEDULE_TIME_CLOSURE;
    return (struct schedule_cause){.why = closure ? SCHEDULE_CLOSURE : SCHEDULE_HOURS,
        .closure = m->closure,
        .resource = m->closure ? m->closure->resource : m->resource};
}

static void make(struct planning *g, const struct wanted *w)
{
    struct schedule_moment m = schedule_moment_of(g->a, g->f, g->o, w->at_us);
    if (m.time == SCHEDULE_TIME_OPEN)
        add_candidate(g, &(struct candidate){.o = g->o, .w = *w, .open = m.open});
    else
        miss(g, w, SCHEDULE_HOURS)->cause = closed_cause(&m);
}

static void make_slot(struct planning *g, const struct candidate *c, int64_t id)
{
    int64_t at = c->w.at_us;
    struct value *v = value_append_object(g->a, g->p->made);
    value_set_int(g->a, v, KEY(slot_id), id);
    value_set_int(g->a, v, KEY(offer_id), c->o->id);
    value_set_int(g->a, v, KEY(starts_us), at);
    value_set_int(g->a, v, KEY(ends_us), end_of(c->o, at));
    value_set_int(g->a, v, KEY(rule_id), c->w.rule);
    value_set_int(g->a, v, KEY(capacity), capacity_of(c->o, c->open));
    value_set_str(g->a, v, KEY(resources), c->open);
    if (!g->p->first_us || at < g->p->first_us)
        g->p->first_us = at;
    if (at > g->p->last_us)
        g->p->last_us = at;
}

static void keep(
    struct planning *g, const struct schedule_slot *s, const struct schedule_cause *cause)
{
    if (g->p->kept_count < SCHEDULE_KEPT_MAX)
        g->p->kept[g->p->kept_count++] = (struct schedule_kept){s, *cause};
}

static void close_slot(struct planning *g, const struct schedule_slot *s)
{
    if (s->state == SLOT_OPEN)
        g->p->closed[g->p->closed_count++] = s->id;
}

static void open_slot(struct planning *g, const struct schedule_slot *s)
{
    if (s->state == SLOT_CLOSED)
        g->p->opened[g->p->opened_count++] = s->id;
}

static void drop(struct planning *g, const struct schedule_slot *s)
{
    if (s->used)
        close_slot(g, s);
    else
        g->p->removed[g->p->removed_count++] = s->id;
}

static void renew(
    struct planning *g, const struct schedule_slot *s, const struct wanted *w, struct str open)
{
    int64_t ends = s->used ? s->ends_us : end_of(g->o, s->starts_us);
    int64_t capacity = capacity_of(g->o, open);
    bool is_same = s->rule == w->rule && s->ends_us == ends && str_eq(s->resources, open) &&
                   (s->used ? s->capacity >= capacity : s->capacity == capacity);
    if (is_same)
        return;
    struct value *v = value_append_object(g->a, g->p->renewed);
    value_set_int(g->a, v, KEY(slot_id), s->id);
    value_set_int(g->a, v, KEY(ends_us), ends);
    value_set_int(g->a, v, KEY(capacity), capacity);
    value_set_int(g->a, v, KEY(rule_id), w->rule);
    value_set_str(g->a, v, KEY(resources), open);
    value_set_bool(g->a, v, KEY(used), s->used);
}

// Slots of an exclusive offer use nothing: what is sold of them does.
static bool takes_room(const struct schedule_offer *o)
{
    return !o->exclusive && o->resource_count;
}

// A slot that is there takes its resources as long as it lasts, and a new one from now on.
static struct schedule_use use_of(const struct candidate *c, int64_t resource)
{
    const struct schedule_slot *s = c->slot;
    int64_t ends = s && s->used ? s->ends_us : end_of(c->o, c->w.at_us);
    return (struct schedule_use){.resource = resource,
        .offer = c->o->id,
        .slot = s ? s->id : 0,
        .from_us = c->w.at_us,
        .to_us = ends + c->o->buffer_min * 60 * US_PER_SECOND};
}

static bool has_room(const struct planning *g, const struct candidate *c)
{
    bool has = true;
    for (int i = 0; i < c->o->resource_count && has; i++) {
        struct schedule_use want = use_of(c, c->o->resources[i]);
        const struct schedule_use *own = schedule_room_own(g->room, c->slot->id, want.resource);
        has = own && (c->slot->taken || (own->from_us == want.from_us && own->to_us == want.to_us));
    }
    return has;
}

// What somebody has stays as it is, unless the offer's resources are others.
static void look_at_room(struct planning *g, const struct candidate *c)
{
    bool asks = !c->slot->taken || (g->f->takes_anew && !c->slot->resources.p);
    if (takes_room(g->o) && asks && !has_room(g, c))
        add_candidate(g, c);
    else if (c->w.rule)
        renew(g, c->slot, &c->w, c->open);
}

// There is a slot where a rule wants one, or one of a rule that doesn't any more (`w` NULL).
static void settle_of_rule(
    struct planning *g, const struct schedule_slot *s, const struct wanted *w)
{
    struct schedule_moment m = schedule_moment_of(g->a, g->f, g->o, s->starts_us);
    if (m.time != SCHEDULE_TIME_OPEN) {
        struct schedule_cause cause = closed_cause(&m);
        if (s->taken && s->state == SLOT_OPEN)
            keep(g, s, &cause);
        else if (w)
            miss(g, w, cause.why)->cause = cause;
        drop(g, s);
    } else if (w) {
        open_slot(g, s);
        look_at_room(g, &(struct candidate){g->o, s, *w, m.open});
    } else if (s->taken) {
        keep(g, s, &(struct schedule_cause){.why = SCHEDULE_NO_RULE});
        g->p->detached[g->p->detached_count++] = s->id;
    } else {
        drop(g, s);
    }
}

// One that was given another room is judged by that.
static struct schedule_moment moment_of_single(struct planning *g, const struct schedule_slot *s)
{
    struct schedule_offer own = *g->o;
    if (!own.exclusive && s->resources.len > 2) {
        struct str rest = str_sub(s->resources, 1, s->resources.len - 1);
        own.resource_count = 0;
        own.resources = arena_new_array(g->a, int64_t, s->resources.len);
        while (rest.len)
            if (str_to_i64(str_cut(&rest, ','), &own.resources[own.resource_count]))
                own.resource_count++;
    }
    return schedule_moment_of(g->a, g->f, &own, s->starts_us);
}

// A single one outside the weekly hours was meant so; a closure closes it.
static void settle_single(struct planning *g, const struct schedule_slot *s)
{
    struct schedule_moment m = moment_of_single(g, s);
    if (m.time == SCHEDULE_TIME_CLOSURE) {
        struct schedule_cause cause = closed_cause(&m);
        if (s->taken && s->state == SLOT_OPEN)
            keep(g, s, &cause);
        close_slot(g, s);
    } else {
        open_slot(g, s);
        if (g->f->takes_anew && !s->resources.p)
            look_at_room(g, &(struct candidate){g->o, s, {s->starts_us, 0}, STR_NULL});
    }
}

static void settle(struct planning *g, const struct schedule_slot *s, const struct wanted *w)
{
    if (s->state == SLOT_CANCELLED)
        return;
    if (s->rule)
        settle_of_rule(g, s, w);
    else
        settle_single(g, s);
}

// Both are in the order of time.
static void plan_offer(struct planning *g, const struct schedule_slot *slots, int count)
{
    int at = 0;
    want_all(g);
    if (g->p->too_many)
        return;
    for (int i = 0; i < g->wanted_count; i++) {
        const struct wanted *w = &g->wanted[i];
        while (at < count && slots[at].starts_us < w->at_us)
            settle(g, &slots[at++], NULL);
        if (at < count && slots[at].starts_us == w->at_us)
            settle(g, &slots[at++], w);
        else if (!is_exception(g, w->at_us))
            make(g, w);
    }
    while (at < count)
        settle(g, &slots[at++], NULL);
}

static void take(struct planning *g, const struct schedule_use *use, int64_t slot)
{
    struct value *v = value_append_object(g->a, g->p->taken);
    value_set_int(g->a, v, KEY(slot_id), slot);
    value_set_int(g->a, v, KEY(resource_id), use->resource);
    value_set_int(g->a, v, KEY(from_us), use->from_us);
    value_set_int(g->a, v, KEY(to_us), use->to_us);
    schedule_room_take(g->room, use);
}

static const struct schedule_use *clash_of(const struct planning *g, const struct candidate *c)
{
    const struct schedule_use *found = NULL;
    for (int i = 0; takes_room(c->o) && i < c->o->resource_count && !found; i++) {
        struct schedule_use want = use_of(c, c->o->resources[i]);
        found = schedule_room_clash(g->room, want.resource, want.from_us, want.to_us);
    }
    return found;
}

// What is free of it: all, but for a slot that stays although something isn't.
static void take_free(struct planning *g, const struct candidate *c, int64_t slot)
{
    for (int i = 0; takes_room(c->o) && i < c->o->resource_count; i++) {
        struct schedule_use want = use_of(c, c->o->resources[i]);
        const struct schedule_use *own = schedule_room_own(g->room, slot, want.resource);
        if (own && c->slot->taken)
            want = *own;
        if (!schedule_room_clash(g->room, want.resource, want.from_us, want.to_us))
            take(g, &want, slot);
    }
}

static struct schedule_cause in_use(const struct schedule_use *by)
{
    return (struct schedule_cause){.why = SCHEDULE_IN_USE, .resource = by->resource, .by = *by};
}

// One of a rule that nobody has goes when it finds its room taken; others stay, and it is said.
static void place_slot(struct planning *g, const struct candidate *c)
{
    const struct schedule_use *by = clash_of(g, c);
    const struct schedule_slot *s = c->slot;
    struct schedule_cause cause = by ? in_use(by) : (struct schedule_cause){0};
    g->o = c->o;
    if (by && s->rule && !s->used) {
        miss(g, &c->w, SCHEDULE_IN_USE)->cause = cause;
        drop(g, s);
        return;
    }
    if (by && g->f->takes_anew)
        keep(g, s, &cause);
    take_free(g, c, s->id);
    if (c->w.rule)
        renew(g, s, &c->w, c->open);
}

static void place_new(struct planning *g, const struct candidate *c)
{
    const struct schedule_use *by = clash_of(g, c);
    g->o = c->o;
    if (by) {
        miss(g, &c->w, SCHEDULE_IN_USE)->cause = in_use(by);
        return;
    }
    int64_t id = id_number();
    make_slot(g, c, id);
    take_free(g, c, id);
}

static int by_turn(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;
    if (a->w.at_us != b->w.at_us)
        return a->w.at_us < b->w.at_us ? -1 : 1;
    return (a->o->id > b->o->id) - (a->o->id < b->o->id);
}

// Slots that are there go first.
static void place_all(struct planning *g)
{
    struct schedule_plan *p = g->p;
    size_t count = (size_t)g->candidate_count;
    p->freed = arena_new_array(g->a, int64_t, count + 1);
    for (size_t i = 0; i < count; i++)
        if (g->candidates[i].slot)
            p->freed[p->freed_count++] = g->candidates[i].slot->id;
    schedule_room_leave(g->room, p->removed, p->removed_count);
    schedule_room_leave(g->room, p->freed, p->freed_count);
    if (count)
        qsort(g->candidates, count, sizeof *g->candidates, by_turn);
    for (size_t i = 0; i < count; i++)
        if (g->candidates[i].slot)
            place_slot(g, &g->candidates[i]);
    schedule_room_settle(g->room);
    for (size_t i = 0; i < count; i++)
        if (!g->candidates[i].slot)
            place_new(g, &g->candidates[i]);
    for (int i = 0; value_count(p->taken) && i < g->f->use_count; i++)
        p->takes_over |= g->f->uses[i].over;
}

static int by_why(const void *left, const void *right)
{
    const struct schedule_missing *a = left, *b = right;
    if (a->cause.why != b->cause.why)
        return a->cause.why < b->cause.why ? -1 : 1;
    if (a->at_us != b->at_us)
        return a->at_us < b->at_us ? -1 : 1;
    return (a->offer > b->offer) - (a->offer < b->offer);
}

void schedule_plan_news(
    struct schedule_plan *plan, const struct schedule_plan *before, int64_t of_rule)
{
    int kept = 0;
    for (int i = 0; i < plan->missing_count; i++) {
        const struct schedule_missing *m = &plan->missing[i];
        bool known = before->missing_count &&
                     bsearch(m, before->missing, (size_t)before->missing_count, sizeof *m, by_why);
        if (!known || (of_rule && m->rule == of_rule))
            plan->missing[kept++] = *m;
    }
    plan->missing_count = kept;
}

int schedule_missing_count(const struct schedule_plan *plan, enum schedule_why why)
{
    int count = 0;
    for (int i = 0; i < plan->missing_count; i++)
        count += plan->missing[i].cause.why == why;
    return count;
}

int schedule_missing_of(const struct schedule_plan *plan, int64_t rule)
{
    int count = 0;
    for (int i = 0; i < plan->missing_count; i++)
        count += plan->missing[i].rule == rule;
    return count;
}

struct schedule_plan *schedule_plan(struct arena *a, const struct schedule_facts *f)
{
    struct schedule_plan *p = arena_new_object(a, struct schedule_plan);
    size_t room = (size_t)f->slot_count + 1;
    *p = (struct schedule_plan){.made = value_list(a),
        .renewed = value_list(a),
        .taken = value_list(a),
        .removed = arena_new_array(a, int64_t, room),
        .closed = arena_new_array(a, int64_t, room),
        .opened = arena_new_array(a, int64_t, room),
        .detached = arena_new_array(a, int64_t, room)};
    struct planning g = {.a = a,
        .f = f,
        .p = p,
        .room = schedule_room_new(a, f),
        .wanted = arena_new_array(a, struct wanted, WANTED_MAX)};
    for (int i = 0, at = 0; i < f->offer_count && !p->too_many; i++) {
        g.o = &f->offers[i];
        while (at < f->slot_count && f->slots[at].offer < g.o->id)
            at++;
        int from = at;
        while (at < f->slot_count && f->slots[at].offer == g.o->id)
            at++;
        plan_offer(&g, f->slots + from, at - from);
    }
    if (!p->too_many)
        place_all(&g);
    if (p->missing_count)
        qsort(p->missing, (size_t)p->missing_count, sizeof *p->missing, by_why);
    return p;
}
