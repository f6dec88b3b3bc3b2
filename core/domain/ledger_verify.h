// The proof that the ledger holds: what is left of every lot is the sum of its entries, what is on
// hold is what holds set aside, the entries of every posting sum to zero. Asked of all sites by
// `vitrine verify` and `vitrine ledger verify`, of one site every night by a job that fails, for
// the console to show, at the first break.
#pragma once

#include "data/db.h"

enum { LEDGER_INVARIANTS = 10 };
// Each returns what contradicts its name. They read a whole ledger.
extern struct sql *const ledger_invariants[LEDGER_INVARIANTS];

// "the entries of a posting sum to zero"
struct str invariant_words(struct arena *a, const struct sql *sql);

// Adds tonight's proof, if the site has a ledger at all.
bool ledger_verify_later(struct arena *a, int64_t tenant, int64_t now_us);
// The job kind "ledger.verify".
void ledger_verify_start(void);
