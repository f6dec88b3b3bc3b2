// What a person does with the profile for all venues: makes it, changes it, ends it, and sees which
// venues know the same address. Written as the platform, in one transaction with the jobs that tell
// the linked sites. Who calls has seen the proofs: a code sent to the address, and one to the
// phone. From fibers.
#pragma once

#include "domain/person.h"

// CUSTOMER_TAKEN: the address has a profile; `p->id` and `p->version` are filled otherwise.
enum customer_result person_create(struct arena *a, struct person *p);
// Names, phone, gender, country, birthdate; the version that was looked at goes with them.
enum customer_result person_change(struct arena *a, const struct person *p);
// Another address, which was shown to be theirs. CUSTOMER_TAKEN: it is of another profile.
enum customer_result person_move(struct arena *a, const struct person *p, struct str email);
// The linked customers stay as they are, the sites' own again.
enum customer_result person_end(struct arena *a, int64_t id);
// Ends it if no site is linked any more.
enum customer_result person_end_unused(struct arena *a, int64_t id);

// Open sites where a customer showed that the address is theirs, by name.
struct person_site {
    int64_t tenant, customer;
    struct str slug, name;
    int64_t person; // that the customer is linked to; 0: none
};
enum { PERSON_SITES_MAX = 100 };
struct person_sites {
    int count;
    struct person_site *items;
};
enum customer_result person_sites(struct arena *a, struct str email, struct person_sites *out);
