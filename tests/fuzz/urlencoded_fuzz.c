// Queries, forms and paths: what is taken is text without NUL, and reads the same when it is
// written again.
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/check.h"
#include "http/urlencoded.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PAIRS_MAX = 50 };

static void check_text(struct arena *a, struct str text)
{
    struct buf b;
    struct str again;
    check(text.p && str_utf8_valid(text));
    buf_init(&b, a, 1 << 20);
    buf_add_url(&b, text);
    check(url_path_decode(a, buf_str(&b), &again) && str_eq(again, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    struct pair pairs[PAIRS_MAX];
    struct str path, raw = str_n(data, size);
    size_t count;
    if (url_path_decode(a, raw, &path))
        check_text(a, path);
    if (urlencoded_read(a, raw, pairs, PAIRS_MAX, &count))
        for (size_t i = 0; i < count; i++) {
            check_text(a, pairs[i].name);
            check_text(a, pairs[i].value);
        }
    check(count <= PAIRS_MAX);
    arena_free(a);
    return 0;
}
