// The second factor: asked for after the password, and set up on one's own account page, of the
// office or of the console; where the site asks everybody for one, before the office opens.
#pragma once

#include "domain/staff_member.h"
#include "http/session.h"
#include "web/login.h"

// Where that happens.
struct factor_place {
    const struct login_place *login; // its path with "/code" behind it asks for the code
    const char *account;             // "/manage/account", with "/second-factor" behind it: set up
    const char *account_label;
    void (*gate)(struct request *r, struct value *view); // answers before one is let in
    void (*page)(struct request *r, struct value *view); // and afterwards
};
extern const struct factor_place office_factor_place;

// Whether the session waits for this step; leads to where it belongs otherwise.
bool factor_is_due(struct request *r, const struct factor_place *place, enum session_due due);
// The page that asks for the code, and what it sends.
void factor_code_page(struct request *r, const struct factor_place *place);
void factor_code_take(struct request *r, const struct factor_place *place);
// Setting it up on one's own account page, and what comes of it: the recovery codes, this once.
void factor_setup_page(struct request *r, const struct factor_place *place);
void factor_setup_save(struct request *r, const struct factor_place *place);
void factor_show_codes(struct request *r, const struct factor_place *place,
    enum staff_result result, const struct str *codes);

extern const struct form factor_code_query, factor_code_form;

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
