// What comes back of an order: lines that are cancelled, and amounts that are given back without.
// One quote tells customer and office the same: what is unpaid isn't owed any more, and of what was
// paid a share comes back, by the way it came, the oldest payment first. Giving back is one guarded
// unit: places, resources and tickets return with it exactly once, a refund is a payment row, and
// a job takes it to the provider until it is done. Two at the same moment never give back twice.
#pragma once

#include "domain/order_place.h"

enum { RETURN_WAYS_MAX = 20, RETURN_ALL_PPM = 1000000 };

// A line to cancel, and how much of what was paid for it comes back.
struct return_line {
    int64_t line;
    int64_t share_ppm;
};

struct order_return {
    const struct return_line *lines;
    int count;            // 0: an amount alone
    bool has_amount;      // instead of what the shares come to
    int64_t amount_minor; // then: at most what is left of what was paid
    struct str reason;    // for the history; may be absent
    struct order_actor actor;
    bool silent; // no mail
    // A plugin's guards go into the same unit; NULL: none. False: it has failed, nothing is done.
    bool (*add_guards)(struct unit *u, void *arg);
    void *arg;
};

struct quote_line {
    int64_t line, value_minor, back_minor, waived_minor;
};

// A payment that part of it goes back to.
struct quote_way {
    int64_t payment, amount_minor;
    struct str provider;
};

struct order_quote {
    int64_t value_minor;  // what the lines cost
    int64_t waived_minor; // of it, what isn't paid and isn't owed any more
    int64_t back_minor;   // of it, what comes back
    int64_t kept_minor;   // the rest, which the venue keeps
    int64_t most_minor;   // what could come back at most
    struct quote_line lines[ORDER_LINES_MAX];
    int line_count;
    struct quote_way ways[RETURN_WAYS_MAX];
    int way_count;
};

// Whether a line may be cancelled at all; what else is asked of it is the caller's.
bool order_line_returns(const struct order_line *l);
// ORDER_DONE; ORDER_NOT_FOUND: no such line; ORDER_ALREADY: it is cancelled; ORDER_TOO_MUCH;
// ORDER_EMPTY: neither lines nor an amount.
enum order_result order_quote(struct arena *a, const struct site *site, const struct order *o,
    const struct order_return *what, struct order_quote *quote);
// The same, done. `o` as it was read: when somebody changed the order since, ORDER_CHANGED and
// nothing has happened.
struct order_outcome order_return(struct arena *a, const struct site *site, const struct order *o,
    const struct order_return *what, struct order_quote *quote);
// Asks the provider again for a refund that it refused. ORDER_NOT_FOUND when there is none such.
enum order_result order_refund_again(struct arena *a, const struct site *site, int64_t order,
    int64_t refund, const struct order_actor *actor);
