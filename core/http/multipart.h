// multipart/form-data (RFC 7578): forms that carry files. Nothing is copied: names and bytes are
// pieces of the body.
#pragma once

#include "http/urlencoded.h"

bool multipart_is(struct str content_type);
// Fields go to `pairs`, files (parts with a file name) to `files` with their bytes as value, and
// what they are called, as it was sent, to `file_names` beside them; a file field left empty is no
// file. False when it is malformed, has more than `max` parts of a kind, or a field isn't UTF-8.
struct multipart {
    struct pair *pairs, *files;
    struct str *file_names;
    size_t max, pair_count, file_count;
};
bool multipart_read(struct str content_type, struct str body, struct multipart *out);
