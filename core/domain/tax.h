// Taxes of a site: several rates, each included in the price or added to it. A change holds for
// what is sold from then on (lines keep the rate they were sold at); a tax that an offer uses can't
// be removed. From fibers.
#pragma once

#include "domain/feature.h"

struct tax {
    int64_t id, version; // id 0: a new one
    struct str code;
    const struct value *name; // by language
    int64_t rate_ppm;
    bool included;
};

struct tax_change {
    const struct site *site;
    struct feature_actor actor;
    const struct value *before; // NULL: there was none
};

enum tax_result {
    TAX_DONE,
    TAX_GONE,
    TAX_CHANGED, // somebody else saved it meanwhile
    TAX_TAKEN,   // another one has that code
    TAX_IN_USE,  // by offers
    TAX_BUSY,
};

enum tax_result tax_save(struct arena *a, const struct tax_change *c, const struct tax *tax);
enum tax_result tax_remove(struct arena *a, const struct tax_change *c, int64_t id);
// As the audit and the conflict page show it.
struct value *tax_value(struct arena *a, const struct tax *tax);
