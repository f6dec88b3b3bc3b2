// A payment provider to try things with: a process of its own that shops reach over HTTP like a
// real one. No money moves. Nothing is kept but the secret: payments live as long as the process.
//
//   simulator STATE [PORT]
//
// STATE is a folder: `secret` is read or made there, `url` says where it listens once it does.
// Without a port a free one is taken; only this machine can reach it.
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sodium.h>

#include "account.h"
#include "api.h"
#include "base/file.h"
#include "base/log.h"
#include "io/fiber.h"
#include "io/transfer.h"

static void serve(struct call *call)
{
    if (call_rest(call, "/v1/").p)
        api_serve(call);
    else if (call_rest(call, "/test/").p)
        control_serve(call);
    else
        page_serve(call);
}

// The program is <home>/build…/plugins/sandbox-pay/simulator, its pages <home>/plugins/….
static const char *own_files(struct arena *a)
{
    char path[PATH_MAX];
    const char *home = getenv("VITRINE_HOME");
    ssize_t len = readlink("/proc/self/exe", path, sizeof path);
    struct str found = len > 0 ? str_dup(a, str_n(path, (size_t)len)) : STR(".");
    for (int up = 0; up < 4; up++)
        while (found.len && found.p[--found.len] != '/')
            ;
    return str_join(a, home ? str_of(home) : found, STR("/plugins/sandbox-pay/simulator"), STR_NULL)
        .p;
}

static void on_term(int signal)
{
    (void)signal;
    _exit(0);
}

static int fail(const char *what)
{
    fprintf(stderr, "simulator: %s\n", what);
    return 1;
}

static bool read_arguments(int argc, char **argv, int64_t *port)
{
    *port = 0;
    return (argc == 2 || argc == 3) &&
           (argc == 2 || (str_to_i64(str_of(argv[2]), port) && *port >= 0 && *port <= UINT16_MAX));
}

int main(int argc, char **argv)
{
    int64_t port;
    if (!read_arguments(argc, argv, &port))
        return fail("usage: simulator STATE [PORT]");
    struct arena *a = arena_new();
    struct str state = str_of(argv[1]);
    signal(SIGTERM, on_term);
    signal(SIGINT, on_term);
    log_role("sandbox-pay");
    if (sodium_init() < 0)
        return fail("no source of randomness");
    if (!account_secret_load(a, str_join(a, state, STR("/secret"), STR_NULL)))
        return fail("the file `secret` can't be read or made in the given folder");
    loop_init();
    fibers_init();
    transfer_init();
    port = server_start((int)port, serve);
    if (!port)
        return fail("the port is taken");
    struct str origin = str_format(a, "http://127.0.0.1:%d", (int)port);
    api_init(origin);
    if (!page_init(a, own_files(a), origin))
        return 1;
    if (!file_write(str_join(a, state, STR("/url"), STR_NULL), origin, 0644))
        return fail("the file `url` can't be written in the given folder");
    loop_run(NULL);
    return 0;
}
