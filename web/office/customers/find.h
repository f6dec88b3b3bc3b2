// Which customers a filter names: read from the address, narrowed down by the statement that fits
// best, newest first, page by page. The list, its files and what is done to many at once share it.
// Lives in the reader's arena.
#pragma once

#include "data/rows.h"
#include "domain/search.h"
#include "domain/site.h"
#include "http/form.h"

// The fields of the address beside what every list has.
#define CUSTOMERS_FILTER_FIELDS                                   \
    {"state", .kind = FIELD_CHOICE, .choices = customers_states}, \
    {                                                             \
        "tag", .max = 60                                          \
    }
// With an account, without one, those who ask the venue for something.
extern const char *const customers_states[];

struct customers_filter {
    struct str state, tag; // absent: any; the tag folded
    struct search_query words;
    bool nothing; // what was typed can't be found: no letter in it
};
struct customers_filter customers_filter_of(struct arena *a, const struct value *fields);

// Appends the statement to a read unit and returns its place: rows with customer_id, below that
// number (0: from the newest on); −1 when nothing can be found.
int customers_find_add(struct unit *u, const struct customers_filter *f, int64_t below, int limit);
// NULL when the database doesn't answer.
const struct rows *customers_find(struct arena *a, const struct site *site,
    const struct customers_filter *f, int64_t below, int limit);
