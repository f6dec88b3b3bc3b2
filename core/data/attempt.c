#include "data/attempt.h"

#include "base/clock.h"
#include "base/hash.h"
#include "data/attempt.sql.h"
#include "data/seal.h"

// As a bytea in text form.
static struct str key_of(struct arena *a, const struct attempt *what)
{
    struct seal_digest d = seal_digest(
        STR("attempt"), str_join(a, what->purpose, str_n("", 1), what->identity, STR_NULL));
    return str_join(a, STR("\\x"), str_hex(a, d.bytes, sizeof d.bytes), STR_NULL);
}

static struct unit *unit_for(struct arena *a, const struct attempt *what, struct str key)
{
    struct unit *u = unit_new(a, what->tenant ? DB_WRITE : DB_PLATFORM, what->tenant);
    unit_route(u, hash_bytes(key));
    return u;
}

enum attempt_result attempt_take(
    struct arena *a, const struct attempt *what, int64_t *retry_after_s)
{
    int64_t now_us = clock_now_us();
    struct str key = key_of(a, what);
    struct unit *u = unit_for(a, what, key);
    int place = unit_add(u, &SQL_attempt_take, db_i64(a, what->tenant), key, db_time(a, now_us),
        db_time(a, now_us + what->window_ms * 1000), db_i64(a, what->limit));
    if (retry_after_s)
        *retry_after_s = 0;
    if (unit_run(u) != DB_OK)
        return ATTEMPT_UNKNOWN;
    const struct rows *r = unit_rows(u, place);
    if (rows_i64(r, 0, KEY(tries)) <= what->limit)
        return ATTEMPT_ALLOWED;
    if (retry_after_s)
        *retry_after_s = (rows_us(r, 0, KEY(window_ends_us)) - now_us) / 1000000 + 1;
    return ATTEMPT_REFUSED;
}

void attempt_clear(struct arena *a, const struct attempt *what)
{
    struct str key = key_of(a, what);
    struct unit *u = unit_for(a, what, key);
    unit_add(u, &SQL_attempt_clear, db_i64(a, what->tenant), key);
    // Uncleared, the tries end with their window.
    enum db_result ignored = unit_run(u);
    (void)ignored;
}

bool attempt_clean(struct arena *a, int64_t now_us)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = unit_add(u, &SQL_attempt_clean, db_time(a, now_us));
    return unit_run(u) == DB_OK && unit_rows(u, place)->affected > 0;
}
