// What the files about customers share: a row as a customer, the audit row of a change by the
// customer, a unit's end in these terms.
#pragma once

#include "domain/customer.h"
#include "domain/event.h"

struct customer_told {
    int64_t id;
    struct str by; // kind of the actor, as in audit.h
    const struct value *before, *after;
};

// Of the columns of customer.sql.
struct customer customer_of_row(const struct rows *rows, int row);
void customer_audit(struct unit *u, const struct customer *c, const char *action,
    const struct value *before, const struct value *after);
// By staff or a program of the site; before and after.
struct customer_editor;
void customer_audit_by(struct unit *u, const struct customer_editor *by, int64_t id,
    const char *action, const struct value *states[2]);
enum customer_result customer_finish(struct unit *u);
// CUSTOMER_TAKEN, and whose the address is; 0 when nobody has it (any more).
enum customer_result customer_of_folded(
    struct arena *a, const struct site *site, struct str folded, int64_t *other);
// Tells who wants to hear of it, never with a word of what is theirs: the names of the fields that
// differ between the two, which are as the audit has them. Nothing when no field does.
struct value *customer_facts_told(struct arena *a, const struct customer_told *told);
void customer_tell(struct unit *u, enum event event, const struct customer_told *told);

// "Ada Lovelace, ada@buyer.example"
struct str customer_who(struct arena *a, const struct customer *c);
// Features whose tables say more than rows can (what was agreed to last) look again: the other one
// became the one who is kept.
void customer_tell_features(struct unit *u, const struct site *site, int64_t kept, int64_t other);

// What goes with an address that was shown to be theirs: whether the password was set by the same
// person, and the session that goes on (0: none).
struct customer_proven {
    bool keep_password;
    int64_t keep_session;
};
// False when the database doesn't answer: nothing may be done then.
bool customer_add_proof(
    struct unit *u, const struct customer *c, const struct customer_proven *proven);
