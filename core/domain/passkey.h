// Passkeys of customers (WebAuthn): added while logged in, good for logging in without a password.
// A challenge is signed and bound to the browser that asked, to what it is for and to whom, is good
// for ten minutes and answered once. A passkey belongs to the host of its site; the same person's
// passkeys of another site mean nothing here. Nothing tells whether an address has one. From
// fibers.
#pragma once

#include "base/webauthn.h"
#include "domain/customer.h"

enum { PASSKEYS_MAX = 8, PASSKEY_NAME_MAX = 60 };
#define PASSKEY_ASK_US (10LL * 60 * 1000000)

// Who asks for a challenge, and who answers it.
struct passkey_ask {
    enum webauthn_act act;
    struct str browser; // a token that this browser keeps
    int64_t customer;   // logged in already, to add one; 0: to log in
    struct str email;   // to log in: as typed, or empty
};
// Text without quotes; the browser answers to its bytes.
struct str passkey_challenge(
    struct arena *a, const struct site *site, const struct passkey_ask *ask);
// The customer's number for authenticators: the same for all passkeys, and nothing of the person.
struct str passkey_handle(struct arena *a, const struct site *site, int64_t customer);

// Which passkeys an address may be logged in by: always PASSKEYS_MAX of them, and the same ones
// again. Those that the address doesn't have are made up.
enum customer_result passkey_allowed(struct arena *a, const struct site *site, struct str email,
    struct str credentials[PASSKEYS_MAX]);

struct passkey_new {
    struct webauthn_site where;
    struct passkey_ask ask;
    struct str name;
    struct str client_data, attestation; // bytes
};
enum passkey_result {
    PASSKEY_DONE,
    PASSKEY_GONE,   // no such passkey (any more)
    PASSKEY_LATE,   // the challenge ran out, was answered, or was another browser's
    PASSKEY_WRONG,  // not of this site, not signed, of nobody here
    PASSKEY_COPIED, // its counter went back
    PASSKEY_KNOWN,  // was added before
    PASSKEY_FULL,   // PASSKEYS_MAX
    PASSKEY_TRIED,
    PASSKEY_BUSY,
};
enum passkey_result passkey_add(struct arena *a, const struct site *site, const struct customer *c,
    const struct passkey_new *made, int64_t *id);

struct passkey_login {
    struct webauthn_site where;
    struct passkey_ask ask;
    struct str remote;
    struct str credential, handle; // the handle may be absent
    struct webauthn_answer answer;
};
enum passkey_result passkey_log_in(struct arena *a, const struct site *site,
    const struct passkey_login *login, struct customer *out, int64_t *retry_after_s);

// passkey_id, name, created_us, used_us, copied, credential (base64), in the order of their making;
// NULL when the database is away.
const struct rows *passkey_list(struct arena *a, const struct site *site, int64_t customer);
enum passkey_result passkey_rename(struct arena *a, const struct site *site,
    const struct customer *c, int64_t id, struct str name);
enum passkey_result passkey_remove(
    struct arena *a, const struct site *site, const struct customer *c, int64_t id);
