// Prices of an order's lines, phase by phase: base → best of category and member → coupon → tax.
// Each phase's filters name the discounts they give; a line never falls below zero; amounts are
// rounded once per line. Pure but for the plugins' filters.
#pragma once

#include "domain/order.h"

// Sets discounts, tax and total of every wanted line, and the order's sums.
void price_order(struct arena *a, const struct site *site, struct order *o);
// Whether the prices of now are those that the order's wanted lines say.
bool price_holds(struct arena *a, const struct site *site, const struct order *o);
