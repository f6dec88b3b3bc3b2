// The end of a settings form: what a save came to, the versions to go back to, and two people who
// edited the same thing.
#pragma once

#include "domain/site_change.h"
#include "http/request.h"

// Answers a save: the page at `path` with ?done=saved, or 503; false when somebody else saved it
// meanwhile, which the caller shows.
bool saving_finish(struct request *r, enum site_change_result result, struct str path);
struct feature_actor saving_actor(const struct request *r);
// A panel with the versions of a subject, each but the newest with a button that posts to
// `path`/restore/VERSION. False, and answered, when the database is away.
bool saving_versions(struct request *r, struct value *view, struct str subject, struct str path);
// 409 with both: `theirs` from the newest edition, `yours` as typed.
void saving_conflict(
    struct request *r, struct value *view, struct str subject, const struct value *yours);
