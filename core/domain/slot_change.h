// Moving and cancelling slots that people have booked. The slots change at once, in one guarded
// unit, so that nothing of them is sold any more, or is sold at the new time only; tickets stay
// good when a slot moves, and baskets in between are told. What each order needs, a mail or its
// money, is a row that a job works through: what has been done is marked in the same unit, so a
// job that runs again goes on where it stopped and nobody is mailed or refunded twice.
#pragma once

#include "domain/schedule.h"

enum { SLOT_CHANGE_MAX = 500, SLOT_REASON_MAX = 300 };

struct slot_cancelling {
    const int64_t *slots;
    int count;
    struct str reason;
};

struct slot_moving {
    int64_t slot, version, to_us;
    struct str reason;
};

// SCHEDULE_DONE with the change's number; SCHEDULE_CHANGED: one of them isn't as it was looked at
// (moved, cancelled), or there is something at the new time by now.
enum schedule_result slot_cancel(struct arena *a, const struct schedule_ask *ask,
    const struct slot_cancelling *what, int64_t *change);
enum schedule_result slot_move(struct arena *a, const struct schedule_ask *ask,
    const struct slot_moving *what, int64_t *change);

// The job kind "slot.change".
void slot_change_start(void);
