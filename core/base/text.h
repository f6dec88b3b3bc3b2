// Text of people, by Unicode's rules (ICU): folding for look-ups, look-alikes of addresses,
// slugs. Input is valid UTF-8.
#pragma once

#include "base/str.h"

// Normalised (NFKC) and case-folded, for comparison and search; the stored text stays as typed.
struct str text_fold(struct arena *a, struct str s);
// A password as it is compared (RFC 8265, OpaqueString): composed (NFC), spaces of any script as
// ASCII's; neither case nor width is touched, and nothing is cut.
struct str text_secret(struct arena *a, struct str s);
// Without white space of any script at both ends, and without the invisible marks of copied text.
struct str text_strip(struct str s);
// Folded and without accents, words separated by '-', a–z 0–9 only; may be empty.
struct str text_slug(struct arena *a, struct str s);
// Two strings that look alike have the same skeleton (UTS 39, with digits and separators of
// addresses merged: 0/o, 1/l/i, rn/m, vv/w, hyphens dropped).
struct str text_skeleton(struct arena *a, struct str s);
// An address of the form that mail accepts in practice (RFC 5321 lengths, one @, a dotted domain).
bool text_is_email(struct str s);
