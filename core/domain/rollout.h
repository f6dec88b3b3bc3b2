// A change of set-ups, on one site or on many (P9): drafted, looked at, applied as one job per
// site, each with its result, and undone the same way from what was there before. From a fiber.
#pragma once

#include "domain/setup.h"

// Which sites: one by its address, or all that fit; absent fields narrow nothing.
struct rollout_sites {
    struct str slug, state, plan, feature;
};

enum rollout_result {
    ROLLOUT_DONE,
    ROLLOUT_NONE,    // no site fits
    ROLLOUT_CHANGED, // it isn't in the state for that any more, or is still on its way
    ROLLOUT_UNAVAILABLE,
};

// The actor's note is its title. Nothing changes yet.
enum rollout_result rollout_draft(struct arena *a, const struct feature_actor *actor,
    const struct value *changes, const struct rollout_sites *sites, int64_t *id);
enum rollout_result rollout_apply(struct arena *a, int64_t id, const struct feature_actor *actor);
enum rollout_result rollout_undo(struct arena *a, int64_t id, const struct feature_actor *actor);
// Once at start: the job kind, and drafts that nobody applied go after a day.
void rollout_init(void);
