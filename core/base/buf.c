#include "base/buf.h"

#include <stdio.h>

#include "base/check.h"

void buf_init(struct buf *b, struct arena *a, size_t max)
{
    *b = (struct buf){.arena = a, .max = max};
}

char *buf_room(struct buf *b, size_t n)
{
    if (b->p && b->room - b->len >= n)
        return b->p + b->len;
    if (b->full || n > b->max || b->len > b->max - n) {
        b->full = true;
        return NULL;
    }
    size_t room = b->room ? b->room * 2 : 256;
    while (room < b->len + n)
        room *= 2;
    room = room < b->max ? room : b->max;
    b->p = arena_grow(b->arena, b->p, b->room, room);
    b->room = room;
    return b->p + b->len;
}

void buf_add(struct buf *b, struct str s)
{
    char *p = buf_room(b, s.len);
    if (!p || !s.len)
        return;
    memcpy(p, s.p, s.len);
    b->len += s.len;
}

void buf_add_char(struct buf *b, char c)
{
    buf_add(b, str_n(&c, 1));
}

void buf_add_i64(struct buf *b, int64_t n)
{
    char digits[20], *end = digits + sizeof digits, *p = end;
    uint64_t rest = n < 0 ? -(uint64_t)n : (uint64_t)n;
    do {
        *--p = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (n < 0)
        *--p = '-';
    buf_add(b, str_n(p, (size_t)(end - p)));
}

void buf_add_format(struct buf *b, const char *format, ...)
{
    va_list ap, again;
    va_start(ap, format);
    va_copy(again, ap);
    int len = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    check(len >= 0);
    char *p = buf_room(b, (size_t)len + 1);
    if (p)
        b->len += (size_t)vsnprintf(p, (size_t)len + 1, format, again);
    va_end(again);
}

// Most text has nothing to escape, so the search for what has is what counts.
static const struct str html_entities[256] = {
    ['&'] = STR("&amp;"),
    ['<'] = STR("&lt;"),
    ['>'] = STR("&gt;"),
    ['"'] = STR("&quot;"),
    ['\''] = STR("&#39;"),
};

static const bool html_special[256] = {
    ['&'] = true, ['<'] = true, ['>'] = true, ['"'] = true, ['\''] = true};

void buf_add_html(struct buf *b, struct str s)
{
    size_t plain = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (__builtin_expect(!html_special[(unsigned char)s.p[i]], 1))
            continue;
        buf_add(b, str_n(s.p + plain, i - plain));
        buf_add(b, html_entities[(unsigned char)s.p[i]]);
        plain = i + 1;
    }
    buf_add(b, str_n(s.p + plain, s.len - plain));
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void buf_add_url(struct buf *b, struct str s)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (is_unreserved(s.p[i]))
            buf_add_char(b, s.p[i]);
        else
            buf_add(b, str_n((char[]){'%', digits[c >> 4], digits[c & 15]}, 3));
    }
}
