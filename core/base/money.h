// Money: whole minor units of a currency in 64 bits, with checked arithmetic. Shares (discounts,
// taxes) are parts per million and are rounded once, half away from zero. No floating point.
#pragma once

#include "base/str.h"

// ISO 4217 code, zero-terminated.
struct currency {
    char code[4];
};

// False unless it is a currency of ISO 4217 that people pay with.
bool currency_parse(struct str code, struct currency *out);
// Decimal places of the minor unit: 2 for EUR, 0 for JPY, 3 for KWD.
int currency_digits(struct currency c);

// Sums and products of amounts: false on overflow, `*out` unchanged.
bool money_add(int64_t a, int64_t b, int64_t *out);
bool money_multiply(int64_t amount, int64_t quantity, int64_t *out);

// amount × share_ppm / 1,000,000, half away from zero.
int64_t money_share(int64_t amount, int64_t share_ppm);
// The tax contained in a gross amount at a rate.
int64_t money_tax_included(int64_t gross, int64_t rate_ppm);
// Largest-remainder split: `parts` sum to `amount`, in proportion to `weights` (all >= 0, not all
// 0). The same input gives the same cents.
void money_split(int64_t amount, const int64_t *weights, size_t count, int64_t *parts);

// "12.50" or "12,50" in major units, no more decimals than the currency has; false otherwise.
bool money_parse(struct str text, struct currency c, int64_t *minor);
// The other way round, as a form shows it: "12.50".
struct str money_typed(struct arena *a, int64_t minor, struct currency c);
// "12.5", "12,5 %": per cent in parts per million, above 0 and at most 100 %, no more than two
// decimals; false otherwise.
bool money_parse_share(struct str text, int64_t *share_ppm);
// The other way round: "12.5".
struct str money_typed_share(struct arena *a, int64_t share_ppm);
