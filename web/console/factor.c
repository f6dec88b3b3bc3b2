// The second factor of operators: set up on one's account page, asked for after the password.
#include "web/office/settings/factor.h"

#include "domain/password.h"
#include "domain/staff_secret.h"
#include "http/respond.h"
#include "web/console/console.h"
#include "web/office/settings/panel.h"

static void show(struct request *r, struct value *view, const char *template_name)
{
    if (form_refused(r))
        respond_invalid(r, template_name, view);
    else
        respond_page(r, 200, template_name, view);
}

static void gate(struct request *r, struct value *view)
{
    show(r, view, "console/code");
}

static void page(struct request *r, struct value *view)
{
    show(r, view, "console/factor");
}

static const struct factor_place place = {.login = &console_login_place,
    .account = "/console/account",
    .account_label = "console.nav.account",
    .gate = gate,
    .page = page};

static void on_code_page(struct request *r)
{
    factor_code_page(r, &place);
}

static void on_code(struct request *r)
{
    factor_code_take(r, &place);
}

static void on_setup_page(struct request *r)
{
    factor_setup_page(r, &place);
}

static void on_setup(struct request *r)
{
    factor_setup_save(r, &place);
}

// New recovery codes, or none of it any more: not for whoever finds an open screen.
static void on_change(struct request *r)
{
    struct staff_change c = factor_self(r);
    struct str codes[STAFF_RECOVERY_CODES];
    if (!console_account_confirmed(r, "confirm"))
        return;
    if (!str_is(form_str(r, KEY(do)), "off")) {
        factor_show_codes(r, &place, staff_factor_new_codes(r->arena, &c, codes), codes);
        return;
    }
    if (staff_factor_turn_off(r->arena, &c) == STAFF_DONE)
        respond_done(r, 200, STR("/console/account?done=factor_off"), value_object(r->arena));
    else
        respond_problem(r, PROBLEM_UNAVAILABLE);
}

static const char *const ways[] = {"save", "off", NULL};
static const struct form form_setup = FORM(FACTOR_SETUP_FIELDS, {"do", FIELD_TEXT, .max = 10});
static const struct form form_change = FORM({"csrf", .kind = FIELD_TEXT},
    {"confirm", .kind = FIELD_PASSWORD, .required = true, .max = PASSWORD_MAX},
    {"do", .kind = FIELD_CHOICE, .choices = ways});

static const struct route routes[] = {
    {HTTP_GET, "/console/login/code", PERMIT_PUBLIC, on_code_page, &factor_code_query, 0, 0},
    {HTTP_POST, "/console/login/code", PERMIT_PUBLIC, on_code, &factor_code_form, 0, 0},
    {HTTP_GET, "/console/account/second-factor", PERMIT_CONSOLE_USE, on_setup_page, NULL, 0, 0},
    {HTTP_POST, "/console/account/second-factor", PERMIT_CONSOLE_USE, on_setup, &form_setup, 0, 0},
    {HTTP_POST, "/console/account/second-factor/change", PERMIT_CONSOLE_USE, on_change,
        &form_change, 0, 0},
};

void console_factor_start(void)
{
    routes_add(SURFACE_CONSOLE, routes, sizeof routes / sizeof *routes);
}
