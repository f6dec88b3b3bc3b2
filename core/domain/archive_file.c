#include "domain/archive_file.h"

#include <unistd.h>

#include "base/clock.h"
#include "io/fiber.h"
#include "io/offload.h"

enum { TELL_EVERY_MS = 1000, EXTEND_EVERY_MS = 20000, EXTEND_MS = 60000 };

bool archive_file_write(void *fd, struct str bytes)
{
    while (bytes.len) {
        ssize_t n = write(*(const int *)fd, bytes.p, bytes.len);
        if (n <= 0)
            return false;
        bytes = str_sub(bytes, (size_t)n, bytes.len);
    }
    return true;
}

ptrdiff_t archive_file_read(void *fd, char *room, size_t len)
{
    return read(*(const int *)fd, room, len);
}

bool archive_file_rewind(void *fd)
{
    return lseek(*(const int *)fd, 0, SEEK_SET) == 0;
}

// Beside the fiber that waits for the thread.
struct beside {
    struct archive_watch *watch;
    bool over, lost;
    struct wait ended;
};

static void go_beside(void *arg)
{
    struct beside *b = arg;
    struct arena *a = arena_new();
    int64_t extended_ms = clock_mono_ms();
    while (!b->over && !b->lost) {
        fiber_sleep(TELL_EVERY_MS);
        if (clock_mono_ms() - extended_ms > EXTEND_EVERY_MS) {
            extended_ms = clock_mono_ms();
            b->lost = !job_extend(b->watch->job, EXTEND_MS);
        }
        b->watch->tell(a, b->watch->arg, __atomic_load_n(&b->watch->rows, __ATOMIC_RELAXED));
        arena_reset(a);
    }
    arena_free(a);
    wait_done(&b->ended);
}

bool archive_work(struct archive_watch *w)
{
    struct beside b = {.watch = w};
    // The lease, made longer beside, is the limit.
    fiber_set_deadline(INT64_MAX);
    if (!fiber_start(go_beside, &b, NULL))
        return false;
    bool ran = offload(w->work, w->arg);
    b.over = true;
    fiber_wait(&b.ended, -1);
    return ran && !b.lost;
}
