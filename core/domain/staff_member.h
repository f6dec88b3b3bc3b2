// Changes of who works at a site: roles, removal, sessions. Each is one guarded unit with its audit
// row; the version that was looked at goes with it, so that of two people editing the same member
// the later one is told. A site always keeps an owner. From fibers.
#pragma once

#include "domain/feature.h"

enum staff_result {
    STAFF_DONE,
    STAFF_GONE,       // no such member or invitation (any more)
    STAFF_CHANGED,    // somebody else changed it meanwhile
    STAFF_LAST_OWNER, // a site keeps one
    STAFF_TAKEN,      // that address works here already, or is invited
    STAFF_REFUSED,    // the password or code isn't right
    STAFF_TRIED,      // too many tries: wait
    STAFF_BUSY,       // the database or the thread pool
};

struct staff_change {
    const struct site *site; // NULL: an operator
    struct feature_actor actor;
    int64_t id;      // the member's or the invitation's
    int64_t version; // of the member that was looked at
    int64_t session; // the actor's, which goes on where a member's own others end
};

enum staff_result staff_set_role(struct arena *a, const struct staff_change *c, struct str role);
// The member's sessions end with it.
enum staff_result staff_remove(struct arena *a, const struct staff_change *c);
// All of a member's sessions but `keep` (a session's number; 0: none is kept).
enum staff_result staff_end_sessions(struct arena *a, const struct staff_change *c, int64_t keep);
// One of the actor's own sessions.
enum staff_result staff_end_session(struct arena *a, const struct staff_change *c, int64_t session);
// Whether every member needs a second factor; holds from the next request of everybody.
enum staff_result staff_require_factor(
    struct arena *a, const struct staff_change *c, bool required);

struct unit;
// For the files beside this one: the audit row of a change, and a unit's end in these terms.
void staff_audit(struct unit *u, const struct staff_change *c, const char *action,
    const struct value *before, const struct value *after);
enum staff_result staff_finish(struct unit *u);
// Tells all owners that there is one more: nobody becomes one unseen.
void staff_tell_owners(struct unit *u, const struct staff_change *c, struct str email);
