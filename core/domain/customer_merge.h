// Two records of one person become one: what hangs on the other one goes over to the one who stays,
// plugins' tables too (personal_merge.h), and for seven days all of it goes back where it was.
// Nobody logs in by what was the other's any more, except where only the other one had an account:
// then its address and password are the account. Passkeys of the other one go, its sessions end.
// Whoever changes, deletes or merges one of them at the same moment comes first or looks again.
// From fibers.
#pragma once

#include "domain/customer_record.h"

enum { CUSTOMER_UNDO_DAYS = 7, CUSTOMER_TWINS_MAX = 10 };
#define CUSTOMER_UNDO_US (CUSTOMER_UNDO_DAYS * 86400LL * 1000000)

// What may be taken over from the other one, field by field.
enum customer_part {
    CUSTOMER_NAME,
    CUSTOMER_PHONE,
    CUSTOMER_GENDER,
    CUSTOMER_BIRTHDATE,
    CUSTOMER_COUNTRY,
    CUSTOMER_PARTS
};
extern const char *const customer_part_names[CUSTOMER_PARTS]; // "name", "phone", …

struct customer_merge {
    struct customer_record kept, other; // as they were looked at, versions with them
    bool take[CUSTOMER_PARTS];          // the other's
};
// What stays where nobody says otherwise: what is known, of whom is kept first.
void customer_merge_choose(struct customer_merge *m);
// Who stays, as it will be.
struct customer_record customer_merge_outcome(struct arena *a, const struct customer_merge *m);

// CUSTOMER_VERIFIED: the other one is a verified person's, who has to be the one who stays; then
// nothing may be taken over either. CUSTOMER_CHANGED: look again. CUSTOMER_GONE: one of them isn't
// there (any more).
enum customer_result customer_merge(
    struct arena *a, const struct customer_editor *by, const struct customer_merge *m, int64_t *id);
// Of who stays, whose version was looked at. CUSTOMER_GONE: it is too late, or was undone already.
// CUSTOMER_TAKEN: somebody else has the other one's address by now.
enum customer_result customer_merge_undo(
    struct arena *a, const struct customer_editor *by, const struct customer *kept, int64_t id);

// Who may be the same person: numbers of customers with the same phone or the same name.
enum customer_result customer_twins(
    struct arena *a, const struct site *site, const struct customer *c, int64_t *ids, int *count);
// Into whom that one was merged; 0: into nobody.
enum customer_result customer_merged_into(
    struct arena *a, const struct site *site, int64_t id, int64_t *kept);
