// Statements that every sale ends with, however it is paid. Private to order_place.c and payment.c.
#pragma once

#include "domain/order.h"

struct sale {
    struct str from_state;           // "held" or "paying"
    int64_t due_minor;               // to be paid later
    struct str tender;               // its plugin's name, absent when it's free
    const struct order_actor *actor; // NULL: the customer
    int64_t now_us;
    bool silent; // no mail
};

// Placing, firm lines, tickets, the mail, plugins' notifications.
void sale_add(
    struct unit *u, const struct site *site, const struct order *o, const struct sale *sale);
// Plugins' guards that go into the same unit, before anything else of the sale.
struct hook_refusal sale_check(
    struct unit *u, const struct site *site, const struct order *o, struct str tender);
// The order's prices hold no more: the basket gets those of now. ORDER_REPRICED when it did.
struct order_outcome sale_reprice(struct arena *a, const struct site *site, const struct order *o);
