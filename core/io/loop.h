// The event loop of a process: one thread, one h2o loop, timers, watched descriptors and the fibers
// that are ready to go on. Everything in io/ and data/ runs its callbacks from here; everything
// above is straight-line code in fibers. Start it once per process, before anything else in io/.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <h2o.h>

#if H2O_USE_LIBUV
#error "built for h2o's own event loop: define H2O_USE_LIBUV=0"
#endif

void loop_init(void);
h2o_loop_t *loop_h2o(void);

// Runs until loop_stop(). `on_turn` (may be NULL) is called once a turn, after the fibers.
void loop_run(void (*on_turn)(void));
void loop_stop(void);

// A timer belongs to its owner's memory and must be stopped before that goes away. Callbacks run
// on the loop, once; start it again for the next time.
struct timer {
    int64_t due_ms; // monotonic
    size_t place;   // in the heap, from 1; 0 when not started
    void (*on_due)(struct timer *timer);
};

void timer_start(struct timer *t, int64_t after_ms, void (*on_due)(struct timer *));
void timer_stop(struct timer *t);

// Watches a foreign descriptor (libpq, hiredis, curl, signalfd) with a duplicate of its own, so the
// library may close the original first. Callbacks run on the loop; `on_writable` is one-shot and
// armed by watch_write.
struct watch;
struct watch_handler {
    void (*on_readable)(void *owner);
    void (*on_writable)(void *owner);
};
struct watch *watch_new(int fd, const struct watch_handler *handler, void *owner);
void watch_read(struct watch *w, bool on);
void watch_write(struct watch *w);
// Safe from inside its own callback.
void watch_free(struct watch *w);
