// Booking lines of an order into other slots of their offer: the price stays, tickets stay good,
// courts and numbered places are chosen anew (the same ones where they are free), and whoever has
// the order's link sees the new time. One guarded unit under the locks of a sale: places of the new
// slot are taken or nothing has happened.
#pragma once

#include "domain/order.h"

struct rebook_line {
    int64_t line, slot; // the slot to go to: another one, or for another resource the same
    int64_t resource;   // of an exclusive offer: this one or nothing; 0: whichever is free
};

struct order_rebooking {
    const struct rebook_line *lines;
    int count;
    struct str reason; // for the history; may be absent
    struct order_actor actor;
    // Statements of the caller's that go into the same unit.
    // False: it has failed, nothing is done.
    bool (*add)(struct unit *u, void *arg);
    void *arg;
};

// ORDER_SOLD_OUT: not all of them fit; ORDER_NOT_ON_SALE: a slot is gone, closed, past or of
// another offer; ORDER_ALREADY: a line isn't booked any more; ORDER_CHANGED: read the order again.
enum order_result order_rebook(struct arena *a, const struct site *site, const struct order *o,
    const struct order_rebooking *what);
