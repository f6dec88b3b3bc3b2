#include "io/offload.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/check.h"
#include "io/fiber.h"
#include "io/loop.h"

enum { QUEUE_MAX = 256, THREAD_STACK = 1 << 20, BEHIND_PAGES = 10 };

// Lives on the stack of the fiber that waits for it.
struct work {
    void (*run)(void *arg);
    void *arg;
    struct work *next;
    struct wait wait;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t any;
    struct work *todo, **todo_last, *finished;
    int queued, event_fd;
    struct watch *watch;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .any = PTHREAD_COND_INITIALIZER};

static void *thread_main(void *unused)
{
    (void)unused;
    // Pages go first: what burns a core here takes what they leave.
    int ignored = setpriority(PRIO_PROCESS, (id_t)gettid(), BEHIND_PAGES);
    (void)ignored;
    for (;;) {
        pthread_mutex_lock(&pool.lock);
        while (!pool.todo)
            pthread_cond_wait(&pool.any, &pool.lock);
        struct work *w = pool.todo;
        if (!(pool.todo = w->next))
            pool.todo_last = &pool.todo;
        pthread_mutex_unlock(&pool.lock);

        w->run(w->arg);

        pthread_mutex_lock(&pool.lock);
        w->next = pool.finished;
        pool.finished = w;
        pthread_mutex_unlock(&pool.lock);
        uint64_t one = 1;
        check(write(pool.event_fd, &one, sizeof one) == sizeof one);
    }
}

static void on_finished(void *unused)
{
    (void)unused;
    uint64_t count;
    ssize_t ignored = read(pool.event_fd, &count, sizeof count);
    (void)ignored;
    pthread_mutex_lock(&pool.lock);
    struct work *w = pool.finished;
    pool.finished = NULL;
    pthread_mutex_unlock(&pool.lock);
    for (struct work *next; w; w = next) {
        next = w->next;
        pool.queued--;
        wait_done(&w->wait);
    }
}

void offload_init(int threads)
{
    static const struct watch_handler handler = {.on_readable = on_finished};
    pool.todo_last = &pool.todo;
    pool.event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    check(pool.event_fd >= 0);
    pool.watch = watch_new(pool.event_fd, &handler, NULL);
    watch_read(pool.watch, true);

    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, THREAD_STACK);
    for (int i = 0; i < threads; i++) {
        pthread_t thread;
        check(pthread_create(&thread, &attributes, thread_main, NULL) == 0);
        pthread_detach(thread);
    }
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

bool offload(void (*run)(void *arg), void *arg)
{
    if (pool.queued >= QUEUE_MAX)
        return false;
    struct work w = {.run = run, .arg = arg};
    pool.queued++;
    pthread_mutex_lock(&pool.lock);
    *pool.todo_last = &w;
    pool.todo_last = &w.next;
    pthread_cond_signal(&pool.any);
    pthread_mutex_unlock(&pool.lock);
    check(fiber_wait(&w.wait, -1));
    return true;
}
