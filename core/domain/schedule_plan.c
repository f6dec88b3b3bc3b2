// What slots there should be, against those there are: pure arithmetic on what was read.
#include <stdlib.h>

#include "base/check.h"
#include "domain/schedule.h"

enum { WANTED_MAX = SCHEDULE_SLOTS_MAX * 4 };

struct wanted {
    int64_t at_us, rule;
};

struct planning {
    struct arena *a;
    const struct schedule_facts *f;
    const struct schedule_offer *o;
    struct schedule_plan *p;
    struct wanted *wanted;
    int wanted_count;
    size_t exception; // the next one to look at
};

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
            if (at.result == ZONE_GAP)
                g->p->skipped_gap++;
            else if (at.first_us > g->f->now_us)
                g->wanted[g->wanted_count++] = (struct wanted){at.first_us, r->id};
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
        if (t == SCHEDULE_TIME_OPEN)
            ids[count++] = o->resources[i];
        else if (m.time == SCHEDULE_TIME_OPEN || t == SCHEDULE_TIME_CLOSURE)
            m.time = t;
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

static void make(struct planning *g, const struct wanted *w)
{
    struct schedule_moment m = schedule_moment_of(g->a, g->f, g->o, w->at_us);
    if (m.time != SCHEDULE_TIME_OPEN) {
        g->p->skipped_closed++;
        return;
    }
    struct value *v = value_append_object(g->a, g->p->made);
    value_set_int(g->a, v, KEY(offer_id), g->o->id);
    value_set_int(g->a, v, KEY(starts_us), w->at_us);
    value_set_int(g->a, v, KEY(ends_us), w->at_us + g->o->duration_min * 60 * US_PER_SECOND);
    value_set_int(g->a, v, KEY(rule_id), w->rule);
    value_set_int(g->a, v, KEY(capacity), capacity_of(g->o, m.open));
    value_set_str(g->a, v, KEY(resources), m.open);
    if (!g->p->first_us || w->at_us < g->p->first_us)
        g->p->first_us = w->at_us;
    if (w->at_us > g->p->last_us)
        g->p->last_us = w->at_us;
}

static void keep(struct planning *g, const struct schedule_slot *s, enum schedule_why why,
    const struct closure *closure)
{
    if (s->taken && g->p->kept_count < SCHEDULE_KEPT_MAX)
        g->p->kept[g->p->kept_count++] = (struct schedule_kept){s, why, closure};
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
    int64_t ends = s->used ? s->ends_us : s->starts_us + g->o->duration_min * 60 * US_PER_SECOND;
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

// There is a slot where a rule wants one, or one of a rule that doesn't any more (`w` NULL).
static void settle_of_rule(
    struct planning *g, const struct schedule_slot *s, const struct wanted *w)
{
    struct schedule_moment m = schedule_moment_of(g->a, g->f, g->o, s->starts_us);
    if (m.time != SCHEDULE_TIME_OPEN) {
        g->p->skipped_closed += w != NULL;
        if (s->state == SLOT_OPEN)
            keep(g, s, m.time == SCHEDULE_TIME_CLOSURE ? SCHEDULE_CLOSURE : SCHEDULE_HOURS,
                m.closure);
        drop(g, s);
    } else if (w) {
        open_slot(g, s);
        renew(g, s, w, m.open);
    } else if (s->taken) {
        keep(g, s, SCHEDULE_NO_RULE, NULL);
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
        if (s->state == SLOT_OPEN)
            keep(g, s, SCHEDULE_CLOSURE, m.closure);
        close_slot(g, s);
    } else {
        open_slot(g, s);
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

struct schedule_plan *schedule_plan(struct arena *a, const struct schedule_facts *f)
{
    struct schedule_plan *p = arena_new_object(a, struct schedule_plan);
    size_t room = (size_t)f->slot_count + 1;
    *p = (struct schedule_plan){.made = value_list(a),
        .renewed = value_list(a),
        .removed = arena_new_array(a, int64_t, room),
        .closed = arena_new_array(a, int64_t, room),
        .opened = arena_new_array(a, int64_t, room),
        .detached = arena_new_array(a, int64_t, room)};
    struct planning g = {
        .a = a, .f = f, .p = p, .wanted = arena_new_array(a, struct wanted, WANTED_MAX)};
    for (int i = 0, at = 0; i < f->offer_count && !p->too_many; i++) {
        g.o = &f->offers[i];
        while (at < f->slot_count && f->slots[at].offer < g.o->id)
            at++;
        int from = at;
        while (at < f->slot_count && f->slots[at].offer == g.o->id)
            at++;
        plan_offer(&g, f->slots + from, at - from);
    }
    return p;
}
