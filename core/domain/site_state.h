// What account managers decide about a site as a whole: whether it sells, and its plan. Each change
// says why, tells the owners, stands in the site's record and holds everywhere within a second. A
// suspended site shows a plain closed page and sells nothing, not even what is in a basket; money
// that still comes goes back. From a fiber.
#pragma once

#include "domain/feature.h"

enum site_state_result {
    SITE_STATE_DONE,
    SITE_STATE_CHANGED, // it isn't any more as the page showed it
    SITE_STATE_UNKNOWN, // no such plan
    SITE_STATE_UNAVAILABLE,
};

// To SITE_OPEN, SITE_SUSPENDED or SITE_CLOSED; the actor's note is the reason, which staff reads.
enum site_state_result site_set_state(struct arena *a, const struct site *site,
    enum site_state state, const struct feature_actor *actor);
enum site_state_result site_set_plan(
    struct arena *a, const struct site *site, struct str plan, const struct feature_actor *actor);
