// The job that works through the rows of a slot change, and the mails it has sent.
#pragma once

// The version before knows nothing of remedies, and its jobs are of the first kind.
#define SLOT_CHANGE_JOB_BEFORE "slot.change"
#define SLOT_CHANGE_JOB "slot.settle"
// Their payload: {order_id, lines, reason}.
#define SLOT_MOVED_MAIL "mail.moved"
#define SLOT_PLACED_MAIL "mail.placed"
