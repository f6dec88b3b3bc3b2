// Uploads on their way in: what is larger than one request comes in parts, each where the last one
// ended, and is kept in the database so that any worker takes the next one. Whoever begins an
// upload goes on with it; what isn't taken within a day is forgotten.
#pragma once

#include "data/db.h"

enum { UPLOAD_PART_MAX = 4 << 20, UPLOAD_MAX = 200 << 20, UPLOADS_OPEN_MAX = 20 };

enum upload_result {
    UPLOAD_DONE,
    UPLOAD_ELSEWHERE, // not the next part: `received` says where to go on
    UPLOAD_UNKNOWN,
    UPLOAD_LARGE, // more than was announced
    UPLOAD_MANY,  // too many are open
    UPLOAD_UNAVAILABLE,
};

struct upload {
    int64_t id, size, received;
};

enum upload_result upload_begin(
    struct arena *a, int64_t tenant, int64_t staff, struct upload *upload, struct str name);
enum upload_result upload_find(
    struct arena *a, int64_t tenant, int64_t staff, struct upload *upload);
// The bytes from `at` on.
enum upload_result upload_add(
    struct arena *a, int64_t tenant, struct upload *upload, int64_t at, struct str bytes);
// All of it, once it is complete and no longer than `max`; then it is gone. UPLOAD_ELSEWHERE while
// parts are missing, UPLOAD_LARGE over `max`.
enum upload_result upload_take(
    struct arena *a, int64_t tenant, struct upload *upload, int64_t max, struct str *bytes);
