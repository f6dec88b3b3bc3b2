// The days of the booking panel: a strip of fourteen and a month.
#include "web/storefront/booking.h"
#include "web/storefront/card.h"
#include "web/storefront/when.h"

static enum catalogue_day state_of(const struct booking *b, struct date d)
{
    for (int i = 0; i < b->span_count; i++) {
        int at = date_to_days(d) - date_to_days(b->spans[i].first);
        if (at >= 0 && at < b->spans[i].count)
            return b->spans[i].days[at];
    }
    return CATALOGUE_DAY_NONE;
}

struct str booking_date_url(
    struct request *r, const struct booking *b, const char *name, struct date date)
{
    return str_join(r->arena, card_url(r, b->slug), STR("?"), str_of(name), STR("="),
        date_text(r->arena, date), STR_NULL);
}

// "Saturday 21 November 2026, places free"; "…, closed: Christmas".
static struct str label_of(
    struct request *r, struct date d, enum catalogue_day state, const struct value *closed)
{
    static const char *const keys[] = {[CATALOGUE_DAY_NONE] = "storefront.booking.day_none",
        [CATALOGUE_DAY_FULL] = "storefront.booking.day_taken",
        [CATALOGUE_DAY_FREE] = "storefront.booking.day_free"};
    struct arena *a = r->arena;
    struct str date = format_date(a, r->format, d, FORMAT_DATE_FULL);
    if (closed)
        return str_join(a, date, STR(". "), value_get_str(closed, KEY(text)), STR_NULL);
    return message(a, r->words, str_of(keys[state]), "date", value_str(a, date), NULL);
}

static void add_day(
    struct request *r, const struct booking *b, struct date d, struct value *day, bool is_shown)
{
    struct arena *a = r->arena;
    enum catalogue_day state = is_shown ? state_of(b, d) : CATALOGUE_DAY_NONE;
    const struct value *closed =
        is_shown && state == CATALOGUE_DAY_NONE ? value_at(booking_closed(r, b, d), 0) : NULL;
    bool leads = is_shown && (state != CATALOGUE_DAY_NONE || closed);
    value_set(a, day, KEY(date), is_shown ? value_str(a, date_text(a, d)) : NULL);
    value_set(a, day, KEY(day), is_shown ? value_str(a, str_of_i64(a, d.day)) : NULL);
    value_set(a, day, KEY(label), is_shown ? value_str(a, label_of(r, d, state, closed)) : NULL);
    value_set(a, day, KEY(day_url), leads ? value_str(a, booking_date_url(r, b, "date", d)) : NULL);
    value_set_bool(a, day, KEY(free), state == CATALOGUE_DAY_FREE);
    value_set_bool(a, day, KEY(closed), closed != NULL);
    value_set_bool(a, day, KEY(today), is_shown && date_cmp(d, b->today) == 0);
    value_set_bool(a, day, KEY(current), is_shown && date_cmp(d, b->day) == 0);
}

static struct date last_day(const struct booking *b)
{
    return date_add_days(b->today, (int32_t)b->offer->opens_days_before);
}

static void add_moves(struct request *r, struct value *v, struct str before, struct str after)
{
    struct arena *a = r->arena;
    value_set(a, v, KEY(prev_url), before.p ? value_str(a, before) : NULL);
    value_set(a, v, KEY(next_url), after.p ? value_str(a, after) : NULL);
}

struct value *booking_strip(struct request *r, const struct booking *b)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a), *days = value_list(a);
    struct date last = date_add_days(b->strip, STRIP_DAYS - 1);
    struct date before = date_add_days(b->strip, -STRIP_DAYS), after = date_add_days(last, 1);
    if (date_cmp(before, b->today) < 0)
        before = b->today;
    value_set_str(a, v, KEY(title), format_date_range(a, r->format, b->strip, last));
    add_moves(r, v,
        date_cmp(b->strip, b->today) > 0 ? booking_date_url(r, b, "from", before) : STR_NULL,
        date_cmp(after, last_day(b)) <= 0 ? booking_date_url(r, b, "from", after) : STR_NULL);
    value_set(a, v, KEY(days), days);
    for (int i = 0; i < STRIP_DAYS; i++) {
        struct date d = date_add_days(b->strip, i);
        struct value *day = value_append_object(a, days);
        add_day(r, b, d, day, true);
        value_set_str(
            a, day, KEY(weekday), format_date(a, r->format, d, FORMAT_DATE_WEEKDAY_SHORT));
    }
    return v;
}

struct str booking_month_url(struct request *r, const struct booking *b, struct date first)
{
    return str_join(r->arena, card_url(r, b->slug), STR("?month="),
        str_sub(date_text(r->arena, first), 0, 7), STR_NULL);
}

// Monday first; any week tells their names.
static struct value *weekdays(struct request *r, struct date monday)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    for (int i = 0; i < 7; i++) {
        struct date d = date_add_days(monday, i);
        struct value *v = value_append_object(a, list);
        value_set_str(a, v, KEY(short), format_date(a, r->format, d, FORMAT_DATE_WEEKDAY_LEAST));
        value_set_str(a, v, KEY(long), format_date(a, r->format, d, FORMAT_DATE_WEEKDAY));
    }
    return list;
}

struct value *booking_month(struct request *r, const struct booking *b)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a), *weeks = value_list(a);
    struct date first = b->month_first, after = date_add_months(first, 1);
    struct date monday = date_add_days(first, 1 - date_weekday(first));
    bool is_later = date_cmp(first, b->today) > 0;
    value_set_str(a, v, KEY(title), format_date(a, r->format, first, FORMAT_DATE_MONTH));
    add_moves(r, v, is_later ? booking_month_url(r, b, date_add_months(first, -1)) : STR_NULL,
        date_cmp(after, last_day(b)) <= 0 ? booking_month_url(r, b, after) : STR_NULL);
    value_set(a, v, KEY(weekdays), weekdays(r, monday));
    value_set(a, v, KEY(weeks), weeks);
    for (struct date d = monday; date_cmp(d, after) < 0;) {
        struct value *days = value_list(a);
        value_set(a, value_append_object(a, weeks), KEY(days), days);
        for (int i = 0; i < 7; i++, d = date_add_days(d, 1))
            add_day(r, b, d, value_append_object(a, days), d.month == first.month);
    }
    return v;
}
