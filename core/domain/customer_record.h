// Customers as a venue's staff keeps them: made at the desk, changed, tagged, annotated. Every
// change is audited in its own transaction and raises the row's version; two people who save the
// same version get CUSTOMER_CHANGED. What is searched for follows what is stored. Texts in and out
// live in the caller's arena. From fibers.
#pragma once

#include "domain/customer.h"
#include "domain/feature.h"

enum { CUSTOMER_NAME_MAX = 80, CUSTOMER_TAG_MAX = 40, CUSTOMER_TAGS_MAX = 20 };

// "female", "male", "other", "not_stated", NULL.
extern const char *const customer_genders[];

struct customer_record {
    struct customer c;    // phone in E.164
    struct str gender;    // of customer_genders; absent: never asked
    struct str country;   // ISO 3166, two letters; absent: never asked
    struct str birthdate; // YYYY-MM-DD, or absent
    struct str made_by;   // "customer", "staff", "import"
    struct str tags;      // "member, vip", sorted; absent: none
    // What was typed of somebody new, where a verified person's has to be the same to the letter.
    struct str typed_phone; // absent: c.phone
    bool padded;            // blanks at an end were cut off
};

struct customer_editor {
    const struct site *site;
    const struct feature_actor *actor;
};

enum customer_result customer_record_load(
    struct arena *a, const struct site *site, int64_t id, struct customer_record *out);
// The statement alone, for a page's read unit; the row is taken with customer_record_of_row.
int customer_record_add(struct unit *u, int64_t id);
struct customer_record customer_record_of_row(const struct rows *rows, int row);
// Its fields as the audit and the conflict page name them.
struct value *customer_record_value(struct arena *a, const struct customer_record *record);

// Makes a customer without an account; `c.id` and `c.version` are filled. CUSTOMER_TAKEN: the site
// has a customer of that address already, whatever its case: `*other`. CUSTOMER_VERIFIED,
// CUSTOMER_TRIED: the address is a verified person's, see person_check; with identical data the
// customer is linked to the person at once.
enum customer_result customer_create(struct arena *a, const struct customer_editor *by,
    struct customer_record *record, int64_t *other);
// Everything but the address; `c.version` is the one that was looked at. CUSTOMER_VERIFIED: more
// than the tags of a verified person.
enum customer_result customer_change(
    struct arena *a, const struct customer_editor *by, const struct customer_record *record);
enum customer_result customer_add_note(
    struct arena *a, const struct customer_editor *by, int64_t id, struct str note);

// One tag more or less; the rest of the customer is left alone. `also` adds what has to happen with
// it. CUSTOMER_WRONG: there is nothing to change, or no room for another tag; then nothing
// happened.
struct customer_retagging {
    struct str tag;
    bool adds;
    void (*also)(struct unit *u, const void *arg);
    const void *arg;
};
enum customer_result customer_retag(struct arena *a, const struct customer_editor *by, int64_t id,
    const struct customer_retagging *what);

// What one typed, separated by commas, as it is stored: trimmed, once each, sorted. Absent when
// nothing is left; `*wrong` says that a tag is too long or that they are too many.
struct str customer_tags_of(struct arena *a, struct str typed, bool *wrong);

// The words by which a customer is found, written anew: for whoever changes a name, address or
// phone.
void customer_add_search(struct unit *u, const struct customer *c);
