// A row of plugin_error as manager and account manager see it (P7).
#pragma once

#include "base/zone.h"
#include "data/rows.h"
#include "http/request.h"

// Of columns plugin, place, message, detail, happened, first_us, last_us, tripped, tripped_us;
// times as that zone's clocks show them. Appended to the list and returned.
struct value *fault_append(
    struct request *r, struct value *list, const struct rows *rows, int i, const struct zone *zone);
