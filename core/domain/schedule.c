#include "domain/schedule.h"

#include "base/check.h"
#include "data/revision.h"
#include "domain/schedule.sql.h"
#include "domain/slot_change.sql.h"

struct schedule_places {
    int revision, offers, rules, slots, exceptions, uses, titles, names;
    struct opening_places opening;
};

static struct str code_array(struct arena *a, const struct value *list)
{
    struct str *codes = arena_new_array(a, struct str, value_count(list) + 1);
    for (size_t i = 0; i < value_count(list); i++)
        codes[i] = value_as_str(value_at(list, i));
    return db_str_array(a, codes, value_count(list));
}

static struct schedule_places add_reading(struct unit *u, const struct site *site, int64_t offer,
    int64_t now_us, const struct value *codes)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, site->tenant), now = db_time(a, now_us);
    struct str from = db_i64(a, offer), to = db_i64(a, offer ? offer : INT64_MAX);
    return (struct schedule_places){.revision = unit_add(u, &SQL_schedule_revision, tenant),
        .offers = unit_add(u, &SQL_schedule_offers, tenant, from, to),
        .rules = unit_add(u, &SQL_schedule_rules, tenant, from, to),
        .slots = unit_add(u, &SQL_schedule_slots, tenant, from, to, now),
        .exceptions = unit_add(u, &SQL_schedule_exceptions, tenant, from, to, now),
        .uses = unit_add(u, &SQL_schedule_uses, tenant, from, to, now, code_array(a, codes)),
        .titles = unit_add(u, &SQL_schedule_titles, tenant),
        .names = unit_add(u, &SQL_schedule_names, tenant),
        .opening = opening_add(u, now_us)};
}

static void take_resources(struct arena *a, struct schedule_offer *o, const struct value *list)
{
    o->resources = arena_new_array(a, int64_t, value_count(list) + 1);
    for (size_t i = 0; i < value_count(list); i++)
        if (str_to_i64(value_as_str(value_at(list, i)), &o->resources[o->resource_count]))
            o->resource_count++;
}

static void take_offers(struct arena *a, struct schedule_facts *f, const struct rows *r)
{
    f->offers = arena_new_array(a, struct schedule_offer, (size_t)r->count + 1);
    for (int i = 0; i < r->count; i++) {
        if (str_is(rows_str(r, i, KEY(state)), "archived"))
            continue;
        struct schedule_offer *o = &f->offers[f->offer_count++];
        int64_t ahead = rows_i64(r, i, KEY(opens_days_before));
        *o = (struct schedule_offer){.id = rows_i64(r, i, KEY(offer_id)),
            .duration_min = rows_i64(r, i, KEY(duration_min)),
            .buffer_min = rows_i64(r, i, KEY(buffer_min)),
            .capacity = rows_i64(r, i, KEY(capacity)),
            .days_ahead = ahead > SCHEDULE_DAYS_AHEAD ? ahead : SCHEDULE_DAYS_AHEAD,
            .title = rows_json(a, r, i, KEY(title)),
            .exclusive = rows_bool(r, i, KEY(exclusive))};
        take_resources(a, o, rows_json(a, r, i, KEY(resources)));
    }
}

static void take_rules(struct arena *a, struct schedule_facts *f, const struct rows *r)
{
    f->rules = arena_new_array(a, struct schedule_rule, (size_t)r->count + 1);
    f->rule_count = r->count;
    for (int i = 0; i < r->count; i++) {
        struct schedule_rule *rule = &f->rules[i];
        const struct value *days = rows_json(a, r, i, KEY(days));
        const struct value *minutes = rows_json(a, r, i, KEY(minutes));
        *rule = (struct schedule_rule){.id = rows_i64(r, i, KEY(rule_id)),
            .offer = rows_i64(r, i, KEY(offer_id)),
            .version = rows_i64(r, i, KEY(version)),
            .every = rows_i64(r, i, KEY(every_weeks)),
            .week = rows_i64(r, i, KEY(week)),
            .rate_codes = rows_json(a, r, i, KEY(rate_codes))};
        rule->has_from = date_parse(rows_str(r, i, KEY(from_date)), &rule->from);
        rule->has_to = date_parse(rows_str(r, i, KEY(to_date)), &rule->to);
        for (size_t d = 0; d < value_count(days); d++)
            rule->days |= 1u << value_at(days, d)->integer;
        for (size_t m = 0; m < value_count(minutes) && rule->count < SCHEDULE_TIMES_MAX; m++)
            rule->minutes[rule->count++] = (int)value_at(minutes, m)->integer;
    }
}

static enum slot_state slot_state_of(struct str name)
{
    return str_is(name, "open") ? SLOT_OPEN : str_is(name, "closed") ? SLOT_CLOSED : SLOT_CANCELLED;
}

static void take_slots(struct arena *a, struct schedule_facts *f, const struct rows *r)
{
    f->slots = arena_new_array(a, struct schedule_slot, (size_t)r->count + 1);
    f->slot_count = r->count;
    for (int i = 0; i < r->count; i++)
        f->slots[i] = (struct schedule_slot){.id = rows_i64(r, i, KEY(slot_id)),
            .offer = rows_i64(r, i, KEY(offer_id)),
            .rule = rows_i64_or(r, i, KEY(rule_id), 0),
            .starts_us = rows_us(r, i, KEY(starts_at)),
            .ends_us = rows_us(r, i, KEY(ends_at)),
            .taken = rows_i64(r, i, KEY(taken)),
            .capacity = rows_i64(r, i, KEY(capacity)),
            .version = rows_i64(r, i, KEY(version)),
            .state = slot_state_of(rows_str(r, i, KEY(state))),
            .used = rows_bool(r, i, KEY(used)),
            .resources = rows_str(r, i, KEY(resources))};
}

static void take_uses(struct arena *a, struct schedule_facts *f, const struct rows *r)
{
    f->uses = arena_new_array(a, struct schedule_use, (size_t)r->count + 1);
    f->use_count = r->count;
    for (int i = 0; i < r->count; i++)
        f->uses[i] = (struct schedule_use){.resource = rows_i64(r, i, KEY(resource_id)),
            .offer = rows_i64_or(r, i, KEY(offer_id), 0),
            .slot = rows_i64_or(r, i, KEY(slot_id), 0),
            .from_us = rows_us(r, i, KEY(from_at)),
            .to_us = rows_us(r, i, KEY(to_at)),
            .over = rows_bool(r, i, KEY(over))};
}

struct schedule_facts *schedule_read(
    struct arena *a, const struct site *site, int64_t offer, int64_t now_us)
{
    return schedule_read_with(a, site, offer, now_us, NULL);
}

struct schedule_facts *schedule_read_with(struct arena *a, const struct site *site, int64_t offer,
    int64_t now_us, const struct value *codes)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    struct schedule_places places = add_reading(u, site, offer, now_us, codes);
    if (unit_run(u) != DB_OK)
        return NULL;
    struct schedule_facts *f = arena_new_object(a, struct schedule_facts);
    *f = (struct schedule_facts){.site = site, .now_us = now_us};
    f->revision = rows_i64(unit_rows(u, places.revision), 0, KEY(revision));
    take_offers(a, f, unit_rows(u, places.offers));
    take_rules(a, f, unit_rows(u, places.rules));
    take_slots(a, f, unit_rows(u, places.slots));
    take_uses(a, f, unit_rows(u, places.uses));
    f->titles = unit_rows(u, places.titles);
    f->names = unit_rows(u, places.names);
    f->exceptions = rows_list(a, unit_rows(u, places.exceptions));
    f->opening = opening_take(a, site->zone, u, places.opening);
    return f;
}

const struct schedule_offer *schedule_offer_of(const struct schedule_facts *f, int64_t offer)
{
    for (int i = 0; i < f->offer_count; i++)
        if (f->offers[i].id == offer)
            return &f->offers[i];
    return NULL;
}

struct value *schedule_title_of(struct arena *a, const struct schedule_facts *f, int64_t offer)
{
    for (int i = 0; i < f->titles->count; i++)
        if (rows_i64(f->titles, i, KEY(offer_id)) == offer)
            return rows_json(a, f->titles, i, KEY(title));
    return NULL;
}

struct str schedule_name_of(const struct schedule_facts *f, int64_t resource)
{
    for (int i = 0; i < f->names->count; i++)
        if (rows_i64(f->names, i, KEY(resource_id)) == resource)
            return rows_str(f->names, i, KEY(name));
    return STR_NULL;
}

void schedule_add_guard(struct unit *u, const struct schedule_facts *f)
{
    struct arena *a = unit_arena(u);
    unit_add(u, &SQL_schedule_guard, db_i64(a, f->site->tenant), db_i64(a, f->revision));
}

static void add_ids(
    struct unit *u, struct sql *sql, struct str tenant, const int64_t *ids, int count)
{
    if (count)
        unit_add(u, sql, tenant, db_i64_array(unit_arena(u), ids, (size_t)count));
}

static void add_state(
    struct unit *u, struct str tenant, const int64_t *ids, int count, struct str state)
{
    if (count)
        unit_add(u, &SQL_schedule_set_state, tenant,
            db_i64_array(unit_arena(u), ids, (size_t)count), state);
}

static void lock(struct unit *u, struct str tenant, const struct schedule_plan *p)
{
    struct arena *a = unit_arena(u);
    size_t renewed = value_count(p->renewed), count = 0;
    size_t all = (size_t)(p->removed_count + p->closed_count + p->opened_count) +
                 (size_t)(p->detached_count + p->freed_count) + renewed;
    int64_t *ids = arena_new_array(a, int64_t, all + 1);
    for (int i = 0; i < p->removed_count; i++)
        ids[count++] = p->removed[i];
    for (int i = 0; i < p->closed_count; i++)
        ids[count++] = p->closed[i];
    for (int i = 0; i < p->opened_count; i++)
        ids[count++] = p->opened[i];
    for (int i = 0; i < p->detached_count; i++)
        ids[count++] = p->detached[i];
    for (int i = 0; i < p->freed_count; i++)
        ids[count++] = p->freed[i];
    for (size_t i = 0; i < renewed; i++)
        ids[count++] = value_get_int(value_at(p->renewed, i), KEY(slot_id), 0);
    add_ids(u, &SQL_schedule_lock, tenant, ids, (int)count);
}

// Holds that ran out make room, wherever something is taken.
static void take_over(struct unit *u, const struct schedule_facts *f, const struct schedule_plan *p)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, f->site->tenant), now = db_time(a, f->now_us);
    int64_t from = INT64_MAX, to = 0;
    if (!p->takes_over)
        return;
    for (size_t i = 0; i < value_count(p->taken); i++) {
        const struct value *v = value_at(p->taken, i);
        int64_t begins = value_get_int(v, KEY(from_us), 0), ends = value_get_int(v, KEY(to_us), 0);
        from = begins < from ? begins : from;
        to = ends > to ? ends : to;
    }
    unit_add(u, &SQL_slot_lock_resources, tenant);
    unit_add(u, &SQL_slot_take_over, tenant, db_i64_array(a, NULL, 0), db_time(a, from),
        db_time(a, to), now);
}

void schedule_add_plan(
    struct unit *u, const struct schedule_facts *f, const struct schedule_plan *p)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, f->site->tenant);
    check(!p->too_many);
    take_over(u, f, p);
    lock(u, tenant, p);
    add_ids(u, &SQL_schedule_remove, tenant, p->removed, p->removed_count);
    add_ids(u, &SQL_schedule_detach, tenant, p->detached, p->detached_count);
    add_state(u, tenant, p->closed, p->closed_count, STR("closed"));
    add_state(u, tenant, p->opened, p->opened_count, STR("open"));
    if (value_count(p->renewed))
        unit_add(u, &SQL_schedule_renew, tenant, db_json(a, p->renewed));
    if (value_count(p->made))
        unit_add(u, &SQL_schedule_make, tenant, db_json(a, p->made));
    add_ids(u, &SQL_schedule_free, tenant, p->freed, p->freed_count);
    if (value_count(p->taken))
        unit_add(u, &SQL_schedule_take, tenant, db_json(a, p->taken));
}

enum schedule_result schedule_result_of(struct unit *u, enum db_result result)
{
    if (result == DB_OK)
        return SCHEDULE_DONE;
    if (result == DB_REFUSED && str_is(unit_refusal(u), "schedule_changed"))
        return SCHEDULE_CHANGED;
    return result == DB_BUSY || result == DB_CONFLICT ? SCHEDULE_CHANGED : SCHEDULE_UNAVAILABLE;
}

static bool is_empty(const struct schedule_plan *p)
{
    return !value_count(p->made) && !value_count(p->renewed) && !p->removed_count &&
           !p->closed_count && !p->opened_count && !p->detached_count && !p->freed_count;
}

enum { TRIES = 3 };

static bool extend_offer(struct arena *a, const struct site *site, int64_t offer, int64_t now_us)
{
    for (int i = 0; i < TRIES; i++) {
        struct schedule_facts *f = schedule_read(a, site, offer, now_us);
        if (!f)
            return false;
        struct schedule_plan *p = schedule_plan(a, f);
        if (p->too_many || is_empty(p))
            return true;
        struct unit *u = unit_new(a, DB_WRITE, site->tenant);
        schedule_add_guard(u, f);
        schedule_add_plan(u, f, p);
        enum schedule_result result = schedule_result_of(u, unit_run(u));
        if (result != SCHEDULE_CHANGED)
            return result == SCHEDULE_DONE;
    }
    return false;
}

bool schedule_extend(struct arena *a, const struct site *site, int64_t now_us)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(
        u, &SQL_schedule_offers, db_i64(a, site->tenant), db_i64(a, 0), db_i64(a, INT64_MAX));
    if (unit_run(u) != DB_OK)
        return false;
    const struct rows *r = unit_rows(u, place);
    for (int i = 0; i < r->count; i++) {
        struct arena *own = arena_new();
        bool ok = extend_offer(own, site, rows_i64(r, i, KEY(offer_id)), now_us);
        arena_free(own);
        if (!ok)
            return false;
    }
    return true;
}
