// Single slots: what stands in the way of one at a time, told before it is saved, and adding it.
// Moving what is sold is slot_shift.h, cancelling it slot_change.h.
#pragma once

#include "domain/schedule.h"

enum slot_conflict_kind {
    SLOT_PAST,
    SLOT_TWICE,   // the offer has one that begins then
    SLOT_CLOSURE, // closed then
    SLOT_HOURS,   // outside the opening hours: may be meant so
    SLOT_OVERLAP, // a resource is in use, by another offer or by this one
    SLOT_GAP,     // the clock change skips it
};

struct slot_conflict {
    enum slot_conflict_kind kind;
    const struct closure *closure;
    struct str resource;       // of an overlap: its name
    struct value *other_title; // and who has it, from–to
    int64_t from_us, to_us;
};

enum { SLOT_CONFLICTS_MAX = 10 };

struct slot_look {
    const struct schedule_offer *offer;
    const struct schedule_facts *facts;
    struct slot_conflict conflicts[SLOT_CONFLICTS_MAX];
    int count;
    bool blocked; // something other than the hours
    struct str open;
};

// What stands in the way of a slot of that offer from `starts_us`. SCHEDULE_NOT_FOUND: no such
// offer.
struct slot_wish {
    int64_t offer, starts_us;
    int64_t capacity; // 0: the offer's
};
enum schedule_result slot_look(
    struct arena *a, const struct site *site, const struct slot_wish *wish, struct slot_look *look);
// Adds it, unless something is in the way; SCHEDULE_CHANGED: by now there is.
enum schedule_result slot_add(struct arena *a, const struct schedule_ask *ask,
    const struct slot_wish *wish, const struct slot_look *look, int64_t *id);
