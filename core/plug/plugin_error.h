// What failing plugins did, for manager and account manager: rows of plugin_error. Failures are
// gathered in memory and written a moment later in a unit of their own, so a page never waits for
// them and a plugin that fails a thousand times a second costs one row and a number.
#pragma once

#include <stdbool.h>

#include "base/str.h"

// What the host itself says when it ends a call; pages have words of their own for these.
#define PLUGIN_SAYS_BUDGET "the budget of instructions is used up"
#define PLUGIN_SAYS_DEADLINE "it ran too long"
#define PLUGIN_SAYS_MEMORY "the memory of the plugins is used up"
#define PLUGIN_SAYS_DEPTH "plugins call each other too deep"

struct plugin_error {
    int64_t tenant;
    struct str plugin;
    struct str place;   // "hooks.price_coupon"
    struct str message; // what went wrong, in the author's words or the host's
    struct str detail;  // where
    bool tripped;       // it is skipped from now on for a while
};

// Copied. From a fiber or the loop; never waits.
void plugin_error_add(const struct plugin_error *what);
// Registers the removal of old rows.
void plugin_error_start(void);
