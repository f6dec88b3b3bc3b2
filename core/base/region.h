// Where a venue or a visitor probably is, for defaults that they can change: languages that a
// browser asks for, the region of a language or zone, that region's zone and currency.
#pragma once

#include "base/money.h"

// The first of `offered` (a language each, "en" or "pt-BR") that an Accept-Language header asks
// for, by its weights; -1 for none.
int region_language(struct str accept_language, const struct str *offered, size_t count);

struct region_defaults {
    struct str region; // "ES"
    struct str zone;   // "Europe/Madrid"
    struct currency currency;
};

// From the header's first language ("es-MX", or "es" with its likeliest region); Britain when it
// says nothing usable.
struct region_defaults region_guess(struct str accept_language);
struct region_defaults region_of(struct str region);
// "ES" for "Europe/Madrid"; absent for zones of no region.
struct str region_of_zone(struct str zone_name);
// The zones where people live, by name, one for each place. Up to `max` of them.
size_t region_zones(struct arena *a, struct str *zones, size_t max);
