#include "domain/token.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "data/audit.h"
#include "data/db.h"
#include "domain/token.sql.h"
#include "domain/token_end.h"

#define DAY_US (86400LL * 1000000)
// Of the last use, minutes are enough.
#define USED_EVERY_US (5LL * 60 * 1000000)

// Five bits a digit: 26 of chance and six that follow from them.
enum { BYTES = 20, DIGITS = 26, CHECK_DIGITS = 6 };
static const char prefix[] = "vt_";
static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

enum { PREFIX_LEN = sizeof prefix - 1, SECRET_LEN = PREFIX_LEN + DIGITS + CHECK_DIGITS };
enum { START_LEN = PREFIX_LEN + 5 };

static void put_digits(char *out, const unsigned char *bytes, int count)
{
    for (int i = 0; i < count; i++) {
        int bit = i * 5, value = bytes[bit / 8] << 8 | bytes[bit / 8 + 1];
        out[i] = digits[(value >> (11 - bit % 8)) & 31];
    }
}

static void put_check(char *secret)
{
    struct sha256 h = hash_sha256(str_n(secret, PREFIX_LEN + DIGITS));
    put_digits(secret + PREFIX_LEN + DIGITS, h.bytes, CHECK_DIGITS);
}

static struct str new_secret(struct arena *a)
{
    unsigned char random[BYTES];
    char *secret = arena_new_array(a, char, SECRET_LEN + 1);
    id_random_bytes(random, sizeof random);
    memcpy(secret, prefix, PREFIX_LEN);
    put_digits(secret + PREFIX_LEN, random, DIGITS);
    put_check(secret);
    return str_n(secret, SECRET_LEN);
}

bool token_is_well_formed(struct str secret)
{
    char copy[SECRET_LEN];
    if (secret.len != SECRET_LEN || !str_starts(secret, STR("vt_")))
        return false;
    memcpy(copy, secret.p, SECRET_LEN);
    put_check(copy);
    return memcmp(copy, secret.p, SECRET_LEN) == 0;
}

static struct str hash_of(struct arena *a, struct str secret)
{
    return str_hex(a, hash_sha256(secret).bytes, 32);
}

static void note_used(
    struct arena *a, const struct site *site, const struct rows *rows, int64_t now)
{
    if (now - rows_i64_or(rows, 0, KEY(used_us), 0) < USED_EVERY_US)
        return;
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_token_used, db_i64(a, site->tenant), rows_str(rows, 0, KEY(token_id)),
        db_time(a, now));
    // Missed once, it is written with a later request.
    enum db_result ignored = unit_run(u);
    (void)ignored;
}

enum token_result token_load(
    struct arena *a, const struct site *site, struct str secret, struct token *out)
{
    int64_t now = clock_now_us();
    if (!token_is_well_formed(secret))
        return TOKEN_UNKNOWN;
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place =
        unit_add(u, &SQL_token_load, db_i64(a, site->tenant), hash_of(a, secret), db_time(a, now));
    if (unit_run(u) != DB_OK)
        return TOKEN_UNAVAILABLE;
    const struct rows *rows = unit_rows(u, place);
    if (!rows->count)
        return TOKEN_UNKNOWN;
    *out = (struct token){.id = rows_i64(rows, 0, KEY(token_id)),
        .name = rows_str(rows, 0, KEY(name)),
        .scopes = rows_str(rows, 0, KEY(scopes)),
        .staff = rows_i64(rows, 0, KEY(staff_id)),
        .staff_name = rows_str(rows, 0, KEY(staff_name)),
        .staff_email = rows_str(rows, 0, KEY(staff_email)),
        .role = rows_str(rows, 0, KEY(role)),
        .expires_us = rows_us(rows, 0, KEY(expires_us))};
    note_used(a, site, rows, now);
    return TOKEN_DONE;
}

static void add_audit(struct unit *u, const struct feature_actor *actor, const char *action,
    int64_t id, const struct value *state)
{
    bool made = str_is(str_of(action), "token.make");
    audit_add(u, &(struct audit){.actor_kind = actor->kind,
                     .actor_id = actor->id,
                     .actor_name = actor->name,
                     .action = str_of(action),
                     .object_kind = STR("token"),
                     .object_id = db_i64(unit_arena(u), id),
                     .before = made ? NULL : state,
                     .after = made ? state : NULL});
}

static enum token_result finish(struct unit *u)
{
    enum db_result result = unit_run(u);
    if (result == DB_REFUSED && str_is(unit_refusal(u), "too_many_tokens"))
        return TOKEN_TOO_MANY;
    if (result == DB_REFUSED && str_is(unit_refusal(u), "token_gone"))
        return TOKEN_UNKNOWN;
    return result == DB_OK ? TOKEN_DONE : TOKEN_UNAVAILABLE;
}

enum token_result token_make(struct arena *a, const struct site *site,
    const struct feature_actor *actor, const struct token_wish *wish, struct token_made *out)
{
    int64_t now = clock_now_us();
    struct str tenant = db_i64(a, site->tenant);
    struct value *state = value_object(a);
    *out = (struct token_made){
        .id = id_number(), .expires_us = now + wish->days * DAY_US, .secret = new_secret(a)};
    value_set_str(a, state, KEY(name), wish->name);
    value_set_str(a, state, KEY(scopes), wish->scopes);
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_token_guard, tenant, db_i64(a, TOKENS_MAX));
    unit_add(u, &SQL_token_add, tenant, db_i64(a, out->id), wish->name,
        str_sub(out->secret, 0, START_LEN), hash_of(a, out->secret), wish->scopes,
        db_i64(a, actor->id), db_time(a, now), db_time(a, out->expires_us));
    add_audit(u, actor, "token.make", out->id, state);
    token_end_add(u, out->id, out->expires_us);
    return finish(u);
}

enum token_result token_revoke(
    struct arena *a, const struct site *site, const struct feature_actor *actor, int64_t id)
{
    struct str tenant = db_i64(a, site->tenant), number = db_i64(a, id);
    struct unit *read = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(read, &SQL_token_name, tenant, number);
    if (unit_run(read) != DB_OK)
        return TOKEN_UNAVAILABLE;
    if (!unit_rows(read, place)->count)
        return TOKEN_UNKNOWN;
    struct value *state = value_object(a);
    value_set_str(a, state, KEY(name), rows_str(unit_rows(read, place), 0, KEY(name)));
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_token_drop, tenant, number);
    add_audit(u, actor, "token.revoke", id, state);
    return finish(u);
}
