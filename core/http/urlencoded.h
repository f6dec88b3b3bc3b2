// application/x-www-form-urlencoded (WHATWG URL, 5.1): queries and forms, in order.
#pragma once

#include "base/str.h"

struct pair {
    struct str name, value;
};

// False when there are more than `max` pairs, a broken escape, or bytes that aren't UTF-8.
bool urlencoded_read(
    struct arena *a, struct str text, struct pair *pairs, size_t max, size_t *count);
// %XX decoded, + left alone; false on a broken escape or bytes that aren't UTF-8.
bool url_path_decode(struct arena *a, struct str text, struct str *out);
