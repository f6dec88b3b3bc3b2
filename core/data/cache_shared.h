// The second level: entries framed as bytes in Redis, for other processes and for the next start.
// What comes back is believed only when its tag proves that this installation wrote it and key,
// site, revision and age fit. Private to data/.
#pragma once

#include "data/cache.h"

// From a fiber. Fills `e` with pieces of the arena; false on anything but a valid frame.
bool cache_shared_get(struct arena *a, int64_t tenant, struct str key, struct cache_entry *e);
// Hands it over and doesn't wait. Entries over CACHE_SHARED_MAX stay here.
void cache_shared_set(struct str key, const struct cache_entry *e);
