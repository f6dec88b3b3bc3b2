// What happened to one object: its rows of the audit, latest first, as people read them. Also the
// words for fields and values that the history and the conflict page share: `office.field.NAME` and
// `office.audit.ACTION` of the locales, where there are some.
#pragma once

#include "data/db.h"
#include "http/request.h"

// Appends the statement to a read unit; the object is named as in its audit rows. `form` reads
// ?history=… (OFFICE_HISTORY_FIELD) to go on.
int office_history_add(struct request *r, struct unit *u, const char *kind, struct str id);
// Of all objects of a kind, for the page that lists them: what is gone has no page of its own.
int office_histories_add(struct request *r, struct unit *u, const char *kind);
// Adds `history` (entries, more_url) to the view; the partial office/frame/history shows it.
void office_history_view(struct request *r, struct value *view, const struct rows *rows);

// Says in each entry which object it is about, where a page shows more than one: `name` gives the
// words for a row, absent where none are needed.
typedef struct str office_history_namer(
    struct request *r, const void *arg, const struct rows *rows, int i);
void office_history_name(struct request *r, struct value *view, const struct rows *rows,
    office_history_namer *name, const void *arg);

#define OFFICE_HISTORY_FIELD                     \
    {                                            \
        "history", .kind = FIELD_TEXT, .max = 20 \
    }

// "price_minor" → "Price"; a value by its field's name: amounts, times, yes and no, languages.
struct str office_field_label(const struct request *r, struct str field);
struct str office_value_text(const struct request *r, struct str field, const struct value *v);
