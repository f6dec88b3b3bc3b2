#include "domain/slot.h"

#include "base/clock.h"
#include "base/id.h"
#include "data/revision.h"
#include "domain/offer_own.h"
#include "domain/slot.sql.h"

static int64_t minutes_us(int64_t minutes)
{
    return minutes * 60 * US_PER_SECOND;
}

static struct slot_conflict *add(struct slot_look *look, enum slot_conflict_kind kind)
{
    struct slot_conflict *c =
        &look->conflicts[look->count < SLOT_CONFLICTS_MAX ? look->count++ : look->count - 1];
    *c = (struct slot_conflict){.kind = kind};
    look->blocked |= kind != SLOT_HOURS;
    return c;
}

static void look_at_time(
    struct arena *a, const struct slot_wish *wish, struct slot_look *look, int64_t now_us)
{
    const struct schedule_facts *f = look->facts;
    struct schedule_moment m = schedule_moment_of(a, f, look->offer, wish->starts_us);
    look->open = m.open;
    if (wish->starts_us <= now_us)
        add(look, SLOT_PAST);
    for (int i = 0; i < f->slot_count; i++)
        if (f->slots[i].starts_us == wish->starts_us)
            add(look, SLOT_TWICE);
    if (m.time == SCHEDULE_TIME_CLOSURE)
        add(look, SLOT_CLOSURE)->closure = m.closure;
    else if (m.time == SCHEDULE_TIME_HOURS)
        add(look, SLOT_HOURS);
}

static bool is_busy(const struct rows *r, int64_t resource)
{
    for (int i = 0; i < r->count; i++)
        if (rows_i64(r, i, KEY(resource_id)) == resource)
            return true;
    return false;
}

// An exclusive offer needs one of its resources free, others need all.
static void look_at_resources(struct arena *a, struct slot_look *look, const struct rows *r)
{
    const struct schedule_offer *o = look->offer;
    int busy = 0;
    for (int i = 0; i < o->resource_count; i++)
        busy += is_busy(r, o->resources[i]);
    if (!busy || (o->exclusive && busy < o->resource_count))
        return;
    for (int i = 0; i < r->count && look->count < SLOT_CONFLICTS_MAX; i++) {
        struct slot_conflict *c = add(look, SLOT_OVERLAP);
        c->resource = rows_str(r, i, KEY(resource_name));
        c->other_title = rows_json(a, r, i, KEY(title));
        c->from_us = rows_us(r, i, KEY(from_at));
        c->to_us = rows_us(r, i, KEY(to_at));
    }
}

enum schedule_result slot_look(
    struct arena *a, const struct site *site, const struct slot_wish *wish, struct slot_look *look)
{
    int64_t now = clock_now_us();
    *look = (struct slot_look){.facts = schedule_read(a, site, wish->offer, now)};
    if (!look->facts)
        return SCHEDULE_UNAVAILABLE;
    look->offer = schedule_offer_of(look->facts, wish->offer);
    if (!look->offer)
        return SCHEDULE_NOT_FOUND;
    int64_t until = wish->starts_us + minutes_us(look->offer->duration_min);
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(u, &SQL_slot_overlaps, db_i64(a, site->tenant), db_i64(a, wish->offer),
        db_time(a, wish->starts_us), db_time(a, until + minutes_us(look->offer->buffer_min)));
    if (unit_run(u) != DB_OK)
        return SCHEDULE_UNAVAILABLE;
    look_at_time(a, wish, look, now);
    look_at_resources(a, look, unit_rows(u, place));
    return SCHEDULE_DONE;
}

static int64_t capacity_of(const struct slot_wish *wish, const struct schedule_offer *o)
{
    if (o->exclusive)
        return o->resource_count;
    return wish->capacity ? wish->capacity : o->capacity;
}

static struct value *audit_value(
    struct arena *a, const struct slot_wish *wish, const struct schedule_offer *o)
{
    struct value *v = value_object(a);
    value_set(a, v, KEY(offer), o->title);
    value_set_int(a, v, KEY(starts_us), wish->starts_us);
    value_set_int(a, v, KEY(capacity), capacity_of(wish, o));
    return v;
}

enum schedule_result slot_add(struct arena *a, const struct schedule_ask *ask,
    const struct slot_wish *wish, const struct slot_look *look, int64_t *id)
{
    const struct schedule_offer *o = look->offer;
    struct unit *u = unit_new(a, DB_WRITE, ask->site->tenant);
    struct str tenant = db_i64(a, ask->site->tenant);
    *id = id_number();
    struct str slot = db_i64(a, *id);
    schedule_add_guard(u, look->facts);
    offer_own(u, o->id);
    unit_add(u, &SQL_slot_insert, tenant, slot, db_i64(a, o->id), db_time(a, wish->starts_us),
        db_time(a, wish->starts_us + minutes_us(o->duration_min)), db_i64(a, capacity_of(wish, o)),
        look->open);
    if (!o->exclusive && o->resource_count)
        unit_add(u, &SQL_slot_allocate, tenant, slot);
    struct audit audit = *ask->who;
    audit.action = STR("slot.add");
    audit.object_kind = STR("slot");
    audit.object_id = slot;
    audit.after = audit_value(a, wish, o);
    audit_add(u, &audit);
    revision_touch(u);
    enum db_result result = unit_run(u);
    if (result == DB_REFUSED && str_is(unit_refusal(u), "changed"))
        return SCHEDULE_CHANGED;
    return schedule_result_of(u, result);
}
