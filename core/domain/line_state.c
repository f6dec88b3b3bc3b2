#include "domain/line_state.h"

#include "base/check.h"

static const struct {
    struct str name;
    bool takes;
} states[LINE_STATE_COUNT] = {
#define LINE_STATE_ROW(name, takes) {{#name, sizeof #name - 1}, takes},
    LINE_STATES(LINE_STATE_ROW)
#undef LINE_STATE_ROW
};

#define TO(state) (1u << LINE_##state)

// An expired line comes back when its places are still there; a late payment takes them
// again.
static const unsigned next[LINE_STATE_COUNT] = {
    [LINE_held] = TO(paying) | TO(confirmed) | TO(reserved) | TO(expired) | TO(cancelled),
    [LINE_option] = TO(reserved) | TO(released) | TO(cancelled),
    [LINE_reserved] = TO(paying) | TO(confirmed) | TO(released) | TO(cancelled),
    [LINE_paying] = TO(confirmed) | TO(held) | TO(reserved) | TO(expired),
    [LINE_confirmed] = TO(cancelled),
    [LINE_expired] = TO(held) | TO(paying) | TO(cancelled),
    [LINE_released] = 0,
    [LINE_cancelled] = 0,
};

struct str line_state_name(enum line_state s)
{
    return states[s].name;
}

enum line_state line_state_of(struct str name)
{
    for (int i = 0; i < LINE_STATE_COUNT; i++)
        if (str_eq(name, states[i].name))
            return (enum line_state)i;
    unreachable();
}

bool line_takes_capacity(enum line_state s)
{
    return states[s].takes;
}

bool line_may_become(enum line_state from, enum line_state to)
{
    return next[from] & (1u << to);
}
