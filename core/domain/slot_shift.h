// Moving slots that people have booked: one to another time, or a whole day of them to another day
// or by some minutes. What stands in the way of each is told before anything is saved; those that
// something blocks stay where they are, and the others are judged again with them in place. Lines,
// courts and tickets move along; who booked is told by the job of slot_change.h.
#pragma once

#include "domain/slot.h"
#include "domain/slot_change.h"

struct slot_step {
    int64_t slot, to_us; // asked
    bool gap;            // asked: a time that the clock change skips
    // Found by the look.
    const struct schedule_slot *stored;
    const struct schedule_offer *offer;
    struct slot_conflict conflict;
    bool has_conflict; // outside the hours, or blocked
    bool blocked;      // it stays
};

struct slot_shift {
    struct slot_step *steps;
    int count;
    int64_t choose_until_us; // as in struct slot_remedy
    const struct schedule_facts *facts;
    int moving, blocked, outside; // outside the hours, of those that move
};

// SCHEDULE_NOT_FOUND: one of them isn't there, or has begun.
enum schedule_result slot_shift_look(
    struct arena *a, const struct site *site, struct slot_shift *shift);
// Moves those that nothing blocks. SCHEDULE_CHANGED: by now something is in the way.
enum schedule_result slot_shift(struct arena *a, const struct schedule_ask *ask,
    const struct slot_shift *shift, struct str reason, int64_t *change);
