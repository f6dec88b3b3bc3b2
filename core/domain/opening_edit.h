// Changes of opening hours and closures, each as one guarded unit together with what follows for
// the slots (schedule.h), audited. A look says what would follow and changes nothing.
#pragma once

#include "domain/schedule.h"

// `hours->version` is what was looked at, 0: there was none. No spans: as the site's, or always.
struct schedule_outcome opening_save_hours(
    struct arena *a, const struct schedule_ask *ask, const struct opening_hours *hours);
// `id` 0: a new one.
struct schedule_outcome opening_save_closure(
    struct arena *a, const struct schedule_ask *ask, const struct closure *closure);
struct schedule_outcome opening_delete_closure(
    struct arena *a, const struct schedule_ask *ask, int64_t id);

// What the audit and the conflict page say of them.
struct value *opening_hours_value(struct arena *a, const struct opening_hours *hours);
struct value *opening_closure_value(struct arena *a, const struct closure *closure);
