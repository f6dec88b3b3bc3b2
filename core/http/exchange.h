// One request between libh2o and its fiber. Private to http/server.c: the copy of what came in, the
// link that breaks when the client leaves, and the bytes that go out.
#pragma once

#include "http/server.h"
#include "io/loop.h"

// A client's connection; outlives its socket while fibers of it run.
struct connection {
    h2o_socket_t *socket; // NULL once closed
    struct connection *next, **link;
    int references;
    int live; // requests that run
    int gone; // of those, the ones whose client left
    int64_t used_ms, writing_since_ms;
    char peer[46]; // the address at its other end, as text; empty until the first request
};

void connection_release(struct connection *c);

void exchange_init(const struct server_config *config);
// False when there are too many fibers.
bool exchange_start(h2o_req_t *req, struct connection *c, const struct server_config *config);
void exchange_send_cached(h2o_req_t *req, const struct cached_answer *answer, bool last);
void exchange_send_plain(h2o_req_t *req, int status, struct str text);
// Writes the access log of the turn.
void exchange_turn(void);
