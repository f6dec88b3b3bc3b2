// What stands in the way of a time, in words.
#pragma once

#include "domain/slot.h"
#include "http/request.h"

// Adds `conflicts`, `has_conflicts`, `may_anyway` and `is_free`; `look` NULL: nobody looked.
void schedule_conflicts_view(struct request *r, struct value *view, const struct slot_look *look);
struct str schedule_conflict_text(struct request *r, const struct slot_conflict *c);
