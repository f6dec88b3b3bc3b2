#include "terms.h"

enum { US_PER_S = 1000000, S_PER_HOUR = 3600, PPM_PER_PERCENT = 10000 };

static int64_t setting(struct vt_call *call, struct vt_str name)
{
    return vt_as_int(vt_settings_get(call, name), 0);
}

struct terms terms_read(struct vt_call *call)
{
    return (struct terms){.full_hours = setting(call, VT("full_hours")),
        .part_hours = setting(call, VT("part_hours")),
        .closes_hours = setting(call, VT("closes_hours")),
        .part_percent = setting(call, VT("part_percent")),
        .late_percent = setting(call, VT("late_percent")),
        .every_offer = vt_as_bool(vt_settings_get(call, VT("every_offer")), true)};
}

static int64_t seconds_left(int64_t starts_us)
{
    return starts_us / US_PER_S - vt_time_now();
}

const char *terms_refuse(const struct terms *t, int64_t starts_us, bool offer_allowed)
{
    int64_t left = seconds_left(starts_us);
    if (left <= 0)
        return "started";
    if (!offer_allowed)
        return "offer";
    return left < t->closes_hours * S_PER_HOUR ? "closed" : NULL;
}

int64_t terms_share(const struct terms *t, int64_t starts_us)
{
    int64_t left = seconds_left(starts_us);
    if (left >= t->full_hours * S_PER_HOUR)
        return 100 * PPM_PER_PERCENT;
    int64_t percent = left >= t->part_hours * S_PER_HOUR ? t->part_percent : t->late_percent;
    return percent * PPM_PER_PERCENT;
}
