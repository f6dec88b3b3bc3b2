// Calendar dates and times of day as people write them, without a zone: the Gregorian calendar,
// years 1–9999. Pure arithmetic; what an instant is at a venue says zone.h.
#pragma once

#include "base/str.h"

struct date {
    int16_t year;
    int8_t month, day; // from 1
};

bool date_is_valid(struct date d);
int32_t date_to_days(struct date d); // since 1970-01-01
struct date date_from_days(int32_t days);
struct date date_add_days(struct date d, int32_t days);
// The same day `months` later, or that month's last day.
struct date date_add_months(struct date d, int32_t months);
int date_weekday(struct date d); // 1 Monday – 7 Sunday
int date_cmp(struct date a, struct date b);

// YYYY-MM-DD, a day that exists.
bool date_parse(struct str s, struct date *out);
struct str date_text(struct arena *a, struct date d);
// The same into DATE_TEXT_LEN bytes; returns their end.
enum { DATE_TEXT_LEN = 10 };
char *date_put(char *out, struct date d);
// HH:MM, 00:00–23:59, as minutes.
bool time_parse(struct str s, int *minute);
struct str time_text(struct arena *a, int minute);
