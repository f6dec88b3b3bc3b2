// Setting up a second factor: the same steps on one's own account page, of the office or of the
// console, and, where the site asks everybody for one, before the office opens.
#pragma once

#include "domain/staff_member.h"
#include "http/request.h"

// The reader as who is changed and who changes.
struct staff_change factor_self(const struct request *r);
// Adds the panel with the QR code, the secret for typing and the field for the first code.
void factor_setup_panel(
    struct request *r, struct value *view, const struct staff_change *c, struct str path);
// Takes that form; refuses the field `code`. On STAFF_DONE `codes` has the recovery codes.
enum staff_result factor_setup_take(
    struct request *r, const struct staff_change *c, struct str *codes);
// Adds the panel that shows recovery codes, this once.
void factor_codes_panel(struct request *r, struct value *view, const struct str *codes);

#define FACTOR_SETUP_FIELDS                                                                     \
    {"csrf", .kind = FIELD_TEXT}, {"secret", .kind = FIELD_TEXT, .required = true, .max = 400}, \
    {                                                                                           \
        "code", .kind = FIELD_TEXT, .required = true, .max = 20                                 \
    }
