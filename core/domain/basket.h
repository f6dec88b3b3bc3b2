// The basket: an order that isn't placed, with its places held for ten minutes since the last
// change, thirty at most. Every change is one unit: own holds renewed, counters locked in a fixed
// order, expired holds of others taken over, guards, new lines. Whoever needs places first takes
// over what has expired, so no clean-up job matters.
#pragma once

#include "domain/order.h"

#define BASKET_HOLD_US (10 * 60 * US_PER_SECOND)
#define BASKET_HOLD_MAX_US (30 * 60 * US_PER_SECOND)

enum { BASKET_COUNT_MAX = 10000 };

struct basket_wish {
    struct str offer; // its address: the slot must be one of this offer's
    int64_t slot;
    const struct value *counts; // [{key: a rate's code, count}]; those with 0 are ignored
    int64_t resource;           // of an exclusive offer: this one or nothing; 0: whichever is free
};

struct basket_owner {
    int64_t session;
    struct str session_insert_hash; // a session to be written with the first line, else absent
    struct str language;
    int64_t channel;  // 0: the web
    int64_t customer; // whose basket a new one is, and at whose prices; 0: a guest's
};

// Puts places of a slot into the session's basket, which is made when there is none; asking again
// for the same slot and rate sets the number. Whatever another tab does at the same moment, each
// change is made on the basket as it is by then.
struct order_outcome basket_add(struct arena *a, const struct site *site,
    const struct basket_owner *owner, const struct basket_wish *wish);
// 0 takes the line out.
struct order_outcome basket_set_quantity(
    struct arena *a, const struct site *site, int64_t session, int64_t line, int64_t quantity);
// Ten minutes more than it has, once, within the thirty. ORDER_ALREADY: it was extended before.
struct order_outcome basket_extend(struct arena *a, const struct site *site, int64_t session);
// Whether basket_extend would add anything.
bool basket_can_extend(const struct order *o);
// After the hold ran out: holds the same places again. ORDER_SOLD_OUT: some can't be had; the
// others are held, and order_has_lost says which of the lines aren't.
struct order_outcome basket_renew(struct arena *a, const struct site *site, int64_t session);
// Keeps what a plugin says of the order (a coupon's code) and prices it again; absent data removes.
struct order_outcome basket_set_data(struct arena *a, const struct site *site, int64_t session,
    struct str plugin, struct value *data);

// The prices of now, where they aren't what the basket says: somebody logged in, or a rule ended.
struct order_outcome basket_reprice(struct arena *a, const struct site *site, int64_t session);

// The session's basket with its lines; NULL with ORDER_NOT_FOUND when there is none.
struct order *basket_find(
    struct arena *a, const struct site *site, int64_t session, enum order_result *result);
// Whether some of its places may be gone: the hold's time is over.
bool basket_is_expired(const struct order *o, int64_t now_us);
