// Time. Wall-clock time is microseconds since 1970 in UTC and can be set by tests through the
// control socket; what it is shifted by stands in memory shared by all processes. Monotonic time
// is for deadlines only and is never shifted.
#pragma once

#include <stdint.h>

// Business time: what is due, expired, on sale.
int64_t clock_now_us(void);
int64_t clock_mono_ms(void);
int64_t clock_mono_ns(void);

// Called once before the processes are forked: `shift_us` points into shared memory.
void clock_share(const int64_t *shift_us);
