// Which orders a filter names: read from the address, narrowed down by the statement that fits
// best, newest first, page by page. The list, the exports and their JSON share it, so that a file
// holds exactly what the list shows. Lives in the reader's arena.
#pragma once

#include "data/rows.h"
#include "domain/search.h"
#include "http/form.h"

// The fields of the address beside what every list has.
#define ORDERS_FILTER_FIELDS                                                                    \
    {"state", .kind = FIELD_CHOICE, .choices = orders_states}, {"from", .kind = FIELD_DATE},    \
        {"to", .kind = FIELD_DATE}, {"offer", .kind = FIELD_ID}, {"channel", .kind = FIELD_ID}, \
    {                                                                                           \
        "slot", .kind = FIELD_ID                                                                \
    }
extern const char *const orders_states[];
// The state of what was booked before the site went live: rehearsals, which count nowhere else.
#define ORDERS_PRACTICE "practice"

struct orders_filter {
    struct str state;                // absent: any
    bool practice;                   // rehearsals instead of what was sold
    struct str offer, channel, slot; // numbers; absent: any
    int64_t from_us, to_us;          // 0: open
    struct search_query words;
    bool nothing; // what was typed can't be found: no letter in it
};
struct orders_filter orders_filter_of(
    struct arena *a, const struct site *site, const struct value *fields);

// Where a page begins: after this order; zero at the start.
struct orders_place {
    int64_t placed_us, order;
};
// Appends the statement to a read unit and returns its place; −1 when nothing can be found.
int orders_find_add(struct unit *u, const struct site *site, const struct orders_filter *f,
    const struct orders_place *after, int limit);
// Rows with placed_us and order_id. NULL when the database doesn't answer.
const struct rows *orders_find(struct arena *a, const struct site *site,
    const struct orders_filter *f, const struct orders_place *after, int limit);
