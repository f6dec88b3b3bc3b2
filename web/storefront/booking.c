#include "web/storefront/booking.h"

#include <stdlib.h>

#include "base/check.h"
#include "http/form.h"
#include "web/storefront/common.h"

// Nothing opens earlier than this many days ahead (the schema's limit of opens_days_before).
enum { DAYS_AHEAD_MAX = 730, LIST_SLOTS = 60 };

static struct date first_of_month(struct date d)
{
    d.day = 1;
    return d;
}

static struct date later_of(struct date a, struct date b)
{
    return date_cmp(a, b) < 0 ? b : a;
}

static int days_between(struct date from, struct date to)
{
    return date_to_days(to) - date_to_days(from);
}

// A day that a link of ours may once have named; others count as not given.
static bool is_near(const struct booking *b, struct date d)
{
    return abs(days_between(b->today, d)) <= DAYS_AHEAD_MAX;
}

// A day that the calendar can show.
static bool is_ahead(const struct booking *b, struct date d)
{
    return date_cmp(d, b->today) >= 0 && is_near(b, d);
}

// "2026-12" as its first day.
static bool read_month(struct arena *a, struct str text, struct date *out)
{
    return text.len == 7 && date_parse(str_join(a, text, STR("-01"), STR_NULL), out);
}

void booking_ask(struct request *r, struct str slug, struct booking *b)
{
    *b = (struct booking){.who = common_reader(r),
        .slug = slug,
        .as_list = str_is(form_str(r, KEY(view)), "list"),
        .slot_text = form_str(r, KEY(slot)),
        .next_place = -1};
    b->today = zone_date(r->site->zone, b->who.now_us);
    b->has_day = date_parse(form_str(r, KEY(date)), &b->day) && is_near(b, b->day);
    b->day_is_known = b->has_day;
    b->has_from = date_parse(form_str(r, KEY(from)), &b->from) && is_ahead(b, b->from);
    b->has_month = read_month(r->arena, form_str(r, KEY(month)), &b->month) &&
                   (is_ahead(b, b->month) || date_cmp(b->month, first_of_month(b->today)) == 0);
    if (!str_to_i64(b->slot_text, &b->slot) || b->slot < 0)
        b->slot = 0;
}

// Strips follow each other from today on.
static struct date strip_with(const struct booking *b, struct date d)
{
    return date_add_days(b->today, days_between(b->today, d) / STRIP_DAYS * STRIP_DAYS);
}

// Where the calendar stands, as far as it is known.
static void place_calendar(struct booking *b)
{
    struct date anchor = b->today;
    if (b->day_is_known && is_ahead(b, b->day))
        anchor = b->day;
    else if (b->has_month)
        anchor = later_of(b->today, b->month);
    b->strip = b->has_from ? b->from : strip_with(b, anchor);
    b->month_first = b->has_month ? b->month : first_of_month(b->strip);
}

static struct date month_end(struct date first)
{
    return date_add_days(date_add_months(first, 1), -1);
}

static void add_span(struct unit *u, struct booking *b, struct date first, struct date last)
{
    struct booking_span *span = &b->spans[b->span_count++];
    span->first = first;
    span->count = days_between(first, last) + 1;
    check(span->count > 0 && span->count <= CATALOGUE_DAYS_MAX);
    span->place = catalogue_add_days(u, &b->who, b->slug, first, span->count);
}

static void add_days(struct unit *u, struct booking *b)
{
    struct date first = b->strip, last = date_add_days(b->strip, STRIP_DAYS - 1);
    b->span_count = 0;
    if (b->has_month) {
        struct date month = later_of(b->today, b->month_first), end = month_end(b->month_first);
        struct date both = date_cmp(month, first) < 0 ? month : first;
        if (days_between(both, later_of(end, last)) < CATALOGUE_DAYS_MAX) {
            first = both;
            last = later_of(end, last);
        } else {
            add_span(u, b, month, end);
        }
    }
    add_span(u, b, first, last);
}

static int64_t start_of(const struct booking *b, struct date d)
{
    return zone_day_start(b->who.site->zone, d);
}

static void add_slots(struct unit *u, struct booking *b)
{
    struct catalogue_time time = {b->who.now_us, 0};
    int limit = CATALOGUE_SLOTS_MAX;
    b->next_place = -1;
    if (b->as_list) {
        if (b->has_from)
            time.from_us = start_of(b, b->from);
        time.to_us = start_of(b, date_add_days(b->today, DAYS_AHEAD_MAX + 1));
        limit = LIST_SLOTS + 1;
    } else if (b->day_is_known) {
        struct date next = date_add_days(b->day, 1);
        time = (struct catalogue_time){start_of(b, b->day), start_of(b, next)};
        int64_t after = time.to_us > b->who.now_us ? time.to_us : b->who.now_us;
        b->next_place = catalogue_add_next(u, &b->who, b->slug, after);
    } else if (b->has_from || b->has_month) {
        time.from_us = start_of(b, b->has_from ? b->from : later_of(b->today, b->month));
    }
    b->slots_place = catalogue_add_slots(u, &b->who, b->slug, time, limit);
}

void booking_add(struct unit *u, struct booking *b)
{
    place_calendar(b);
    if (!b->as_list)
        add_days(u, b);
    add_slots(u, b);
}

static struct date day_of(const struct booking *b, const struct catalogue_slot *slot)
{
    return zone_date(b->who.site->zone, slot->starts_us);
}

// Whole days only; what follows is behind "later dates".
static void cut_list(struct booking *b)
{
    int count = b->slots.count;
    b->has_more = count > LIST_SLOTS;
    if (!b->has_more)
        return;
    struct date last = day_of(b, &b->slots.items[count - 1]);
    while (count && date_cmp(day_of(b, &b->slots.items[count - 1]), last) == 0)
        count--;
    // More in a day than the list takes: that day alone.
    b->slots.count = count ? count : LIST_SLOTS;
}

static bool is_read(const struct booking *b, struct date strip)
{
    for (int i = 0; i < b->span_count; i++) {
        int at = days_between(b->spans[i].first, strip);
        if (at >= 0 && at + STRIP_DAYS <= b->spans[i].count)
            return true;
    }
    return false;
}

// The day is that of the first free slot, if the part of the calendar that was asked for has it.
static void settle_day(struct booking *b)
{
    struct date first = later_of(b->today, b->has_month ? b->month : b->strip);
    struct date last = b->has_month  ? month_end(b->month)
                       : b->has_from ? date_add_days(b->strip, STRIP_DAYS - 1)
                                     : date_add_days(b->today, DAYS_AHEAD_MAX + 1);
    b->day_is_known = true;
    b->day = b->slots.count ? day_of(b, &b->slots.items[0]) : first;
    if (b->slots.count && date_cmp(b->day, last) > 0) {
        b->day = first;
        b->next_us = b->slots.items[0].starts_us;
        b->slots.count = 0;
    }
    // Two profiles may each have brought a day.
    int count = 0;
    while (count < b->slots.count && date_cmp(day_of(b, &b->slots.items[count]), b->day) == 0)
        count++;
    b->slots.count = count;
}

bool booking_take(struct unit *u, const struct catalogue_offer *offer, struct booking *b)
{
    b->offer = offer;
    b->slots = catalogue_take_slots(unit_arena(u), unit_rows(u, b->slots_place));
    if (b->as_list) {
        cut_list(b);
        return true;
    }
    for (int i = 0; i < b->span_count; i++)
        catalogue_take_days(unit_rows(u, b->spans[i].place), b->spans[i].days, b->spans[i].count);
    if (b->next_place >= 0)
        b->next_us = catalogue_take_start(unit_rows(u, b->next_place));
    if (b->day_is_known)
        return true;
    settle_day(b);
    place_calendar(b);
    return is_read(b, b->strip);
}

const struct catalogue_slot *booking_chosen(const struct booking *b)
{
    for (int i = 0; b->slot && i < b->slots.count; i++)
        if (b->slots.items[i].id == b->slot)
            return &b->slots.items[i];
    return NULL;
}

bool booking_is_free(const struct booking *b, const struct catalogue_slot *slot)
{
    return slot->places_left >= b->offer->min_per_order;
}
