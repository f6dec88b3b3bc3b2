// A second look at the head of an HTTP/1 request. libh2o accepts what another server in front may
// read differently (two lengths, a length beside chunked, two hosts, folded lines, bare line feeds,
// an absolute address), closes without a word what it can't read, and buffers a body before it
// asks anybody. So its call of picohttpparser comes here first (head_parse.c): such a request
// reaches the handler at once, with the verdict beside it.
#pragma once

#include "base/str.h"

enum { HEAD_MAX = 32 << 10 };

enum head_verdict {
    HEAD_FINE,
    HEAD_AMBIGUOUS,  // can be read in more than one way (RFC 9112, 3.2, 5 and 6): 400
    HEAD_MALFORMED,  // can't be read: 400
    HEAD_TOO_LARGE,  // longer than HEAD_MAX: 431
    HEAD_BODY_LARGE, // announces a body of more than BODY_MAX: 413
};

// The head up to its empty line; what follows isn't looked at.
enum head_verdict head_check(struct str raw);

// Of the request that is on its way to the handler now.
enum head_verdict head_verdict_take(void);
