// A venue invites a verified person to link. Whoever asks gets the same answer for any address; a
// job looks whether it is a person's, and sends a signed link that holds a week. The link names
// site, person and address, so it ends with any of them, and leads to a question: only its answer
// links. From fibers.
#pragma once

#include "domain/person.h"

// CUSTOMER_TRIED: the site asks too often.
enum customer_result person_invite(
    struct arena *a, const struct customer_editor *by, struct str email);
#define PERSON_INVITE_JOB "person.invite" // {email}

// For the job: CUSTOMER_GONE when there is nobody to write to, or who was written to today.
struct person_invitation {
    int64_t person, until_us;
    struct str token, language;
};
enum customer_result person_invitation_of(
    struct arena *a, const struct site *site, struct str email, struct person_invitation *out);

// CUSTOMER_GONE: it ran out, or isn't theirs. Otherwise `out` is who was invited.
enum customer_result person_invited(struct arena *a, const struct site *site,
    const struct person_invitation *shown, struct person *out);
// Makes the person a customer of the site, or links the one of that address, who is shown to be
// theirs by the link. Doing it again changes nothing.
enum customer_result person_accept(
    struct arena *a, const struct site *site, const struct person *p);
