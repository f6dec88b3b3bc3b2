// The register of personal data: every table with what it keeps of a person, how a person's rows
// are found and what erasing does to them. Core tables are declared in personal_table.c, a plugin's
// in its manifest (`personal`); a column of text that nobody declared fails a test by its name.
// What a person may have and what erasing removes (domain/erasure.h) are generated from it.
#pragma once

#include "base/str.h"

enum personal_end {
    PERSONAL_KEEP,   // the row stays as it is
    PERSONAL_BLANK,  // the fields go, the rest stays for the law
    PERSONAL_DELETE, // the row goes
};

// Lists are names kept apart by spaces.
struct personal_table {
    const char *table; // "orders"; a plugin's with its schema: "plugin_coupons.redemption"
    const char *rows;  // a way from personal_ways, or the declared table that has <table>_id
    enum personal_end end;
    const char *fields; // what is blanked: "name" to NULL, "body=" to '', "data={}" to that;
                        // "after~": JSON that keeps numbers and truth values only
    const char *secret; // of the row, what no export shows; "*": it is a copy of what others show
    const char *others; // texts that say nothing of a customer
};

// How rows are found, as a condition on `t`. @customer, @address, @orders and @until stand for what
// is given: the customer's number, the address that was shown to be theirs, their orders' numbers,
// the moment of erasing. NULL: no customer's.
struct personal_way {
    const char *name, *condition;
};
extern const struct personal_way personal_ways[];
const struct personal_way *personal_way_find(struct str name);

// A table whose customer_id follows when two customers become one (customer_merge.h). `key` tells a
// customer's rows apart, names kept apart by spaces: a row of which the one who stays has the same
// is dropped. "": each has one row at most.
struct personal_follow {
    const char *table, *key;
};

struct personal_list {
    const struct personal_table *items;
    size_t count;
};
// The core's, in the order in which they are erased.
struct personal_list personal_core(void);
// A feature's, NULL fields as "".
struct feature_info;
struct personal_list personal_of_feature(const struct feature_info *info);
