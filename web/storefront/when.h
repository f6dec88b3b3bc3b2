// Times as the storefront tells them: at the venue, near ones by their name ("tomorrow, 10:30"), a
// time that a clock change repeats with its zone.
#pragma once

#include "http/request.h"

enum when_form {
    WHEN_NEAR, // "today, 16:00", "Fri 27 Nov, 21:00"
    WHEN_FULL, // "Saturday 21 November at 16:00"
};

// {at, text, date_text, time_text, zone, weekday, day, month}; `now_us` says what today is.
struct value *when_value(struct request *r, int64_t now_us, int64_t at_us, enum when_form form);
// The time of day alone.
struct str when_time(struct request *r, int64_t at_us);
// "Saturday 21 November", with its year when that isn't this one.
struct str when_day(struct request *r, int64_t now_us, struct date day);
