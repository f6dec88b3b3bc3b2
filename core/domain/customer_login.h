// How customers prove who they are: by password, or by a code sent by mail, which also shows that
// the address is theirs. Nothing that is answered, sent or measured tells whether an address has an
// account: an unknown one takes as long and leads to the same page. Tries are counted in
// PostgreSQL. From fibers.
#pragma once

#include "domain/customer.h"

enum { CUSTOMER_CODE_DIGITS = 6, CUSTOMER_CODE_MINUTES = 10, CUSTOMER_CODE_TRIES = 5 };
#define CUSTOMER_CONFIRM_US (7LL * 86400 * 1000000)

struct customer_login {
    struct str email, password, remote;
};
// CUSTOMER_WRONG: no such account, or another password.
enum customer_result customer_log_in(struct arena *a, const struct site *site,
    const struct customer_login *login, struct customer *out, int64_t *retry_after_s);

// Leaves a code for whoever reads that address, if it may log in here: a job of its own looks.
struct customer_ask {
    struct str email, language, remote;
    struct str browser; // a token that the asking browser keeps
};
enum customer_result customer_ask_code(struct arena *a, const struct site *site,
    const struct customer_ask *ask, int64_t *id, int64_t *retry_after_s);
// The job's kind: {code_id, language}. What it sends:
#define CUSTOMER_CODE_JOB "customer.code"
struct customer_code {
    int64_t customer;
    struct str email, name;
    struct str code, token; // the token is the link's
};
// CUSTOMER_GONE: it ran out, was used, or nobody of that address may log in.
enum customer_result customer_code_of(
    struct arena *a, const struct site *site, int64_t id, struct customer_code *out);

// What came back. The browser that asked needs the code or the link's token; another one needs
// both.
struct customer_proof {
    int64_t id;
    struct str browser, code, token;
    int64_t logged_in; // who this browser is already; 0: nobody
    int64_t session;   // of this browser, which goes on; 0: none
};
// Whether a link still leads somewhere, and whether this browser is the one that asked.
enum customer_result customer_code_look(struct arena *a, const struct site *site,
    const struct customer_proof *proof, bool *same_browser);
// Logs in: the address is shown to be theirs by it. A password and passkeys that somebody else may
// have set go, and so do the sessions that came by them.
enum customer_result customer_use_code(struct arena *a, const struct site *site,
    const struct customer_proof *proof, struct customer *out);

// The link of a registration's mail, for who is logged in to that account: the address is theirs.
struct str customer_confirm_token(
    struct arena *a, const struct site *site, const struct customer *c, int64_t expires_us);
struct customer_link {
    int64_t expires_us;
    struct str token;
    int64_t
        session; // goes on; all others of that address end where a second account joins the first
};
// `c->id` is the account from then on: another one of the same address was there first.
enum customer_result customer_confirm(
    struct arena *a, const struct site *site, struct customer *c, const struct customer_link *link);
// Whether somebody else showed already that this address is theirs.
enum customer_result customer_is_known(
    struct arena *a, const struct site *site, const struct customer *c, bool *known);

// What was bought as a guest, or at the desk, under an address that they showed to be theirs. For
// every login.
void customer_claim(struct arena *a, const struct site *site, int64_t id);

// Is it theirs? CUSTOMER_WRONG also where there is none.
enum customer_result customer_check_password(struct arena *a, const struct site *site,
    const struct customer *c, struct str password, int64_t *retry_after_s);

struct customer_password {
    struct str current; // absent: proven by code just now
    struct str wanted;
    int64_t keep_session; // the others end
};
// CUSTOMER_WRONG: the current one isn't right.
enum customer_result customer_set_password(struct arena *a, const struct site *site,
    const struct customer *c, const struct customer_password *p, int64_t *retry_after_s);
