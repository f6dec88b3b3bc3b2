// A new owner for a site whose owner left (P4). An account manager asks, saying why and how the new
// owner was verified; the new owner confirms by a mailed link; the owners of that day are told at
// once. It happens when the new owner has confirmed and either three days have passed without an
// objection or an owner has consented: whoever still reads that mailbox can stop a theft, whoever
// left can't block a venue. One at a time for a site; every step is in the site's own record. A
// site never is without an owner. From fibers.
#pragma once

#include "domain/feature.h"

#define OWNERSHIP_WAIT_US (72 * 3600 * INT64_C(1000000))
#define OWNERSHIP_LINK_US (7 * 86400 * INT64_C(1000000))
// What the record calls it: all that ever happened to a site's ownership is one history.
#define OWNERSHIP_KIND "ownership"
#define OWNERSHIP_OBJECT "owner"
enum { OWNERSHIP_WORDS_MIN = 10, OWNERSHIP_WORDS_MAX = 500, OWNERSHIP_HOLDERS_MAX = 20 };

enum ownership_result {
    OWNERSHIP_DONE,
    OWNERSHIP_BEGUN,     // another one of this site is open
    OWNERSHIP_IS_OWNER,  // that address owns the site already
    OWNERSHIP_OWNERLESS, // there is nobody to take it over from: an invitation does
    OWNERSHIP_GONE,      // over, used, too late, or the link isn't right
    OWNERSHIP_BUSY,      // the database or the thread pool
};

struct ownership {
    int64_t id;
    struct str state, operator_name, email, reason, proof, former, consented_by, ended_by;
    int64_t asked_us, ready_us, expires_us, confirmed_us, consented_us, ended_us; // 0: not (yet)
    int64_t member; // whose address it is, of those who work there; 0: nobody's
};

struct ownership_ask {
    struct str email, reason, proof;
    struct str former; // of the owners of now: "leave", "manager", "owner" (they stay)
};

// The newest ones, latest first; NULL when the database doesn't answer.
struct ownership *ownership_list(struct arena *a, const struct site *site, size_t *count);

enum ownership_result ownership_ask(struct arena *a, const struct site *site,
    const struct feature_actor *actor, const struct ownership_ask *what);
// The new owner's link once more, with a new end; the old one leads nowhere then.
enum ownership_result ownership_again(
    struct arena *a, const struct site *site, int64_t id, const struct feature_actor *actor);
enum ownership_result ownership_withdraw(
    struct arena *a, const struct site *site, int64_t id, const struct feature_actor *actor);

// The new owner's link.
enum ownership_result ownership_open(
    struct arena *a, const struct site *site, int64_t id, struct str token, struct ownership *out);
// Somebody who works there confirms logged in; anybody else gives a name and a password.
struct ownership_newcomer {
    int64_t member; // 0: name and password
    struct str name, password;
};
enum ownership_result ownership_confirm(struct arena *a, const struct site *site,
    const struct ownership *o, const struct ownership_newcomer *who);

// The link of an owner of that day, or that owner logged in.
struct ownership_holder {
    int64_t id, staff;
    struct str token; // absent: logged in as `staff`
    struct str name;
};
// Fills the name.
enum ownership_result ownership_holder_open(
    struct arena *a, const struct site *site, struct ownership_holder *holder);
enum ownership_result ownership_object(
    struct arena *a, const struct site *site, const struct ownership_holder *holder);
// Logged in only.
enum ownership_result ownership_consent(
    struct arena *a, const struct site *site, const struct ownership_holder *holder);

// An owner who hands over to somebody who works there, at once. `stays`: as an owner too, else as a
// manager. STAFF_CHANGED: one of the two isn't any more what the page showed.
struct staff_change;
enum staff_result ownership_hand_over(struct arena *a, const struct staff_change *c, bool stays);

// Once at start: what becomes due.
void ownership_init(void);
