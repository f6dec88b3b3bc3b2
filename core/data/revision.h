// A site's revision: a number that every change of its office raises, in the change's own
// transaction (sales don't). Whatever is cached for a site carries the revision of its snapshot and
// is refused once a newer one is known. Each process knows the newest revision of every site: from
// its own changes at once, from others through Redis at once, and through a look into the database
// twice a second whatever Redis does. Lives on the loop.
#pragma once

#include "data/db.h"

// Appends the statement that raises the revision of the unit's site. When the unit has happened,
// this process knows and the others are told. Last statement before the end, so that what it locks
// is free again soon.
void revision_touch(struct unit *u);

// Starts to follow all sites; needs the platform's connections. Once per process.
void revision_start(void);
// Stops looking, so that the process can end.
void revision_stop(void);
// Whether every site's revision was read once; before that revision_seen() may be 0.
bool revision_ready(void);

// Time since the last look that the database answered. What is cached can be trusted for as long
// as this is short; while the database is away nothing is heard of changes made elsewhere.
int64_t revision_silence_ms(void);

// The newest revision this process knows, 0 for a site it has not met.
int64_t revision_seen(int64_t tenant);
// What a snapshot read in the database proves; never lowers.
void revision_learn(int64_t tenant, int64_t revision);

// Calls `on_change` each time a site's revision is raised; on the loop or in somebody's fiber, so
// it must not wait. At most 8, registered at start.
void revision_on_change(void (*on_change)(int64_t tenant, int64_t revision));

// Sites whose revision is known, for metrics.
size_t revision_sites(void);
