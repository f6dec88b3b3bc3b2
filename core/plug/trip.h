// Whether a plugin keeps failing on a site: 20 failures within 5 minutes trip it for 5 minutes.
// Each process counts for itself. A row is made with the first failure and lives while a site's
// object points at it, or while it is tripped.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { TRIP_FAILURES = 20, TRIP_WINDOW_MS = 5 * 60 * 1000, TRIP_PAUSE_MS = 5 * 60 * 1000 };

struct trip;

// Held until trip_release; NULL when there is none and `make` isn't set, or too many are failing.
struct trip *trip_acquire(int64_t tenant, uint32_t plugin, bool make);
// NULL is allowed.
void trip_release(struct trip *t);
bool trip_is_tripped(const struct trip *t, int64_t now_ms);
// True when this failure trips it.
bool trip_count(struct trip *t, int64_t now_ms);
