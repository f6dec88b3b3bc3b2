// Day and week by resource.
#include "http/respond.h"
#include "web/office/schedule/day.h"
#include "web/office/schedule/effect.h"

enum { DAY_SHOWN = 60 };

static struct str user_of(const struct schedule_days *d, int64_t slot, int64_t resource)
{
    for (int i = 0; i < d->uses->count; i++)
        if (rows_i64(d->uses, i, KEY(slot_id)) == slot &&
            rows_i64(d->uses, i, KEY(resource_id)) == resource) {
            struct str name = rows_str(d->uses, i, KEY(name));
            return name.len ? name : rows_str(d->uses, i, KEY(code));
        }
    return STR_NULL;
}

// Row −1 stands for slots without a resource.
static int64_t resource_at(const struct schedule_days *d, int row)
{
    return row < 0 ? 0 : rows_i64(d->resources, row, KEY(resource_id));
}

static bool shows(const struct schedule_days *d, int row)
{
    if (d->resource)
        return resource_at(d, row) == d->resource;
    for (int i = 0; i < d->slot_count; i++)
        if (schedule_uses(d, &d->slots[i], resource_at(d, row)))
            return true;
    return row >= 0 && !d->offer;
}

static struct str name_of(struct request *r, const struct schedule_days *d, int row)
{
    return row < 0 ? message(r->arena, r->words, STR("office.schedule.everywhere"), NULL)
                   : rows_str(d->resources, row, KEY(name));
}

static void add_cell(struct request *r, const struct schedule_days *d, struct value *cells,
    struct day_slot *s, int row)
{
    struct arena *a = r->arena;
    struct value *v = schedule_slot_view(r, d, s);
    if (row < 0 || !s->exclusive) {
        value_append(a, cells, v);
        return;
    }
    value_append(a, cells, v = value_copy(a, v));
    struct str who = user_of(d, s->id, resource_at(d, row));
    value_set_str(a, v, KEY(who), who);
    value_set_int(a, v, KEY(taken), who.p ? 1 : 0);
    value_set_int(a, v, KEY(capacity), 1);
    value_set_bool(a, v, KEY(shut),
        s->resources.p && !schedule_has_resource(s->resources, resource_at(d, row)));
}

// `shown` says which rows of the resources there are columns for, from −1 on.
struct grid {
    struct value *rows;
    bool *shown;
};

static void add_row(struct request *r, const struct schedule_days *d, const struct grid *grid,
    struct day_slot *first, int count)
{
    struct arena *a = r->arena;
    struct value *v = value_append_object(a, grid->rows), *cells = value_list(a);
    int32_t minute = zone_local(r->site->zone, first->starts_us).second / 60;
    value_set_str(a, v, KEY(time_text), format_time_of_day(a, r->format, minute));
    value_set(a, v, KEY(cells), cells);
    for (int row = -1; row < d->resources->count; row++) {
        if (!grid->shown[row + 1])
            continue;
        struct value *cell = value_append_object(a, cells), *slots = value_list(a);
        value_set_str(a, cell, KEY(name), name_of(r, d, row));
        value_set(a, cell, KEY(slots), slots);
        for (int i = 0; i < count; i++)
            if (schedule_uses(d, &first[i], resource_at(d, row)))
                add_cell(r, d, slots, &first[i], row);
    }
}

void schedule_grid_view(struct request *r, const struct schedule_days *d, struct value *view)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a), *columns = value_list(a);
    struct grid grid = {value_list(a), arena_new_array(a, bool, (size_t)d->resources->count + 1)};
    value_set(a, view, KEY(grid), v);
    value_set(a, v, KEY(columns), columns);
    value_set(a, v, KEY(rows), grid.rows);
    for (int row = -1; row < d->resources->count; row++)
        if ((grid.shown[row + 1] = shows(d, row)))
            value_set_str(a, value_append_object(a, columns), KEY(name), name_of(r, d, row));
    for (int i = 0; i < d->slot_count;) {
        int count = 1;
        while (i + count < d->slot_count && d->slots[i + count].starts_us == d->slots[i].starts_us)
            count++;
        add_row(r, d, &grid, &d->slots[i], count);
        i += count;
    }
}

static struct str day_url(struct request *r, struct date day, int64_t resource)
{
    struct arena *a = r->arena;
    struct str path = str_join(a, STR("/manage/schedule?date="), date_text(a, day), STR_NULL);
    if (resource)
        path = str_join(a, path, STR("&resource="), str_of_i64(a, resource), STR_NULL);
    return request_url(r, path);
}

static struct str closed_text(
    struct request *r, const struct schedule_days *d, int64_t resource, struct date day)
{
    const struct zone *zone = r->site->zone;
    const struct closure *c = opening_closure(&d->opening, resource, zone_day_start(zone, day),
        zone_day_start(zone, date_add_days(day, 1)));
    if (!c)
        return STR_NULL;
    return message(r->arena, r->words, STR("office.schedule.why"), "why",
        value_str(r->arena, STR("closure")), "reason",
        value_str(r->arena, schedule_closure_reason(r, c)), NULL);
}

static void add_day_cell(
    struct request *r, const struct schedule_days *d, struct value *cells, int row, struct date day)
{
    struct arena *a = r->arena;
    int64_t slots = 0, taken = 0, places = 0, resource = resource_at(d, row);
    for (int i = 0; i < d->slot_count; i++) {
        const struct day_slot *s = &d->slots[i];
        if (!schedule_uses(d, s, resource) ||
            date_cmp(zone_date(r->site->zone, s->starts_us), day) != 0)
            continue;
        slots++;
        bool shared = row >= 0 && s->exclusive;
        taken += shared ? user_of(d, s->id, resource).p != NULL : s->taken;
        places += shared ? 1 : s->capacity;
    }
    struct value *v = value_append_object(a, cells);
    value_set_str(a, v, KEY(date), date_text(a, day));
    value_set_str(a, v, KEY(day_text), format_date(a, r->format, day, FORMAT_DATE_SHORT));
    value_set_int(a, v, KEY(slots), slots);
    value_set_bool(a, v, KEY(has_slots), slots > 0);
    value_set_int(a, v, KEY(taken), taken);
    value_set_int(a, v, KEY(places), places);
    value_set_str(a, v, KEY(closed), closed_text(r, d, resource, day));
    value_set_str(a, v, KEY(day_url), day_url(r, day, resource));
}

// People read the times of each day below it, a crowded day on its own page.
static void add_day_list(
    struct request *r, const struct schedule_days *d, struct value *v, struct date day)
{
    struct arena *a = r->arena;
    struct value *items = value_list(a);
    int64_t from = zone_day_start(r->site->zone, day), count = 0;
    int64_t to = zone_day_start(r->site->zone, date_add_days(day, 1));
    for (int i = 0; i < d->slot_count; i++) {
        if (d->slots[i].starts_us < from || d->slots[i].starts_us >= to)
            continue;
        if (count++ < DAY_SHOWN)
            value_append(a, items, schedule_slot_view(r, d, &d->slots[i]));
    }
    value_set_str(a, v, KEY(title), format_date(a, r->format, day, FORMAT_DATE_FULL));
    value_set(a, v, KEY(slots), items);
    value_set_bool(a, v, KEY(has_slots), count > 0);
    value_set(a, v, KEY(more), count > DAY_SHOWN ? value_int(a, count - DAY_SHOWN) : value_null());
}

void schedule_week_view(struct request *r, const struct schedule_days *d, struct value *view)
{
    struct arena *a = r->arena;
    struct value *week = value_object(a), *days = value_list(a), *rows = value_list(a);
    value_set(a, view, KEY(week), week);
    value_set(a, week, KEY(days), days);
    value_set(a, week, KEY(rows), rows);
    for (int i = 0; i < d->count; i++) {
        struct value *v = value_append_object(a, days);
        struct date day = date_add_days(d->first, i);
        value_set_str(a, v, KEY(text), format_date(a, r->format, day, FORMAT_DATE_SHORT));
        value_set_str(a, v, KEY(day_url), day_url(r, day, d->resource));
        if (!r->wants_json)
            add_day_list(r, d, v, day);
    }
    for (int row = -1; row < d->resources->count; row++) {
        if (!shows(d, row))
            continue;
        struct value *v = value_append_object(a, rows), *cells = value_list(a);
        value_set_str(a, v, KEY(name), name_of(r, d, row));
        value_set(a, v, KEY(cells), cells);
        for (int i = 0; i < d->count; i++)
            add_day_cell(r, d, cells, row, date_add_days(d->first, i));
    }
}
