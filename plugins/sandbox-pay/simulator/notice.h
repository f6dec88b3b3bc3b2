// Signed notifications to shops: sent at once or later, once or twice, tried again with growing
// pauses until the shop answers 2xx. Tests can hold them back and deliver them in any order. At
// most NOTICES_MAX are kept, delivered ones included: the oldest finished one makes room.
#pragma once

#include "payment.h"

enum { NOTICES_MAX = 2000, NOTICE_TRIES = 6 };

// The payment's (or its refund's) state as it is now, in the payment's manner.
void notice_add(const struct payment *p, struct str event, const struct refund *refund);

void notices_pause(bool on);
// Newest first: {id, event, payment, state, tries, status}.
struct value *notices_value(struct arena *a);
// From a fiber: sends it now, whatever was planned, delivered ones again; the shop's status, 0
// when it gave none, -1 when there is no such notification.
int notice_deliver(struct arena *a, struct str id);
