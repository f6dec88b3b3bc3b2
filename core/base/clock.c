#include "base/clock.h"

#include <time.h>

static const int64_t no_shift;
static const int64_t *shift = &no_shift;

int64_t clock_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000 + __atomic_load_n(shift, __ATOMIC_RELAXED);
}

int64_t clock_mono_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int64_t clock_mono_ms(void)
{
    return clock_mono_ns() / 1000000;
}

void clock_share(const int64_t *shift_us)
{
    shift = shift_us;
}
