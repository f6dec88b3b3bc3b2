// What happens at a site and others may want to hear of: one table of all events. Each is written
// in the transaction that causes it, so none is lost and none is told of what was undone; where
// nobody wants to hear of it, nothing is written. webhook_send.c takes it from there: the event's
// object is read and made up as JSON a moment later (what the site's own addresses answer), with
// the facts of the change beside it.
#pragma once

#include "data/db.h"

// name, as receivers know it, what its object is
#define EVENTS(X)                                                 \
    X(order_placed, "order.placed", order)                        \
    X(order_changed, "order.changed", order)                      \
    X(order_cancelled, "order.cancelled", order)                  \
    X(payment_captured, "payment.captured", payment)              \
    X(payment_refused, "payment.refused", payment)                \
    X(payment_refunded, "payment.refunded", payment)              \
    X(slot_moved, "slot.moved", slot)                             \
    X(slot_cancelled, "slot.cancelled", slot)                     \
    X(offer_published, "offer.published", offer)                  \
    X(customer_created, "customer.created", customer)             \
    X(customer_changed, "customer.changed", customer)             \
    X(customer_email_changed, "customer.email_changed", customer) \
    X(customer_deleted, "customer.deleted", former)               \
    X(endpoint_test, "endpoint.test", nothing)

enum event {
#define EVENT_NAME(name, wire, object) EVENT_##name,
    EVENTS(EVENT_NAME)
#undef EVENT_NAME
        EVENT_COUNT
};

enum event_object {
    EVENT_OBJECT_nothing,
    EVENT_OBJECT_order,
    EVENT_OBJECT_payment,
    EVENT_OBJECT_slot,
    EVENT_OBJECT_offer,
    EVENT_OBJECT_customer,
    EVENT_OBJECT_former, // a customer who is there no more
};

struct event_info {
    struct str name;
    struct str field; // the same as a form's field may be called
    enum event_object object;
};
extern const struct event_info event_infos[EVENT_COUNT];
// EVENT_COUNT when there is no such event.
enum event event_find(struct str name);
// Whether an endpoint may ask for it; the test is sent by hand only.
bool event_is_chosen(enum event event);

// Appends it to the unit of what has happened. `facts` may be NULL.
void event_add(struct unit *u, enum event event, int64_t object, const struct value *facts);
// The same of many at once.
struct event_about {
    int64_t id;
    const struct value *facts; // may be NULL
};
void event_add_all(
    struct unit *u, enum event event, const struct event_about *objects, size_t count);
// For the unit that makes or tests an endpoint: to this one alone.
void event_add_for(struct unit *u, enum event event, int64_t endpoint, int64_t *delivery);
