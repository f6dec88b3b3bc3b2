// Secrets at rest and signed links. A key file beside the installation's state holds one line per
// key, oldest first; the newest seals and signs, all open and verify, so rotation needs no rewrite
// at once. Sealing is AES-256-GCM; the site and the purpose are bound to the text, so it opens
// nowhere else. Every purpose has a key of its own, derived by HKDF-SHA-256. Pure computation after
// seal_init; one process-wide set of keys.
#pragma once

#include "base/str.h"

enum { SEAL_KEYS_MAX = 16, SEAL_TOKEN_LEN = 22 };

// Reads the key file, making it (mode 0600, one key) where there is none. False, with `*why` from
// the arena for the operator, when it can't be read, is malformed, or is open to anybody but its
// owner. Calling it again takes in what changed.
bool seal_init(struct arena *a, struct str path, struct str *why);
bool seal_ready(void);
// Appends a new key to the file and reads it. Other processes seal with it after a reload.
bool seal_rotate(struct arena *a, struct str path, struct str *why);

// What its keys are called, oldest first; the text is the file's or a copy's. None when it has a
// line that is no key.
int seal_key_names(struct arena *a, struct str text, struct str names[SEAL_KEYS_MAX]);

// base64url text that only seal_open with the same site and purpose can read.
struct str seal_close(struct arena *a, int64_t tenant, struct str purpose, struct str secret);
// Absent when it was changed, belongs elsewhere, or its key is gone.
struct str seal_open(struct arena *a, int64_t tenant, struct str purpose, struct str sealed);
// Whether it was sealed with the newest key; otherwise seal it again when it is saved next.
bool seal_is_current(struct arena *a, struct str sealed);

// A token of 128 bits for a link. The message says everything that the link may do: site, object,
// end of its time. Verified by all keys, in constant time.
struct str seal_sign(struct arena *a, struct str purpose, struct str message);
bool seal_verify(struct str purpose, struct str message, struct str token);

// A keyed digest for look-ups, by the newest key: what is stored doesn't tell what it was made of.
struct seal_digest {
    unsigned char bytes[32];
};
struct seal_digest seal_digest(struct str purpose, struct str message);
