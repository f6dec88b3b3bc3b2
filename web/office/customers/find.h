// Which customers a filter names: read from the address, narrowed down by the statement that fits
// best, newest first, page by page. The list, its files and what is done to many at once share it.
// Features add filters (the hook customer_filters): each is a stream of customers' numbers, highest
// first, and so is the core's own; who stands in all of them is found. Lives in the reader's arena.
#pragma once

#include "data/rows.h"
#include "domain/search.h"
#include "domain/site.h"
#include "http/form.h"
#include "web/office/frame/filter.h"

// The fields of the address beside what every list has.
#define CUSTOMERS_FILTER_FIELDS                                                       \
    {"state", .kind = FIELD_CHOICE, .choices = customers_states}, {"tag", .max = 60}, \
        OFFICE_FILTER_WITH
// Those chosen one by one, as boxes do: chosen_NUMBER=1. Then nothing else narrows the list.
#define CUSTOMERS_CHOSEN_FIELD                  \
    {                                           \
        "chosen", .kind = FIELD_TEXTS, .max = 1 \
    }
// With an account, without one, those who ask the venue for something.
extern const char *const customers_states[];

enum { CUSTOMERS_PARTS_MAX = 4, CUSTOMERS_CHOSEN_MAX = 100 };

// A filter of a feature with what was chosen of it.
struct customers_part {
    struct str plugin, statement, value;
    struct str title, label; // as the feature words them
};

struct customers_filter {
    struct str state, tag; // absent: any; the tag folded
    struct search_query words;
    struct customers_part parts[CUSTOMERS_PARTS_MAX];
    int part_count;
    int64_t *chosen;
    int chosen_count;
    bool nothing; // what was typed can't be found, or a feature's filter isn't there (any more)
};
struct customers_filter customers_filter_of(
    struct arena *a, const struct site *site, const struct value *fields);
// What features offer: [{plugin, name, title, all, options, statement}].
struct value *customers_filters(struct arena *a, const struct site *site);
// What of such a filter was chosen; absent: anything. `key` is how the address calls it.
struct str customers_filter_key(struct arena *a, const struct value *filter);
struct str customers_filter_chosen(const struct value *fields, struct str key);

// Rows with customer_id, below that number (0: from the newest on). NULL when the database doesn't
// answer.
const struct rows *customers_find(struct arena *a, const struct site *site,
    const struct customers_filter *f, int64_t below, int limit);
// How many there are; −1 without an answer.
int64_t customers_count(const struct site *site, const struct customers_filter *f);
