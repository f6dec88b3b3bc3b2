#include "domain/media.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "domain/media.sql.h"

enum { UNUSED_KEPT_DAYS = 90 };

static const char *const sizes[] = {"-l.webp", "-m.webp", "-s.webp"};

static void add_file(struct unit *u, struct str name, struct str bytes)
{
    struct arena *a = unit_arena(u);
    unit_add(u, &SQL_media_insert, db_i64(a, unit_tenant(u)), name, STR("image/webp"),
        db_i64(a, (int64_t)bytes.len), str_hex(a, bytes.p, bytes.len), db_time(a, clock_now_us()));
}

enum media_result media_save_picture(
    struct arena *a, int64_t tenant, const struct str bytes[3], struct str *image)
{
    struct sha256 hash = hash_sha256(bytes[0]);
    struct str name = str_hex(a, hash.bytes, 16);
    struct unit *u = unit_new(a, DB_WRITE, tenant);
    int64_t total = (int64_t)(bytes[0].len + bytes[1].len + bytes[2].len);
    int64_t before_us = clock_now_us() - UNUSED_KEPT_DAYS * INT64_C(86400000000);
    unit_add(u, &SQL_media_forget, db_i64(a, tenant), db_time(a, before_us));
    unit_add(u, &SQL_media_room, db_i64(a, tenant), db_i64(a, total), db_i64(a, MEDIA_SITE_MAX));
    for (int i = 0; i < 3; i++)
        add_file(u, str_join(a, name, str_of(sizes[i]), STR_NULL), bytes[i]);
    *image = str_join(a, STR("files/"), name, STR_NULL);
    enum db_result result = unit_run(u);
    return result == DB_OK ? MEDIA_DONE : result == DB_REFUSED ? MEDIA_FULL : MEDIA_UNAVAILABLE;
}

enum media_result media_load(struct arena *a, int64_t tenant, struct str name, struct media *out)
{
    struct unit *u = unit_new(a, DB_READ, tenant);
    unit_add(u, &SQL_media_load, db_i64(a, tenant), name);
    *out = (struct media){0};
    if (unit_run(u) != DB_OK)
        return MEDIA_UNAVAILABLE;
    const struct rows *rows = unit_rows(u, 0);
    if (rows->count) {
        out->kind = rows_str(rows, 0, KEY(kind));
        out->bytes = id_base64_decode(a, rows_str(rows, 0, KEY(bytes)));
    }
    return MEDIA_DONE;
}
