// Archives that somebody uploads: whatever the bytes are, each member that comes out is within its
// limits, and reading ends.
#include <stdint.h>

#include "base/check.h"
#include "io/tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *p;
    size_t left;
};

static ptrdiff_t take(void *arg, char *room, size_t len)
{
    struct input *in = arg;
    size_t n = in->left < len ? in->left : len;
    memcpy(room, in->p, n);
    in->p += n;
    in->left -= n;
    return (ptrdiff_t)n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct arena *a = arena_new();
    struct tar_reader *r = tar_open(a, take, &in);
    enum tar_result result = TAR_MEMBER;
    for (int i = 0; i < 64 && result == TAR_MEMBER; i++) {
        struct str name, bytes;
        struct arena *part = arena_new();
        result = tar_next(r, part, &name, &bytes);
        if (result == TAR_MEMBER)
            check(name.len > 0 && name.len <= TAR_NAME_MAX && bytes.len <= TAR_MEMBER_MAX);
        arena_free(part);
    }
    check(result == TAR_MEMBER || result == TAR_END || tar_place(r, a).len > 0);
    tar_close(r);
    arena_free(a);
    return 0;
}
