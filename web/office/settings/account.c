// One's own account: password, second factor, and where one is logged in.
#include "base/clock.h"
#include "data/db.h"
#include "domain/password.h"
#include "domain/staff_secret.h"
#include "http/respond.h"
#include "http/session.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/settings/agent.h"
#include "web/office/settings/factor.h"
#include "web/office/settings/panel.h"
#include "web/office/settings/password.h"
#include "web/office/settings/staff.sql.h"

static struct str when(struct request *r, int64_t us)
{
    return value_get_str(format_time_value(r->arena, r->format, r->site->zone, us), KEY(text));
}

static void add_password(struct request *r, struct value *view)
{
    struct value *panel = panel_add(r, view, "password-panel", "office.account.password");
    panel_form(r, panel, STR("/manage/account/password"), "office.account.change");
    panel_field(r, panel,
        &(struct panel_field){.name = "current",
            .label = "office.account.current",
            .kind = PANEL_PASSWORD,
            .autocomplete = "current-password",
            .required = true});
    password_field(r, panel);
}

static void add_factor(struct request *r, struct value *view, bool on, int64_t codes)
{
    struct arena *a = r->arena;
    struct value *panel = panel_add(r, view, "factor", "office.account.factor");
    if (!on) {
        panel_text(r, panel, panel_words(r, "office.account.factor_why"));
        panel_link(r, panel, "office.factor.setup", STR("/manage/account/second-factor"));
        return;
    }
    struct value *item = panel_item(r, panel, panel_words(r, "office.account.authenticator"),
        message(a, r->words, STR("office.account.codes_left"), "count", value_int(a, codes), NULL));
    panel_item_state(r, item, "on", panel_words(r, "office.staff.factor_on"));
    panel_form(r, panel, STR("/manage/account/second-factor/change"), "office.account.new_codes");
    panel_button(r, panel, "office.staff.factor_remove", "off");
    panel_field(r, panel,
        &(struct panel_field){.name = "confirm",
            .label = "office.account.current",
            .hint = "office.account.confirm_hint",
            .kind = PANEL_PASSWORD,
            .autocomplete = "current-password",
            .required = true});
}

static void add_sessions(struct request *r, struct value *view, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *panel = panel_add(r, view, "sessions", "office.account.sessions");
    for (int i = 0; i < rows->count; i++) {
        bool own = rows_i64(rows, i, KEY(session_id)) == r->session.id;
        struct str text = message(a, r->words, STR("office.account.session"), "since",
            value_str(a, when(r, rows_us(rows, i, KEY(created_us)))), "seen",
            value_str(a, when(r, rows_us(rows, i, KEY(seen_us)))), "address",
            value_str(a, rows_str(rows, i, KEY(remote))), NULL);
        struct value *item =
            panel_item(r, panel, agent_name(r, rows_str(rows, i, KEY(agent))), text);
        if (own) {
            panel_item_state(r, item, "on", panel_words(r, "office.account.here"));
            panel_item_button(r, item, "office.account.log_out_here", STR("/manage/logout"));
            continue;
        }
        panel_item_button(r, item, "office.account.end",
            str_join(a, STR("/manage/account/sessions/"), rows_str(rows, i, KEY(session_id)),
                STR("/end"), STR_NULL));
    }
    struct value *all = panel_item(r, panel, panel_words(r, "office.account.others"),
        panel_words(r, "office.account.others_text"));
    panel_item_button(
        r, all, "office.account.everywhere", STR("/manage/account/log-out-everywhere"));
}

static void show(struct request *r)
{
    struct arena *a = r->arena;
    struct str tenant = db_i64(a, r->site->tenant), id = db_i64(a, r->session.person);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int member = unit_add(u, &SQL_office_staff_one, tenant, id);
    int sessions = unit_add(u, &SQL_office_staff_sessions, tenant, id, db_time(a, clock_now_us()));
    int codes = unit_add(u, &SQL_office_staff_recovery, tenant, id);
    int history = office_history_add(r, u, "staff", id);
    if (unit_run(u) != DB_OK || !unit_rows(u, member)->count) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = panel_page(r, "office.account.title");
    panel_page_line(r, view, str_join(a, r->session.name, STR(" · "), r->session.email, STR_NULL));
    value_set(a, view, KEY(sessions), rows_list(a, unit_rows(u, sessions)));
    add_sessions(r, view, unit_rows(u, sessions));
    add_password(r, view);
    add_factor(r, view, rows_bool(unit_rows(u, member), 0, KEY(second_factor)),
        rows_i64(unit_rows(u, codes), 0, KEY(codes)));
    office_history_view(r, view, unit_rows(u, history));
    office_done(r, view, STR(""));
    panel_respond(r, view);
}

static void finish(struct request *r, enum staff_result result, const char *done)
{
    if (result == STAFF_DONE)
        respond_done(r, 200,
            str_join(r->arena, STR("/manage/account?done="), str_of(done), STR_NULL),
            value_object(r->arena));
    else
        respond_problem(r, result == STAFF_GONE ? PROBLEM_NOT_FOUND : PROBLEM_UNAVAILABLE);
}

// Support works under the operator's own name and has no account here.
static bool has_account(struct request *r)
{
    if (!r->session.support_until_us)
        return true;
    respond_problem(r, PROBLEM_NOT_FOUND);
    return false;
}

static void on_account(struct request *r)
{
    if (has_account(r))
        show(r);
}

static void refuse_password(struct request *r, const char *field, enum staff_result result)
{
    if (result == STAFF_REFUSED)
        panel_refuse(r, field, "password_wrong", "office.account.wrong");
    if (result == STAFF_TRIED)
        panel_refuse(r, field, "too_many", "office.account.tried");
}

static void on_password(struct request *r)
{
    struct staff_change c = factor_self(r);
    if (!has_account(r))
        return;
    password_check_strength(r, r->session.email, r->session.name);
    if (form_refused(r)) {
        show(r);
        return;
    }
    enum staff_result result = staff_change_password(
        r->arena, &c, form_str(r, KEY(current)), form_str(r, KEY(password)), r->session.id);
    refuse_password(r, "current", result);
    if (form_refused(r))
        show(r);
    else
        finish(r, result, "password");
}

static void on_end_session(struct request *r)
{
    struct staff_change c = factor_self(r);
    int64_t session = 0;
    str_to_i64(r->params[0], &session);
    if (has_account(r))
        finish(r, staff_end_session(r->arena, &c, session), "logged_out");
}

static void on_everywhere(struct request *r)
{
    struct staff_change c = factor_self(r);
    if (has_account(r))
        finish(r, staff_end_sessions(r->arena, &c, r->session.id), "logged_out");
}

static void on_setup_page(struct request *r)
{
    if (has_account(r))
        factor_setup_page(r, &office_factor_place);
}

static void on_setup(struct request *r)
{
    if (has_account(r))
        factor_setup_save(r, &office_factor_place);
}

// New recovery codes, or none of it any more: not for whoever finds an open screen.
static void on_change_factor(struct request *r)
{
    struct staff_change c = factor_self(r);
    struct str codes[STAFF_RECOVERY_CODES];
    if (!has_account(r))
        return;
    enum staff_result known = form_refused(r)
                                  ? STAFF_DONE
                                  : staff_check_password(r->arena, &c, form_str(r, KEY(confirm)));
    refuse_password(r, "confirm", known);
    if (form_refused(r))
        show(r);
    else if (known != STAFF_DONE)
        respond_problem(r, PROBLEM_UNAVAILABLE);
    else if (str_is(form_str(r, KEY(do)), "off"))
        finish(r, staff_factor_turn_off(r->arena, &c), "factor_off");
    else
        factor_show_codes(
            r, &office_factor_place, staff_factor_new_codes(r->arena, &c, codes), codes);
}

static const struct form form_show =
    FORM({"done", .kind = FIELD_TEXT, .max = 40}, OFFICE_HISTORY_FIELD);
static const struct form form_plain = FORM({"csrf", .kind = FIELD_TEXT});
static const char *const factor_ways[] = {"save", "off", NULL};
static const struct form form_change_factor = FORM({"csrf", .kind = FIELD_TEXT},
    {"confirm", .kind = FIELD_PASSWORD, .required = true, .max = PASSWORD_MAX},
    {"do", .kind = FIELD_CHOICE, .choices = factor_ways});
static const struct form form_setup = FORM(FACTOR_SETUP_FIELDS);
static const struct form form_password = FORM({"csrf", .kind = FIELD_TEXT},
    {"current", .kind = FIELD_PASSWORD, .required = true, .max = PASSWORD_MAX},
    {"password", .kind = FIELD_PASSWORD, .required = true, .min = PASSWORD_MIN,
        .max = PASSWORD_MAX});

static const struct route routes[] = {
    {HTTP_GET, "/manage/account", PERMIT_OFFICE_USE, on_account, &form_show, 0, 0},
    {HTTP_POST, "/manage/account/password", PERMIT_OFFICE_USE, on_password, &form_password, 0, 0},
    {HTTP_POST, "/manage/account/sessions/{id}/end", PERMIT_OFFICE_USE, on_end_session, &form_plain,
        0, 0},
    {HTTP_POST, "/manage/account/log-out-everywhere", PERMIT_OFFICE_USE, on_everywhere, &form_plain,
        0, 0},
    {HTTP_GET, "/manage/account/second-factor", PERMIT_OFFICE_USE, on_setup_page, NULL, 0, 0},
    {HTTP_POST, "/manage/account/second-factor", PERMIT_OFFICE_USE, on_setup, &form_setup,
        ROUTE_ONCE, 0},
    {HTTP_POST, "/manage/account/second-factor/change", PERMIT_OFFICE_USE, on_change_factor,
        &form_change_factor, ROUTE_ONCE, 0},
};

OFFICE_PAGE(routes, NULL)
