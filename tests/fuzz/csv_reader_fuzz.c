// Files of customers: read in one go or piece by piece, the rows are the same; every cell is UTF-8,
// lines only grow, and each run gets on.
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "plug/dispatch.h"

#include "../../plugins/customer-import/reader.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS_MAX = 4000 };

struct seen {
    struct arena *a;
    size_t count, most;
    uint64_t sum;
    int64_t line;
};

static bool on_row(void *arg, const struct reader_row *row)
{
    struct seen *s = arg;
    check(row->count <= READER_CELLS_MAX && row->line > s->line);
    s->line = row->line;
    s->sum = s->sum * 31 + (uint64_t)row->line * 7 + row->flaw;
    for (size_t i = 0; i < row->count; i++) {
        check(str_utf8_valid(str_n(row->cells[i].p, row->cells[i].len)));
        for (size_t k = 0; k < row->cells[i].len; k++)
            s->sum = s->sum * 31 + (unsigned char)row->cells[i].p[k];
        s->sum = s->sum * 31 + 1;
    }
    return ++s->count % s->most != 0;
}

static struct seen read_all(const struct reader *all, size_t most)
{
    struct seen s = {.a = all->call->arena, .most = most};
    struct reader r = *all;
    r.arg = &s;
    for (size_t at = 0; at < all->bytes.len && s.count < ROWS_MAX;) {
        r.bytes = (struct vt_str){all->bytes.p + at, all->bytes.len - at};
        size_t used = reader_run(&r);
        check(used > 0 && used <= r.bytes.len);
        at += used;
    }
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char separators[] = {',', ';', '\t', ','};
    if (size < 2)
        return 0;
    struct arena *a = arena_new();
    struct vt_call call = {.arena = a};
    struct reader r = {.call = &call,
        .encoding = (enum reader_encoding)(data[0] % READER_ENCODINGS),
        .separator = separators[data[0] >> 6],
        .bytes = {(const char *)data + 1, size - 1},
        .last = true,
        .line = 1,
        .on_row = on_row};
    struct seen whole = read_all(&r, ROWS_MAX), pieces = read_all(&r, 1);
    check(whole.count == pieces.count && whole.sum == pieces.sum);
    arena_free(a);
    return 0;
}
