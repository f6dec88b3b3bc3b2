// The most common passwords of known leaks, bundled as a Bloom filter
// (scripts/lib/common-passwords.mjs says of what): whoever tries logins tries these first (NIST SP
// 800-63B, 5.1.1.2).
#pragma once

#include "base/str.h"

// `folded` by text_fold. Says yes to one in ten thousand that isn't among them.
bool password_is_common(struct str folded);
