// Connections of the HTTP server and what each may cost. A client that is slow, silent, greedy or
// cancels what it asks for is cut; the others don't notice. libh2o owns the sockets; a connection
// outlives its socket while fibers of it run. Lives on the loop.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "io/loop.h"

enum {
    CONNECTIONS_MAX = 8000,         // per worker; above three quarters, idle ones go early
    CONNECTION_FIBERS_MAX = 100,    // live requests of one connection, cancelled ones included
    CONNECTION_GONE_MAX = 50,       // cancelled but still running: then it is cut
    CONNECTION_CANCELLED_MAX = 100, // cancelled more than answered: then it is cut
};

struct connection {
    h2o_socket_t *socket; // NULL once closed
    struct connection *next, **link;
    int references;
    int live;      // requests that run
    int gone;      // of those, the ones whose client left
    int cancelled; // streams that ended before their answer, less those that got it
    int64_t requests;
    char peer[46]; // the address at its other end, as text; empty until the first request
    bool is_h1, cut;
    struct farewell *linger; // NULL: closes at once
    // What the sweep saw last; `open` and `receiving` count streams of HTTP/2.
    int open, receiving;
    int64_t moved_ms, head_since_ms, body_since_ms, taking_since_ms;
    int64_t requests_seen;
    uint64_t received_bytes, received_before, acked_bytes, acked_before, moved_bytes;
};

// `haste` divides every limit of time; 1, except in tests.
void connections_init(h2o_context_t *context, int haste);
struct connection *connection_adopt(h2o_socket_t *socket);
struct connection *connection_of(h2o_req_t *req);
void connection_release(struct connection *c);
int connections_open(void);
// No more are to be accepted for now.
bool connections_full(void);

// A request has come whole.
void connection_used(struct connection *c, h2o_req_t *req);
// An answer goes out before everything was read: what still comes is read and dropped for a moment
// after the answer, so that the client gets to read it.
void connection_linger(struct connection *c);
// The kernel says no more to either side; libh2o notices and closes by itself.
void connection_cut(struct connection *c);

// Cuts those that are over a limit; about twice a second. While draining also the idle ones.
void connections_sweep(bool draining);
