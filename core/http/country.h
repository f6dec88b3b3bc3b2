// Countries of ISO 3166 as people name them, by ICU: in the reader's language, in that language's
// order. Lists are made at first use, one a language, and live as long as the process. Used by a
// worker's loop thread only.
#pragma once

#include "base/str.h"

struct country {
    struct str code, name; // "ES", "Spain"
};
struct countries {
    const struct country *items;
    int count;
};
const struct countries *countries_in(struct str language);
// The name in that language; the code itself where there is no such country.
struct str country_name(struct str language, struct str code);
bool country_exists(struct str code);
