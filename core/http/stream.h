// An answer whose body is made while it is sent, so that its length is nobody's memory: a handler
// begins it, sends piece after piece and ends it. Each piece waits until the client has taken it;
// who takes nothing is cut. An end that isn't whole breaks the connection, so that nobody takes
// half a file for the whole. For handlers, in the request's fiber.
#pragma once

#include "http/request.h"

// Sends the head: 200 with this type and the headers given so far; `length` is -1 while nobody
// knows it. False when there is nobody to send to, or (answered with 503) when too many are under
// way; then nothing more is to be done.
bool stream_begin(struct request *r, struct str type, int64_t length);
// False when the client has left: stop, and end it.
bool stream_send(struct request *r, struct str bytes);
void stream_end(struct request *r, bool whole);
// Sends what is stored in parts, `size` bytes in all: `part` reads number 0, 1 … into the arena,
// which is emptied after each; absent: it can't be read. False when not all of it was sent.
bool stream_parts(struct request *r, int64_t size,
    struct str (*part)(struct arena *a, const void *of, int64_t number), const void *of);
