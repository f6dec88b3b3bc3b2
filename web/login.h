// Logging in and out, the same for the back office and the console: the form, refusals that don't
// tell who has an account, a way back to where one wanted to go, and a new session each time.
#pragma once

#include "http/form.h"
#include "http/session.h"

struct login_place {
    const char *template;
    struct str path;   // of the form: "/manage/login"
    struct str within; // where one may be sent afterwards: "/manage" and what is below
    enum session_kind kind;
};

// What the routes take.
extern const struct form login_query, login_form, logout_form;

void login_show(struct request *r, const struct login_place *place);
void login_submit(struct request *r, const struct login_place *place);
// Starts a new session for who has just proved who it is and leads on; `code_due` before that.
struct staff;
void login_let_in(
    struct request *r, const struct login_place *place, const struct staff *who, bool code_due);
void login_end(struct request *r, const struct login_place *place);
