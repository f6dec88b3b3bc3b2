// Customers of a site: who buys there. One with an account registered with an e-mail address; until
// somebody shows that the address is theirs, several may have typed it, and none of them learns of
// the others. Once it is shown, they become one, with everything bought as a guest under that
// address. From fibers.
#pragma once

#include "data/db.h"
#include "domain/site.h"

struct customer {
    int64_t id, version;
    struct str first_name, last_name;
    struct str email; // as typed
    struct str phone; // E.164, or absent
    struct str language;
    int64_t created_us, registered_us; // registered_us 0: has no account
    int64_t verified_us;               // 0: the address wasn't shown to be theirs
    bool has_password;
    int64_t person; // whose it is of the platform's verified persons; 0: nobody's but the site's
};

enum customer_result {
    CUSTOMER_DONE,
    CUSTOMER_GONE,     // no such customer, code or link (any more)
    CUSTOMER_CHANGED,  // somebody else changed it meanwhile
    CUSTOMER_TAKEN,    // another customer of the site has that address
    CUSTOMER_WRONG,    // the password or code isn't right
    CUSTOMER_TRIED,    // too many tries: wait
    CUSTOMER_VERIFIED, // a verified person's: not the venue's to change, or given differently
    CUSTOMER_BUSY,     // the database or the thread pool
};

enum customer_result customer_find(
    struct arena *a, const struct site *site, int64_t id, struct customer *out);
// "Ada Lovelace".
struct str customer_name(struct arena *a, const struct customer *c);

// A new account, logged in by nobody yet. Whether the address is known already isn't looked at:
// the mail that goes there says so. `c->id` is filled.
struct customer_newcomer {
    struct str password, remote;
};
enum customer_result customer_register(struct arena *a, const struct site *site,
    const struct customer_newcomer *newcomer, struct customer *c, int64_t *retry_after_s);
// The kind of the job that a registration leaves: {customer_id, language}.
#define CUSTOMER_WELCOME_JOB "customer.welcome"

// Names and phone; the version that was looked at goes with them. CUSTOMER_VERIFIED: a person who
// has one profile for all venues changes them there (domain/person.h).
enum customer_result customer_set_details(
    struct arena *a, const struct site *site, const struct customer *c);
