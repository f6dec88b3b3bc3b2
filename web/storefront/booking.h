// The booking panel of an offer: fourteen days, a month behind them, the times of one day or a list
// of the next ones, and the chosen time with its rates. Reading it takes one unit, shared with the
// rest of the page; a second one only where what the page opens on lies beyond what the first one
// read.
#pragma once

#include "domain/catalogue.h"
#include "http/request.h"

enum { STRIP_DAYS = 14 };

// Consecutive days and what they have.
struct booking_span {
    struct date first;
    int count, place;
    enum catalogue_day days[CATALOGUE_DAYS_MAX];
};

struct booking {
    struct catalogue_reader who;
    struct str slug;
    struct date today;

    // What was asked for.
    struct date day, from, month; // the month's first day
    bool has_day, has_from, has_month, as_list;
    struct str slot_text;
    int64_t slot; // 0: none

    // What is shown: the first days of strip and month; the day once it is known.
    struct date strip, month_first; // the month only when it was asked for
    bool day_is_known;

    // What was read.
    const struct catalogue_offer *offer;
    struct booking_span spans[2]; // the strip's days, and the month's where they lie apart
    int span_count;
    struct catalogue_slots slots;
    int slots_place, next_place; // next_place -1: not asked
    int64_t next_us;             // a free time after the day; 0: none
    bool has_more;               // the list ends before the dates do
};

// The fields of the request's form that the panel understands.
void booking_ask(struct request *r, struct str slug, struct booking *b);
// Adds what the panel needs to a unit.
void booking_add(struct unit *u, struct booking *b);
// Reads it; false when the day turned out to lie elsewhere: add and run again.
bool booking_take(struct unit *u, const struct catalogue_offer *offer, struct booking *b);

// NULL when the chosen slot isn't there.
const struct catalogue_slot *booking_chosen(const struct booking *b);
// Whether one order's least number of places is left.
bool booking_is_free(const struct booking *b, const struct catalogue_slot *slot);

struct value *booking_value(struct request *r, const struct booking *b);
// Why nothing or less happens on a day, as texts: what is closed then, with its reason.
struct value *booking_closed(struct request *r, const struct booking *b, struct date day);
// Days and month of the panel; times are booking_value's.
struct value *booking_strip(struct request *r, const struct booking *b);
struct value *booking_month(struct request *r, const struct booking *b);
// "/offers/SLUG?month=2026-11".
struct str booking_month_url(struct request *r, const struct booking *b, struct date first);
// "/offers/SLUG?name=2026-11-21".
struct str booking_date_url(
    struct request *r, const struct booking *b, const char *name, struct date date);
