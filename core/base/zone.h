// Time at a venue: IANA time zones (rules by ICU) between calendar dates with times of day and
// instants, which are microseconds since 1970 in UTC. A zone's changes between 1970 and 2100 are
// computed when it is first asked for and kept for the process, so conversions are a short search.
// Local times that a spring change skips and those that an autumn change repeats are told apart,
// never guessed. Call zone_get from one thread; a zone once got may be read by any.
#pragma once

#include "base/date.h"

struct zone;

#define US_PER_SECOND INT64_C(1000000)
#define US_PER_DAY (86400 * US_PER_SECOND)

// What a clock on the venue's wall shows.
struct local_time {
    struct date date;
    int32_t second; // of the day, 0–86399
};

enum zone_result {
    ZONE_OK,
    ZONE_GAP,       // skipped by a change: both instants are the first one after the gap
    ZONE_AMBIGUOUS, // happens twice: `first` and `second`
};

// An IANA name such as "Europe/Madrid" or "UTC"; NULL for anything else.
const struct zone *zone_get(struct str name);
bool zone_is_valid(struct str name);
struct str zone_name(const struct zone *z);
const struct zone *zone_utc(void);

struct local_time zone_local(const struct zone *z, int64_t at_us);
// Whether summer time is on.
bool zone_is_summer(const struct zone *z, int64_t at_us);

struct zone_instant {
    enum zone_result result;
    int64_t first_us, second_us;
};

struct zone_instant zone_instant(const struct zone *z, struct local_time local);
// The first instant of a date there, also where midnight is skipped.
int64_t zone_day_start(const struct zone *z, struct date date);
struct date zone_date(const struct zone *z, int64_t at_us);

// RFC 3339 with an offset or Z.
bool instant_parse(struct str s, int64_t *at_us);
// With the zone's offset then: 2026-11-21T18:00:00+01:00. Fractions of a second are dropped.
struct str instant_text(struct arena *a, const struct zone *z, int64_t at_us);
