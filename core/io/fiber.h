// Stackful coroutines on the loop's thread. A fiber runs one request, one job or one background
// duty; it owns an arena that dies with it. It suspends by waiting and is resumed from the loop
// only, never from inside another fiber. Whatever a fiber waits for lives until the wait is over:
// on the fiber's stack when the wait can't be abandoned, else in memory of its own.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/log.h"

struct fiber;

// A stack and its guard page are two mappings; Linux allows a process 65,530 (vm.max_map_count).
enum { FIBERS_MAX = 4096 };

// Also installs a handler that logs which request overflowed its stack before the process ends.
void fibers_init(void);
// Live fibers, for caps, draining and metrics.
int fibers_live(void);

// Runs `run(arg)` in a new fiber: at once when called from the loop, after this turn when called
// from a fiber. `arena` is freed when it ends (NULL: a fresh one is made). False, and nothing
// happens, when FIBERS_MAX are alive.
bool fiber_start(void (*run)(void *arg), void *arg, struct arena *arena);

// The running fiber, or NULL on the loop.
struct fiber *fiber_self(void);
struct arena *fiber_arena(void);
// What the running fiber was started with, when it runs that function; else NULL.
void *fiber_argument_of(void (*run)(void *arg));
// What log lines of this fiber say; strings live as long as the fiber.
struct log_context *fiber_log_context(void);

// The moment (monotonic ms) after which every wait of this fiber ends at once. None at the start.
void fiber_set_deadline(int64_t at_ms);
int64_t fiber_deadline(void);

// Something that happens once. Zero-initialised; a fiber waits for it, the loop tells it.
struct wait {
    struct fiber *fiber;
    bool done;
};

// Suspends until wait_done or until `timeout_ms` (or the fiber's deadline) has passed; true when it
// was done. A timeout below 0 waits without end and ignores the fiber's deadline: only for what is
// certain to end, such as work in a thread.
bool fiber_wait(struct wait *w, int64_t timeout_ms);
// Marks it done and makes its fiber ready; from the loop or another fiber, also before the wait.
void wait_done(struct wait *w);

void fiber_sleep(int64_t ms);
// Lets the loop and the other fibers run once.
void fiber_yield(void);

// For the loop: resumes what is ready, in rounds; says whether there was any.
bool fibers_run_ready(void);
bool fibers_any_ready(void);
