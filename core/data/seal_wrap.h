// A secret under a passphrase, for a copy that leaves the installation: Argon2id makes the key,
// XChaCha20-Poly1305 closes the text. Takes a second and a quarter of a gigabyte, on purpose.
#pragma once

#include "base/str.h"

enum { SEAL_PASSPHRASE_MIN = 12 };

// One line of text; absent when there is no memory for it.
struct str seal_wrap(struct arena *a, struct str passphrase, struct str secret);
// Absent when it was changed, or closed by another passphrase.
struct str seal_unwrap(struct arena *a, struct str passphrase, struct str wrapped);
