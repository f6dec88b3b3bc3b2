#include "main/supervisor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "data/migrate.h"
#include "main/takeover.h"
#include "main/worker.h"
#include "plug/plug.h"

// With how often the supervisor looks, a worker that hangs is replaced within 2 s.
enum { BEAT_MAX_MS = 1700, LOOK_MS = 100, LOOK_MAX_MS = 250 };
enum { START_MAX_MS = 30000, DRAIN_MAX_MS = 30000, RESTART_MIN_MS = 200, RETRY_MS = 2000 };
// Every place has a current process and, while it is replaced, one that drains.
enum { PLACES_MAX = CONFIG_WORKERS_MAX + 1, PROCESSES_MAX = 2 * PLACES_MAX };

struct process {
    pid_t pid; // 0: none
    int place;
    bool draining;
    int64_t started_ms, told_ms;
    int64_t beat_ms, silent_ms;  // the last beat seen, and how long we have waited for the next
    struct heartbeat *heartbeat; // NULL: inherited from the supervisor before, until it is replaced
};

static struct {
    const struct config *config;
    int listen_fds[CONFIG_WORKERS_MAX];
    struct process processes[PROCESSES_MAX];
    int64_t failed_ms[PLACES_MAX];
    struct heartbeat *heartbeats;
    struct controls *controls;
    int replacing;   // the place whose successor we wait for, or -1
    pid_t rehearsal; // of a new version, or 0
    int64_t rehearsed_ms;
    bool reload_again, stopping;
    bool unprepared; // nothing is loaded that a new worker could run
    int64_t looked_ms;
} all;

static void *shared_memory(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check(p != MAP_FAILED);
    return p;
}

static int open_listener(const struct config *c, int port)
{
    struct sockaddr_storage address = {0};
    socklen_t len;
    struct sockaddr_in *v4 = (struct sockaddr_in *)&address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address;
    if (inet_pton(AF_INET, c->listen_address.p, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        len = sizeof *v4;
    } else {
        check(inet_pton(AF_INET6, c->listen_address.p, &v6->sin6_addr) == 1);
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)port);
        len = sizeof *v6;
    }
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    check(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, 1024) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int bound_port(int fd)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    check(getsockname(fd, (struct sockaddr *)&address, &len) == 0);
    return ntohs(address.ss_family == AF_INET ? ((struct sockaddr_in *)&address)->sin_port
                                              : ((struct sockaddr_in6 *)&address)->sin6_port);
}

// SO_REUSEPORT would let a second supervisor share the port in silence, so the first socket is
// tried without it.
static bool port_is_free(const struct config *c)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)c->listen_port)};
    if (!c->listen_port || inet_pton(AF_INET, c->listen_address.p, &address.sin_addr) != 1)
        return true;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bool ok = bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return ok;
}

static bool open_listeners(void)
{
    const struct config *c = all.config;
    int port = c->listen_port;
    if (!port_is_free(c)) {
        fprintf(stderr, "vitrine: VITRINE_LISTEN: port %d is in use\n", port);
        return false;
    }
    for (int i = 0; i < c->workers; i++) {
        all.listen_fds[i] = open_listener(c, port);
        if (all.listen_fds[i] < 0) {
            fprintf(stderr, "vitrine: VITRINE_LISTEN: %s\n", strerror(errno));
            return false;
        }
        port = bound_port(all.listen_fds[i]);
    }
    printf("{\"listening\":\"%s:%d\"}\n", c->listen_address.p, port);
    fflush(stdout);
    return true;
}

static struct process *free_process(void)
{
    for (int i = 0; i < PROCESSES_MAX; i++)
        if (!all.processes[i].pid)
            return &all.processes[i];
    unreachable();
}

// A socket belongs to the supervisor and its place alone, so that it ends with them.
static void close_other_listeners(int place)
{
    for (int i = 0; i < all.config->workers; i++)
        if (i != place)
            close(all.listen_fds[i]);
}

static void become(struct process *p, pid_t supervisor)
{
    bool jobs = p->place == all.config->workers;
    struct worker_start start = {
        all.config, p->place, jobs ? -1 : all.listen_fds[p->place], p->heartbeat, all.controls};
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    // Nobody would end or restart a worker without its supervisor.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != supervisor)
        _exit(1);
    close_other_listeners(p->place);
    metric_process(p->place);
    exit(jobs ? worker_jobs(&start) : worker_serve(&start));
}

static void start_process(int place)
{
    struct process *p = free_process();
    *p = (struct process){.place = place,
        .started_ms = clock_mono_ms(),
        .heartbeat = &all.heartbeats[p - all.processes]};
    *p->heartbeat = (struct heartbeat){0};
    pid_t supervisor = getpid(), pid = fork();
    if (pid == 0)
        become(p, supervisor);
    p->pid = pid > 0 ? pid : 0;
    if (pid < 0) {
        log_error("no process can be started", "why", str_of(strerror(errno)));
        all.failed_ms[place] = p->started_ms;
    }
}

static void tell_to_drain(struct process *p)
{
    if (p->draining)
        return;
    p->draining = true;
    p->told_ms = clock_mono_ms();
    kill(p->pid, SIGTERM);
}

static struct process *current_of(int place)
{
    for (int i = 0; i < PROCESSES_MAX; i++)
        if (all.processes[i].pid && all.processes[i].place == place && !all.processes[i].draining)
            return &all.processes[i];
    return NULL;
}

// While a place is replaced, two current processes stand in it.
struct both {
    struct process *old, *young;
};

static struct both both_at(int place)
{
    struct both b = {0};
    for (int i = 0; i < PROCESSES_MAX; i++) {
        struct process *p = &all.processes[i];
        if (!p->pid || p->place != place || p->draining)
            continue;
        if (!b.old || p->started_ms < b.old->started_ms) {
            b.young = b.old;
            b.old = p;
        } else {
            b.young = p;
        }
    }
    return b;
}

static void bury(pid_t pid, int status)
{
    for (int i = 0; i < PROCESSES_MAX; i++) {
        struct process *p = &all.processes[i];
        if (p->pid != pid)
            continue;
        p->pid = 0;
        if (p->draining)
            continue;
        struct arena *a = arena_new();
        log_error("a worker died", "worker", str_of_i64(a, p->place), "status",
            str_format(a, "%#x", (unsigned)status));
        arena_free(a);
        all.failed_ms[p->place] = clock_mono_ms();
    }
}

static struct takeover what_we_have(void)
{
    struct takeover t = {.listen_count = all.config->workers};
    memcpy(t.listen_fds, all.listen_fds, sizeof t.listen_fds);
    for (int i = 0; i < PROCESSES_MAX; i++)
        if (all.processes[i].pid) {
            t.workers[t.worker_count].pid = all.processes[i].pid;
            t.workers[t.worker_count].place = all.processes[i].place;
            t.workers[t.worker_count++].draining = all.processes[i].draining;
        }
    return t;
}

// A worker that isn't ready yet goes: the successor is told only who serves and who drains.
static void hand_over(void)
{
    if (all.replacing >= 0 && both_at(all.replacing).young)
        tell_to_drain(both_at(all.replacing).young);
    struct takeover t = what_we_have();
    takeover_exec(&t);
}

// A mistake in a template, a plugin or the program itself must not take the running workers down.
static void on_rehearsed(int status)
{
    all.rehearsal = 0;
    if (all.stopping)
        return;
    if (status == 0) {
        hand_over();
        return;
    }
    struct arena *a = arena_new();
    struct str how = WIFSIGNALED(status) ? str_of(strsignal(WTERMSIG(status)))
                                         : str_format(a, "exit %d", WEXITSTATUS(status));
    log_error("the new version doesn't start: the old workers stay", "ended", how);
    arena_free(a);
}

static void reap(void)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        if (pid == all.rehearsal)
            on_rehearsed(status);
        else
            bury(pid, status);
}

// Only time in which we looked counts: when the machine stood still, so did the workers.
static bool is_stuck(struct process *p, int64_t waited_ms)
{
    int64_t beat_ms = __atomic_load_n(&p->heartbeat->beat_ms, __ATOMIC_RELAXED);
    p->silent_ms = beat_ms == p->beat_ms ? p->silent_ms + waited_ms : 0;
    p->beat_ms = beat_ms;
    return p->silent_ms > (beat_ms ? BEAT_MAX_MS : START_MAX_MS);
}

// Kills what doesn't beat: it can't serve, drain or be asked.
static void check_beats(int64_t now)
{
    int64_t waited_ms = now - all.looked_ms < LOOK_MAX_MS ? now - all.looked_ms : LOOK_MAX_MS;
    all.looked_ms = now;
    for (int i = 0; i < PROCESSES_MAX; i++) {
        struct process *p = &all.processes[i];
        if (!p->pid)
            continue;
        bool stuck = p->heartbeat && is_stuck(p, waited_ms);
        bool undrained = p->draining && now - p->told_ms > DRAIN_MAX_MS;
        if (stuck || undrained) {
            log_error(stuck ? "a worker stopped beating" : "a worker didn't drain in time");
            kill(p->pid, SIGKILL);
        }
    }
    if (all.rehearsal && now - all.rehearsed_ms > START_MAX_MS)
        kill(all.rehearsal, SIGKILL);
}

static void fill_places(int64_t now)
{
    for (int place = 0; place <= all.config->workers; place++)
        if (!current_of(place) && now - all.failed_ms[place] >= RESTART_MIN_MS)
            start_process(place);
}

static void reload(void)
{
    all.reload_again = all.rehearsal != 0;
    if (all.reload_again)
        return;
    struct takeover t = what_we_have();
    all.rehearsed_ms = clock_mono_ms();
    all.rehearsal = takeover_rehearse(&t);
    if (all.rehearsal < 0) {
        all.rehearsal = 0;
        log_error("no process can be started", "why", str_of(strerror(errno)));
    }
}

static bool any_drains(int place)
{
    for (int i = 0; i < PROCESSES_MAX; i++)
        if (all.processes[i].pid && all.processes[i].place == place && all.processes[i].draining)
            return true;
    return false;
}

// The older one drains when the younger one serves.
static void go_on_replacing(int64_t now)
{
    if (all.replacing < 0)
        return;
    struct both b = both_at(all.replacing);
    if (b.old && !b.young) {
        // A place holds two processes: whoever still drains there goes first.
        if (!any_drains(all.replacing) && now - all.failed_ms[all.replacing] >= RESTART_MIN_MS)
            start_process(all.replacing);
        return;
    }
    if (b.young && __atomic_load_n(&b.young->heartbeat->ready, __ATOMIC_RELAXED)) {
        tell_to_drain(b.old);
        all.replacing = all.replacing == all.config->workers ? -1 : all.replacing + 1;
    }
}

static void go_on(int64_t now)
{
    if (!all.unprepared) {
        go_on_replacing(now);
        fill_places(now);
    }
    bool again = all.unprepared && now - all.rehearsed_ms > RETRY_MS;
    if ((all.reload_again && !all.rehearsal) || again)
        reload();
}

static bool any_left(void)
{
    if (all.rehearsal)
        return true;
    for (int i = 0; i < PROCESSES_MAX; i++)
        if (all.processes[i].pid)
            return true;
    return false;
}

static void on_signal(int number)
{
    if (number == SIGHUP && !all.stopping)
        reload();
    if (number == SIGTERM || number == SIGINT) {
        // The workers take what their sockets have welcomed; then nobody listens any more.
        for (int i = 0; i < all.config->workers && !all.stopping; i++)
            close(all.listen_fds[i]);
        all.stopping = true;
        if (all.rehearsal)
            kill(all.rehearsal, SIGKILL);
        for (int i = 0; i < PROCESSES_MAX; i++)
            if (all.processes[i].pid)
                tell_to_drain(&all.processes[i]);
    }
}

static int open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    check(fd >= 0);
    return fd;
}

// What the supervisor before left: every place gets a successor.
static void adopt(const struct takeover *t)
{
    memcpy(all.listen_fds, t->listen_fds, sizeof all.listen_fds);
    all.replacing = 0;
    for (int i = 0; i < t->worker_count; i++)
        *free_process() = (struct process){.pid = t->workers[i].pid,
            .place = t->workers[i].place,
            .draining = t->workers[i].draining,
            .told_ms = clock_mono_ms()};
}

// Pages of this version on the tables of the one before would fail one by one; a database that
// doesn't answer now is waited for later.
static bool is_migrated(const struct config *c)
{
    struct arena *a = arena_new();
    struct migrate_pending pending;
    bool known = migrate_look(
        a, c->database_platform_url, c->home, plug_roots(a, str_of(c->home)), &pending);
    bool ok = !known || !pending.count;
    if (!ok)
        log_error("migrations haven't run: run vitrine migrate first", "first", pending.first,
            "count", str_of_i64(a, pending.count));
    arena_free(a);
    return ok;
}

static bool begin(void)
{
    struct takeover handed;
    if (!takeover_accept(&handed))
        return is_migrated(all.config) && worker_prepare(all.config) && open_listeners();
    adopt(&handed);
    // The rehearsal went well, so a mistake by now is rare; whoever serves goes on meanwhile.
    all.unprepared = !worker_prepare(all.config);
    return true;
}

// Ends as the rehearsal of a new version.
static void rehearse(void)
{
    struct takeover handed;
    log_role("rehearsal");
    takeover_accept(&handed);
    _exit(is_migrated(all.config) && worker_prepare(all.config) ? 0 : 1);
}

int supervise(const struct config *config)
{
    all.config = config;
    takeover_init();
    if (takeover_is_rehearsal())
        rehearse();
    all.replacing = -1;
    all.looked_ms = clock_mono_ms();
    log_role("supervisor");
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    metric_init();
    all.heartbeats = shared_memory(sizeof(struct heartbeat) * PROCESSES_MAX);
    all.controls = shared_memory(sizeof *all.controls);
    clock_share(&all.controls->clock_shift_us);
    if (!begin())
        return 1;
    struct pollfd signals = {.fd = open_signals(), .events = POLLIN};
    while (!all.stopping || any_left()) {
        reap();
        int64_t now = clock_mono_ms();
        check_beats(now);
        if (!all.stopping)
            go_on(now);
        poll(&signals, 1, LOOK_MS);
        struct signalfd_siginfo info;
        while (read(signals.fd, &info, sizeof info) == sizeof info)
            on_signal((int)info.ssi_signo);
    }
    return 0;
}
