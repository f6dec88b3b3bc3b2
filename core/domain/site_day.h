// What every site's day begins with: slots for the days ahead, removal of what has ended (sessions,
// answers kept for repeated submits, the people behind baskets that never became an order), what
// expired of stored value, its proof. One job a site, a few hours into the venue's day, which
// writes its successor before it starts, so that no failure ends the row.
#pragma once

#include "domain/site.h"

// The first day of a new site: slots at once, and the job for tomorrow. False when the database
// refused. From a fiber.
bool site_day_first(struct arena *a, const struct site *site, int64_t now_us);
// The job kind "site.day".
void site_day_start(void);
