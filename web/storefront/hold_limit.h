// How many places one client may put on hold at a site in ten minutes, so that a script can't empty
// a venue; generous enough for some school classes behind one address. Counted in Redis, which may
// be lost: then there is no limit. The machine's own address has none: it is tests, benchmarks, or
// a proxy that the operator forgot to name.
#pragma once

#include "http/request.h"

// Counts places about to be held. False when they are too many: r->errors says so beside `field`,
// Retry-After is set, and the answer is to be a 429.
bool hold_limit_take(struct request *r, int64_t places, const char *field);
// They weren't held after all.
void hold_limit_give_back(struct request *r, int64_t places);
