#include "base/clock.h"
#include "http/respond.h"
#include "web/office/schedule/day.h"
#include "web/office/schedule/day.sql.h"
#include "web/office/schedule/effect.h"
#include "web/office/schedule/hours.sql.h"

enum { TITLES_SOUGHT = 64 };

static bool offer_uses(const struct schedule_days *d, int64_t offer, int64_t resource)
{
    for (int i = 0; i < d->link_count; i++)
        if (d->links[i].offer == offer && (!resource || d->links[i].resource == resource))
            return true;
    return false;
}

bool schedule_has_resource(struct str list, int64_t resource)
{
    struct str rest = list.len > 2 ? str_sub(list, 1, list.len - 1) : STR("");
    int64_t id;
    while (rest.len)
        if (str_to_i64(str_cut(&rest, ','), &id) && id == resource)
            return true;
    return false;
}

// An exclusive offer's list says which of its resources are open, another's which it was given.
bool schedule_uses(const struct schedule_days *d, const struct day_slot *s, int64_t resource)
{
    if (resource && !s->exclusive && s->resources.p)
        return schedule_has_resource(s->resources, resource);
    return resource ? offer_uses(d, s->offer, resource) : !offer_uses(d, s->offer, 0);
}

static void take_links(struct request *r, struct schedule_days *d, const struct rows *rows)
{
    struct day_link *links = arena_new_array(r->arena, struct day_link, (size_t)rows->count + 1);
    for (int i = 0; i < rows->count; i++)
        links[i] = (struct day_link){
            rows_i64(rows, i, KEY(offer_id)), rows_i64(rows, i, KEY(resource_id))};
    d->links = links;
    d->link_count = rows->count;
}

// Slots of an offer share its words, read once.
static struct str title_of(
    struct request *r, const struct schedule_days *d, const struct rows *rows, int i, int64_t offer)
{
    for (int k = d->slot_count - 1; k >= 0 && k > d->slot_count - TITLES_SOUGHT; k--)
        if (d->slots[k].offer == offer)
            return d->slots[k].title;
    return site_text_in(r->site, rows_json(r->arena, rows, i, KEY(title)), r->language);
}

static void take_slots(struct request *r, struct schedule_days *d, const struct rows *rows)
{
    d->slots = arena_new_array(r->arena, struct day_slot, (size_t)rows->count + 1);
    for (int i = 0; i < rows->count; i++) {
        struct day_slot s = {.id = rows_i64(rows, i, KEY(slot_id)),
            .offer = rows_i64(rows, i, KEY(offer_id)),
            .starts_us = rows_us(rows, i, KEY(starts_us)),
            .ends_us = rows_us(rows, i, KEY(ends_us)),
            .taken = rows_i64(rows, i, KEY(taken)),
            .capacity = rows_i64(rows, i, KEY(capacity)),
            .state = rows_str(rows, i, KEY(state)),
            .resources = rows_str(rows, i, KEY(resources)),
            .exclusive = rows_bool(rows, i, KEY(exclusive)),
            .single = rows_bool(rows, i, KEY(single))};
        if ((d->offer && s.offer != d->offer) ||
            (d->resource && !schedule_uses(d, &s, d->resource)))
            continue;
        s.title = title_of(r, d, rows, i, s.offer);
        d->slots[d->slot_count++] = s;
    }
}

bool schedule_days_read(struct request *r, struct schedule_days *d)
{
    struct arena *a = r->arena;
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    struct str tenant = db_i64(a, r->site->tenant), from = db_time(a, d->from_us);
    struct str to = db_time(a, d->to_us), now = db_time(a, d->now_us);
    int slots = unit_add(u, &SQL_office_day_slots, tenant, from, to, now);
    int uses = unit_add(u, &SQL_office_day_uses, tenant, from, to, now);
    int resources = unit_add(u, &SQL_office_day_resources, tenant, from, to);
    int links = unit_add(u, &SQL_office_day_links, tenant);
    int offers = unit_add(u, &SQL_office_schedule_offers, tenant);
    struct opening_places opening = opening_add(u, d->from_us);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    d->uses = unit_rows(u, uses);
    d->resources = unit_rows(u, resources);
    take_links(r, d, unit_rows(u, links));
    d->offers = unit_rows(u, offers);
    d->opening = opening_take(a, r->site->zone, u, opening);
    take_slots(r, d, unit_rows(u, slots));
    return true;
}

static struct str places_of(
    struct request *r, const struct schedule_days *d, const struct day_slot *s)
{
    struct str text = STR_NULL;
    for (int i = 0; i < d->resources->count; i++)
        if (schedule_uses(d, s, rows_i64(d->resources, i, KEY(resource_id))))
            text = str_join(r->arena, text.p ? text : STR(""), text.p ? STR(", ") : STR(""),
                rows_str(d->resources, i, KEY(name)), STR_NULL);
    return text;
}

struct value *schedule_slot_view(
    struct request *r, const struct schedule_days *d, struct day_slot *s)
{
    struct arena *a = r->arena;
    if (s->view)
        return s->view;
    struct value *v = s->view = value_object(a);
    int32_t minute = zone_local(r->site->zone, s->starts_us).second / 60;
    value_set_str(a, v, KEY(id), str_of_i64(a, s->id));
    value_set_str(a, v, KEY(at), instant_text(a, r->site->zone, s->starts_us));
    value_set_str(a, v, KEY(time_text), format_time_of_day(a, r->format, minute));
    minute = zone_local(r->site->zone, s->ends_us).second / 60;
    value_set_str(a, v, KEY(until_text), format_time_of_day(a, r->format, minute));
    value_set_str(a, v, KEY(title), s->title);
    value_set_str(a, v, KEY(place), places_of(r, d, s));
    value_set_int(a, v, KEY(taken), s->taken);
    value_set_int(a, v, KEY(capacity), s->capacity);
    value_set_str(a, v, KEY(state), s->state);
    value_set_bool(a, v, KEY(is_open), str_is(s->state, "open"));
    value_set_bool(a, v, KEY(single), s->single);
    value_set_str(a, v, KEY(slot_url), request_url(r, schedule_slot_path(a, s->id)));
    value_set_bool(a, v, KEY(shut), false);
    value_set(a, v, KEY(who), NULL);
    return v;
}
