// A site's set-up as data (P9): plan, features with their settings, colours and fonts, channels,
// each value under a path of its own. It is read, compared, changed and put back path by path:
//
//   plan                       "standard"
//   features/coupons           "on" or "off"
//   features/coupons/max_uses  a setting, as its schema says
//   branding/brand             "#0f766e"; also accent, fonts, corners, header
//   channels/web/name          "Web"
//   channels/web/sells         "everything", "reservations", "nothing"; read only: "chosen"
//   channels/web/registration  "guest", "both", "login": who buys there, while logins are on
//
// What belongs to one venue alone (texts, pictures, contact, legal data) isn't part of it. From a
// fiber.
#pragma once

#include "domain/feature.h"

// All paths with their values, in order. NULL when the database doesn't answer.
struct value *setup_read(struct arena *a, const struct site *site);

enum setup_kind {
    SETUP_UNKNOWN,
    SETUP_TEXT,
    SETUP_COLOUR,
    SETUP_NUMBER,
    SETUP_AMOUNT, // in the smallest unit of the site's currency
    SETUP_CHOICE,
    SETUP_YES_NO
};

struct setup_field {
    enum setup_kind kind;
    struct value *choices; // of SETUP_CHOICE: words that are stored
};

// What may stand at a path; SETUP_UNKNOWN: there is no such path.
struct setup_field setup_field(struct arena *a, struct str path);
// A typed text as the value of that path; NULL when it doesn't fit.
struct value *setup_parse(struct arena *a, struct str path, struct str typed);

enum setup_result {
    SETUP_DONE,
    SETUP_SAME,    // nothing differs
    SETUP_REFUSED, // `refused` is the path, `why` the reason's word; what came before it is done
                   // ("site", "closed": a closed site stays as it is)
    SETUP_UNAVAILABLE, // try again: what is done already is the same then
};

struct setup_change {
    const struct value *changes; // by path
    // Of taking a change back: only what is still as it left it. NULL: whatever is there.
    const struct value *expected;
    struct value *before; // what was there, of the paths that were changed
    struct str newer; // a path that stays, since somebody changed it after `expected`; or absent
    struct str refused, why;
};

enum setup_result setup_apply(struct arena *a, int64_t tenant, const struct feature_actor *actor,
    struct setup_change *change);
