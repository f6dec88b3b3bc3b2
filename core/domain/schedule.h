// Schedules: weekly rules in the site's zone become slots, far enough ahead for what is on sale.
// Times that a spring change skips have no slot. Slots that exist are never changed by this.
#pragma once

#include "domain/site.h"

enum { SCHEDULE_DAYS_AHEAD = 60 };

// Writes what is missing from today on. False when the database refused. From a fiber.
bool schedule_extend(struct arena *a, const struct site *site, int64_t now_us);
