// From basket to sale. A sale is one guarded unit: the order is placed once, its held lines become
// firm, tickets exist, mails and plugins' jobs are written with it. Card payments go through a
// payment plugin: the places stay held for the provider's session, and whatever the provider says,
// late, twice or out of order, has its effect once.
#pragma once

#include "domain/order.h"

#define PAYMENT_SESSION_MAX_US (30 * 60 * US_PER_SECOND)

struct order_contact {
    struct str name, email, phone; // phone may be absent
    struct str language;           // that the buyer reads: the mail's and the ticket's
    int64_t terms_version;         // the edition of the terms that was agreed to; 0: none asked
    int64_t customer;              // whom staff book for; 0: who is logged in, if anybody
};

// Keeps who buys, with the basket and in `o`; also what plugins' checks look at.
struct order_outcome order_set_contact(
    struct arena *a, const struct site *site, struct order *o, const struct order_contact *contact);

// Places a basket of which nothing is due now: paid at the venue, or free. Refused when it isn't as
// it was read (ORDER_CHANGED) or its hold is over (ORDER_EXPIRED).
struct order_outcome order_place(
    struct arena *a, const struct site *site, struct order *o, struct str tender);
// The same by somebody else, audited.
struct order_placing {
    struct str tender;
    const struct order_actor *actor; // NULL: the customer
    bool silent;                     // no mail: whoever asks for many at once sends one
    // Statements of the caller's that go into the same unit, before it is placed; NULL: none.
    // False: they have failed, nothing is done.
    bool (*add_guards)(struct unit *u, void *arg);
    void *arg;
};
struct order_outcome order_place_by(
    struct arena *a, const struct site *site, struct order *o, const struct order_placing *how);

struct payment_start {
    struct str plugin;     // of the tender that was chosen
    struct str return_url; // absolute; "{payment}" in it becomes the payment's number
    struct str notify_url; // absolute
};

// Starts a payment of the whole order. On ORDER_DONE `*redirect_url` is the provider's page.
// ORDER_UNAVAILABLE: the provider doesn't answer; the basket is as before.
struct order_outcome payment_begin(struct arena *a, const struct site *site, struct order *o,
    const struct payment_start *start, struct str *redirect_url);

enum payment_state { PAYMENT_STARTED, PAYMENT_CAPTURED, PAYMENT_REFUSED, PAYMENT_ABANDONED };

enum payment_state payment_state_of(struct str name);

// What a provider says of a payment. `refusal` is a class such as "declined"; may be absent.
struct payment_news {
    int64_t payment;
    enum payment_state state;
    struct str refusal;
};
// ORDER_DONE also when it was known before. ORDER_NOT_FOUND: no such payment here. A captured
// payment whose places are gone, or whose order was paid already, is refunded and said so by mail.
struct order_outcome payment_settle(
    struct arena *a, const struct site *site, const struct payment_news *news);
// The payment of a provider's reference, 0 when there is none.
int64_t payment_by_reference(
    struct arena *a, const struct site *site, struct str plugin, struct str reference);
// Asks the provider and settles what it says. `*state` is what is known afterwards.
struct order_outcome payment_ask(struct arena *a, const struct site *site, int64_t payment,
    enum payment_state *state, int64_t *order);
// The job kinds "payment.check" and "payment.refund".
void payment_jobs_start(void);

struct order_payment {
    int64_t id, refund_of, amount_minor, changed_us;
    struct str provider, refusal;
    enum payment_state state;
    bool is_refund;
};
// Newest last.
int order_payments(struct arena *a, const struct site *site, int64_t order,
    struct order_payment **payments, enum order_result *result);

struct ticket {
    struct str code, place;
    int64_t line;
    bool is_void;
};
int order_tickets(struct arena *a, const struct site *site, int64_t order, struct ticket **tickets,
    enum order_result *result);
