// What happened to one object: its rows of the audit, latest first, as people read them. What was
// done is `office.audit.ACTION` of the locales, or a plugin's `x.PLUGIN.audit.ACTION`; fields and
// values are said as field_words.h has them.
#pragma once

#include "data/db.h"
#include "http/request.h"

// Appends the statement to a read unit; the object is named as in its audit rows. `form` reads
// ?history=… (OFFICE_HISTORY_FIELD) to go on.
int office_history_add(struct request *r, struct unit *u, const char *kind, struct str id);
// Of all objects of a kind, for the page that lists them: what is gone has no page of its own.
int office_histories_add(struct request *r, struct unit *u, const char *kind);
// Of one object, and of all of a kind that its page lists.
int office_history_and_add(
    struct request *r, struct unit *u, const char *kind, struct str id, const char *listed);
// Of one object what has a page of its own: what was done by actions that begin like `action`.
int office_history_part_add(
    struct request *r, struct unit *u, const char *kind, struct str id, const char *action);
// Where it goes on, for a statement of a page's own: ?history=…, or absent.
struct str office_history_from(const struct request *r);
// Adds `history` (entries, zone, more_url) to the view; the partial office/frame/history shows it.
// The reader sees what differs, in the order of forms; what was never filled in is left out.
void office_history_view(struct request *r, struct value *view, const struct rows *rows);

// What a page knows by name. `names`: {field: choices} (field_words.h). `object`: which
// object an entry is about, on a page that shows more than one; absent where nothing needs saying.
struct history_words {
    const struct value *names;
    struct str (*object)(struct request *r, const void *of, const struct rows *rows, int i);
    const void *of;
};
void office_history_view_with(struct request *r, struct value *view, const struct rows *rows,
    const struct history_words *words);

// Once at start: the pages of plugins have their histories as well.
void office_history_start(void);

#define OFFICE_HISTORY_FIELD                     \
    {                                            \
        "history", .kind = FIELD_TEXT, .max = 20 \
    }
