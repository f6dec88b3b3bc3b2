// The second factor of operators: set up on one's account page, asked for after the password.
#include "web/office/settings/factor.h"

#include "domain/password.h"
#include "domain/staff.h"
#include "domain/staff_secret.h"
#include "http/respond.h"
#include "http/session.h"
#include "web/console/console.h"
#include "web/login.h"
#include "web/office/settings/panel.h"

static bool is_due(struct request *r)
{
    if (r->session.id && r->session.due == SESSION_DUE_CODE)
        return true;
    if (r->wants_json || r->sent_json)
        respond_problem(r, PROBLEM_NOT_FOUND);
    else
        respond_redirect(
            r, request_url(r, r->session.id ? STR("/console") : STR("/console/login")));
    return false;
}

static void show(struct request *r, struct value *view, const char *template_name)
{
    if (form_refused(r))
        respond_invalid(r, template_name, view);
    else
        respond_page(r, 200, template_name, view);
}

static void show_code(struct request *r)
{
    struct value *view = panel_page(r, "office.code.title");
    panel_page_line(r, view, panel_words(r, "office.code.line"));
    struct value *panel = panel_add(r, view, "code-panel", "office.code.title");
    panel_form(r, panel, STR("/console/login/code"), "office.login.go");
    panel_hidden(r, panel, "next", form_str(r, KEY(next)));
    panel_field(r, panel,
        &(struct panel_field){.name = "code",
            .label = "office.factor.code",
            .hint = "office.code.hint",
            .kind = PANEL_CODE,
            .len_max = 30,
            .autocomplete = "one-time-code",
            .required = true});
    show(r, view, "console/code");
}

static void on_code_page(struct request *r)
{
    if (is_due(r))
        show_code(r);
}

static void lead_in(struct request *r)
{
    struct staff who = {
        .id = r->session.person, .name = r->session.name, .email = r->session.email};
    login_let_in(r, &console_login_place, &who, false);
}

static void on_code(struct request *r)
{
    int64_t wait_s = 0;
    struct staff_change c = factor_self(r);
    if (!is_due(r))
        return;
    enum staff_result result =
        form_refused(r) ? STAFF_REFUSED
                        : staff_factor_check(r->arena, &c, form_str(r, KEY(code)), &wait_s);
    switch (result) {
    case STAFF_DONE:
        lead_in(r);
        return;
    case STAFF_REFUSED:
        if (!form_refused(r))
            panel_refuse(r, "code", "code_wrong", "office.code.wrong");
        show_code(r);
        return;
    case STAFF_TRIED:
        respond_retry_after(r, wait_s);
        respond_problem(r, PROBLEM_TOO_MANY);
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static void show_setup(struct request *r)
{
    struct staff_change c = factor_self(r);
    struct value *view = panel_page(r, "office.factor.setup");
    panel_page_back(r, view, "console.nav.account", STR("/console/account"));
    factor_setup_panel(r, view, &c, STR("/console/account/second-factor"));
    show(r, view, "console/factor");
}

static void show_codes(struct request *r, enum staff_result result, const struct str *codes)
{
    if (result != STAFF_DONE) {
        respond_problem(r, result == STAFF_CHANGED ? PROBLEM_CONFLICT : PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = panel_page(r, "office.factor.codes");
    panel_page_back(r, view, "console.nav.account", STR("/console/account"));
    factor_codes_panel(r, view, codes);
    show(r, view, "console/factor");
}

static void on_setup(struct request *r)
{
    struct staff_change c = factor_self(r);
    struct str codes[STAFF_RECOVERY_CODES];
    enum staff_result result = factor_setup_take(r, &c, codes);
    if (form_refused(r))
        show_setup(r);
    else
        show_codes(r, result, codes);
}

// New recovery codes, or none of it any more: not for whoever finds an open screen.
static void on_change(struct request *r)
{
    struct staff_change c = factor_self(r);
    struct str codes[STAFF_RECOVERY_CODES];
    if (!console_account_confirmed(r, "confirm"))
        return;
    if (!str_is(form_str(r, KEY(do)), "off")) {
        show_codes(r, staff_factor_new_codes(r->arena, &c, codes), codes);
        return;
    }
    if (staff_factor_turn_off(r->arena, &c) == STAFF_DONE)
        respond_done(r, 200, STR("/console/account?done=factor_off"), value_object(r->arena));
    else
        respond_problem(r, PROBLEM_UNAVAILABLE);
}

static const char *const ways[] = {"save", "off", NULL};
static const struct form form_code_page = FORM({"next", FIELD_TEXT, .max = 500});
static const struct form form_code = FORM({"csrf", .kind = FIELD_TEXT},
    {"next", FIELD_TEXT, .max = 500}, {"code", FIELD_TEXT, .required = true, .max = 30});
static const struct form form_setup = FORM(FACTOR_SETUP_FIELDS, {"do", FIELD_TEXT, .max = 10});
static const struct form form_change = FORM({"csrf", .kind = FIELD_TEXT},
    {"confirm", .kind = FIELD_PASSWORD, .required = true, .max = PASSWORD_MAX},
    {"do", .kind = FIELD_CHOICE, .choices = ways});

static const struct route routes[] = {
    {HTTP_GET, "/console/login/code", PERMIT_PUBLIC, on_code_page, &form_code_page, 0, 0},
    {HTTP_POST, "/console/login/code", PERMIT_PUBLIC, on_code, &form_code, 0, 0},
    {HTTP_GET, "/console/account/second-factor", PERMIT_CONSOLE_USE, show_setup, NULL, 0, 0},
    {HTTP_POST, "/console/account/second-factor", PERMIT_CONSOLE_USE, on_setup, &form_setup, 0, 0},
    {HTTP_POST, "/console/account/second-factor/change", PERMIT_CONSOLE_USE, on_change,
        &form_change, 0, 0},
};

void console_factor_start(void)
{
    routes_add(SURFACE_CONSOLE, routes, sizeof routes / sizeof *routes);
}
