// A borrowed piece of bytes, usually UTF-8: pointer and length, no terminator promised. Whoever
// made the bytes owns them (an arena, a literal, a buffer). {NULL, 0} means absent, which is not
// the same as empty. Nothing here waits or does I/O.
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

struct str {
    const char *p;
    size_t len;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_NULL ((struct str){NULL, 0})
// For printf's "%.*s".
#define STR_ARG(s) (int)(s).len, (s).p

static inline struct str str_of(const char *zero_terminated)
{
    return zero_terminated ? (struct str){zero_terminated, strlen(zero_terminated)} : STR_NULL;
}

static inline struct str str_n(const void *p, size_t len)
{
    return (struct str){(const char *)p, len};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static inline bool str_is(struct str a, const char *b)
{
    return str_eq(a, str_of(b));
}

// Byte order; a shorter prefix comes first.
int str_cmp(struct str a, struct str b);

bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
// Case folding of ASCII only: header names, tokens of a protocol.
bool str_ieq(struct str a, struct str b);

// Index of the first `c`, or -1.
ptrdiff_t str_index(struct str s, char c);
// Index of the first `needle`, or -1.
ptrdiff_t str_find(struct str s, struct str needle);

// [from, to) clamped to the string.
struct str str_sub(struct str s, size_t from, size_t to);
// Without ASCII white space at both ends.
struct str str_trim(struct str s);

// Cuts `*rest` at the first `sep` and returns what stood before it. When `*rest` is used up it
// becomes absent; start with an absent test on `rest->p`.
struct str str_cut(struct str *rest, char sep);

// Decimal, the whole string, in range; false leaves `*out` alone.
bool str_to_i64(struct str s, int64_t *out);

// Zero-terminated copy; the terminator isn't counted.
struct str str_dup(struct arena *a, struct str s);
const char *str_z(struct arena *a, struct str s);
struct str str_lower(struct arena *a, struct str s);

// Joins any number of pieces; end the list with STR_NULL.
struct str str_join(struct arena *a, ...);
// For messages to people and logs; never for SQL, HTML, JSON or URLs.
__attribute__((format(printf, 2, 3))) struct str str_format(
    struct arena *a, const char *format, ...);
// Writes the last `width` decimal digits of `n`, with leading zeros, and returns where they end:
// for dates and times, which pages are full of.
char *str_put_digits(char *out, uint32_t n, int width);
struct str str_of_i64(struct arena *a, int64_t n);

// Well-formed UTF-8 without NUL.
bool str_utf8_valid(struct str s);
// Code points; the string is valid UTF-8.
size_t str_utf8_count(struct str s);
// The longest prefix of at most `max` bytes that ends between code points.
struct str str_utf8_clip(struct str s, size_t max);

// Lower-case hexadecimal.
struct str str_hex(struct arena *a, const void *bytes, size_t len);
