// What ties a customer of a site to a verified person. Linking gives the site what the person
// confirmed; following gives it what the person changed since; letting go leaves the site's
// customer as it is then, its own again. Each is one transaction of that site alone, written in
// its record. From fibers.
#pragma once

#include "domain/person.h"

// `c` showed that the person's address is theirs. CUSTOMER_GONE: not any more, or it is somebody
// else's. Doing it again changes nothing.
enum customer_result person_link(
    struct arena *a, int64_t tenant, const struct customer *c, const struct person *p);
enum customer_result person_unlink(struct arena *a, int64_t tenant, const struct customer *c);
// For a unit that makes a customer who is linked from the start: the record of it, a mail to the
// person, and a look whether they changed meanwhile.
void person_add_linked(struct unit *u, const struct customer *c, const struct person *p);

// For a unit that links a customer: the record, and the same look.
void person_add_record(struct unit *u, int64_t customer, const struct person *p);
enum customer_result person_load(struct arena *a, int64_t id, struct person *out);

// Brings the site's customer up to what the person is now; a person who is gone is let go. With
// another address both are told, and sessions end but `keep` (0: none). CUSTOMER_TAKEN: the site
// has to follow the one who had the address first.
enum customer_result person_follow(struct arena *a, int64_t tenant, int64_t person, int64_t keep);
#define PERSON_FOLLOW_JOB "person.follow" // {person_id}
void person_link_start(void);
