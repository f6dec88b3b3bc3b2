// The job that works through the rows of a slot change, and the mails it has sent.
#pragma once

// Versions before know nothing of remedies, or of customers who are asked; their jobs are of the
// first two kinds.
#define SLOT_CHANGE_JOB_FIRST "slot.change"
#define SLOT_CHANGE_JOB_BEFORE "slot.settle"
#define SLOT_CHANGE_JOB "slot.resolve"
// Their payload: {order_id, lines, reason, change_id}; the last one's for the choice that goes with
// it.
#define SLOT_MOVED_MAIL "mail.moved"
#define SLOT_PLACED_MAIL "mail.placed"
#define SLOT_ASKED_MAIL "mail.asked"
#define SLOT_CHOSEN_MAIL "mail.chosen"
