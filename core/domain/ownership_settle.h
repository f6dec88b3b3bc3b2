// The moment a site changes hands: when it is due, and what becomes of everybody. Private to
// domain/ownership.c. From fibers.
#pragma once

#include "data/db.h"
#include "domain/ownership.h"

enum ownership_result ownership_load(
    struct arena *a, const struct site *site, int64_t id, struct ownership *out);
void ownership_audit(struct unit *u, const char *action, const struct feature_actor *actor,
    const struct value *after);
enum ownership_result ownership_finish(struct unit *u);

struct ownership_ending {
    const char *state, *action;
    const struct feature_actor *actor;
    int64_t holder; // who must be an owner of that day for it; 0: nobody
};
enum ownership_result ownership_end(struct arena *a, const struct site *site,
    const struct ownership *o, const struct ownership_ending *ending);

// A job that looks whether it is due by then.
void ownership_settle_at(struct unit *u, int64_t id, int64_t at_us);
// The new owner gets the site if all is there; too late a confirmation ends it. OWNERSHIP_GONE:
// neither (yet).
enum ownership_result ownership_settle(struct arena *a, const struct site *site, int64_t id);
