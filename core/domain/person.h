// Verified persons of the platform ("one profile for all venues"): who confirmed an e-mail and a
// phone, and lets customers of several sites stand for them. A person is read and written as the
// platform; no site sees one. A linked customer shows what the person confirmed, and only the
// person changes that: at once where they are, by a job at every other linked site. Whatever else a
// site knows of its customer stays there. Texts live in the caller's arena. From fibers.
#pragma once

#include "domain/customer_record.h"

struct person {
    int64_t id, version;
    struct str email;                                // as typed
    struct str first_name, last_name, phone;         // phone in E.164
    struct str gender, country, birthdate, language; // birthdate may be absent
};

// Of the columns of person.sql.
struct person person_of_row(const struct rows *rows, int row);

// Whose verified addresses those are, in any case; those that are nobody's aren't in the list.
struct person_list {
    int count;
    struct person *items;
};
enum customer_result person_find_all(
    struct arena *a, const struct str *emails, size_t count, struct person_list *out);

// What a venue says of somebody. An absent text says nothing, and fits.
struct person_claim {
    struct str email, name; // "Ada Lovelace", where one name was asked
    struct str first_name, last_name, phone, gender, country, birthdate;
    bool whole;  // of everything: a birthdate that is left out is none
    bool padded; // it had blanks at an end, which nothing confirmed has
};
// Whether all of it is what the person confirmed, letter by letter: accents, case, spaces, the
// phone in E.164.
bool person_fits(struct arena *a, const struct person *p, const struct person_claim *claim);

// The rule for whoever makes a customer with an address (C8, C5). CUSTOMER_GONE: the address is no
// verified person's. CUSTOMER_DONE: it is `out`'s, and so is all the rest. CUSTOMER_VERIFIED:
// something differs, and nobody says what. CUSTOMER_TRIED: of this person or by this site too
// often. Tries count and the record has the refused ones, without the address.
enum customer_result person_check(struct arena *a, const struct customer_editor *by,
    const struct person_claim *claim, struct person *out);
// The same with somebody who was found before, as imports do.
enum customer_result person_check_found(struct arena *a, const struct customer_editor *by,
    const struct person_claim *claim, const struct person *p);
