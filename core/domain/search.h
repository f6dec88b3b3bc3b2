// Search as one types: the words by which things are found, folded and without accents, stored
// beside them in search_term. A query is split in the same way; each of its words is a beginning,
// that is a range of terms, which is all that row-level security lets an index take.
#pragma once

#include "data/db.h"

enum { SEARCH_WORDS_MAX = 4, SEARCH_LEAST = 2, SEARCH_TERMS_MAX = 24 };

// What a thing is found by; absent parts are left out.
struct search_text {
    struct str words; // a name: every word of it
    struct str email; // as a whole, from its beginning
    struct str code;
    struct str phone; // E.164: with its prefix and as it is dialled at home
};
// Appends the rows to a unit that makes the thing.
// What it is found by: how many of `out`, which has room for SEARCH_TERMS_MAX. Some may be twice.
size_t search_terms(struct arena *a, const struct search_text *text, struct str *out);
void search_add(struct unit *u, struct str kind, int64_t object, const struct search_text *text);

struct search_query {
    struct str from[SEARCH_WORDS_MAX], until[SEARCH_WORDS_MAX]; // from <= term < until
    int count;                                                  // 0: nothing to look for
};
struct search_query search_query_of(struct arena *a, struct str typed);
