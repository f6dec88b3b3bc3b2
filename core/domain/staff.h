// Who works at a site, and who operates the platform: logging in by e-mail and password. Tries are
// counted per account and per network address; an unknown account takes as long and is answered
// like a wrong password, so that nobody learns who has one. Tenant 0 means the platform's operators
// wherever a site's number stands.
#pragma once

#include "base/str.h"

struct staff {
    int64_t id;
    struct str name, email, role;
    bool second_factor; // its code comes after the password
};

struct staff_login {
    int64_t tenant;
    struct str email, password, remote;
};

enum staff_login_result {
    STAFF_LOGGED_IN,
    STAFF_WRONG,    // no such account, or another password
    STAFF_TOO_MANY, // wait `*retry_after_s`
    STAFF_UNAVAILABLE,
};

// From a fiber. `who` is filled on success.
enum staff_login_result staff_login(
    struct arena *a, const struct staff_login *login, struct staff *who, int64_t *retry_after_s);

// An operator or account manager of the console; one who exists gets the role and the new password,
// loses the second factor (whoever runs the installation helps who lost it), and its sessions and
// visits as support end. False when the database or the thread pool didn't do it.
bool staff_add_operator(struct arena *a, struct str email, struct str role, struct str password);

enum staff_removal {
    STAFF_REMOVED,
    STAFF_REMOVED_NONE, // there is none of that address
    STAFF_REMOVED_LAST, // refused: nobody else may do everything
    STAFF_REMOVED_NOT,  // the database didn't do it
};
// Sessions, recovery codes and visits as support end with it.
enum staff_removal staff_remove_operator(struct arena *a, struct str email);
