// When a venue and its resources are open: weekly hours in the site's zone, and closures (holidays,
// repairs) from–to with a reason in the site's languages. Reading is two statements in the caller's
// unit; asking is pure arithmetic on what was read, by the clock on the venue's
// wall, so that an hour which a clock change skips or repeats counts as it shows.
#pragma once

#include "data/db.h"
#include "domain/site.h"

enum { OPENING_SPANS_MAX = 28, OPENING_REASON_MAX = 200 };

// Minutes of the day, the end behind the start and no more than a day: 1440 is midnight, 1560 two
// o'clock of the next morning.
struct opening_span {
    int weekday; // 1 is Monday
    int from_min, to_min;
};

// The weekly hours of the site (resource 0) or of a resource.
struct opening_hours {
    int64_t resource, version;
    struct opening_span spans[OPENING_SPANS_MAX];
    int count;
};

struct closure {
    int64_t id, resource; // 0: everything
    int64_t from_us, to_us, version;
    bool holiday;
    struct value *reason; // by language
    struct str resource_name;
};

struct opening {
    const struct zone *zone;
    struct opening_hours *hours;
    struct closure *closures; // that haven't ended by then, by their end
    int hours_count, closure_count;
};

struct opening_places {
    int hours, closures;
};
// Closures that end after `from_us`.
struct opening_places opening_add(struct unit *u, int64_t from_us);
struct opening opening_take(
    struct arena *a, const struct zone *zone, struct unit *u, struct opening_places places);
// The first closure of the site, or of that resource (0: of none), that a time reaches into.
const struct closure *opening_closure(
    const struct opening *o, int64_t resource, int64_t from_us, int64_t to_us);
// Whether the weekly hours cover the time; what lasts longer than a day is asked for its start.
bool opening_covers(const struct opening *o, int64_t resource, int64_t from_us, int64_t to_us);
// Whether anything of a day is within them: what goes on after midnight is of the next day too.
bool opening_hours_on(const struct opening_hours *h, struct date day);
// The hours that hold for a resource: its own, else the site's; NULL: always open.
const struct opening_hours *opening_hours_of(const struct opening *o, int64_t resource);
