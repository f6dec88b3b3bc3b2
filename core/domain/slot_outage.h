// A resource that can't be used for a time: a court under water, a hall without heating. It is
// closed from–to; what is booked on it goes to another resource that is free then (one of the
// offer's own, or for offers that need all of theirs another one of the same kind), and only what
// finds none is given back, or left for people to decide. Times of which other courts can be used
// stay on sale. All of it happens in one guarded unit; who is concerned is told by the job of
// slot_change.h.
#pragma once

#include "domain/slot_change.h"

enum { OUTAGE_USES_MAX = 1000 };

struct slot_outage {
    int64_t resource, from_us, to_us;
    struct value *closure_reason; // by language, as customers read it on the storefront
    struct str reason;            // and in the mail
    bool refunds;                 // what finds no other: given back, else left to be decided
};

// One use of the resource, by a booking or by a slot that needs it.
struct outage_use {
    int64_t allocation, slot, line, order; // line 0: the slot's own
    int64_t offer, resource, from_us, to_us, starts_us, places;
    int64_t instead; // 0: nothing is free
    struct str instead_name, code, name;
    struct value *title;
    bool exclusive, basket;
};

struct outage_look {
    struct outage_use *uses;
    int count, placed, lost;
};

// SCHEDULE_NOT_FOUND: no such resource; SCHEDULE_TOO_MANY: more uses than can be changed at once.
enum schedule_result slot_outage_look(struct arena *a, const struct site *site,
    const struct slot_outage *what, struct outage_look *look);
enum schedule_result slot_outage(struct arena *a, const struct schedule_ask *ask,
    const struct slot_outage *what, int64_t *change);
