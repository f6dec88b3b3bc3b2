// One request between libh2o and its fiber. Private to http/server.c: the copy of what came in, the
// link that breaks when the client leaves, and the bytes that go out.
#pragma once

#include "http/connection.h"
#include "http/server.h"

void exchange_init(const struct server_config *config);
// False when there are too many fibers. A body that is too large isn't taken along.
bool exchange_start(h2o_req_t *req, struct connection *c, bool too_large);
void exchange_send_cached(h2o_req_t *req, const struct cached_answer *answer, bool last);
void exchange_send_plain(h2o_req_t *req, int status, struct str text);
// Writes the access log of the turn.
void exchange_turn(void);
