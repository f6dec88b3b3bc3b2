#include "io/loop.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "io/fiber.h"

enum { TURN_WAIT_MAX_MS = 500 };

static struct {
    h2o_loop_t *h2o;
    struct timer **heap; // a binary heap by due_ms, from index 1
    size_t count, room;
    bool stop;
} loop;

void loop_init(void)
{
    loop.h2o = h2o_evloop_create();
    check(loop.h2o);
    // Writing to a peer that has left is an error to handle, not a reason to end.
    signal(SIGPIPE, SIG_IGN);
    loop.count = 0;
    loop.stop = false;
}

h2o_loop_t *loop_h2o(void)
{
    return loop.h2o;
}

static void place(struct timer *t, size_t at)
{
    loop.heap[at] = t;
    t->place = at;
}

static void sift_up(struct timer *t, size_t at)
{
    for (; at > 1 && loop.heap[at / 2]->due_ms > t->due_ms; at /= 2)
        place(loop.heap[at / 2], at);
    place(t, at);
}

static void sift_down(struct timer *t, size_t at)
{
    for (size_t child; (child = at * 2) <= loop.count; at = child) {
        if (child < loop.count && loop.heap[child + 1]->due_ms < loop.heap[child]->due_ms)
            child++;
        if (loop.heap[child]->due_ms >= t->due_ms)
            break;
        place(loop.heap[child], at);
    }
    place(t, at);
}

void timer_start(struct timer *t, int64_t after_ms, void (*on_due)(struct timer *))
{
    timer_stop(t);
    t->due_ms = clock_mono_ms() + (after_ms > 0 ? after_ms : 0);
    t->on_due = on_due;
    if (loop.count + 1 >= loop.room) {
        loop.room = loop.room ? loop.room * 2 : 256;
        loop.heap = realloc(loop.heap, loop.room * sizeof *loop.heap);
        check(loop.heap);
    }
    sift_up(t, ++loop.count);
}

void timer_stop(struct timer *t)
{
    if (!t->place)
        return;
    size_t at = t->place;
    struct timer *last = loop.heap[loop.count--];
    t->place = 0;
    if (last == t)
        return;
    if (at > 1 && loop.heap[at / 2]->due_ms > last->due_ms)
        sift_up(last, at);
    else
        sift_down(last, at);
}

static bool run_timers(void)
{
    int64_t now = clock_mono_ms();
    bool ran = false;
    while (loop.count && loop.heap[1]->due_ms <= now) {
        struct timer *t = loop.heap[1];
        timer_stop(t);
        t->on_due(t);
        ran = true;
    }
    return ran;
}

// What fibers and timers write is finished by h2o after its next look at the sockets: a connection
// is read again only then, so that look must not sleep.
static int32_t turn_wait(bool ran)
{
    if (ran || fibers_any_ready())
        return 0;
    if (!loop.count)
        return TURN_WAIT_MAX_MS;
    int64_t wait = loop.heap[1]->due_ms - clock_mono_ms();
    return wait < 0 ? 0 : wait > TURN_WAIT_MAX_MS ? TURN_WAIT_MAX_MS : (int32_t)wait;
}

void loop_run(void (*on_turn)(void))
{
    for (bool ran = false; !loop.stop;) {
        h2o_evloop_run(loop.h2o, turn_wait(ran));
        ran = run_timers();
        ran |= fibers_run_ready();
        if (on_turn)
            on_turn();
    }
}

void loop_stop(void)
{
    loop.stop = true;
}

struct watch {
    h2o_socket_t *socket;
    const struct watch_handler *handler;
    void *owner;
};

static void on_readable(h2o_socket_t *socket, const char *err)
{
    struct watch *w = socket->data;
    (void)err;
    if (w)
        w->handler->on_readable(w->owner);
}

static void on_writable(h2o_socket_t *socket, const char *err)
{
    struct watch *w = socket->data;
    (void)err;
    if (w)
        w->handler->on_writable(w->owner);
}

struct watch *watch_new(int fd, const struct watch_handler *handler, void *owner)
{
    int own = dup(fd);
    if (own < 0)
        return NULL;
    struct watch *w = calloc(1, sizeof *w);
    check(w);
    *w = (struct watch){
        h2o_evloop_socket_create(loop.h2o, own, H2O_SOCKET_FLAG_DONT_READ), handler, owner};
    w->socket->data = w;
    return w;
}

void watch_read(struct watch *w, bool on)
{
    if (on)
        h2o_socket_read_start(w->socket, on_readable);
    else
        h2o_socket_read_stop(w->socket);
}

void watch_write(struct watch *w)
{
    if (!h2o_socket_is_writing(w->socket))
        h2o_socket_notify_write(w->socket, on_writable);
}

void watch_free(struct watch *w)
{
    if (!w)
        return;
    w->socket->data = NULL;
    h2o_socket_close(w->socket);
    free(w);
}
