// What has to hold between rows, over all sites: what is taken, sold, paid and given back fits
// together. One table of statements (invariant.sql, ledger_verify.sql), asked by `vitrine verify`,
// after a restore, by the doctor and by tests; each one's name says what holds. Blocking, with the
// owner's connection, on what its transaction sees.
#pragma once

#include "base/value.h"
#include "data/owner.h"

struct invariant {
    struct str words; // "a slot counts the places of its lines"
    int64_t broken;   // rows that contradict it
    struct str rows;  // the first of them as JSON, a line each
};

// How many there are.
int invariant_count(void);
// The first of those of the ledger, which are the last ones.
int invariant_ledger(void);
// Asks number `i`, of one site by its address or of all (NULL); false, said, when the question
// failed.
bool invariant_ask(struct arena *a, PGconn *pg, int i, const char *site, struct invariant *out);
