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

static const struct str html_entities[256] = {
    ['&'] = STR("&amp;"),
    ['<'] = STR("&lt;"),
    ['>'] = STR("&gt;"),
    ['"'] = STR("&quot;"),
    ['\''] = STR("&#39;"),
};

typedef unsigned char block16 __attribute__((vector_size(16)));
typedef uint64_t words2 __attribute__((vector_size(16)));

// Marks what is special in 16 bytes. & and ' differ in one bit, so do < and >.
static inline block16 special_in(block16 x)
{
    return (block16)((x | 1) == '\'') | (block16)((x | 2) == '>') | (block16)(x == '"');
}

static inline block16 block_at(const char *p)
{
    block16 x;
    memcpy(&x, p, sizeof x);
    return x;
}

// Most text has nothing to escape. Ends that don't fill a block are read again from further back.
static inline bool is_plain(struct str s)
{
    block16 hits;
    if (s.len >= sizeof hits) {
        hits = special_in(block_at(s.p + s.len - sizeof hits));
        for (size_t i = 0; i + sizeof hits < s.len; i += sizeof hits)
            hits |= special_in(block_at(s.p + i));
    } else {
        uint64_t first = 0, last = 0;
        if (s.len >= 8) {
            memcpy(&first, s.p, 8);
            memcpy(&last, s.p + s.len - 8, 8);
        } else {
            for (size_t i = 0; i < s.len; i++)
                first = first << 8 | (unsigned char)s.p[i];
        }
        hits = special_in((block16)(words2){first, last});
    }
    words2 any = (words2)hits;
    return !(any[0] | any[1]);
}

void buf_add_html(struct buf *b, struct str s)
{
    if (is_plain(s)) {
        buf_add(b, s);
        return;
    }
    size_t plain = 0;
    for (size_t i = 0; i < s.len; i++) {
        struct str entity = html_entities[(unsigned char)s.p[i]];
        if (!entity.p)
            continue;
        buf_add(b, str_n(s.p + plain, i - plain));
        buf_add(b, entity);
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
