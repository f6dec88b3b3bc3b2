// Courts, rooms, therapists, stages: what offers take up, so that nothing is sold twice. The office
// adds, renames and orders them, puts them away once no offer and no booking to come uses them, and
// removes those that were never booked. Each change is one unit, guarded by the version that it was
// made from, audited, with a raised revision. From fibers.
#pragma once

#include "data/db.h"
#include "domain/feature.h"

enum { RESOURCES_MAX = 500, RESOURCE_NAME_MAX = 60 };

struct resource {
    int64_t id, version; // id 0: a new one
    struct str code, name, kind;
    bool archived;
};

struct resource_change {
    const struct site *site;
    struct feature_actor actor;
    const struct resource *before; // NULL: there was none
};

enum resource_result {
    RESOURCE_DONE,
    RESOURCE_CHANGED, // somebody else was faster, or it is gone
    RESOURCE_MANY,    // the site has as many as it may
    RESOURCE_IN_USE,
    RESOURCE_BUSY,
};

// What a resource may be: NULL-terminated.
extern const char *const resource_kinds[];

// `code` of a new one has to be free.
enum resource_result resource_save(
    struct arena *a, const struct resource_change *c, struct resource *resource);
// Refused while an offer that isn't archived uses it, or somebody has it from now on.
enum resource_result resource_archive(struct arena *a, const struct resource_change *c);
enum resource_result resource_restore(struct arena *a, const struct resource_change *c);
// Refused when an offer has it, or it was ever taken. Its hours and closures go with it.
enum resource_result resource_remove(struct arena *a, const struct resource_change *c);
// Changes places with `upper`, which is number `place` of the list, from 1 on.
enum resource_result resource_swap(
    struct arena *a, const struct resource_change *c, int64_t upper, int64_t place);
// As the audit and the conflict page show it.
struct value *resource_value(struct arena *a, const struct resource *resource);

// What uses it: offers {offer_id, title, state}, those that aren't archived first, and `bookings`
// from now on, `ever` those before too, each counted up to a thousand.
struct resource_places {
    int offers, bookings;
};
struct resource_places resource_add_uses(struct unit *u, int64_t id, int64_t now_us);
