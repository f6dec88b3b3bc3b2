#include "http/session.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "data/db.h"
#include "domain/support.h"
#include "http/respond.h"
#include "http/session.sql.h"

enum { SUPPORT_COOKIE_S = 24 * 3600 };

#define DAYS(n) ((n)*86400LL * 1000000)
// A customer's, from the last time it was used: kept, or for as long as the browser is open.
#define CUSTOMER_LIFE_US DAYS(90)
#define VISIT_LIFE_US DAYS(1)

static const struct {
    const char *cookie, *stored;
    int64_t life_us;
} kinds[] = {
    [SESSION_GUEST] = {"__Host-vt", "guest", DAYS(30)},
    [SESSION_STAFF] = {"__Host-vt-office", "staff", DAYS(14)},
    [SESSION_OPERATOR] = {"__Host-vt-console", "operator", DAYS(1)},
};

static const char visit_cookie[] = "__Host-vt-visit";
enum { VISIT_LIFE_S = 86400 };
enum { AGENT_MAX = 200 };
// Who knows the password has this long for the second factor.
#define CODE_LIFE_US (15LL * 60 * 1000000)
// When it was last seen is written once in a while, not with every request.
#define SEEN_EVERY_US (15LL * 60 * 1000000)

static struct str agent_of(const struct request *r)
{
    return str_utf8_valid(r->agent) ? str_utf8_clip(r->agent, AGENT_MAX) : STR_NULL;
}

static struct str stored_hash(struct arena *a, struct str token)
{
    return str_hex(a, hash_sha256(token).bytes, 32);
}

static bool load_operator(struct request *r, struct str token)
{
    struct arena *a = r->arena;
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place =
        unit_add(u, &SQL_session_operator_load, stored_hash(a, token), db_time(a, clock_now_us()));
    if (unit_run(u) != DB_OK)
        return false;
    const struct rows *rows = unit_rows(u, place);
    if (!rows->count)
        return true;
    bool code_due = str_is(rows_str(rows, 0, KEY(stage)), "code");
    r->session = (struct session){.id = rows_i64(rows, 0, KEY(session_id)),
        .token = token,
        .person = rows_i64(rows, 0, KEY(operator_id)),
        .name = rows_str(rows, 0, KEY(name)),
        .email = rows_str(rows, 0, KEY(email)),
        .role = code_due ? STR_NULL : rows_str(rows, 0, KEY(role)),
        .due = code_due ? SESSION_DUE_CODE : SESSION_DUE_NOTHING};
    return true;
}

// The role counts once nothing is due any more.
static void take_role(struct request *r, const struct rows *rows)
{
    bool asked = str_is(value_get_str(r->site->settings, KEY(second_factor)), "required");
    if (str_is(rows_str(rows, 0, KEY(stage)), "code"))
        r->session.due = SESSION_DUE_CODE;
    else if (asked && !rows_bool(rows, 0, KEY(second_factor)))
        r->session.due = SESSION_DUE_FACTOR;
    else
        r->session.role = rows_str(rows, 0, KEY(role));
}

static void session_slide(struct request *r, int64_t seen_us)
{
    int64_t now = clock_now_us();
    if (now - seen_us < SEEN_EVERY_US)
        return;
    struct arena *a = r->arena;
    struct unit *u = unit_new(a, DB_WRITE, r->site->tenant);
    unit_add(u, &SQL_session_slide, db_i64(a, r->site->tenant), stored_hash(a, r->session.token),
        db_time(a, now), db_time(a, now + (r->session.kept ? CUSTOMER_LIFE_US : VISIT_LIFE_US)));
    if (unit_run(u) == DB_OK && r->session.kept)
        respond_cookie(
            r, kinds[SESSION_GUEST].cookie, r->session.token, CUSTOMER_LIFE_US / US_PER_SECOND);
}

static void note_seen(struct request *r, int64_t seen_us)
{
    int64_t now = clock_now_us();
    if (now - seen_us < SEEN_EVERY_US)
        return;
    struct unit *u = unit_new(r->arena, DB_WRITE, r->site->tenant);
    unit_add(u, &SQL_session_seen, db_i64(r->arena, r->site->tenant),
        stored_hash(r->arena, r->session.token), db_time(r->arena, now));
    // Missed once, it is written with a later request.
    enum db_result ignored = unit_run(u);
    (void)ignored;
}

// Who is logged in while the site offers that; the session goes on for as long as it is used.
static void take_customer(struct request *r, const struct rows *rows)
{
    struct arena *a = r->arena;
    if (rows_is_null(rows, 0, KEY(customer_id)) || r->site->login == SITE_LOGIN_NONE)
        return;
    r->session.person = rows_i64(rows, 0, KEY(customer_id));
    r->session.name = str_trim(str_join(a, rows_str(rows, 0, KEY(first_name)), STR(" "),
        rows_str(rows, 0, KEY(last_name)), STR_NULL));
    r->session.email = rows_str(rows, 0, KEY(email));
    r->session.role = STR("customer");
    r->session.kept = rows_bool(rows, 0, KEY(kept));
    r->session.proven_us = rows_i64_or(rows, 0, KEY(proven_us), 0);
    session_slide(r, rows_us(rows, 0, KEY(seen_us)));
}

static bool load_of_site(struct request *r, enum session_kind kind, struct str token)
{
    struct arena *a = r->arena;
    bool staff = kind == SESSION_STAFF;
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int place = unit_add(u, staff ? &SQL_session_staff_load : &SQL_session_guest_load,
        db_i64(a, r->site->tenant), stored_hash(a, token), db_time(a, clock_now_us()));
    if (unit_run(u) != DB_OK)
        return false;
    const struct rows *rows = unit_rows(u, place);
    if (!rows->count)
        return true;
    r->session = (struct session){.id = rows_i64(rows, 0, KEY(session_id)), .token = token};
    if (!staff) {
        take_customer(r, rows);
    } else {
        r->session.person = rows_i64(rows, 0, KEY(staff_id));
        r->session.name = rows_str(rows, 0, KEY(name));
        r->session.email = rows_str(rows, 0, KEY(email));
        take_role(r, rows);
        note_seen(r, rows_us(rows, 0, KEY(seen_us)));
    }
    return true;
}

struct str request_actor_kind(const struct request *r)
{
    if (r->surface == SURFACE_CONSOLE)
        return STR("operator");
    if (r->token.id)
        return STR("token");
    return r->session.support_until_us ? STR("support") : STR("staff");
}

static const char support_cookie[] = "__Host-vt-support";

// Support in the site's office, by a cookie of its own: the operator's name, a manager's rights.
static bool load_support(struct request *r, struct str token)
{
    struct arena *a = r->arena;
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int place = unit_add(u, &SQL_session_support_load, db_i64(a, r->site->tenant),
        stored_hash(a, token), db_time(a, clock_now_us()));
    if (unit_run(u) != DB_OK)
        return false;
    const struct rows *rows = unit_rows(u, place);
    r->support_over = rows->count && rows_bool(rows, 0, KEY(over));
    if (!rows->count || r->support_over)
        return true;
    r->session = (struct session){.id = rows_i64(rows, 0, KEY(access_id)),
        .token = token,
        .person = rows_i64(rows, 0, KEY(operator_id)),
        .name = rows_str(rows, 0, KEY(operator_name)),
        .email = rows_str(rows, 0, KEY(operator_email)),
        .role = STR("support"),
        .support_until_us = rows_us(rows, 0, KEY(ends_us)),
        .support_last_us = rows_us(rows, 0, KEY(last_us))};
    return true;
}

struct str session_begin_support(struct request *r, struct str *token)
{
    *token = id_token(r->arena);
    return stored_hash(r->arena, *token);
}

void session_keep_support(struct request *r, struct str token)
{
    respond_cookie(r, support_cookie, token, SUPPORT_COOKIE_S);
}

static bool end_support(struct request *r)
{
    struct feature_actor actor = {
        .kind = STR("support"), .id = r->session.person, .name = r->session.name};
    // One that ran out meanwhile has ended too.
    if (support_end(r->arena, r->site, r->session.id, &actor) == SUPPORT_UNAVAILABLE)
        return false;
    r->session = (struct session){0};
    respond_cookie(r, support_cookie, STR(""), 0);
    return true;
}

bool session_load(struct request *r, enum session_kind kind)
{
    if (kind == SESSION_STAFF && r->site) {
        struct str support = request_cookie(r, str_of(support_cookie));
        if (support.len == ID_TOKEN_LEN && !load_support(r, support))
            return false;
        if (r->session.id)
            return true;
    }
    struct str token = request_cookie(r, str_of(kinds[kind].cookie));
    // The platform's own pages know nobody.
    if (token.len != ID_TOKEN_LEN || (kind != SESSION_OPERATOR && !r->site))
        return true;
    return kind == SESSION_OPERATOR ? load_operator(r, token) : load_of_site(r, kind, token);
}

bool session_start(struct request *r, enum session_kind kind, int64_t person, bool code_due)
{
    struct arena *a = r->arena;
    struct str token = id_token(a), hash = stored_hash(a, token);
    int64_t now = clock_now_us(), life_us = code_due ? CODE_LIFE_US : kinds[kind].life_us;
    struct str at = db_time(a, now), until = db_time(a, now + life_us);
    struct unit *u;
    if (kind == SESSION_OPERATOR) {
        u = unit_new(a, DB_PLATFORM, 0);
        unit_add(u, &SQL_session_operator_insert, hash, db_i64(a, person), at, until,
            code_due ? STR("code") : STR("in"));
    } else {
        u = unit_new(a, DB_WRITE, r->site->tenant);
        unit_add(u, &SQL_session_insert, db_i64(a, r->site->tenant), hash,
            str_of(kinds[kind].stored), person ? db_i64(a, person) : STR_NULL, at, until,
            code_due ? STR("code") : STR("in"), agent_of(r), r->remote);
    }
    if (unit_run(u) != DB_OK)
        return false;
    int64_t id = rows_i64(unit_rows(u, 0), 0, KEY(session_id));
    r->session = (struct session){.id = id, .token = token, .person = person};
    respond_cookie(r, kinds[kind].cookie, token, life_us / 1000000);
    return true;
}

static struct str visit_token(const struct request *r)
{
    struct str token = request_cookie(r, str_of(visit_cookie));
    return token.len == ID_TOKEN_LEN ? token : STR_NULL;
}

void session_begin_visit(struct request *r)
{
    if (!r->session.id && !visit_token(r).p)
        respond_cookie(r, visit_cookie, id_token(r->arena), VISIT_LIFE_S);
}

// The same for the same token, so that submits which don't know of each other meet in one row.
static int64_t number_of(struct str token)
{
    struct sha256 digest = hash_hmac_sha256(token, STR("session"));
    uint64_t number;
    memcpy(&number, digest.bytes, sizeof number);
    return (int64_t)(number >> 2) + 1;
}

struct str session_begin_guest(struct request *r, int64_t *id)
{
    struct str visit = visit_token(r), token = visit.p ? visit : id_token(r->arena);
    *id = number_of(token);
    r->session = (struct session){.id = *id, .token = token};
    respond_cookie(r, kinds[SESSION_GUEST].cookie, token, kinds[SESSION_GUEST].life_us / 1000000);
    return stored_hash(r->arena, token);
}

bool session_enter(struct request *r, const struct session_entry *entry)
{
    struct arena *a = r->arena;
    struct str token = id_token(a), tenant = db_i64(a, r->site->tenant);
    int64_t now = clock_now_us(), id = r->session.id ? r->session.id : id_number();
    struct str number = db_i64(a, id), person = db_i64(a, entry->customer);
    struct unit *u = unit_new(a, DB_WRITE, r->site->tenant);
    unit_add(u, r->session.id ? &SQL_session_enter : &SQL_session_enter_new, tenant, number,
        stored_hash(a, token), person, db_time(a, now),
        db_time(a, now + (entry->kept ? CUSTOMER_LIFE_US : VISIT_LIFE_US)), db_bool(entry->kept),
        entry->proven ? db_time(a, now) : STR_NULL, agent_of(r), r->remote);
    unit_add(u, &SQL_session_enter_basket, tenant, number, person);
    if (unit_run(u) != DB_OK)
        return false;
    r->session = (struct session){.id = id, .token = token, .person = entry->customer};
    respond_cookie(r, kinds[SESSION_GUEST].cookie, token,
        entry->kept ? CUSTOMER_LIFE_US / US_PER_SECOND : COOKIE_OF_BROWSER);
    // Whoever uses this browser next is somebody else.
    respond_cookie(r, visit_cookie, STR(""), 0);
    return true;
}

bool session_leave(struct request *r)
{
    struct arena *a = r->arena;
    struct str token = id_token(a), tenant = db_i64(a, r->site->tenant);
    int64_t now = clock_now_us(), id = id_number();
    struct str until = db_time(a, now + kinds[SESSION_GUEST].life_us);
    struct unit *u = unit_new(a, DB_WRITE, r->site->tenant);
    unit_add(u, &SQL_session_enter_new, tenant, db_i64(a, id), stored_hash(a, token), STR_NULL,
        db_time(a, now), until, db_bool(true), STR_NULL, agent_of(r), r->remote);
    unit_add(u, &SQL_session_leave_basket, tenant, db_i64(a, r->session.id), db_i64(a, id));
    unit_add(u, &SQL_session_delete, tenant, stored_hash(a, r->session.token));
    if (unit_run(u) != DB_OK)
        return false;
    r->session = (struct session){.id = id, .token = token};
    respond_cookie(
        r, kinds[SESSION_GUEST].cookie, token, kinds[SESSION_GUEST].life_us / US_PER_SECOND);
    return true;
}

bool session_prove(struct request *r)
{
    struct arena *a = r->arena;
    struct unit *u = unit_new(a, DB_WRITE, r->site->tenant);
    unit_add(u, &SQL_session_prove, db_i64(a, r->site->tenant), stored_hash(a, r->session.token),
        db_time(a, clock_now_us()));
    return unit_run(u) == DB_OK;
}

bool session_end(struct request *r, enum session_kind kind)
{
    if (r->session.support_until_us)
        return end_support(r);
    struct arena *a = r->arena;
    struct str hash = stored_hash(a, r->session.token);
    struct unit *u = unit_new(
        a, kind == SESSION_OPERATOR ? DB_PLATFORM : DB_WRITE, r->site ? r->site->tenant : 0);
    if (kind == SESSION_OPERATOR)
        unit_add(u, &SQL_session_operator_delete, hash);
    else
        unit_add(u, &SQL_session_delete, db_i64(a, r->site->tenant), hash);
    if (unit_run(u) != DB_OK)
        return false;
    r->session = (struct session){0};
    respond_cookie(r, kinds[kind].cookie, STR(""), 0);
    return true;
}

enum { MASK = 16 };

static struct sha256 secret_of(const struct request *r)
{
    return hash_hmac_sha256(r->session.token, STR("form"));
}

struct str session_form_token(const struct request *r)
{
    unsigned char bytes[2 * MASK];
    if (!r->session.token.p)
        return STR_NULL;
    struct sha256 secret = secret_of(r);
    id_random_bytes(bytes, MASK);
    for (int i = 0; i < MASK; i++)
        bytes[MASK + i] = bytes[i] ^ secret.bytes[i];
    return id_base64url(r->arena, bytes, sizeof bytes);
}

bool session_form_token_fits(const struct request *r, struct str token)
{
    struct str bytes = id_base64_decode(r->arena, token);
    unsigned char secret[MASK];
    if (bytes.len != 2 * MASK)
        return false;
    for (int i = 0; i < MASK; i++)
        secret[i] = (unsigned char)(bytes.p[i] ^ bytes.p[MASK + i]);
    return id_same_secret(str_n(secret, MASK), str_n(secret_of(r).bytes, MASK));
}
