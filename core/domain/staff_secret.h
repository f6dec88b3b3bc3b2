// What a member of staff proves who it is with: the password, changed or set anew by a signed link,
// and the second factor (RFC 6238) with its recovery codes. Tries are counted in PostgreSQL, a code
// works once, and every change ends the member's other sessions and says so by mail. From fibers.
#pragma once

#include "domain/staff_member.h"

#define STAFF_RESET_US (3600LL * 1000000)
enum { STAFF_RECOVERY_CODES = 10 };

// Whether it is the member's own password, with the same limit on tries as changing it: asked for
// once more before what weakens the account.
enum staff_result staff_check_password(
    struct arena *a, const struct staff_change *c, struct str current);
// `c->id` is the member; `keep` the session that goes on.
enum staff_result staff_change_password(struct arena *a, const struct staff_change *c,
    struct str current, struct str wanted, int64_t keep);

// A link to a new password, when somebody of that address works here: a job of its own looks, so
// the answer takes as long for everybody. STAFF_TRIED: too often.
enum staff_result staff_ask_reset(
    struct arena *a, const struct site *site, struct str email, struct str language);
// The job's kind, {email, language}; whoever runs it makes the link of this.
#define STAFF_RESET_JOB "staff.reset"
struct staff_reset {
    int64_t id, expires_us;
    struct str name, email, token;
};
// STAFF_GONE: nobody of that address works here.
enum staff_result staff_reset_of(
    struct arena *a, const struct site *site, struct str email, struct staff_reset *out);
// STAFF_GONE: the link's time is over, or it was used.
enum staff_result staff_reset_open(
    struct arena *a, const struct site *site, struct staff_reset *link);
enum staff_result staff_reset_password(
    struct arena *a, const struct site *site, struct staff_reset *link, struct str password);

// The second factor: of a member, or, where the change names no site, of an operator.

// A new secret under the installation's key, for the form that turns it on.
struct str staff_factor_new(struct arena *a, const struct staff_change *c);
// The secret of such a form; absent when it isn't one of this member.
struct str staff_factor_secret(struct arena *a, const struct staff_change *c, struct str sealed);
// Turns it on when `code` is the secret's; `codes` gets STAFF_RECOVERY_CODES of them.
// STAFF_CHANGED: there is one already, which is turned off first.
enum staff_result staff_factor_turn_on(struct arena *a, const struct staff_change *c,
    struct str sealed, struct str code, struct str *codes);
enum staff_result staff_factor_new_codes(
    struct arena *a, const struct staff_change *c, struct str *codes);
enum staff_result staff_factor_turn_off(struct arena *a, const struct staff_change *c);
// A code of the authenticator or a recovery code, used up by it.
enum staff_result staff_factor_check(
    struct arena *a, const struct staff_change *c, struct str typed, int64_t *retry_after_s);
