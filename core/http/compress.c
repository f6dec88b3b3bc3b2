#include "http/compress.h"

#include <zlib.h>

#include "base/check.h"

bool compress_suits(struct str type)
{
    return str_starts(type, STR("text/")) || str_starts(type, STR("application/json")) ||
           str_starts(type, STR("application/problem+json")) ||
           str_starts(type, STR("image/svg+xml"));
}

// One deflate state per level is kept: making one costs more than packing a small page.
static z_stream *stream_for(int level)
{
    static z_stream streams[10];
    static bool made[10];
    z_stream *z = &streams[level];
    if (!made[level]) {
        // 15 bits of window, +16 for the gzip wrapper.
        check(deflateInit2(z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
        made[level] = true;
    } else {
        check(deflateReset(z) == Z_OK);
    }
    return z;
}

struct str compress_gzip(struct arena *a, struct str s, int level)
{
    z_stream *z = stream_for(level);
    char *out = arena_alloc(a, s.len + 1);
    z->next_in = (Bytef *)s.p;
    z->avail_in = (uInt)s.len;
    z->next_out = (Bytef *)out;
    z->avail_out = (uInt)s.len;
    if (deflate(z, Z_FINISH) != Z_STREAM_END)
        return STR_NULL;
    return str_n(out, s.len - z->avail_out);
}
