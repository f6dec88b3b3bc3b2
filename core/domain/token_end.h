// A token's end is told before it comes, a week and a day before: to whoever made it and to the
// site's owners, once each. Two jobs, written where the token is made; one that was revoked
// meanwhile has nothing to tell.
#pragma once

#include "data/db.h"

// Appends the jobs to the unit that makes the token; those whose time is over already are left out.
void token_end_add(struct unit *u, int64_t token, int64_t expires_us);
// The job kind "token.end".
void token_end_start(void);
