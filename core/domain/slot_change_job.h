// The job that works through the rows of a slot change, and the mail it has sent.
#pragma once

#define SLOT_CHANGE_JOB "slot.change"
// Its payload: {order_id, lines, reason}.
#define SLOT_MOVED_MAIL "mail.moved"
