// A description in the making, and how a route becomes an operation of it. Private to
// http/openapi*.c. Everything lives in the arena of whoever asked for the description.
#pragma once

#include "http/openapi.h"

struct openapi {
    struct arena *arena;
    enum openapi_host host;
    const struct value *fields; // what fields are for, by name
    struct value *paths, *tags;
};

// A new operation; everything but what it is filed under.
struct value *openapi_operation(struct openapi *o, enum surface surface, const struct route *route,
    const struct value *words, struct str tag);
// "get".
const char *openapi_method(const struct route *route);
