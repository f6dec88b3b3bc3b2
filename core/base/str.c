#include "base/str.h"

#include <stdio.h>

#include "base/check.h"

int str_cmp(struct str a, struct str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && str_eq(str_n(s.p, prefix.len), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.len >= suffix.len && str_eq(str_n(s.p + s.len - suffix.len, suffix.len), suffix);
}

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

bool str_ieq(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    return true;
}

ptrdiff_t str_index(struct str s, char c)
{
    const char *hit = s.len ? memchr(s.p, c, s.len) : NULL;
    return hit ? hit - s.p : -1;
}

ptrdiff_t str_find(struct str s, struct str needle)
{
    const char *hit = s.len ? memmem(s.p, s.len, needle.p, needle.len) : NULL;
    return hit ? hit - s.p : -1;
}

struct str str_sub(struct str s, size_t from, size_t to)
{
    if (to > s.len)
        to = s.len;
    if (from > to)
        from = to;
    return str_n(s.p ? s.p + from : NULL, to - from);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
    while (s.len && is_space(s.p[0]))
        s = str_n(s.p + 1, s.len - 1);
    while (s.len && is_space(s.p[s.len - 1]))
        s.len--;
    return s;
}

struct str str_cut(struct str *rest, char sep)
{
    ptrdiff_t at = str_index(*rest, sep);
    struct str head = *rest;
    if (at < 0) {
        *rest = STR_NULL;
        return head;
    }
    head.len = (size_t)at;
    *rest = str_n(rest->p + at + 1, rest->len - (size_t)at - 1);
    return head;
}

bool str_to_i64(struct str s, int64_t *out)
{
    bool negative = s.len && s.p[0] == '-';
    size_t i = negative;
    if (i == s.len)
        return false;
    int64_t n = 0;
    for (; i < s.len; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        int64_t digit = s.p[i] - '0';
        if (__builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, negative ? -digit : digit, &n))
            return false;
    }
    *out = n;
    return true;
}

struct str str_dup(struct arena *a, struct str s)
{
    if (!s.p)
        return s;
    char *p = arena_alloc(a, s.len + 1);
    memcpy(p, s.p, s.len);
    p[s.len] = 0;
    return str_n(p, s.len);
}

const char *str_z(struct arena *a, struct str s)
{
    return s.p ? str_dup(a, s).p : NULL;
}

struct str str_lower(struct arena *a, struct str s)
{
    struct str copy = str_dup(a, s);
    for (size_t i = 0; i < copy.len; i++)
        ((char *)copy.p)[i] = (char)lower((unsigned char)copy.p[i]);
    return copy;
}

struct str str_join(struct arena *a, ...)
{
    va_list ap, again;
    size_t len = 0;
    va_start(ap, a);
    va_copy(again, ap);
    for (struct str s; (s = va_arg(ap, struct str)).p;)
        len += s.len;
    va_end(ap);
    char *p = arena_alloc(a, len + 1), *end = p;
    for (struct str s; (s = va_arg(again, struct str)).p; end += s.len)
        memcpy(end, s.p, s.len);
    va_end(again);
    *end = 0;
    return str_n(p, len);
}

struct str str_format(struct arena *a, const char *format, ...)
{
    // Nearly all of it is short: formatted once, at its final place.
    enum { ROOM = 128 };
    va_list ap, again;
    va_start(ap, format);
    va_copy(again, ap);
    char *p = arena_alloc(a, ROOM);
    int len = vsnprintf(p, ROOM, format, ap);
    va_end(ap);
    check(len >= 0);
    if (len >= ROOM) {
        p = arena_alloc(a, (size_t)len + 1);
        vsnprintf(p, (size_t)len + 1, format, again);
    }
    va_end(again);
    return str_n(p, (size_t)len);
}

char *str_put_digits(char *out, uint32_t n, int width)
{
    for (int i = width; i-- > 0; n /= 10)
        out[i] = (char)('0' + n % 10);
    return out + width;
}

struct str str_of_i64(struct arena *a, int64_t n)
{
    char digits[24], *p = digits + sizeof digits;
    uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    do
        *--p = (char)('0' + rest % 10);
    while (rest /= 10);
    if (n < 0)
        *--p = '-';
    return str_dup(a, str_n(p, (size_t)(digits + sizeof digits - p)));
}

// Length of the well-formed sequence at `p` (Unicode 15, table 3-7), or 0.
static size_t sequence(const unsigned char *p, size_t left)
{
    unsigned char c = p[0];
    if (c < 0x80)
        return c != 0;
    size_t n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    if (c < 0xC2 || c > 0xF4 || left < n)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    bool overlong = (c == 0xE0 && p[1] < 0xA0) || (c == 0xF0 && p[1] < 0x90);
    bool outside = (c == 0xED && p[1] > 0x9F) || (c == 0xF4 && p[1] > 0x8F);
    return overlong || outside ? 0 : n;
}

bool str_utf8_valid(struct str s)
{
    for (size_t i = 0, n; i < s.len; i += n)
        if (!(n = sequence((const unsigned char *)s.p + i, s.len - i)))
            return false;
    return true;
}

size_t str_utf8_count(struct str s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.len; i++)
        count += (s.p[i] & 0xC0) != 0x80;
    return count;
}

struct str str_utf8_clip(struct str s, size_t max)
{
    if (s.len <= max)
        return s;
    while (max && (s.p[max] & 0xC0) == 0x80)
        max--;
    return str_n(s.p, max);
}

struct str str_hex(struct arena *a, const void *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *b = bytes;
    char *p = arena_alloc(a, len * 2 + 1);
    for (size_t i = 0; i < len; i++) {
        p[2 * i] = digits[b[i] >> 4];
        p[2 * i + 1] = digits[b[i] & 15];
    }
    p[len * 2] = 0;
    return str_n(p, len * 2);
}
