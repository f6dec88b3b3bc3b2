// Whose an order is: a customer of the site is put on it, or taken off, by staff. What was written
// down when it was bought (name, address) stays as it was. From fibers.
#pragma once

#include "domain/order.h"

// `o` as it was read; `customer` 0: nobody's. ORDER_CHANGED: the order was changed meanwhile.
// ORDER_NOT_FOUND: there is no such customer (any more).
enum order_result order_set_customer(struct arena *a, const struct site *site, struct order *o,
    int64_t customer, const struct order_actor *actor);
