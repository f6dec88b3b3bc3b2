#include "main/worker.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "data/cache.h"
#include "data/db.h"
#include "data/jobs.h"
#include "data/revision.h"
#include "data/seal.h"
#include "http/dispatch.h"
#include "http/host.h"
#include "http/page_cache.h"
#include "http/respond.h"
#include "http/server.h"
#include "io/fiber.h"
#include "io/loop.h"
#include "io/offload.h"
#include "io/redis.h"
#include "io/transfer.h"
#include "main/control.h"
#include "main/parts.h"

enum { JOBS_PARALLEL = 8, JOBS_NICE = 10, THREADS = 2, LISTEN_LATEST_MS = 1000 };

static const struct db_config pools = {
    .connections = {[DB_READ] = 3, [DB_WRITE] = 3, [DB_EXCLUSIVE] = 2, [DB_PLATFORM] = 1}};

static struct {
    const struct worker_start *start;
    bool serves, draining;
    int64_t started_ms;
    int signal_fd;
} worker;

bool worker_prepare(const struct config *config)
{
    return parts_load(config);
}

static void on_signal(void *unused)
{
    (void)unused;
    struct signalfd_siginfo info;
    while (read(worker.signal_fd, &info, sizeof info) == sizeof info) {
        worker.draining = true;
        worker.start->heartbeat->draining = 1;
        if (worker.serves)
            server_drain();
        else
            jobs_stop();
        revision_stop();
    }
}

// SIGINT comes to the whole terminal; the supervisor decides what it means.
static void watch_signals(void)
{
    static const struct watch_handler handler = {.on_readable = on_signal};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    worker.signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    watch_read(watch_new(worker.signal_fd, &handler, NULL), true);
}

static void beat(void)
{
    struct heartbeat *h = worker.start->heartbeat;
    __atomic_store_n(&h->beat_ms, clock_mono_ms(), __ATOMIC_RELAXED);
    if (!h->ready && db_ready() && revision_ready())
        __atomic_store_n(&h->ready, 1, __ATOMIC_RELAXED);
    // Whoever comes while a worker starts waits for its connections; when the database is away
    // he shall be told.
    if (worker.serves && (h->ready || clock_mono_ms() - worker.started_ms > LISTEN_LATEST_MS))
        server_listen();
}

static void hang_if_told(void)
{
#ifdef VITRINE_TESTS
    int32_t me = worker.start->number + 1;
    if (__atomic_compare_exchange_n(
            &worker.start->controls->hang, &me, 0, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        for (;;)
            __asm__ volatile("");
#endif
}

static void on_turn(void)
{
    static bool cache_off;
    bool off = __atomic_load_n(&worker.start->controls->cache_off, __ATOMIC_RELAXED);
    if (off != cache_off)
        cache_switch(!(cache_off = off));
    redis_flush();
    hang_if_told();
    beat();
    if (worker.serves)
        server_turn();
    bool drained = worker.serves ? server_drained() : !jobs_running();
    if (worker.draining && drained)
        loop_stop();
}

// What both kinds of process need below http.
static bool open_services(const struct config *c)
{
    struct db_config db = pools;
    db.app_url = c->database_url;
    db.platform_url = c->database_platform_url;
    struct arena *a = arena_new();
    struct str why;
    bool ok = seal_init(a, str_join(a, str_of(c->state), STR("/keys"), STR_NULL), &why);
    if (!ok)
        log_error("the key file can't be used", "why", why);
    arena_free(a);
    loop_init();
    fibers_init();
    watch_signals();
    offload_init(THREADS);
    transfer_init();
    if (c->redis_url)
        redis_init(str_of(c->redis_url));
    db_init(&db);
    db_trace(c->trace_file);
    cache_init(CACHE_BYTES);
    revision_start();
    return ok;
}

int worker_serve(const struct worker_start *start)
{
    const struct config *c = start->config;
    static char role[32];
    snprintf(role, sizeof role, "worker %d", start->number);
    log_role(role);
    worker.start = start;
    worker.serves = true;
    worker.started_ms = clock_mono_ms();
    if (!open_services(c))
        return 1;
    parts_start(c);
    page_cache_init(PAGE_CACHE_SILENCE_MS / c->haste);
    struct server_config server = {.listen_fd = start->listen_fd,
        .tls_certificate = c->tls_certificate,
        .tls_key = c->tls_key,
        .trusted_proxies = c->trusted_proxies,
        .serve = dispatch,
        .find = dispatch_find,
        .access_log = c->access_log,
        .haste = c->haste};
    if (!server_start(&server)) {
        log_error("VITRINE_TLS_CERTIFICATE and VITRINE_TLS_KEY can't be used");
        return 1;
    }
    loop_run(on_turn);
    return 0;
}

int worker_jobs(const struct worker_start *start)
{
    log_role("jobs");
    worker.start = start;
    // Tickets and mails can wait a moment; whoever buys shouldn't.
    setpriority(PRIO_PROCESS, 0, JOBS_NICE);
    if (!open_services(start->config))
        return 1;
    parts_start(start->config);
    jobs_start(JOBS_PARALLEL);
    control_start(start->config, start->controls);
    loop_run(on_turn);
    return 0;
}
