// What each sales channel sells, and for which dates: its profiles. A channel with a profile for
// every offer and no dates sells all; one without profiles sells nothing. Each change is one unit
// with its audit row and a raised revision. From fibers.
#pragma once

#include "domain/feature.h"

enum { CHANNEL_OFFERS_MAX = 500 };

struct channel_profile {
    int64_t id, channel;   // id 0: a new one
    struct str name, mode; // "sale", "reservation"
    struct str from, to;   // dates; absent: open
    bool every_offer;
    const int64_t *offers; // of this site; others are refused
    size_t offer_count;
};

struct channel_change {
    const struct site *site;
    struct feature_actor actor;
    int64_t seen; // the channel's version that was looked at
    const struct value *before;
};

enum channel_result {
    CHANNEL_DONE,
    CHANNEL_GONE,
    CHANNEL_CHANGED, // somebody else changed the channel meanwhile
    CHANNEL_FOREIGN, // an offer that isn't there
    CHANNEL_BUSY,
};

// Who buys on a web channel: "guest", "both" or "login" (guests, guests and customers who log in,
// customers who log in).
enum channel_result channel_set_registration(
    struct arena *a, const struct channel_change *c, int64_t channel, struct str mode);
enum channel_result channel_save_profile(
    struct arena *a, const struct channel_change *c, const struct channel_profile *profile);
enum channel_result channel_remove_profile(
    struct arena *a, const struct channel_change *c, const struct channel_profile *profile);
