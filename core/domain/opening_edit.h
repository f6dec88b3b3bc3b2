// Changes of opening hours and closures, each as one guarded unit together with what follows for
// the slots (schedule.h), audited. A look says what would follow and changes nothing.
#pragma once

#include "data/audit.h"
#include "domain/schedule.h"

enum opening_result {
    OPENING_DONE,
    OPENING_CONFLICT, // somebody else saved another version since
    OPENING_NOT_FOUND,
    OPENING_TOO_MANY, // more slots than an offer may have
    OPENING_UNAVAILABLE,
};

struct opening_outcome {
    enum opening_result result;
    const struct schedule_facts *facts;
    const struct schedule_plan *plan; // what follows, or would follow
    int64_t id;
};

struct opening_ask {
    const struct site *site;
    const struct audit *who; // its actor
    bool looks;
};

// `hours->version` is what was looked at, 0: there was none. No spans: as the site's, or always.
struct opening_outcome opening_save_hours(
    struct arena *a, const struct opening_ask *ask, const struct opening_hours *hours);
// `id` 0: a new one.
struct opening_outcome opening_save_closure(
    struct arena *a, const struct opening_ask *ask, const struct closure *closure);
struct opening_outcome opening_delete_closure(
    struct arena *a, const struct opening_ask *ask, int64_t id);

// What the audit and the conflict page say of them.
struct value *opening_hours_value(struct arena *a, const struct opening_hours *hours);
struct value *opening_closure_value(struct arena *a, const struct closure *closure);
