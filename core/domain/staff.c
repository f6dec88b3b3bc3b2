#include "domain/staff.h"

#include "base/clock.h"
#include "base/text.h"
#include "data/attempt.h"
#include "data/audit.h"
#include "domain/password.h"
#include "domain/staff.sql.h"

// An account is tried by one person, an address may be a whole box office.
enum { ACCOUNT_TRIES = 8, ADDRESS_TRIES = 60, WINDOW_MS = 15 * 60 * 1000 };

static enum staff_login_result take_try(
    struct arena *a, const struct attempt *attempt, int64_t *retry_after_s)
{
    switch (attempt_take(a, attempt, retry_after_s)) {
    case ATTEMPT_ALLOWED:
        return STAFF_LOGGED_IN;
    case ATTEMPT_REFUSED:
        return STAFF_TOO_MANY;
    default:
        return STAFF_UNAVAILABLE;
    }
}

static bool find(struct arena *a, int64_t tenant, struct str folded, const struct rows **found)
{
    struct unit *u = unit_new(a, tenant ? DB_READ : DB_PLATFORM, tenant);
    int place = tenant ? unit_add(u, &SQL_staff_by_email, db_i64(a, tenant), folded)
                       : unit_add(u, &SQL_staff_operator_by_email, folded);
    if (unit_run(u) != DB_OK)
        return false;
    *found = unit_rows(u, place);
    return true;
}

static enum staff_login_result check_password(
    struct arena *a, const struct staff_login *login, struct str folded, struct staff *who)
{
    const struct rows *rows;
    if (!find(a, login->tenant, folded, &rows))
        return STAFF_UNAVAILABLE;
    struct str hash = rows->count ? rows_str(rows, 0, KEY(password_hash)) : STR_NULL;
    if (rows->count)
        who->id = rows_i64(rows, 0, KEY(staff_id));
    switch (password_check(a, hash, login->password)) {
    case PASSWORD_BUSY:
        return STAFF_UNAVAILABLE;
    case PASSWORD_WRONG:
        return STAFF_WRONG;
    case PASSWORD_RIGHT:
        break;
    }
    *who = (struct staff){.id = rows_i64(rows, 0, KEY(staff_id)),
        .name = rows_str(rows, 0, KEY(name)),
        .email = rows_str(rows, 0, KEY(email)),
        .role = rows_str(rows, 0, KEY(role)),
        .second_factor = rows_bool(rows, 0, KEY(second_factor))};
    return STAFF_LOGGED_IN;
}

// Whom the try was for: a person, or an address that nobody here has.
static struct str object_of(struct arena *a, const struct staff *who, struct str folded)
{
    return who->id ? str_of_i64(a, who->id) : folded;
}

static bool lock_is_noted(
    struct arena *a, const struct staff_login *login, struct str kind, struct str object)
{
    struct unit *u = unit_new(a, login->tenant ? DB_READ : DB_PLATFORM, login->tenant);
    unit_add(u, &SQL_staff_lock_noted, db_i64(a, login->tenant), kind, object,
        db_time(a, clock_now_us() - WINDOW_MS * INT64_C(1000)));
    return unit_run(u) != DB_OK || rows_bool(unit_rows(u, 0), 0, KEY(noted));
}

// Who came in, who was refused and from where. A login doesn't fail for want of its record.
static void note(struct arena *a, const struct staff_login *login, const struct staff *who,
    struct str folded, const char *action)
{
    struct str kind = login->tenant ? STR("staff") : STR("operator");
    struct str object = object_of(a, who, folded);
    // A lock is one event, however often somebody knocks while it lasts.
    if (str_is(STR("staff.login_locked"), action) && lock_is_noted(a, login, kind, object))
        return;
    struct value *after = value_object(a);
    value_set_str(a, after, KEY(address), login->remote);
    struct unit *u = unit_new(a, login->tenant ? DB_WRITE : DB_PLATFORM, login->tenant);
    audit_add(u, &(struct audit){.actor_kind = kind,
                     .actor_id = who->id,
                     .actor_name = who->name.len ? who->name : folded,
                     .action = str_of(action),
                     .object_kind = kind,
                     .object_id = object,
                     .after = after});
    (void)!unit_run(u);
}

static void note_result(struct arena *a, const struct staff_login *login, struct staff *who,
    struct str folded, enum staff_login_result result)
{
    const struct rows *rows;
    if (result == STAFF_LOGGED_IN) {
        note(a, login, who, folded, "staff.login");
    } else if (result == STAFF_WRONG) {
        note(a, login, who, folded, "staff.login_failed");
    } else if (result == STAFF_TOO_MANY && find(a, login->tenant, folded, &rows)) {
        who->id = rows->count ? rows_i64(rows, 0, KEY(staff_id)) : 0;
        note(a, login, who, folded, "staff.login_locked");
    }
}

enum staff_login_result staff_login(
    struct arena *a, const struct staff_login *login, struct staff *who, int64_t *retry_after_s)
{
    struct str folded = text_fold(a, login->email);
    *who = (struct staff){0};
    struct attempt account = {login->tenant, STR("staff_login"), folded, ACCOUNT_TRIES, WINDOW_MS};
    struct attempt address = {
        login->tenant, STR("staff_login_address"), login->remote, ADDRESS_TRIES, WINDOW_MS};
    enum staff_login_result result = take_try(a, &address, retry_after_s);
    if (result == STAFF_LOGGED_IN)
        result = take_try(a, &account, retry_after_s);
    if (result == STAFF_LOGGED_IN)
        result = check_password(a, login, folded, who);
    if (result == STAFF_LOGGED_IN)
        attempt_clear(a, &account);
    note_result(a, login, who, folded, result);
    return result;
}

bool staff_add_operator(struct arena *a, struct str email, struct str role, struct str password)
{
    struct str hash = password_hash(a, password), folded = text_fold(a, email);
    struct value *after = value_object(a);
    if (!hash.p)
        return false;
    value_set_str(a, after, KEY(role), role);
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(
        u, &SQL_staff_save_operator, email, folded, email, hash, db_time(a, clock_now_us()), role);
    unit_add(u, &SQL_staff_end_operator_sessions, folded);
    unit_add(u, &SQL_staff_end_operator_visits, folded, db_time(a, clock_now_us()));
    audit_add(u, &(struct audit){.actor_kind = STR("system"),
                     .actor_name = STR("command line"),
                     .action = STR("operator.create"),
                     .object_kind = STR("operator"),
                     .object_id = email,
                     .after = after});
    return unit_run(u) == DB_OK;
}

enum staff_removal staff_remove_operator(struct arena *a, struct str email)
{
    struct str folded = text_fold(a, email);
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_staff_lock_operators);
    unit_add(u, &SQL_staff_require_operator, folded);
    unit_add(u, &SQL_staff_end_operator_visits, folded, db_time(a, clock_now_us()));
    unit_add(u, &SQL_staff_end_operator_sessions, folded);
    unit_add(u, &SQL_staff_remove_operator, folded);
    audit_add(u, &(struct audit){.actor_kind = STR("system"),
                     .actor_name = STR("command line"),
                     .action = STR("operator.remove"),
                     .object_kind = STR("operator"),
                     .object_id = email});
    enum db_result result = unit_run(u);
    if (result == DB_REFUSED)
        return str_is(unit_refusal(u), "last_operator") ? STAFF_REMOVED_LAST : STAFF_REMOVED_NONE;
    return result == DB_OK ? STAFF_REMOVED : STAFF_REMOVED_NOT;
}
