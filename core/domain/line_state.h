// States of an order line and what may follow what, as one table. The order's own state is derived
// from its lines. Held, paying, reserved and confirmed lines take capacity; an option takes none.
#pragma once

#include "base/str.h"

// name, takes capacity
#define LINE_STATES(X) \
    X(held, true)      \
    X(option, false)   \
    X(reserved, true)  \
    X(paying, true)    \
    X(confirmed, true) \
    X(expired, false)  \
    X(released, false) \
    X(cancelled, false)

enum line_state {
#define LINE_STATE_NAME(name, takes) LINE_##name,
    LINE_STATES(LINE_STATE_NAME)
#undef LINE_STATE_NAME
        LINE_STATE_COUNT
};

struct str line_state_name(enum line_state s);
// The name comes from the database; anything else is a bug.
enum line_state line_state_of(struct str name);
bool line_takes_capacity(enum line_state s);
bool line_may_become(enum line_state from, enum line_state to);
