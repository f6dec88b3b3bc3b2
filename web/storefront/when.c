#include "web/storefront/when.h"

// A time that a clock change repeats names which of the two it is.
static struct str time_of(struct request *r, int64_t at_us, struct local_time local)
{
    struct str text = format_time_of_day(r->arena, r->format, local.second / 60);
    if (zone_instant(r->site->zone, local).result != ZONE_AMBIGUOUS)
        return text;
    struct str mark = format_zone_mark(r->arena, r->format, r->site->zone, at_us);
    return str_join(r->arena, text, STR(" "), mark, STR_NULL);
}

struct str when_time(struct request *r, int64_t at_us)
{
    return time_of(r, at_us, zone_local(r->site->zone, at_us));
}

struct str when_day(struct request *r, int64_t now_us, struct date day)
{
    bool this_year = zone_date(r->site->zone, now_us).year == day.year;
    return format_date(
        r->arena, r->format, day, this_year ? FORMAT_DATE_DAY_MONTH : FORMAT_DATE_FULL);
}

static struct str with_time(struct request *r, struct str key, struct str date, struct str time)
{
    struct arena *a = r->arena;
    return message(a, r->words, key, "date", value_str(a, date), "time", value_str(a, time), NULL);
}

static struct str near_text(struct request *r, int64_t now_us, struct date day, struct str time)
{
    int32_t ahead = date_to_days(day) - date_to_days(zone_date(r->site->zone, now_us));
    if (ahead == 0)
        return with_time(r, STR("storefront.when.today"), STR(""), time);
    if (ahead == 1)
        return with_time(r, STR("storefront.when.tomorrow"), STR(""), time);
    struct str date = format_date(r->arena, r->format, day, FORMAT_DATE_SHORT);
    return with_time(r, STR("storefront.when.short"), date, time);
}

struct value *when_value(struct request *r, int64_t now_us, int64_t at_us, enum when_form form)
{
    struct arena *a = r->arena;
    const struct zone *zone = r->site->zone;
    struct local_time local = zone_local(zone, at_us);
    struct str time = time_of(r, at_us, local);
    struct str text = form == WHEN_NEAR ? near_text(r, now_us, local.date, time)
                                        : with_time(r, STR("storefront.when.full"),
                                              when_day(r, now_us, local.date), time);
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(at), instant_text(a, zone, at_us));
    value_set_str(a, v, KEY(text), text);
    value_set_str(a, v, KEY(date_text), format_date(a, r->format, local.date, FORMAT_DATE_FULL));
    value_set_str(a, v, KEY(time_text), time);
    value_set_str(a, v, KEY(zone), zone_name(zone));
    value_set_str(
        a, v, KEY(weekday), format_date(a, r->format, local.date, FORMAT_DATE_WEEKDAY_SHORT));
    value_set_str(a, v, KEY(day), format_date(a, r->format, local.date, FORMAT_DATE_DAY));
    value_set_str(a, v, KEY(month), format_date(a, r->format, local.date, FORMAT_DATE_MONTH_SHORT));
    return v;
}
