// Cancelling slots that people have booked, and what slot_shift.h and slot_resource.h share with
// it. The slots change at once, in one guarded unit, so that nothing of them is sold any more, or
// is sold at the new time only; baskets in between are told. What each order needs, a mail, its
// money or places in another slot, is a row that a job works through: what has been done is marked
// in the same unit, so a job that runs again goes on where it stopped and nobody is mailed or
// refunded twice. Whoever couldn't be helped as wished is listed, and settled otherwise later.
#pragma once

#include "domain/schedule.h"

enum { SLOT_CHANGE_MAX = 500, SLOT_REASON_MAX = 300 };

// What becomes of those who booked some slots: `asks`, they choose themselves; else with `targets`
// NULL their money comes back, and otherwise where those of each slot go, 0 when there is nothing
// for them. How long they may choose (slot_choice.h): until that time, 0: as long as it says there.
struct slot_remedy {
    const int64_t *slots, *targets;
    int count;
    bool asks;
    int64_t choose_until_us;
};

struct slot_cancelling {
    struct slot_remedy remedy;
    struct str reason;
};

// SCHEDULE_DONE with the change's number; SCHEDULE_CHANGED: one of them isn't as it was looked at
// (moved, cancelled), or a target can't be booked any more.
enum schedule_result slot_cancel(struct arena *a, const struct schedule_ask *ask,
    const struct slot_cancelling *what, int64_t *change);
// Those of a change who couldn't be helped get another remedy. SCHEDULE_CHANGED: there are none.
enum schedule_result slot_settle(struct arena *a, const struct schedule_ask *ask, int64_t change,
    const struct slot_remedy *remedy);

// A change under way, for the files that make one.
struct slot_change {
    struct arena *a;
    const struct schedule_ask *ask;
    struct unit *u;
    int64_t number;
    struct str tenant, id, slots, now;
};
// Locks the orders concerned, then the slots: in the order in which orders are changed.
struct slot_change slot_change_begin(struct arena *a, const struct schedule_ask *ask,
    int64_t number, const int64_t *slots, int count);
void slot_change_audit(const struct slot_change *c, int64_t slot, const char *action,
    const struct value *before, const struct value *after);
// The change itself and the job that works through its rows, which the caller adds.
void slot_change_add(const struct slot_change *c, const char *kind, int slots, struct str reason);
// Runs the unit. `*again`: somebody was in the way for the moment.
enum schedule_result slot_change_end(const struct slot_change *c, bool *again);
enum { SLOT_CHANGE_TRIES = 4 };

// The job kinds "slot.change", "slot.settle" and "slot.resolve".
void slot_change_start(void);
