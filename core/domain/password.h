// Passwords: Argon2id in the thread pool (RFC 9106; OWASP's 19 MiB and two passes), stored in the
// library's own text form, which says how it was made.
#pragma once

#include "base/str.h"

// In characters. What is hashed is all of it, composed (text_secret), so that the same keys on
// another device make the same password.
enum { PASSWORD_MIN = 10, PASSWORD_MAX = 200 };

// From a fiber. Absent when the pool is too busy.
struct str password_hash(struct arena *a, struct str password);

enum password_fault {
    PASSWORD_SOUND,
    // Few different characters, a run of the keyboard or the alphabet, a common word with digits
    // around it, or little more than one of the `related` words (name, address, e-mail).
    PASSWORD_WEAK,
    // Known of leaks, as it is, with letters as digits, twice, or with a few signs around it.
    PASSWORD_LEAKED,
};
enum password_fault password_fault(
    struct arena *a, struct str password, const struct str *related, size_t count);

enum password_result { PASSWORD_RIGHT, PASSWORD_WRONG, PASSWORD_BUSY };
// An absent hash takes as long as a real one, so that time doesn't tell who has an account.
enum password_result password_check(struct arena *a, struct str hash, struct str password);
