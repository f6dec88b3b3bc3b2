#include "http/idempotency.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "data/db.h"
#include "http/form.h"
#include "http/idempotency.sql.h"
#include "io/fiber.h"

enum { KEY_MAX = 64, LOOKS = 40, LOOK_EVERY_MS = 75 };

static struct str key_of(const struct request *r)
{
    struct str key = form_str(r, KEY(idempotency_key));
    if (!key.len)
        key = r->idempotency_key;
    return key.len && key.len <= KEY_MAX && str_utf8_valid(key) ? key : STR_NULL;
}

struct str idempotency_key(struct request *r)
{
    return id_token(r->arena);
}

// What was asked for, form tokens aside: those differ in every page.
static struct str fingerprint(struct request *r)
{
    struct value *form = value_copy(r->arena, r->form);
    value_set(r->arena, form, KEY(csrf), NULL);
    struct str text = str_join(r->arena, r->path, STR("\n"), db_json(r->arena, form), STR_NULL);
    return str_hex(r->arena, hash_sha256(text).bytes, 32);
}

static enum idempotency_result look(
    struct request *r, struct str key, struct str *location, bool *answered)
{
    struct unit *u = unit_new(r->arena, DB_READ, r->site->tenant);
    int place = unit_add(u, &SQL_idempotency_read, db_i64(r->arena, r->site->tenant),
        db_i64(r->arena, r->session.id), key);
    *answered = true;
    if (unit_run(u) != DB_OK)
        return IDEMPOTENCY_UNKNOWN;
    const struct rows *rows = unit_rows(u, place);
    if (!rows->count)
        return IDEMPOTENCY_FIRST;
    if (!str_eq(rows_str(rows, 0, KEY(fingerprint)), fingerprint(r)))
        return IDEMPOTENCY_OTHER;
    *location = rows_str(rows, 0, KEY(location));
    *answered = location->len > 0;
    return IDEMPOTENCY_REPEAT;
}

enum idempotency_result idempotency_begin(struct request *r, struct str *location)
{
    struct str key = key_of(r);
    if (!key.p || !r->session.id || r->token.id)
        return IDEMPOTENCY_FIRST;
    struct unit *u = unit_new(r->arena, DB_WRITE, r->site->tenant);
    int place = unit_add(u, &SQL_idempotency_claim, db_i64(r->arena, r->site->tenant),
        db_i64(r->arena, r->session.id), key, fingerprint(r), db_time(r->arena, clock_now_us()));
    if (unit_run(u) != DB_OK)
        return IDEMPOTENCY_UNKNOWN;
    if (unit_rows(u, place)->count)
        return IDEMPOTENCY_FIRST;
    for (int i = 0; i < LOOKS; i++) {
        bool answered;
        enum idempotency_result result = look(r, key, location, &answered);
        if (answered)
            return result;
        fiber_sleep(LOOK_EVERY_MS);
    }
    return IDEMPOTENCY_RUNNING;
}

bool idempotency_known(struct request *r, struct str *location)
{
    struct str key = key_of(r);
    bool answered;
    return key.p && r->session.id && look(r, key, location, &answered) == IDEMPOTENCY_REPEAT &&
           answered;
}

void idempotency_end(struct request *r, struct str location)
{
    struct str key = key_of(r), tenant = db_i64(r->arena, r->site->tenant);
    struct str session = db_i64(r->arena, r->session.id);
    if (!key.p || !r->session.id)
        return;
    struct unit *u = unit_new(r->arena, DB_WRITE, r->site->tenant);
    if (location.len)
        unit_add(u, &SQL_idempotency_keep, tenant, session, key, location);
    else
        unit_add(u, &SQL_idempotency_drop, tenant, session, key);
    // Forgetting costs a repeated submit its short way only; the sale's own guards stay.
    enum db_result ignored = unit_run(u);
    (void)ignored;
}
