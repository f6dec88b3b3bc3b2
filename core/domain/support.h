// Support in a site's back office (P4): an operator of the platform works there like a manager, for
// a stated reason, for half an hour that can be renewed up to four. The site's owners are told when
// it begins; every step stands in the site's own record. The console gives a ticket, good once and
// for a minute; the office turns it into a session. From a fiber.
#pragma once

#include "domain/feature.h"

#define SUPPORT_VISIT_US (30 * 60 * INT64_C(1000000))
#define SUPPORT_MAX_US (4 * 3600 * INT64_C(1000000))
enum { SUPPORT_REASON_MIN = 5, SUPPORT_REASON_MAX = 500 };

enum support_result {
    SUPPORT_DONE,
    SUPPORT_OVER, // the ticket was used or is too old, the visit has ended or lasts four hours
    SUPPORT_UNAVAILABLE,
};

// The actor's note is the reason. `email` is the operator's.
enum support_result support_open(struct arena *a, const struct site *site,
    const struct feature_actor *actor, struct str email, struct str *ticket);
// `token_hash` in hex, of the session that begins.
enum support_result support_enter(
    struct arena *a, const struct site *site, struct str ticket, struct str token_hash);
// Half an hour from now, four hours from the beginning at most.
enum support_result support_renew(
    struct arena *a, const struct site *site, int64_t access, const struct feature_actor *actor);
enum support_result support_end(
    struct arena *a, const struct site *site, int64_t access, const struct feature_actor *actor);
