// Many customers in one unit, as an import has them: made, altered, or taken away again. What
// somebody else changed meanwhile is left as it is and said row by row; the rest happens together
// with what the caller adds, or not at all. Found by search, audited and told like single changes.
// Who makes customers has asked person_check of their addresses. From fibers.
#pragma once

#include "domain/customer_record.h"

// The rows' addresses are locked while they are written, and locks are scarce.
enum { CUSTOMER_BULK_MAX = 500 };

enum customer_bulk_step {
    CUSTOMER_MAKE,   // `record.c.id` is its number; the address must be nobody's of the site
    CUSTOMER_ALTER,  // everything but address and tags, of the version that was looked at
    CUSTOMER_UNMAKE, // of that version, and only while nothing hangs on it
    CUSTOMER_KEEP,   // itself stays as it is, whatever its version; something else is done with it
};

struct customer_bulk_row {
    enum customer_bulk_step step;
    struct customer_record record;
    // Schema of a plugin ("plugin_categories.") whose rows go with who is unmade; may be absent.
    struct str leaves;
    // CUSTOMER_CHANGED: another version, or something hangs on it. CUSTOMER_TAKEN: the address is
    // somebody's of the site by now. CUSTOMER_VERIFIED: a verified person's. CUSTOMER_GONE.
    enum customer_result result;
};

struct customer_bulk {
    const struct customer_editor *by;
    struct str action;  // in the record: "customer.import"
    struct str made_by; // of those made: "import"
    struct str own;     // schema of the plugin that asks: its rows hang on nobody; may be absent
    struct customer_bulk_row *rows;
    size_t count;
    // Adds what belongs to it, once the rows' results are known; false when it can't. May be NULL.
    bool (*also)(struct unit *u, void *arg);
    void *arg;
};

// CUSTOMER_DONE: the rows' results hold. Anything else: nothing has happened.
enum customer_result customer_bulk_save(struct arena *a, const struct customer_bulk *b);
