// The site's terms of cancelling, and what they say of a line at this moment. All of it lives for
// the call.
#pragma once

#include <vitrine.h>

struct terms {
    int64_t full_hours, part_hours, closes_hours;
    int64_t part_percent, late_percent;
    bool every_offer;
};
struct terms terms_read(struct vt_call *call);

// NULL: it may be cancelled. Else why not: "started", "closed", "offer".
const char *terms_refuse(const struct terms *t, int64_t starts_us, bool offer_allowed);
// Of what was paid, what comes back now, in parts per million.
int64_t terms_share(const struct terms *t, int64_t starts_us);
