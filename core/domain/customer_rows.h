// What the files about customers share: a row as a customer, the audit row of a change by the
// customer, a unit's end in these terms.
#pragma once

#include "domain/customer.h"

// Of the columns of customer.sql.
struct customer customer_of_row(const struct rows *rows, int row);
void customer_audit(struct unit *u, const struct customer *c, const char *action,
    const struct value *before, const struct value *after);
enum customer_result customer_finish(struct unit *u);

// What goes with an address that was shown to be theirs: whether the password was set by the same
// person, and the session that goes on (0: none).
struct customer_proven {
    bool keep_password;
    int64_t keep_session;
};
void customer_add_proof(struct unit *u, const struct customer *c, const struct customer_proven *p);
