// One request between libh2o and its fiber. Private to http/server.c and http/stream.c: the copy of
// what came in, the link that breaks when the client leaves, and the bytes that go out.
#pragma once

#include "http/connection.h"
#include "http/server.h"

void exchange_init(const struct server_config *config);
// False when there are too many fibers. A body that is too large isn't taken along.
bool exchange_start(h2o_req_t *req, struct connection *c, bool too_large);
void exchange_send_cached(h2o_req_t *req, const struct cached_answer *answer, bool last);
void exchange_send_plain(h2o_req_t *req, int status, struct str text);
// For an answer that is sent piece by piece (stream.h): libh2o's request, NULL once the client has
// left; what goes out before the body; the limits of time that tests divide; and the end of the
// connection.
h2o_req_t *exchange_req(struct request *r);
void exchange_put_head(h2o_req_t *req, struct request *r);
int exchange_haste(void);
void exchange_cut(struct request *r);
// The client has left, or the answer is gone: nothing of the stream is borrowed any more.
void stream_left(struct stream *s);
// Writes the access log of the turn.
void exchange_turn(void);
