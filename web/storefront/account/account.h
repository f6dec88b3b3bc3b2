// A customer's account on the storefront: logging in, registering, and what stands behind it. There
// only while the site lets customers log in (ROUTE_LOGIN); nothing here tells whether an address
// has an account.
#pragma once

#include "domain/customer_login.h"
#include "http/form.h"
#include "http/respond.h"
#include "http/route.h"
#include "http/session.h"
#include "web/customer_problem.h"
#include "web/office/settings/panel.h"

void account_start(void);
// Route tables of the files beside this one.
void account_entry_start(void);
void account_code_start(void);
void account_details_start(void);
void account_security_start(void);
void account_passkeys_start(void);
void account_email_start(void);
void account_orders_start(void);
void account_data_start(void);
void account_profile_start(void);
void account_profile_sites_start(void);
void account_profile_address_start(void);
void account_invitation_start(void);

// A page behind the login, with the account's sections; `section` is its path's last part, "" for
// the first page.
struct value *account_page(struct request *r, const char *title, const char *section);
void account_respond(struct request *r, struct value *view);
// The same before the login: one card.
void account_respond_entry(struct request *r, struct value *view);
// The page of /account/login, with what its forms were refused for.
struct value *account_login_view(struct request *r);
// The customer who is logged in. False, and answered, when that can't be read.
bool account_customer(struct request *r, struct customer *c);

// Sends a code to that address, if it has an account, and leads to the page that asks for it.
void account_send_code(struct request *r, struct str email, struct str next);

// Where one wanted to go: a path of this site, "/account" where it is none.
struct str account_next(const struct request *r);
// The customer proved who it is: a new session, and on to where it wanted to go.
void account_let_in(struct request *r, int64_t customer, bool proven);
// The session is somebody else's now: its basket gets their prices.
void account_reprice(struct request *r);
// Then answer as after any refusal: a 429, and what to wait stands beside the field.
void account_refuse_many(struct request *r, const char *field, int64_t wait_s);

// "…?next=…", without it where it is the account's first page.
struct str account_with_next(struct request *r, const char *path, struct str next);
// What was done, as the address says it.
void account_add_done(struct request *r, struct value *view);

// Whether the customer showed who it is a short time ago; if not, what is asked next is answered by
// the way to do so, and `next` is where that leads.
bool account_proven(const struct request *r);
bool account_require_proof(struct request *r, struct str next);
// The page of /account/security, with what a form of it was refused for; and the passkeys on it:
// false when they can't be read.
void account_show_security(struct request *r, const struct customer *c);
bool account_add_passkeys(struct request *r, struct value *view);
// A button that has the browser "create" or "get" a passkey and posts its answer to `path`.
void account_add_passkey_act(
    struct request *r, struct value *panel, const char *act, const char *path);

// First and last name: the form's fields, a panel's with what is known (NULL: nothing), and what
// was typed.
enum { ACCOUNT_NAME_MAX = 80 };
#define ACCOUNT_NAMES                                                      \
    {"first_name", FIELD_TEXT, .required = true, .max = ACCOUNT_NAME_MAX}, \
    {                                                                      \
        "last_name", FIELD_TEXT, .required = true, .max = ACCOUNT_NAME_MAX \
    }
void account_add_names(struct request *r, struct value *panel, const struct customer *known);
void account_read_names(const struct request *r, struct customer *c);

// A phone number as it is stored; absent, and refused beside its field, when it can't be one.
struct str account_phone(struct request *r, const char *field);
