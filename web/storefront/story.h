// What an offer's page tells of it, apart from when it can be booked: also shown to its staff
// before it is on sale.
#pragma once

#include "domain/catalogue.h"
#include "http/request.h"

struct value *story_value(struct request *r, const struct catalogue_offer *offer, int64_t now_us);
