// The second factor of staff and of operators: set up with an authenticator program, asked for at
// every login.
#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "data/attempt.h"
#include "data/seal.h"
#include "domain/notification.h"
#include "domain/operator_secret.sql.h"
#include "domain/staff_secret.h"
#include "domain/staff_secret.sql.h"
#include "domain/totp.h"

enum { CODE_TRIES = 8, WINDOW_MS = 15 * 60 * 1000 };

// Where it is kept: a site's own tables, or the platform's.
struct home {
    enum db_set read, write;
    struct sql *load, *guard_none, *set, *take_step, *drop_codes, *add_code, *take_code,
        *end_sessions;
};

static const struct home of_site = {DB_READ, DB_WRITE, &SQL_staff_secret_load,
    &SQL_staff_secret_guard_no_factor, &SQL_staff_secret_set_factor, &SQL_staff_secret_take_step,
    &SQL_staff_secret_drop_codes, &SQL_staff_secret_add_code, &SQL_staff_secret_take_code,
    &SQL_staff_secret_end_sessions};
static const struct home of_platform = {DB_PLATFORM, DB_PLATFORM, &SQL_operator_secret_load,
    &SQL_operator_secret_guard_no_factor, &SQL_operator_secret_set_factor,
    &SQL_operator_secret_take_step, &SQL_operator_secret_drop_codes, &SQL_operator_secret_add_code,
    &SQL_operator_secret_take_code, &SQL_operator_secret_end_sessions};

static const struct home *home_of(const struct staff_change *c)
{
    return c->site ? &of_site : &of_platform;
}

static int64_t tenant_of(const struct staff_change *c)
{
    return c->site ? c->site->tenant : 0;
}

static struct unit *begin(struct arena *a, const struct staff_change *c)
{
    return unit_new(a, home_of(c)->write, tenant_of(c));
}

static struct str purpose(struct arena *a, const char *what, int64_t staff)
{
    return str_join(
        a, STR("staff_factor/"), str_of(what), STR("/"), str_of_i64(a, staff), STR_NULL);
}

struct str staff_factor_new(struct arena *a, const struct staff_change *c)
{
    return seal_close(a, tenant_of(c), purpose(a, "form", c->id), totp_secret(a));
}

struct str staff_factor_secret(struct arena *a, const struct staff_change *c, struct str sealed)
{
    return seal_open(a, tenant_of(c), purpose(a, "form", c->id), sealed);
}

static struct str code_hash(struct arena *a, const struct staff_change *c, struct str code)
{
    struct sha256 h = hash_sha256(
        str_format(a, "%lld/%lld/%.*s", (long long)tenant_of(c), (long long)c->id, STR_ARG(code)));
    return str_hex(a, h.bytes, sizeof h.bytes);
}

// "ABCD-EFGH-JKLM-NPQR": 80 random bits, shown once.
static void add_codes(struct unit *u, const struct staff_change *c, struct str *codes)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, tenant_of(c)), id = db_i64(a, c->id);
    unit_add(u, home_of(c)->drop_codes, tenant, id);
    for (int i = 0; i < STAFF_RECOVERY_CODES; i++) {
        struct str first = id_code(a), second = id_code(a);
        unit_add(u, home_of(c)->add_code, tenant, id,
            code_hash(a, c, str_join(a, first, second, STR_NULL)));
        codes[i] = str_join(a, str_sub(first, 0, 4), STR("-"), str_sub(first, 4, 8), STR("-"),
            str_sub(second, 0, 4), STR("-"), str_sub(second, 4, 8), STR_NULL);
    }
}

static struct value *factor(struct arena *a, bool on)
{
    struct value *v = value_object(a);
    value_set_bool(a, v, KEY(second_factor), on);
    return v;
}

// Mails are a site's.
static void say(struct unit *u, const char *key, struct str to)
{
    if (!unit_tenant(u))
        return;
    notification_add(
        u, &(struct notification){.plugin = STR("core"), .key = str_of(key), .to = to});
}

static const struct rows *load(struct arena *a, const struct staff_change *c)
{
    struct unit *u = unit_new(a, home_of(c)->read, tenant_of(c));
    int place = unit_add(u, home_of(c)->load, db_i64(a, tenant_of(c)), db_i64(a, c->id));
    return unit_run(u) == DB_OK ? unit_rows(u, place) : NULL;
}

enum staff_result staff_factor_turn_on(struct arena *a, const struct staff_change *c,
    struct str sealed, struct str code, struct str *codes)
{
    struct str secret = staff_factor_secret(a, c, sealed), tenant = db_i64(a, tenant_of(c));
    int64_t step = secret.p ? totp_find_step(secret, code, clock_now_us(), 0) : 0;
    if (!step)
        return STAFF_REFUSED;
    const struct rows *member = load(a, c);
    if (!member || !member->count)
        return member ? STAFF_GONE : STAFF_BUSY;
    struct unit *u = begin(a, c);
    unit_add(u, home_of(c)->guard_none, tenant, db_i64(a, c->id));
    unit_add(u, home_of(c)->set, tenant, db_i64(a, c->id),
        seal_close(a, tenant_of(c), purpose(a, "kept", c->id), secret), db_i64(a, step));
    add_codes(u, c, codes);
    // Whoever came in with the password alone is out.
    unit_add(u, home_of(c)->end_sessions, tenant, db_i64(a, c->id), db_i64(a, c->session));
    say(u, "staff_factor_on", rows_str(member, 0, KEY(email)));
    staff_audit(u, c, "staff.factor_on", factor(a, false), factor(a, true));
    return staff_finish(u);
}

enum staff_result staff_factor_new_codes(
    struct arena *a, const struct staff_change *c, struct str *codes)
{
    struct unit *u = begin(a, c);
    add_codes(u, c, codes);
    staff_audit(u, c, "staff.recovery_codes", NULL, NULL);
    return staff_finish(u);
}

enum staff_result staff_factor_turn_off(struct arena *a, const struct staff_change *c)
{
    const struct rows *member = load(a, c);
    if (!member || !member->count)
        return member ? STAFF_GONE : STAFF_BUSY;
    struct str tenant = db_i64(a, tenant_of(c)), id = db_i64(a, c->id);
    struct unit *u = begin(a, c);
    unit_add(u, home_of(c)->set, tenant, id, STR_NULL, STR("0"));
    unit_add(u, home_of(c)->drop_codes, tenant, id);
    unit_add(u, home_of(c)->end_sessions, tenant, id, db_i64(a, c->session));
    say(u, "staff_factor_off", rows_str(member, 0, KEY(email)));
    staff_audit(u, c, "staff.factor_off", factor(a, true), factor(a, false));
    return staff_finish(u);
}

// Typed with or without dashes, in any case; absent when it can't be one.
static struct str recovery_code(struct arena *a, struct str typed)
{
    char kept[2 * ID_CODE_LEN];
    size_t count = 0;
    for (size_t i = 0; i < typed.len; i++) {
        if (typed.p[i] == '-' || typed.p[i] == ' ')
            continue;
        if (count == sizeof kept)
            return STR_NULL;
        kept[count++] = typed.p[i];
    }
    if (count != sizeof kept)
        return STR_NULL;
    struct str first = id_code_normal(a, str_n(kept, ID_CODE_LEN));
    struct str second = id_code_normal(a, str_n(kept + ID_CODE_LEN, ID_CODE_LEN));
    return first.p && second.p ? str_join(a, first, second, STR_NULL) : STR_NULL;
}

static enum staff_result take(
    struct arena *a, const struct staff_change *c, const struct rows *member, struct str typed)
{
    struct str tenant = db_i64(a, tenant_of(c)), id = db_i64(a, c->id);
    struct str recovery = recovery_code(a, typed);
    struct unit *u = begin(a, c);
    if (recovery.p) {
        unit_add(u, home_of(c)->take_code, tenant, id, code_hash(a, c, recovery));
        staff_audit(u, c, "staff.recovery_used", NULL, NULL);
        return staff_finish(u);
    }
    struct str secret = seal_open(
        a, tenant_of(c), purpose(a, "kept", c->id), rows_str(member, 0, KEY(totp_sealed)));
    int64_t step = secret.p ? totp_find_step(secret, typed, clock_now_us(),
                                  rows_i64(member, 0, KEY(totp_step)))
                            : 0;
    if (!step)
        return STAFF_REFUSED;
    unit_add(u, home_of(c)->take_step, tenant, id, db_i64(a, step));
    staff_audit(u, c, "staff.code_passed", NULL, NULL);
    return staff_finish(u);
}

// Somebody knows the password and not the code: the owner should be able to see it.
static void note_refused(struct arena *a, const struct staff_change *c)
{
    struct unit *u = begin(a, c);
    staff_audit(u, c, "staff.code_failed", NULL, NULL);
    // The refusal doesn't wait for its record.
    enum db_result ignored = unit_run(u);
    (void)ignored;
}

enum staff_result staff_factor_check(
    struct arena *a, const struct staff_change *c, struct str typed, int64_t *retry_after_s)
{
    struct attempt tries = {
        tenant_of(c), STR("staff_code"), str_of_i64(a, c->id), CODE_TRIES, WINDOW_MS};
    switch (attempt_take(a, &tries, retry_after_s)) {
    case ATTEMPT_REFUSED:
        return STAFF_TRIED;
    case ATTEMPT_UNKNOWN:
        return STAFF_BUSY;
    case ATTEMPT_ALLOWED:
        break;
    }
    const struct rows *member = load(a, c);
    if (!member || !member->count)
        return member ? STAFF_GONE : STAFF_BUSY;
    if (rows_is_null(member, 0, KEY(totp_sealed)))
        return STAFF_DONE;
    enum staff_result result = take(a, c, member, typed);
    if (result == STAFF_DONE)
        attempt_clear(a, &tries);
    else if (result == STAFF_REFUSED)
        note_refused(a, c);
    return result;
}
