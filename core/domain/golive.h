// Practice mode and its end (P8). A new site practises: every step works, only test payments are
// taken. It goes live once a list of checks that check themselves is done: then samples go, what
// was booked in practice is cancelled and its tickets are void, test ways to pay are switched off,
// all in one unit. There is no way back. From fibers.
#pragma once

#include "domain/feature.h"

// name, and the office's page where it is done
#define GOLIVE_CHECKS(X)                                      \
    X(legal, "/manage/legal")      /* who sells, and where */ \
    X(pages, "/manage/legal")      /* notice and privacy */   \
    X(payment, "/manage/features") /* a real way to pay */    \
    X(offer, "/manage/offers")     /* one of its own */       \
    X(look, "/manage/branding")    /* not the blueprint's */

enum golive_check {
#define GOLIVE_CHECK_NAME(name, path) GOLIVE_##name,
    GOLIVE_CHECKS(GOLIVE_CHECK_NAME)
#undef GOLIVE_CHECK_NAME
        GOLIVE_CHECK_COUNT
};

struct golive_look {
    bool done[GOLIVE_CHECK_COUNT];
    bool ready;       // all of them
    int64_t samples;  // offers that go
    int64_t bookings; // of practice, which are cancelled
};

// False when the database doesn't answer.
bool golive_look(struct arena *a, const struct site *site, struct golive_look *out);
// Adds the statement: offer_id and title (by language) of the first so many samples that go.
int golive_add_samples(struct unit *u, int count);
const char *golive_name(enum golive_check check);
const char *golive_path(enum golive_check check);

enum golive_result {
    GOLIVE_DONE,
    GOLIVE_NOT_READY, // a check isn't done (any more)
    GOLIVE_ALREADY,
    GOLIVE_BUSY,
};
enum golive_result golive_go(
    struct arena *a, const struct site *site, const struct feature_actor *actor);

// Whether a payment provider takes money where this site stands: test ones in practice only, real
// ones live only.
bool golive_takes_payment(const struct site *site, struct str plugin);
