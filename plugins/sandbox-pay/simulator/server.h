// The simulator's HTTP server: libh2o on one loop, a fiber for every call, so that what happens
// reads top to bottom. Bodies and connections are limited; a client may leave at any time, then its
// answer is dropped. A call and everything in it live in the fiber's arena.
#pragma once

#include "base/value.h"

struct call {
    struct arena *arena;
    struct str method, path, body; // the path without its query
    struct str authorization, idempotency_key, origin, fetch_site, host, accept_language;
    struct {
        int status;
        struct str type, body;
        struct str location; // of a redirect
        struct str policy;   // Content-Security-Policy of a page
        bool keep;           // the client may keep it for a while
    } answer;
};

// Listens on a loopback port (0: a free one) and returns it, or 0. `serve` fills call->answer.
int server_start(int port, void (*serve)(struct call *call));
