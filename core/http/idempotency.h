// One effect per submit: a POST that sells carries a key of its page (or the Idempotency-Key
// header); the first one runs, a repeated one gets the same answer. Guards in the sale's unit keep
// the effect single even when this forgets.
#pragma once

#include "http/request.h"

enum idempotency_result {
    IDEMPOTENCY_FIRST,   // go on, then end it
    IDEMPOTENCY_REPEAT,  // `*location` is what the first one answered
    IDEMPOTENCY_RUNNING, // the first one is still at it: 409
    IDEMPOTENCY_OTHER,   // the same key came with other content: 422
    IDEMPOTENCY_UNKNOWN, // the database: 503
};

// Needs a session. Without a key every POST is a first one.
enum idempotency_result idempotency_begin(struct request *r, struct str *location);
// What this key was answered with, when it was; claims nothing.
bool idempotency_known(struct request *r, struct str *location);
// `location` absent: nothing happened, the next one may try.
void idempotency_end(struct request *r, struct str location);
// For the page's form.
struct str idempotency_key(struct request *r);
