// Editions of what a venue writes: its look, its terms, the words of a mail. Every save appends the
// next edition, so there is a history to go back to, and of two people who saw the same edition
// only the first one's save happens (the other's unit ends in DB_CONFLICT). Rows are never changed.
#pragma once

#include "data/db.h"

enum { EDITIONS_SHOWN = 20 };

struct edition {
    struct str subject;         // "branding", "page/terms", "notification/core/order"
    int64_t seen;               // the version that was looked at; 0: as it was before any change
    const struct value *before; // what version 0 is to say when this is the first change
    const struct value *value;
    struct str actor_name;
};

// Appends the statements of a save to the unit that makes it hold.
void edition_add(struct unit *u, const struct edition *what);

// For what is guarded by something else: the next version, whatever was seen.
void edition_append(struct unit *u, const struct edition *what);

struct edition_row {
    int64_t version; // 0 when there is none yet
    struct value *value;
    int64_t at_us;
    struct str actor_name;
};

// The newest edition. False when the database doesn't answer.
bool edition_newest(struct arena *a, int64_t tenant, struct str subject, struct edition_row *out);
// One of them; `out->value` is NULL when there is no such version.
bool edition_load(
    struct arena *a, int64_t tenant, struct str subject, int64_t version, struct edition_row *out);
// The newest EDITIONS_SHOWN, newest first; -1 when the database doesn't answer.
int edition_list(struct arena *a, int64_t tenant, struct str subject, struct edition_row **out);
