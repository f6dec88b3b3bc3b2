// The record of changes: who did what to which object, before and after, written in the change's
// own transaction and never changed. Where both states are given only the fields that differ are
// kept. Secrets are replaced before they are stored, long texts are cut.
#pragma once

#include "data/db.h"

struct audit {
    struct str actor_kind; // "staff", "token", "operator", "customer", "system", "plugin"
    int64_t actor_id;      // 0: none
    struct str actor_name; // as it was then
    struct str action;     // "offer.publish", "feature.switch_on"
    struct str object_kind, object_id;
    const struct value *before, *after; // NULL: there was none, there is none
};

// Appends the row to a unit of the app or the platform, for the unit's site.
void audit_add(struct unit *u, const struct audit *what);
// The same of many objects at once, by the same person: what differs between them.
struct audit_object {
    struct str id;
    const struct value *before, *after;
};
void audit_add_all(
    struct unit *u, const struct audit *what, const struct audit_object *objects, size_t count);
