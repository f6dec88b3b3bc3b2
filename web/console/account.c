// An operator's own account: where it is logged in, the language of its mails, another password.
#include "base/clock.h"
#include "base/hash.h"
#include "data/audit.h"
#include "data/db.h"
#include "domain/operator_secret.sql.h"
#include "domain/staff.h"
#include "http/respond.h"
#include "web/console/account.sql.h"
#include "web/console/console.h"
#include "web/office/frame/history.h"
#include "web/office/frame/object.h"
#include "web/office/settings/password.h"

static struct str token_hash(struct request *r)
{
    return str_hex(r->arena, hash_sha256(r->session.token).bytes, 32);
}

static void add_sessions(struct request *r, struct value *view, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *sessions = value_list(a);
    value_set(a, view, KEY(sessions), sessions);
    value_set_bool(a, view, KEY(has_others), rows->count > 1);
    for (int i = 0; i < rows->count; i++) {
        struct value *s = value_append_object(a, sessions);
        struct str id = rows_str(rows, i, KEY(session_id));
        value_set_str(a, s, KEY(id), id);
        value_set_bool(a, s, KEY(current), rows_bool(rows, i, KEY(current)));
        value_set(a, s, KEY(since),
            format_time_value(a, r->format, zone_utc(), rows_us(rows, i, KEY(created_us))));
        value_set(a, s, KEY(until),
            format_time_value(a, r->format, zone_utc(), rows_us(rows, i, KEY(expires_us))));
        value_set_str(a, s, KEY(end_url),
            request_url(
                r, str_join(a, STR("/console/account/sessions/"), id, STR("/end"), STR_NULL)));
    }
}

static void add_languages(struct request *r, struct value *view, struct str chosen)
{
    static const char *const codes[] = {"en", "fr", "es"};
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    value_set(a, view, KEY(mail_languages), list);
    for (int i = 0; i < 3; i++) {
        struct value *option = value_append_object(a, list);
        value_set_str(a, option, KEY(value), str_of(codes[i]));
        value_set_str(a, option, KEY(label), format_language_name(a, str_of(codes[i])));
        value_set_bool(a, option, KEY(chosen), str_is(chosen, codes[i]));
    }
}

static void add_factor(struct request *r, struct value *account, const struct rows *rows)
{
    struct arena *a = r->arena;
    value_set_bool(a, account, KEY(second_factor), rows_bool(rows, 0, KEY(second_factor)));
    value_set_int(a, account, KEY(codes), rows_i64(rows, 0, KEY(codes)));
    value_set_str(
        a, account, KEY(setup_url), request_url(r, STR("/console/account/second-factor")));
    value_set_str(
        a, account, KEY(factor_url), request_url(r, STR("/console/account/second-factor/change")));
}

static struct value *account_view(struct request *r)
{
    struct arena *a = r->arena;
    struct str person = db_i64(a, r->session.person);
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int sessions =
        unit_add(u, &SQL_account_sessions, person, db_time(a, clock_now_us()), token_hash(r));
    int language = unit_add(u, &SQL_account_language, person);
    int history = office_history_add(r, u, "operator", person);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return NULL;
    }
    struct value *view = page_view(r), *account = value_object(a);
    value_set(a, view, KEY(account), account);
    value_set_str(a, account, KEY(name), r->session.name);
    value_set_str(a, account, KEY(email), r->session.email);
    value_set_str(a, account, KEY(role), r->session.role);
    value_set_str(a, account, KEY(password_url), request_url(r, STR("/console/account/password")));
    value_set_str(a, account, KEY(language_url), request_url(r, STR("/console/account/language")));
    add_sessions(r, view, unit_rows(u, sessions));
    add_languages(r, view, rows_str(unit_rows(u, language), 0, KEY(language)));
    add_factor(r, account, unit_rows(u, language));
    office_history_view(r, view, unit_rows(u, history));
    return view;
}

static void on_account(struct request *r)
{
    struct value *view = account_view(r);
    if (!view)
        return;
    office_done(r, view, r->session.name);
    respond_page(r, 200, "console/account", view);
}

static struct audit audit_of(struct request *r, const char *action)
{
    return (struct audit){.actor_kind = STR("operator"),
        .actor_id = r->session.person,
        .actor_name = r->session.name,
        .action = str_of(action),
        .object_kind = STR("operator"),
        .object_id = db_i64(r->arena, r->session.person)};
}

static void add_audit(struct request *r, struct unit *u, const char *action)
{
    struct audit audit = audit_of(r, action);
    audit_add(u, &audit);
}

static void finish(struct request *r, struct unit *u, const char *done)
{
    struct arena *a = r->arena;
    if (unit_run(u) == DB_OK)
        respond_done(r, 200, str_join(a, STR("/console/account?done="), str_of(done), STR_NULL),
            value_object(a));
    else
        respond_problem(r, PROBLEM_UNAVAILABLE);
}

static void on_end(struct request *r)
{
    int64_t session;
    if (!str_to_i64(r->params[0], &session)) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    struct unit *u = unit_new(r->arena, DB_PLATFORM, 0);
    unit_add(u, &SQL_account_end_session, db_i64(r->arena, r->session.person),
        db_i64(r->arena, session));
    add_audit(r, u, "operator.end_session");
    finish(r, u, "session_ended");
}

// The current one is asked for, with the same limit on tries as a login.
static bool check_current(struct request *r, const char *field)
{
    struct staff who;
    int64_t wait_s = 0;
    struct staff_login login = {.email = r->session.email,
        .password = form_str(r, value_key_intern(str_of(field))),
        .remote = r->remote};
    switch (staff_login(r->arena, &login, &who, &wait_s)) {
    case STAFF_LOGGED_IN:
        return true;
    case STAFF_WRONG:
        form_refuse_text(
            r, field, "wrong", message(r->arena, r->words, STR("console.account.wrong"), NULL));
        return true;
    case STAFF_TOO_MANY:
        respond_retry_after(r, wait_s);
        respond_problem(r, PROBLEM_TOO_MANY);
        return false;
    case STAFF_UNAVAILABLE:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
    return false;
}

bool console_account_confirmed(struct request *r, const char *field)
{
    if (!form_refused(r) && !check_current(r, field))
        return false;
    if (!form_refused(r))
        return true;
    struct value *view = account_view(r);
    if (view)
        respond_invalid(r, "console/account", view);
    return false;
}

static void on_password(struct request *r)
{
    struct arena *a = r->arena;
    struct str fresh = form_str(r, KEY(fresh));
    const struct str related[] = {r->session.email, r->session.name};
    if (!form_refused(r))
        password_refuse(r, "fresh", password_fault(a, fresh, related, 2));
    if (!form_refused(r) && !check_current(r, "current"))
        return;
    if (form_refused(r)) {
        struct value *view = account_view(r);
        if (view)
            respond_invalid(r, "console/account", view);
        return;
    }
    struct str hash = password_hash(a, fresh);
    if (!hash.p) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_account_set_password, db_i64(a, r->session.person), hash);
    // Whoever else is logged in with the old one isn't any more.
    unit_add(u, &SQL_account_end_others, db_i64(a, r->session.person), token_hash(r));
    unit_add(u, &SQL_operator_secret_end_visits, db_i64(a, r->session.person),
        db_time(a, clock_now_us()));
    add_audit(r, u, "operator.password");
    finish(r, u, "password");
}

static struct value *language_value(struct arena *a, struct str language)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(language), language);
    return v;
}

static void on_language(struct request *r)
{
    if (form_refused(r)) {
        respond_problem(r, PROBLEM_INVALID);
        return;
    }
    struct arena *a = r->arena;
    struct str person = db_i64(a, r->session.person), chosen = form_str(r, KEY(language));
    struct unit *look = unit_new(a, DB_PLATFORM, 0);
    int stored = unit_add(look, &SQL_account_language, person);
    if (unit_run(look) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_account_set_language, person, chosen);
    struct audit audit = audit_of(r, "operator.language");
    audit.before = language_value(a, rows_str(unit_rows(look, stored), 0, KEY(language)));
    audit.after = language_value(a, chosen);
    audit_add(u, &audit);
    finish(r, u, "language");
}

static const char *const languages[] = {"en", "fr", "es", NULL};
static const struct form form_account =
    FORM({"done", .kind = FIELD_TEXT, .max = 40}, OFFICE_HISTORY_FIELD);
static const struct form form_act = FORM({"csrf", .kind = FIELD_TEXT});
static const struct form form_password = FORM({"csrf", .kind = FIELD_TEXT},
    {"current", FIELD_PASSWORD, .required = true, .max = PASSWORD_MAX},
    {"fresh", FIELD_PASSWORD, .required = true, .min = PASSWORD_MIN, .max = PASSWORD_MAX});
static const struct form form_language = FORM({"csrf", .kind = FIELD_TEXT},
    {"language", FIELD_CHOICE, .required = true, .choices = languages});

static const struct route routes[] = {
    {HTTP_GET, "/console/account", PERMIT_CONSOLE_USE, on_account, &form_account, 0, 0},
    {HTTP_POST, "/console/account/password", PERMIT_CONSOLE_USE, on_password, &form_password, 0, 0},
    {HTTP_POST, "/console/account/language", PERMIT_CONSOLE_USE, on_language, &form_language, 0, 0},
    {HTTP_POST, "/console/account/sessions/{id}/end", PERMIT_CONSOLE_USE, on_end, &form_act, 0, 0},
};

void console_account_start(void)
{
    routes_add(SURFACE_CONSOLE, routes, sizeof routes / sizeof *routes);
}
