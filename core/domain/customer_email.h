// The address of a customer: what the customer asks the venue for (T6), and what its staff changes
// (T7). Whatever the customer bought stays theirs; an address that nobody has shown to be theirs is
// unproven again, sessions end, and both addresses are told. From fibers.
#pragma once

#include "domain/customer_record.h"

struct customer_wish {
    struct str email, reason; // reason may be absent
};
// Kept until staff decide; a second one replaces the first. CUSTOMER_TRIED: five a day are enough.
enum customer_result customer_ask_email(struct arena *a, const struct site *site,
    const struct customer *c, const struct customer_wish *wish);
// Staff say no: the wish goes.
enum customer_result customer_decline_email(
    struct arena *a, const struct customer_editor *by, int64_t id);

struct customer_move {
    struct str email;       // as typed
    struct str confirm_url; // by which its reader shows that it is theirs; absent: has no account
};
// `c` as it was looked at, its version with it. CUSTOMER_TAKEN: `*other` of this site has it.
// CUSTOMER_VERIFIED: it is a verified person, who changes it; or the new one is a verified
// person's, and something differs (CUSTOMER_TRIED: too often).
enum customer_result customer_set_email(struct arena *a, const struct customer_editor *by,
    const struct customer *c, const struct customer_move *move, int64_t *other);
