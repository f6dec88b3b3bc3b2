// Bookings by staff: for somebody at the desk or on the phone, or for many dates at once. What
// stands in the way of a time is told beforehand; booking itself goes through the box office's
// channel by the steps of every sale, so it never oversells, and is paid at the venue. From fibers.
#pragma once

#include "domain/basket.h"
#include "domain/opening.h"
#include "domain/order_place.h"

enum { STAFF_BOOKING_TIMES_MAX = 500 };

// Why a time can't be booked.
enum staff_obstacle {
    STAFF_FREE,
    STAFF_CLOCK, // the clock change skips it
    STAFF_PAST,
    STAFF_HOLIDAY,
    STAFF_CLOSED, // another closure, or the venue cancelled the time
    STAFF_HOURS,  // outside the opening hours
    STAFF_EARLY,  // its sale hasn't opened yet
    STAFF_LATE,   // its sale has ended
    STAFF_NO_TIME,
    STAFF_BUSY, // the resource is in use
    STAFF_FULL,
    STAFF_TOO_FEW, // below or above what one order may have
    STAFF_TOO_MANY,
    STAFF_NOT_SOLD, // the offer isn't on sale at the box office
};
// "clock", "past", …; NULL of STAFF_FREE.
const char *staff_obstacle_name(enum staff_obstacle obstacle);

struct staff_ask {
    int64_t offer, quantity;
    int64_t resource;               // of an exclusive offer; 0: any
    const struct local_time *times; // by the venue's clock
    size_t count;
    const int64_t *own; // lines that don't count as being in the way: they are to move
    size_t own_count;
};

struct staff_time {
    enum staff_obstacle obstacle;
    int64_t starts_us;          // 0: the time doesn't exist
    bool twice;                 // the clock change repeats it: this is the first of the two
    int64_t slot;               // 0: there is none
    int64_t opens_us;           // when its sale opens, or did; 0: nobody asked
    const struct value *reason; // of a closure, by language; may be absent
};
// What stands in the way of each of them, at this moment; `times` has room for all.
// ORDER_NOT_FOUND: no such offer.
enum order_result staff_booking_look(struct arena *a, const struct site *site,
    const struct staff_ask *ask, struct staff_time *times);

struct staff_part {
    int64_t slot, resource;     // as in struct basket_wish
    const struct value *counts; // as in struct basket_wish
};

struct staff_booking {
    // Of the basket, which nobody else has: a number of the caller's. The same one again goes on
    // where an interrupted try ended.
    int64_t session;
    const struct staff_part *parts;
    int count; // all of them become one order
    struct order_contact contact;
    struct order_placing placing;
};
// Held, named and placed. When a part is refused `*part` is its place, else -1; nothing is booked,
// and what is held is free again after ten minutes. On ORDER_DONE `*placed` is the order.
struct order_outcome staff_booking_make(struct arena *a, const struct site *site,
    const struct staff_booking *booking, struct order **placed, int *part);
