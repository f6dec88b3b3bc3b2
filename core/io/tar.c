#include "io/tar.h"

#include <stdio.h>
#include <zlib.h>

#include "base/check.h"

enum { BLOCK = 512, PACKED_MAX = 64 << 10, GZIP_WINDOW = 15 + 16 };

// Offsets of the header's fields (POSIX.1-1988).
enum {
    NAME_AT = 0,
    MODE_AT = 100,
    SIZE_AT = 124,
    TIME_AT = 136,
    SUM_AT = 148,
    TYPE_AT = 156,
    MAGIC_AT = 257,
    PREFIX_AT = 345,
};

struct tar_writer {
    z_stream z;
    tar_sink sink;
    void *arg;
    int64_t time_s;
    bool failed;
    unsigned char packed[PACKED_MAX];
};

struct tar_writer *tar_create(struct arena *a, tar_sink sink, void *arg, int64_t time_s)
{
    struct tar_writer *w = arena_new_object(a, struct tar_writer);
    w->sink = sink;
    w->arg = arg;
    w->time_s = time_s;
    check(deflateInit2(&w->z, 6, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    return w;
}

static bool pack(struct tar_writer *w, struct str bytes, int flush)
{
    w->z.next_in = (unsigned char *)(uintptr_t)bytes.p;
    w->z.avail_in = (unsigned)bytes.len;
    do {
        w->z.next_out = w->packed;
        w->z.avail_out = sizeof w->packed;
        int done = deflate(&w->z, flush);
        check(done == Z_OK || done == Z_BUF_ERROR || done == Z_STREAM_END);
        size_t len = sizeof w->packed - w->z.avail_out;
        if (len && !w->failed)
            w->failed = !w->sink(w->arg, str_n(w->packed, len));
    } while (!w->z.avail_out && !w->failed);
    return !w->failed;
}

static unsigned sum_of(const unsigned char *header)
{
    unsigned sum = 0;
    for (int i = 0; i < BLOCK; i++)
        sum += i >= SUM_AT && i < TYPE_AT ? ' ' : header[i];
    return sum;
}

bool tar_add(struct tar_writer *w, struct str name, struct str bytes)
{
    static const char zeros[BLOCK];
    unsigned char header[BLOCK] = {0};
    check(name.len <= TAR_NAME_MAX && bytes.len <= TAR_MEMBER_MAX);
    memcpy(header + NAME_AT, name.p, name.len);
    memcpy(header + MODE_AT, "0000600\0000000000\0000000000", 24);
    snprintf((char *)header + SIZE_AT, 12, "%011llo", (unsigned long long)bytes.len);
    snprintf((char *)header + TIME_AT, 12, "%011llo", (unsigned long long)w->time_s);
    header[TYPE_AT] = '0';
    memcpy(header + MAGIC_AT, "ustar\00000", 8);
    snprintf((char *)header + SUM_AT, 8, "%06o", sum_of(header));
    header[SUM_AT + 7] = ' ';
    size_t rest = (BLOCK - bytes.len % BLOCK) % BLOCK;
    return pack(w, str_n(header, BLOCK), Z_NO_FLUSH) && pack(w, bytes, Z_NO_FLUSH) &&
           pack(w, str_n(zeros, rest), Z_NO_FLUSH);
}

void tar_abandon(struct tar_writer *w)
{
    deflateEnd(&w->z);
}

bool tar_finish(struct tar_writer *w)
{
    static const char zeros[2 * BLOCK];
    bool ok = pack(w, str_n(zeros, sizeof zeros), Z_FINISH);
    deflateEnd(&w->z);
    return ok;
}

struct tar_reader {
    z_stream z;
    tar_source source;
    void *arg;
    bool failed, ended;
    const char *wrong;
    unsigned char packed[PACKED_MAX];
};

struct tar_reader *tar_open(struct arena *a, tar_source source, void *arg)
{
    struct tar_reader *r = arena_new_object(a, struct tar_reader);
    r->source = source;
    r->arg = arg;
    check(inflateInit2(&r->z, GZIP_WINDOW) == Z_OK);
    return r;
}

void tar_close(struct tar_reader *r)
{
    inflateEnd(&r->z);
}

struct str tar_place(struct tar_reader *r, struct arena *a)
{
    return str_format(a, "%s (at its byte %lld)", r->wrong ? r->wrong : "it can't be read",
        (long long)r->z.total_in);
}

static bool wrong(struct tar_reader *r, const char *what)
{
    if (!r->wrong)
        r->wrong = what;
    return false;
}

static bool refill(struct tar_reader *r)
{
    ptrdiff_t len = r->source(r->arg, (char *)r->packed, sizeof r->packed);
    r->failed |= len < 0;
    r->z.next_in = r->packed;
    r->z.avail_in = len > 0 ? (unsigned)len : 0;
    return len > 0 || wrong(r, "it is cut off");
}

// Exactly `len` bytes, or false: damaged, cut off, failed.
static bool unpack(struct tar_reader *r, void *out, size_t len)
{
    r->z.next_out = out;
    r->z.avail_out = (unsigned)len;
    while (r->z.avail_out) {
        if (r->ended)
            return wrong(r, "it is cut off");
        if (!r->z.avail_in && !refill(r))
            return false;
        int done = inflate(&r->z, Z_NO_FLUSH);
        r->ended = done == Z_STREAM_END;
        if (done != Z_OK && done != Z_STREAM_END && done != Z_BUF_ERROR)
            return wrong(
                r, r->z.total_in < 20 ? "it is no gzip archive" : "its packed bytes are damaged");
    }
    return true;
}

// After the two empty blocks come gzip's own length and checksum, and nothing else.
static enum tar_result finish(struct tar_reader *r)
{
    unsigned char more[BLOCK];
    while (!r->ended) {
        r->z.next_out = more;
        r->z.avail_out = sizeof more;
        if (!r->z.avail_in && !refill(r))
            return r->failed ? TAR_FAILED : TAR_DAMAGED;
        int done = inflate(&r->z, Z_NO_FLUSH);
        r->ended = done == Z_STREAM_END;
        if (done != Z_OK && done != Z_STREAM_END)
            return wrong(r, "its packed bytes are damaged"), TAR_DAMAGED;
        for (size_t i = 0; i < sizeof more - r->z.avail_out; i++)
            if (more[i])
                return wrong(r, "something stands behind its end"), TAR_DAMAGED;
    }
    return TAR_END;
}

static bool read_octal(const unsigned char *field, size_t len, size_t *out)
{
    *out = 0;
    for (size_t i = 0; i < len && field[i] && field[i] != ' '; i++) {
        if (field[i] < '0' || field[i] > '7')
            return false;
        *out = *out * 8 + (size_t)(field[i] - '0');
    }
    return true;
}

static bool read_header(struct tar_reader *r, const unsigned char *header, size_t *size)
{
    size_t sum;
    if (memcmp(header + MAGIC_AT, "ustar", 5) != 0 || !read_octal(header + SUM_AT, 8, &sum) ||
        sum != sum_of(header))
        return wrong(r, "it is no archive, or damaged");
    if ((header[TYPE_AT] != '0' && header[TYPE_AT]) || header[PREFIX_AT] || header[TAR_NAME_MAX] ||
        !header[NAME_AT])
        return wrong(r, "it holds more than plain files with short names");
    if (!read_octal(header + SIZE_AT, 12, size) || *size > TAR_MEMBER_MAX)
        return wrong(r, "a file in it is too large");
    return true;
}

enum tar_result tar_next(struct tar_reader *r, struct arena *a, struct str *name, struct str *bytes)
{
    static const unsigned char zeros[BLOCK];
    unsigned char header[BLOCK];
    size_t size;
    bool ok = unpack(r, header, BLOCK);
    if (ok && memcmp(header, zeros, BLOCK) == 0)
        return unpack(r, header, BLOCK) ? finish(r) : r->failed ? TAR_FAILED : TAR_DAMAGED;
    if (ok && read_header(r, header, &size)) {
        char *p = arena_alloc(a, size + BLOCK);
        size_t padded = (size + BLOCK - 1) / BLOCK * BLOCK;
        *name = str_dup(a, str_of((const char *)header + NAME_AT));
        ok = unpack(r, p, padded);
        p[size] = 0;
        *bytes = str_n(p, size);
        if (ok)
            return TAR_MEMBER;
    }
    return r->failed ? TAR_FAILED : TAR_DAMAGED;
}
