// What waits for somebody of the venue: each kind counted in the read unit of Today, as far as who
// looks may see it, with the address of the list that shows exactly these.
#pragma once

#include "data/db.h"
#include "http/request.h"

enum { HOME_ACTIONS_MAX = 8 };

struct home_actions {
    int places[HOME_ACTIONS_MAX]; // of the statements; -1: not theirs to see
};

struct home_actions home_actions_add(const struct request *r, struct unit *u);
// `actions` in the view: {kind, count, title, text, action_url, patient}, those with none left out.
// patient: there is nothing to do but wait.
void home_actions_view(
    struct request *r, struct value *view, const struct unit *u, const struct home_actions *read);
