// The register as statements. Private to the files about personal data.
#pragma once

#include "data/db.h"
#include "domain/personal.h"

enum personal_input {
    PERSONAL_CUSTOMER, // a number; absent: nobody's
    PERSONAL_ADDRESS,  // folded; absent: it may be somebody else's
    PERSONAL_ORDERS,   // bigint[]
    PERSONAL_UNTIL,    // timestamptz
    PERSONAL_INPUTS
};

struct personal_statement {
    const struct personal_table *table;
    struct sql erase, export;
    bool erases, exports; // there is one
    // Of either statement, after the site's number.
    enum personal_input inputs[PERSONAL_INPUTS];
    int input_count;
};

// Of the core and of every plugin that is installed, in the order of erasing; made once.
struct personal_statement *personal_statements(size_t *count);
// Appends one of its two. `given` has PERSONAL_INPUTS values.
int personal_add(
    struct unit *u, const struct personal_statement *s, struct sql *sql, const struct str *given);
