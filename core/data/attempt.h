// Tries on what may be guessed: logins, codes, gift cards. Counted in PostgreSQL, so neither losing
// the cache nor another process gives new tries. Rows carry a keyed digest of purpose and identity,
// never a mail address or a code. A take is its own transaction: it counts whatever happens next.
#pragma once

#include "data/db.h"

struct attempt {
    int64_t tenant;      // 0: the platform's own
    struct str purpose;  // "staff_login", "coupon": a word of the code
    struct str identity; // folded address, session, network address
    int limit;           // tries in a window
    int64_t window_ms;   // from the first try
};

enum attempt_result {
    ATTEMPT_ALLOWED,
    ATTEMPT_REFUSED, // answer 429 with the seconds to wait
    ATTEMPT_UNKNOWN, // the database didn't answer: a 503, not a pass
};

// From a fiber. `*retry_after_s` (may be NULL) is at least 1 when refused, else 0.
enum attempt_result attempt_take(
    struct arena *a, const struct attempt *what, int64_t *retry_after_s);
// After a success: the next one starts from nothing. A failure here costs tries only.
void attempt_clear(struct arena *a, const struct attempt *what);
// Removes some windows that have ended, of all sites; says whether there may be more. Housekeeping
// calls it.
bool attempt_clean(struct arena *a, int64_t now_us);
