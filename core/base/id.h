// Random identifiers. Codes are for people to read aloud: 8 characters without 0 O 1 I, 40 bits;
// they identify and never authorise. Tokens authorise: 128 bits and more, URL-safe.
#pragma once

#include "base/str.h"

enum { ID_CODE_LEN = 8, ID_TOKEN_LEN = 22 };

// Where random bytes come from; tests replace it to make runs repeatable.
extern void (*id_random_bytes)(void *out, size_t len);

// A row's number, as the database's vt_id() makes them: milliseconds since 2024 and 20 bits that
// differ between processes, so that one flush can use it before it ran.
int64_t id_number(void);

struct str id_code(struct arena *a);
// Normalises what a person typed (case, spaces, dashes); absent when it can't be a code.
struct str id_code_normal(struct arena *a, struct str typed);
// base64url of 128 random bits, without padding.
struct str id_token(struct arena *a);
struct str id_base64url(struct arena *a, const void *bytes, size_t len);
// base64 or base64url, padded or not; absent on a foreign character.
struct str id_base64_decode(struct arena *a, struct str text);
// Compares secrets of any length without telling by time where they differ.
bool id_same_secret(struct str a, struct str b);
// Whether a statement can take it as the number of a row: digits that fit into 64 bits.
bool id_is_row_number(struct str s);
