// A reload: the supervisor becomes the program that is on disk now, in the same process. The
// sockets and the running workers are handed over, so nobody is refused; templates, words, plugins
// in C and Lua and the program itself are read anew, and nothing old stays in memory. A rehearsal
// in a process of its own goes first, so that a mistake leaves everything as it is.
#pragma once

#include <sys/types.h>

#include "main/config.h"

struct takeover {
    int listen_fds[CONFIG_WORKERS_MAX], listen_count;
    struct {
        pid_t pid;
        int place;
        bool draining;
    } workers[2 * CONFIG_WORKERS_MAX + 2];
    int worker_count;
};

// At start, before anything else: remembers where the program is.
void takeover_init(void);
// Whether this process only tries to load everything, and then ends.
bool takeover_is_rehearsal(void);
// Starts one, with what would be handed over; its exit status is 0 when all is well. -1 when no
// process can be started.
pid_t takeover_rehearse(const struct takeover *t);

// Doesn't return when it works; says why when it doesn't.
void takeover_exec(const struct takeover *t);
// What the supervisor before handed over; false at an ordinary start.
bool takeover_accept(struct takeover *t);
