// Sessions: an opaque token in a __Host- cookie, only its hash stored. Guests of a storefront get
// one with their first basket, staff and operators when they log in. Forms of a session carry a
// token of their own, masked differently in every answer, so that pages compress safely.
#pragma once

#include "http/request.h"

enum session_kind { SESSION_GUEST, SESSION_STAFF, SESSION_OPERATOR };

// Loads the session of the request's cookie into r->session. False when the database is away.
bool session_load(struct request *r, enum session_kind kind);
// Makes one and sets the cookie; the guest's keeps its basket when it logs in elsewhere. With
// `code_due` it has no role until it is ended and another one started without.
bool session_start(struct request *r, enum session_kind kind, int64_t person, bool code_due);
// A guest's: sets the cookie and the session's number, and returns the token's hash for the unit
// that writes the row together with what the session is for. Submits of one visit make one session,
// however often and however close together they come.
struct str session_begin_guest(struct request *r, int64_t *id);
// For a reader without a session: a cookie with the token that his first submit's session will
// have. The page is the same for everybody, and nothing is stored until there is something to keep.
void session_begin_visit(struct request *r);
// For support in a site's office: a new token and its hash, and the cookie once it is let in. The
// cookie outlives the visit, so that one who comes back to an open page is told that it is over.
struct str session_begin_support(struct request *r, struct str *token);
void session_keep_support(struct request *r, struct str token);
// A customer has proved who it is: the session gets a new token and goes on with its basket.
// `kept`: it outlives the browser. `proven`: by a code or a passkey just now.
struct session_entry {
    int64_t customer;
    bool kept, proven;
};
bool session_enter(struct request *r, const struct session_entry *entry);
// Somebody else sits here: the login ends in this browser, and the basket goes on as a guest's,
// with nothing of the one who left.
bool session_leave(struct request *r);
// Who is logged in has shown again who it is.
bool session_prove(struct request *r);
// Ends it and clears the cookie.
bool session_end(struct request *r, enum session_kind kind);

// The form token of this session, masked; absent without one.
struct str session_form_token(const struct request *r);
bool session_form_token_fits(const struct request *r, struct str token);
