#include "domain/upload.h"

#include "base/clock.h"
#include "base/id.h"
#include "domain/upload.sql.h"

#define UPLOAD_KEPT_US (24 * 3600 * INT64_C(1000000))

static enum upload_result upload_of(enum db_result result, enum upload_result refused)
{
    return result == DB_OK ? UPLOAD_DONE : result == DB_REFUSED ? refused : UPLOAD_UNAVAILABLE;
}

enum upload_result upload_begin(
    struct arena *a, int64_t tenant, int64_t staff, struct upload *upload, struct str name)
{
    if (upload->size <= 0 || upload->size > UPLOAD_MAX)
        return UPLOAD_LARGE;
    upload->id = id_number();
    upload->received = 0;
    struct unit *u = unit_new(a, DB_WRITE, tenant);
    struct str site = db_i64(a, tenant);
    unit_add(u, &SQL_upload_clean, site, db_time(a, clock_now_us() - UPLOAD_KEPT_US));
    unit_add(u, &SQL_upload_room, site, db_i64(a, UPLOADS_OPEN_MAX));
    unit_add(u, &SQL_upload_insert, site, db_i64(a, upload->id), db_i64(a, staff), name,
        db_i64(a, upload->size), db_time(a, clock_now_us()));
    return upload_of(unit_run(u), UPLOAD_MANY);
}

enum upload_result upload_find(
    struct arena *a, int64_t tenant, int64_t staff, struct upload *upload)
{
    struct unit *u = unit_new(a, DB_READ, tenant);
    unit_add(u, &SQL_upload_find, db_i64(a, tenant), db_i64(a, upload->id), db_i64(a, staff));
    if (unit_run(u) != DB_OK)
        return UPLOAD_UNAVAILABLE;
    const struct rows *rows = unit_rows(u, 0);
    if (!rows->count)
        return UPLOAD_UNKNOWN;
    upload->size = rows_i64(rows, 0, KEY(size));
    upload->received = rows_i64(rows, 0, KEY(received));
    return UPLOAD_DONE;
}

enum upload_result upload_add(
    struct arena *a, int64_t tenant, struct upload *upload, int64_t at, struct str bytes)
{
    struct unit *u = unit_new(a, DB_WRITE, tenant);
    struct str site = db_i64(a, tenant), id = db_i64(a, upload->id), from = db_i64(a, at);
    if (at != upload->received)
        return UPLOAD_ELSEWHERE;
    if (at + (int64_t)bytes.len > upload->size)
        return UPLOAD_LARGE;
    unit_add(u, &SQL_upload_advance, site, id, from, db_i64(a, (int64_t)bytes.len));
    unit_add(u, &SQL_upload_part, site, id, from, str_hex(a, bytes.p, bytes.len));
    enum upload_result result = upload_of(unit_run(u), UPLOAD_ELSEWHERE);
    if (result == UPLOAD_DONE)
        upload->received += (int64_t)bytes.len;
    return result;
}

// One part at a time, each in memory of its own, so that only the whole stays.
static int64_t read_part(int64_t tenant, const struct upload *upload, int64_t at, char *out)
{
    struct arena *a = arena_new();
    struct unit *u = unit_new(a, DB_READ, tenant);
    int64_t len = 0;
    unit_add(u, &SQL_upload_read, db_i64(a, tenant), db_i64(a, upload->id), db_i64(a, at));
    if (unit_run(u) == DB_OK && unit_rows(u, 0)->count) {
        struct str bytes = id_base64_decode(a, rows_str(unit_rows(u, 0), 0, KEY(bytes)));
        if ((int64_t)bytes.len <= upload->size - at) {
            memcpy(out + at, bytes.p, bytes.len);
            len = (int64_t)bytes.len;
        }
    }
    arena_free(a);
    return len;
}

enum upload_result upload_take(
    struct arena *a, int64_t tenant, struct upload *upload, int64_t max, struct str *bytes)
{
    if (upload->size > max)
        return UPLOAD_LARGE;
    if (upload->received != upload->size)
        return UPLOAD_ELSEWHERE;
    char *all = arena_alloc(a, (size_t)upload->size);
    for (int64_t at = 0; at < upload->size;) {
        int64_t len = read_part(tenant, upload, at, all);
        if (!len)
            return UPLOAD_UNAVAILABLE;
        at += len;
    }
    *bytes = str_n(all, (size_t)upload->size);
    struct unit *u = unit_new(a, DB_WRITE, tenant);
    unit_add(u, &SQL_upload_end, db_i64(a, tenant), db_i64(a, upload->id));
    return upload_of(unit_run(u), UPLOAD_UNAVAILABLE);
}
