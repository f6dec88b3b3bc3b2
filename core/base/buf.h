// Bytes that grow in an arena up to a limit set at birth. Past the limit the buffer stays as it was
// and is marked full; whoever reads it asks once at the end. Used for pages, JSON, mails.
#pragma once

#include "base/str.h"

struct buf {
    struct arena *arena;
    char *p;
    size_t len, room, max;
    bool full;
};

void buf_init(struct buf *b, struct arena *a, size_t max);
void buf_add(struct buf *b, struct str s);
void buf_add_char(struct buf *b, char c);
void buf_add_i64(struct buf *b, int64_t n);
// For text that people read; never for SQL, HTML, JSON or URLs.
__attribute__((format(printf, 2, 3))) void buf_add_format(struct buf *b, const char *format, ...);
// Text made safe for HTML content and quoted attributes: & < > " ' (as &#39;).
void buf_add_html(struct buf *b, struct str s);
// Percent-encoded as a URL component (RFC 3986 unreserved characters stay).
void buf_add_url(struct buf *b, struct str s);
// Makes room for `n` more bytes and returns where they go, or NULL when full; then buf_added(n).
char *buf_room(struct buf *b, size_t n);

static inline void buf_added(struct buf *b, size_t n)
{
    b->len += n;
}

static inline struct str buf_str(const struct buf *b)
{
    return str_n(b->p ? b->p : "", b->len);
}
