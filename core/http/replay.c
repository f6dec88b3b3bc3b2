#include "http/replay.h"

#include "base/clock.h"
#include "base/hash.h"
#include "data/db.h"
#include "http/replay.sql.h"
#include "http/respond.h"
#include "http/route.h"
#include "io/fiber.h"

enum { KEY_MAX = 64, BODY_KEPT_MAX = 256 << 10, LOOKS = 40, LOOK_EVERY_MS = 75 };

// Logins, and what is shown only once, are never kept.
static bool applies(const struct request *r)
{
    bool person = r->surface == SURFACE_OFFICE && r->route->permission == PERMIT_PUBLIC;
    return r->method != HTTP_GET && r->idempotency_key.len && r->site && r->session.id &&
           r->wants_json && !person && !(r->route->flags & (ROUTE_FOREIGN | ROUTE_ONCE));
}

static struct str fingerprint(struct request *r)
{
    struct str what =
        str_join(r->arena, r->method_name, STR("\n"), r->raw_path, STR("\n"), r->body, STR_NULL);
    return str_hex(r->arena, hash_sha256(what).bytes, 32);
}

static struct unit *unit_of(struct request *r, enum db_set set)
{
    return unit_new(r->arena, set, r->site->tenant);
}

#define WHOSE(r) \
    db_i64((r)->arena, (r)->site->tenant), db_i64((r)->arena, (r)->session.id), (r)->idempotency_key

static bool say_running(struct request *r)
{
    respond_retry_after(r, 1);
    respond_problem_code(r, PROBLEM_CONFLICT, "key_under_way");
    return false;
}

static void give_again(struct request *r, const struct rows *rows)
{
    struct str location = rows_str(rows, 0, KEY(location));
    r->response.status = (int)rows_i64(rows, 0, KEY(status));
    r->response.type = rows_str(rows, 0, KEY(type));
    r->response.body = rows_str(rows, 0, KEY(body));
    if (location.len)
        respond_header(r, "location", location);
    respond_header(r, "idempotent-replayed", STR("true"));
}

// Waits for the first one; what it was answered, or why not.
static bool give_first_answer(struct request *r)
{
    for (int i = 0; i < LOOKS; i++, fiber_sleep(LOOK_EVERY_MS)) {
        struct unit *u = unit_of(r, DB_READ);
        int place = unit_add(u, &SQL_replay_read, WHOSE(r));
        if (unit_run(u) != DB_OK) {
            respond_problem(r, PROBLEM_UNAVAILABLE);
            return false;
        }
        const struct rows *rows = unit_rows(u, place);
        // It was refused meanwhile, and its key is free again.
        if (!rows->count)
            return say_running(r);
        if (!str_eq(rows_str(rows, 0, KEY(fingerprint)), fingerprint(r))) {
            respond_problem_code(r, PROBLEM_INVALID, "key_reused");
            return false;
        }
        if (rows_i64(rows, 0, KEY(status))) {
            give_again(r, rows);
            return false;
        }
    }
    return say_running(r);
}

bool replay_begin(struct request *r)
{
    if (!applies(r))
        return true;
    if (r->idempotency_key.len > KEY_MAX || !str_utf8_valid(r->idempotency_key)) {
        respond_problem_code(r, PROBLEM_BAD_REQUEST, "bad_key");
        return false;
    }
    struct unit *u = unit_of(r, DB_WRITE);
    int place =
        unit_add(u, &SQL_replay_claim, WHOSE(r), fingerprint(r), db_time(r->arena, clock_now_us()));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    return unit_rows(u, place)->count || give_first_answer(r);
}

static struct str location_of(const struct response *out)
{
    for (int i = 0; i < out->header_count; i++)
        if (str_is(out->headers[i].name, "location"))
            return out->headers[i].value;
    return STR("");
}

void replay_end(struct request *r)
{
    const struct response *out = &r->response;
    if (!applies(r))
        return;
    bool done = out->status < 400 && out->body.len <= BODY_KEPT_MAX && str_utf8_valid(out->body);
    struct unit *u = unit_of(r, DB_WRITE);
    if (done)
        unit_add(u, &SQL_replay_keep, WHOSE(r), db_i64(r->arena, out->status), out->type,
            location_of(out), out->body.p ? out->body : STR(""));
    else
        unit_add(u, &SQL_replay_drop, WHOSE(r));
    // Forgetting leaves the effect's own guards.
    enum db_result ignored = unit_run(u);
    (void)ignored;
}
