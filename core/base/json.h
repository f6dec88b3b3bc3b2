// JSON (RFC 8259): a writer of our own for what goes out, jansson for what comes in. Keys of
// incoming objects are only kept where somebody interned them or `intern` is set, so strangers
// can't fill the key table.
#pragma once

#include "base/buf.h"
#include "base/value.h"

// Writes compact JSON. Null fields of objects are written as null.
void json_write(struct buf *b, const struct value *v);
void json_write_str(struct buf *b, struct str s);

enum json_keys {
    JSON_KNOWN_KEYS,        // a field with a key that nobody interned is an error: named in `error`
    JSON_DROP_UNKNOWN_KEYS, // such a field is left out: answers of other services
    JSON_ANY_KEYS, // for files of ours (manifests, locales, blueprints): interns what it meets
};

struct json_error {
    int line;
    struct str text;
};

// At most 32 levels deep; duplicate keys are refused. NULL on bad input, with `error` filled from
// the arena.
struct value *json_parse(
    struct arena *a, struct str text, enum json_keys keys, struct json_error *error);
