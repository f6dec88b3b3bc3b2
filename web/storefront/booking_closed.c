// What is closed on a day, for who looks for a time there: holidays and closures with their reason,
// days of the week on which nobody is there.
#include "domain/opening.h"
#include "web/storefront/booking.h"

static bool concerns(const struct closure *c, const struct catalogue_offer *o)
{
    for (size_t i = 0; c->resource && i < value_count(o->resources); i++) {
        int64_t resource;
        if (str_to_i64(value_as_str(value_at(o->resources, i)), &resource) &&
            resource == c->resource)
            return true;
    }
    return !c->resource;
}

// "14:00–18:00" where it isn't the whole day.
static struct str part_of_day(
    struct request *r, const struct closure *c, int64_t from_us, int64_t to_us)
{
    const struct zone *zone = r->site->zone;
    if (c->from_us <= from_us && c->to_us >= to_us)
        return STR_NULL;
    int from = c->from_us <= from_us ? 0 : zone_local(zone, c->from_us).second / 60;
    int to = c->to_us >= to_us ? 0 : zone_local(zone, c->to_us).second / 60;
    return str_join(r->arena, format_time_of_day(r->arena, r->format, from), STR("\xe2\x80\x93"),
        format_time_of_day(r->arena, r->format, to), STR_NULL);
}

static struct str words_of(
    struct request *r, const struct closure *c, int64_t from_us, int64_t to_us)
{
    struct arena *a = r->arena;
    struct str reason = site_text_in(r->site, c->reason, r->language);
    struct str part = part_of_day(r, c, from_us, to_us);
    return message(a, r->words, STR("storefront.booking.closed"), "what",
        value_str(a, c->resource ? STR("resource") : STR("site")), "name",
        value_str(a, c->resource_name.p ? c->resource_name : STR("")), "part",
        value_str(a, part.p ? STR("part") : STR("all")), "times",
        value_str(a, part.p ? part : STR("")), "why",
        value_str(a, reason.len ? STR("reason") : STR("none")), "reason",
        value_str(a, reason.len ? reason : STR("")), NULL);
}

static bool is_open_on(const struct opening *o, struct date day)
{
    const struct opening_hours *h = opening_hours_of(o, 0);
    return !h || opening_hours_on(h, day);
}

struct value *booking_closed(struct request *r, const struct booking *b, struct date day)
{
    struct arena *a = r->arena;
    const struct opening *o = r->site->opening;
    struct value *list = value_list(a);
    int64_t from_us = zone_day_start(r->site->zone, day);
    int64_t to_us = zone_day_start(r->site->zone, date_add_days(day, 1));
    for (int i = 0; i < o->closure_count; i++) {
        const struct closure *c = &o->closures[i];
        if (c->from_us < to_us && c->to_us > from_us && concerns(c, b->offer))
            value_set_str(
                a, value_append_object(a, list), KEY(text), words_of(r, c, from_us, to_us));
    }
    if (!value_count(list) && !is_open_on(o, day)) {
        struct str weekday = format_date(a, r->format, day, FORMAT_DATE_WEEKDAY);
        value_set_str(a, value_append_object(a, list), KEY(text),
            message(a, r->words, STR("storefront.booking.closed_weekday"), "day",
                value_str(a, weekday), NULL));
    }
    return list;
}
