#include "io/transfer_pool.h"

#include <stdlib.h>

#include "base/check.h"
#include "io/loop.h"
#include "io/transfer.h"

enum { CONNECTIONS_KEPT = 32, GRACE_MS = 1000 };

struct transfer_pool {
    CURLM *multi;
    struct timer timer;
};

// A socket of curl's; freed when curl lets go of it, but not under its own callback.
struct socket {
    struct transfer_pool *pool;
    struct watch *watch;
    curl_socket_t fd;
    bool wants_write, busy, gone;
};

static struct {
    struct transfer_pool of[REACHES];
    int active;
} pools;

static void collect(struct transfer_pool *p)
{
    int left;
    for (CURLMsg *m; (m = curl_multi_info_read(p->multi, &left));) {
        if (m->msg != CURLMSG_DONE)
            continue;
        struct transfer_job *job;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &job);
        job->code = m->data.result;
        wait_done(&job->wait);
    }
}

static void act(struct transfer_pool *p, curl_socket_t fd, int events)
{
    int running;
    curl_multi_socket_action(p->multi, fd, events, &running);
    collect(p);
}

static void on_event(struct socket *s, int events)
{
    s->busy = true;
    act(s->pool, s->fd, events);
    s->busy = false;
    if (s->gone)
        free(s);
    else if (s->wants_write)
        watch_write(s->watch);
}

static void on_readable(void *owner)
{
    on_event(owner, CURL_CSELECT_IN);
}

static void on_writable(void *owner)
{
    struct socket *s = owner;
    // curl may have lost interest since the watch was armed.
    if (s->wants_write)
        on_event(s, CURL_CSELECT_OUT);
}

static void socket_forget(struct socket *s)
{
    watch_free(s->watch);
    s->gone = true;
    if (!s->busy)
        free(s);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *pool, void *socket)
{
    static const struct watch_handler handler = {on_readable, on_writable};
    struct transfer_pool *p = pool;
    struct socket *s = socket;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (s)
            socket_forget(s);
        return 0;
    }
    if (!s) {
        s = calloc(1, sizeof *s);
        check(s);
        *s = (struct socket){.pool = p, .fd = fd, .watch = watch_new(fd, &handler, s)};
        check(s->watch);
        curl_multi_assign(p->multi, fd, s);
    }
    s->wants_write = what & CURL_POLL_OUT;
    watch_read(s->watch, what & CURL_POLL_IN);
    if (s->wants_write)
        watch_write(s->watch);
    return 0;
}

static void on_due(struct timer *t)
{
    struct transfer_pool *p =
        (struct transfer_pool *)((char *)t - offsetof(struct transfer_pool, timer));
    act(p, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer(CURLM *multi, long after_ms, void *pool)
{
    struct transfer_pool *p = pool;
    (void)multi;
    if (after_ms < 0)
        timer_stop(&p->timer);
    else
        timer_start(&p->timer, after_ms, on_due);
    return 0;
}

static void pool_init(struct transfer_pool *p)
{
    p->multi = curl_multi_init();
    check(p->multi);
    curl_multi_setopt(p->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(p->multi, CURLMOPT_SOCKETDATA, p);
    curl_multi_setopt(p->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(p->multi, CURLMOPT_TIMERDATA, p);
    curl_multi_setopt(p->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
}

void transfer_init(void)
{
    check(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    for (int i = 0; i < REACHES; i++)
        pool_init(&pools.of[i]);
    transfer_mail_init();
}

static void pool_fini(struct transfer_pool *p)
{
    curl_multi_cleanup(p->multi);
    timer_stop(&p->timer);
}

void transfer_fini(void)
{
    check(pools.active == 0);
    for (int i = 0; i < REACHES; i++)
        pool_fini(&pools.of[i]);
    transfer_mail_fini();
}

int transfer_active(void)
{
    return pools.active;
}

bool transfer_pool_take(struct transfer_job *job, enum transfer_reach reach)
{
    if (pools.active >= TRANSFER_ACTIVE_MAX)
        return false;
    pools.active++;
    *job = (struct transfer_job){.easy = curl_easy_init(), .pool = &pools.of[reach]};
    check(job->easy);
    return true;
}

void transfer_pool_run(struct transfer_job *job)
{
    job->code = CURLE_OPERATION_TIMEDOUT;
    check(curl_multi_add_handle(job->pool->multi, job->easy) == CURLM_OK);
    // curl's own deadline comes first; the fiber's is for the case that it doesn't.
    fiber_wait(&job->wait, job->timeout_ms + GRACE_MS);
    curl_multi_remove_handle(job->pool->multi, job->easy);
}

void transfer_pool_give_back(struct transfer_job *job)
{
    curl_easy_cleanup(job->easy);
    pools.active--;
}
