// Picking up jobs and ending them, as statements: the leases of jobs.c. Private to data/. All
// functions are called from fibers and wait.
#pragma once

#include "data/jobs.h"

// How long a picked-up job belongs to its process: the usual deadline and time to say the end.
enum { LEASE_MS = JOB_DEADLINE_MS + 30000, SITE_JOBS_MAX = 4, SITE_SLOW_JOBS_MAX = 16 };
enum lane { LANE_USUAL, LANE_SLOW, LANES };

// A job at work in this process; lives in its own arena.
struct lease {
    struct job job;
    struct str slug; // of the site, absent for the platform
    struct arena *arena;
    enum lane lane;
    struct lease *next;
};

// Where the last pick stopped; zero at the start.
struct lease_turn {
    enum lane lane;
    bool from_site_to_site; // more is due than one look sees
    int64_t after;          // the last site served so
};

enum lease_more { LEASE_NO_MORE, LEASE_MORE, LEASE_UNKNOWN };

// Picks up to `want` due jobs of the lane beside those at work and puts them in front of `*picked`.
// Says whether asking again may give more now.
enum lease_more lease_pick(
    struct lease_turn *turn, int want, const struct lease *at_work, struct lease **picked);

// Writes the end down. Tries again for as long as the lease lasts; false when it was lost.
bool lease_done(const struct lease *l);
bool lease_retry(const struct lease *l, int64_t at_us);
bool lease_give_up(const struct lease *l);

// Jobs at work in any process; -1 when the database didn't answer.
int64_t lease_count(struct arena *a);

// Makes the housekeeping job one that this process can do.
void housekeeping_register(void);
// Adds it for then, unless it waits already. False when the database didn't answer.
bool housekeeping_add(struct arena *a, int64_t run_at_us);
