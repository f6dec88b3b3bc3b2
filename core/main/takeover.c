#include "main/takeover.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/check.h"
#include "base/log.h"

// "3,4 1201:0:0 1202:1:1": the sockets, then each worker, its place, and whether it drains.
static const char handed_over[] = "VITRINE_HANDED_OVER", rehearsal[] = "VITRINE_REHEARSAL";

static const char *program;

void takeover_init(void)
{
    // An absolute name keeps its symbolic links: a deploy may turn one to a new folder.
    const char *called = program_invocation_name;
    static char found[PATH_MAX];
    if (called[0] == '/') {
        program = called;
        return;
    }
    ssize_t len = readlink("/proc/self/exe", found, sizeof found - 1);
    check(len > 0);
    found[len] = 0;
    program = found;
}

bool takeover_is_rehearsal(void)
{
    return getenv(rehearsal) != NULL;
}

static void describe(const struct takeover *t)
{
    struct arena *a = arena_new();
    struct str said = STR("");
    for (int i = 0; i < t->listen_count; i++)
        said = str_format(a, "%.*s%s%d", STR_ARG(said), i ? "," : "", t->listen_fds[i]);
    for (int i = 0; i < t->worker_count; i++)
        said = str_format(a, "%.*s %d:%d:%d", STR_ARG(said), (int)t->workers[i].pid,
            t->workers[i].place, t->workers[i].draining);
    setenv(handed_over, str_z(a, said), 1);
    // There is a socket for each, whatever the machine has by now.
    setenv("VITRINE_WORKERS", str_z(a, str_of_i64(a, t->listen_count)), 1);
    arena_free(a);
}

static void run_program(void)
{
    execl(program, program, "serve", (char *)NULL);
    log_error(
        "the program can't be started", "file", str_of(program), "why", str_of(strerror(errno)));
}

pid_t takeover_rehearse(const struct takeover *t)
{
    pid_t pid = fork();
    if (pid)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    describe(t);
    setenv(rehearsal, "1", 1);
    run_program();
    _exit(1);
}

static void keep_open(const struct takeover *t, bool yes)
{
    for (int i = 0; i < t->listen_count; i++)
        fcntl(t->listen_fds[i], F_SETFD, yes ? 0 : FD_CLOEXEC);
}

void takeover_exec(const struct takeover *t)
{
    keep_open(t, true);
    describe(t);
    run_program();
    unsetenv(handed_over);
    keep_open(t, false);
}

static int take_number(struct str s)
{
    int64_t n;
    check(str_to_i64(s, &n) && n >= 0 && n <= INT_MAX);
    return (int)n;
}

bool takeover_accept(struct takeover *t)
{
    struct str said = str_of(getenv(handed_over));
    *t = (struct takeover){0};
    if (!said.p)
        return false;
    for (struct str fds = str_cut(&said, ' '); fds.p;) {
        check(t->listen_count < CONFIG_WORKERS_MAX);
        t->listen_fds[t->listen_count++] = take_number(str_cut(&fds, ','));
    }
    keep_open(t, false);
    while (said.p) {
        check(t->worker_count < (int)(sizeof t->workers / sizeof *t->workers));
        struct str worker = str_cut(&said, ' ');
        t->workers[t->worker_count].pid = take_number(str_cut(&worker, ':'));
        t->workers[t->worker_count].place = take_number(str_cut(&worker, ':'));
        t->workers[t->worker_count++].draining = take_number(worker);
    }
    unsetenv(handed_over);
    return true;
}
