// A page that lists objects: a search field and filters in the address (a plain form, GET), rows
// that lead to their object, more by keyset paging, and {"items":[…],"next":cursor} as JSON.
//
//   static const struct form form_list = FORM(OFFICE_LIST_FIELDS, {"state", …});
//   struct office_list list = office_list_of(r, OFFICE_LIST_NUMBER);
//   … WHERE ($2::bigint IS NULL OR (position, offer_id) > ($2, $3)) … LIMIT $4
//   unit_add(u, &SQL_…, tenant, list.after, list.after_id, office_list_limit(&list));
//   for (int i = 0; office_list_more(rows, i); i++) … value_append_object(a, list.items) …
//   office_list_next(&list, rows, KEY(position), KEY(offer_id));
//   office_list_respond(r, "office/offers", view, &list);
//
// Everything lives in the request's arena. The console's lists are made the same way; what both
// show is in list_body.html.
#pragma once

#include "data/rows.h"
#include "http/request.h"

// What every list's form takes beside its own filters: words to search for, where to go on, and
// what has just been done to which object (notice.h).
#define OFFICE_LIST_FIELDS                                                            \
    {"q", .kind = FIELD_TEXT, .max = 100}, {"after", .kind = FIELD_TEXT, .max = 400}, \
        {"done", .kind = FIELD_TEXT, .max = 40},                                      \
    {                                                                                 \
        "what", .kind = FIELD_TEXT, .max = 40                                         \
    }

enum { OFFICE_LIST_ROWS = 50 };

// What rows are sorted by, before their number: texts, or whole numbers and times.
enum office_list_order { OFFICE_LIST_TEXT, OFFICE_LIST_NUMBER };

struct office_list {
    struct request *r;
    struct str search;          // folded as search columns are; absent when nothing was asked
    struct str after, after_id; // where the page before ended, as parameters; absent at the start
    struct value *items;
    struct str next; // cursor; absent at the end
};

// A cursor that isn't one of ours counts as none for a person; a program is refused it.
struct office_list office_list_of(struct request *r, enum office_list_order order);
// The number to go on below (or above) in a list sorted by nothing else: the cursor's, or the end
// of the numbers.
struct str office_list_below(const struct office_list *list);
struct str office_list_above(const struct office_list *list);
// One more than is shown, to know whether there is a next page: a statement's LIMIT.
struct str office_list_limit(const struct office_list *list);
// Whether row `i` belongs to this page.
bool office_list_more(const struct rows *rows, int i);
// Sets `next` from the last row shown, by the columns that the rows are sorted by.
void office_list_next(
    struct office_list *list, const struct rows *rows, value_key order, value_key id);

// A filter: `name` is its field, `values` what it may be ("" stands for all), NULL-terminated; the
// words are `key` + "." + value, "all" for "". Adds {name, title, options} to the view's filters.
struct office_filter {
    const char *name, *key;
    const char *const *values;
};
void office_list_filter(struct request *r, struct value *view, const struct office_filter *filter);
// One whose options are data: [{value, label}]; the first may be "".
void office_list_filter_of(struct request *r, struct value *view,
    const struct office_filter *filter, struct value *options);

// One that a feature adds: its words are given, and what of it is chosen.
struct office_filter_named {
    struct str name, title, chosen;
};
void office_list_filter_named(struct request *r, struct value *view,
    const struct office_filter_named *filter, struct value *options);

// The page (with `list` in its view: items, next_url, reset_url, search, filtered) or the JSON.
void office_list_respond(struct request *r, const char *template_name, struct value *view,
    const struct office_list *list);

// The query of this request with one field replaced, or left out when `value` is absent: "?a=1".
struct str office_query_with(const struct request *r, const char *field, struct str value);
