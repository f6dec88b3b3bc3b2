#include "domain/opening.h"

#include "domain/opening.sql.h"

enum { DAY_MIN = 1440 };

struct opening_places opening_add(struct unit *u, int64_t from_us)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, unit_tenant(u));
    return (struct opening_places){unit_add(u, &SQL_opening_hours, tenant),
        unit_add(u, &SQL_opening_closures, tenant, db_time(a, from_us))};
}

static void take_spans(struct opening_hours *h, const struct value *list)
{
    for (size_t i = 0; i < value_count(list) && h->count < OPENING_SPANS_MAX; i++) {
        const struct value *span = value_at(list, i);
        if (value_count(span) == 3)
            h->spans[h->count++] = (struct opening_span){(int)value_at(span, 0)->integer,
                (int)value_at(span, 1)->integer, (int)value_at(span, 2)->integer};
    }
}

struct opening opening_take(
    struct arena *a, const struct zone *zone, struct unit *u, struct opening_places places)
{
    const struct rows *hours = unit_rows(u, places.hours);
    const struct rows *closures = unit_rows(u, places.closures);
    struct opening o = {.zone = zone,
        .hours = arena_new_array(a, struct opening_hours, (size_t)hours->count + 1),
        .closures = arena_new_array(a, struct closure, (size_t)closures->count + 1),
        .hours_count = hours->count,
        .closure_count = closures->count};
    for (int i = 0; i < hours->count; i++) {
        o.hours[i] = (struct opening_hours){.resource = rows_i64_or(hours, i, KEY(resource_id), 0),
            .version = rows_i64(hours, i, KEY(version))};
        take_spans(&o.hours[i], rows_json(a, hours, i, KEY(hours)));
    }
    for (int i = 0; i < closures->count; i++)
        o.closures[i] = (struct closure){.id = rows_i64(closures, i, KEY(closure_id)),
            .resource = rows_i64_or(closures, i, KEY(resource_id), 0),
            .from_us = rows_us(closures, i, KEY(from_at)),
            .to_us = rows_us(closures, i, KEY(to_at)),
            .version = rows_i64(closures, i, KEY(version)),
            .holiday = str_is(rows_str(closures, i, KEY(kind)), "holiday"),
            .reason = rows_json(a, closures, i, KEY(reason)),
            .resource_name = str_dup(a, rows_str(closures, i, KEY(resource_name)))};
    return o;
}

const struct closure *opening_closure(
    const struct opening *o, int64_t resource, int64_t from_us, int64_t to_us)
{
    for (int i = 0; i < o->closure_count; i++) {
        const struct closure *c = &o->closures[i];
        if ((!c->resource || c->resource == resource) && c->from_us < to_us && c->to_us > from_us)
            return c;
    }
    return NULL;
}

const struct opening_hours *opening_hours_of(const struct opening *o, int64_t resource)
{
    const struct opening_hours *site = NULL;
    for (int i = 0; i < o->hours_count; i++) {
        if (resource && o->hours[i].resource == resource)
            return &o->hours[i];
        if (!o->hours[i].resource)
            site = &o->hours[i];
    }
    return site;
}

// Until when it is open from that minute of `day` on; the minute itself when it isn't. What began
// the evening before may go on.
static int open_until(const struct opening_hours *h, struct date day, int minute)
{
    int until = minute;
    for (bool longer = true; longer && until < minute + DAY_MIN;) {
        longer = false;
        for (int n = -1; n <= 1; n++)
            for (int i = 0; i < h->count; i++) {
                const struct opening_span *s = &h->spans[i];
                if (s->weekday == date_weekday(date_add_days(day, n)) &&
                    n * DAY_MIN + s->from_min <= until && n * DAY_MIN + s->to_min > until) {
                    until = n * DAY_MIN + s->to_min;
                    longer = true;
                }
            }
    }
    return until;
}

bool opening_hours_on(const struct opening_hours *h, struct date day)
{
    int weekday = date_weekday(day), before = date_weekday(date_add_days(day, -1));
    for (int i = 0; i < h->count; i++)
        if (h->spans[i].weekday == weekday ||
            (h->spans[i].weekday == before && h->spans[i].to_min > DAY_MIN))
            return true;
    return false;
}

bool opening_covers(const struct opening *o, int64_t resource, int64_t from_us, int64_t to_us)
{
    const struct opening_hours *h = opening_hours_of(o, resource);
    if (!h)
        return true;
    struct local_time from = zone_local(o->zone, from_us), to = zone_local(o->zone, to_us);
    int minute = from.second / 60;
    int days = date_to_days(to.date) - date_to_days(from.date);
    int end = days * DAY_MIN + (to.second + 59) / 60;
    if (end - minute > DAY_MIN || end <= minute)
        end = minute + 1;
    return open_until(h, from.date, minute) >= end;
}
