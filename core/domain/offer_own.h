// A sample offer that staff put their hand to is the venue's own: it stays when samples go (P8).
// Each write of an offer, its prices, weekly times, slots and resources adds one of these to its
// unit, before it locks slots or resources: offers are locked first everywhere.
#pragma once

#include "data/db.h"

void offer_own(struct unit *u, int64_t offer);
// Those whose slots these are; `slots` as db_i64_array makes it.
void offer_own_of_slots(struct unit *u, struct str slots);
// Those that use the resource.
void offer_own_of_resource(struct unit *u, int64_t resource);
