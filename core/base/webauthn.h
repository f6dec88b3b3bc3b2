// What authenticators answer (WebAuthn Level 2), checked: the browser's client data, the key that
// an authenticator made, an assertion signed with it. Attestation is neither asked nor looked at.
// Signatures are libfido2's, bytes in bytes out; challenges and who owns a key are the caller's
// (domain/passkey). A check takes about a tenth of a millisecond, less than the way to the pool.
#pragma once

#include "base/str.h"

// Nothing of the site's answers tells these apart; logs and tests do.
enum webauthn_result {
    WEBAUTHN_GOOD,
    WEBAUTHN_MALFORMED,
    WEBAUTHN_OTHER_TYPE,   // made for something else
    WEBAUTHN_OTHER_ORIGIN, // on another site, or inside another site's page
    WEBAUTHN_OTHER_SITE,   // the authenticator signed for another host
    WEBAUTHN_NOBODY,       // nobody was there, or the device didn't make sure who
    WEBAUTHN_FOREIGN_KEY,  // of an algorithm that wasn't offered
    WEBAUTHN_FORGED,
};

// COSE numbers, in the order in which they are offered.
enum { WEBAUTHN_ES256 = -7, WEBAUTHN_EDDSA = -8, WEBAUTHN_RS256 = -257 };
enum { WEBAUTHN_ID_MAX = 1023 };

struct webauthn_site {
    struct str origin; // "https://club.example"
    struct str host;   // "club.example"
};

enum webauthn_act { WEBAUTHN_CREATE, WEBAUTHN_GET };

// Was it made by this site's page, for this? `challenge` is what it was made for.
enum webauthn_result webauthn_client(struct arena *a, const struct webauthn_site *site,
    enum webauthn_act act, struct str client_data, struct str *challenge);

struct webauthn_key {
    int algorithm;
    struct str id, public_key; // bytes
    int64_t counter;           // of its signatures; 0 where the authenticator doesn't count
};

// The key in an attestation object.
enum webauthn_result webauthn_made(struct arena *a, const struct webauthn_site *site,
    struct str attestation, struct webauthn_key *out);

struct webauthn_answer {
    struct str client_data, authenticator_data, signature;
};

// `*counter` is the authenticator's, for the caller to compare with the key's.
enum webauthn_result webauthn_verify(const struct webauthn_site *site,
    const struct webauthn_key *key, const struct webauthn_answer *answer, int64_t *counter);
