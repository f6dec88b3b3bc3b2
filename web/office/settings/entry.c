// Ways in besides the password: the second factor's code, a link to a new password, an invitation,
// and setting up the second factor where the site asks everybody for one (P5).
#include "domain/password.h"
#include "domain/staff.h"
#include "domain/staff_invitation.h"
#include "domain/staff_secret.h"
#include "http/respond.h"
#include "web/login.h"
#include "web/office/frame/nav.h"
#include "web/office/office.h"
#include "web/office/settings/factor.h"
#include "web/office/settings/panel.h"
#include "web/office/settings/password.h"

static void on_code_page(struct request *r)
{
    factor_code_page(r, &office_factor_place);
}

static void on_code(struct request *r)
{
    factor_code_take(r, &office_factor_place);
}

static void show_setup(struct request *r)
{
    struct staff_change c = factor_self(r);
    struct value *view = panel_page(r, "office.factor.setup");
    panel_page_line(r, view, panel_words(r, "office.factor.asked"));
    factor_setup_panel(r, view, &c, STR("/manage/login/second-factor"));
    panel_respond_gate(r, view);
}

static void on_setup_page(struct request *r)
{
    if (factor_is_due(r, &office_factor_place, SESSION_DUE_FACTOR))
        show_setup(r);
}

static void on_setup(struct request *r)
{
    struct staff_change c = factor_self(r);
    struct str codes[STAFF_RECOVERY_CODES];
    if (!factor_is_due(r, &office_factor_place, SESSION_DUE_FACTOR))
        return;
    enum staff_result result = factor_setup_take(r, &c, codes);
    if (form_refused(r)) {
        show_setup(r);
        return;
    }
    if (result != STAFF_DONE) {
        respond_problem(r, result == STAFF_CHANGED ? PROBLEM_CONFLICT : PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = panel_page(r, "office.factor.codes");
    factor_codes_panel(r, view, codes);
    struct value *on = panel_add(r, view, "on", "office.factor.on");
    panel_link(r, on, "office.factor.on", STR("/manage"));
    panel_respond_gate(r, view);
}

static void show_forgot(struct request *r)
{
    struct value *view = panel_page(r, "office.forgot.title");
    panel_page_line(r, view, panel_words(r, "office.forgot.line"));
    struct value *panel = panel_add(r, view, "forgot", "office.forgot.title");
    panel_form(r, panel, STR("/manage/login/forgot"), "office.forgot.go");
    panel_field(r, panel,
        &(struct panel_field){.name = "email",
            .label = "office.login.email",
            .kind = PANEL_EMAIL,
            .len_max = 254,
            .autocomplete = "username",
            .required = true});
    panel_respond_gate(r, view);
}

// The same answer whoever asks.
static void on_forgot(struct request *r)
{
    if (form_refused(r)) {
        show_forgot(r);
        return;
    }
    switch (staff_ask_reset(r->arena, r->site, form_str(r, KEY(email)), r->language)) {
    case STAFF_DONE:
        respond_done(r, 200, STR("/manage/login/sent"), value_object(r->arena));
        return;
    case STAFF_TRIED:
        respond_problem(r, PROBLEM_TOO_MANY);
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static void on_sent(struct request *r)
{
    struct value *view = panel_page(r, "office.forgot.sent");
    panel_page_line(r, view, panel_words(r, "office.forgot.sent_line"));
    panel_respond_gate(r, view);
}

static void say_over(struct request *r)
{
    respond_problem_code(r, PROBLEM_GONE, "link_over");
}

static struct staff_reset reset_of(const struct request *r)
{
    return (struct staff_reset){.id = form_int(r, KEY(who), 0),
        .expires_us = form_int(r, KEY(until), 0),
        .token = form_str(r, KEY(t))};
}

static void show_reset(struct request *r, const struct staff_reset *link)
{
    struct value *view = panel_page(r, "office.reset.title");
    panel_page_line(r, view, link->email);
    struct value *panel = panel_add(r, view, "reset", "office.reset.title");
    panel_form(r, panel, STR("/manage/login/reset"), "office.reset.go");
    panel_hidden(r, panel, "who", str_of_i64(r->arena, link->id));
    panel_hidden(r, panel, "until", str_of_i64(r->arena, link->expires_us));
    panel_hidden(r, panel, "t", link->token);
    password_field(r, panel);
    // The address carries the token: it goes nowhere else.
    respond_header(r, "referrer-policy", STR("no-referrer"));
    panel_respond_gate(r, view);
}

static bool open_reset(struct request *r, struct staff_reset *link)
{
    enum staff_result opened = staff_reset_open(r->arena, r->site, link);
    if (opened == STAFF_GONE)
        say_over(r);
    else if (opened != STAFF_DONE)
        respond_problem(r, PROBLEM_UNAVAILABLE);
    return opened == STAFF_DONE;
}

static void on_reset_page(struct request *r)
{
    struct staff_reset link = reset_of(r);
    if (open_reset(r, &link))
        show_reset(r, &link);
}

static void on_reset(struct request *r)
{
    struct staff_reset link = reset_of(r);
    if (!open_reset(r, &link))
        return;
    password_check_strength(r, link.email, link.name);
    if (form_refused(r)) {
        show_reset(r, &link);
        return;
    }
    enum staff_result result =
        staff_reset_password(r->arena, r->site, &link, form_str(r, KEY(password)));
    if (result == STAFF_DONE)
        respond_done(r, 200, STR("/manage/login"), value_object(r->arena));
    else if (result == STAFF_GONE)
        say_over(r);
    else
        respond_problem(r, PROBLEM_UNAVAILABLE);
}

static void show_invitation(struct request *r, const struct staff_invitation *i)
{
    struct arena *a = r->arena;
    struct value *view = panel_page(r, "office.invitation.title");
    panel_page_line(r, view,
        message(a, r->words, STR("office.invitation.line"), "who", value_str(a, i->invited_by),
            "role", value_str(a, i->role), "email", value_str(a, i->email), NULL));
    struct value *panel = panel_add(r, view, "invitation", "office.invitation.title");
    panel_form(r, panel, STR("/manage/login/invitation"), "office.invitation.go");
    panel_hidden(r, panel, "id", str_of_i64(a, i->id));
    panel_hidden(r, panel, "t", form_str(r, KEY(t)));
    panel_field(r, panel,
        &(struct panel_field){.name = "name",
            .label = "office.invitation.name",
            .kind = PANEL_TEXT,
            .len_max = 120,
            .autocomplete = "name",
            .required = true});
    password_field(r, panel);
    respond_header(r, "referrer-policy", STR("no-referrer"));
    panel_respond_gate(r, view);
}

static bool open_invitation(struct request *r, struct staff_invitation *i)
{
    enum staff_result opened =
        staff_invitation_open(r->arena, r->site, form_int(r, KEY(id), 0), form_str(r, KEY(t)), i);
    if (opened == STAFF_GONE)
        say_over(r);
    else if (opened != STAFF_DONE)
        respond_problem(r, PROBLEM_UNAVAILABLE);
    return opened == STAFF_DONE;
}

static void on_invitation_page(struct request *r)
{
    struct staff_invitation i;
    if (open_invitation(r, &i))
        show_invitation(r, &i);
}

static void on_invitation(struct request *r)
{
    struct staff_invitation i;
    if (!open_invitation(r, &i))
        return;
    password_check_strength(r, i.email, form_str(r, KEY(name)));
    if (form_refused(r)) {
        show_invitation(r, &i);
        return;
    }
    struct staff_newcomer who = {
        .name = form_str(r, KEY(name)), .password = form_str(r, KEY(password))};
    switch (staff_invitation_accept(r->arena, r->site, &i, &who)) {
    case STAFF_DONE: {
        struct staff staff = {.id = who.id, .name = who.name, .email = i.email, .role = i.role};
        login_let_in(r, &office_login_place, &staff, false);
        return;
    }
    case STAFF_GONE:
    case STAFF_TAKEN:
        say_over(r);
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static const struct form form_setup = FORM(FACTOR_SETUP_FIELDS);
static const struct form form_forgot =
    FORM({"csrf", .kind = FIELD_TEXT}, {"email", FIELD_EMAIL, .required = true, .max = 254});
#define RESET_FIELDS                                          \
    {"who", .kind = FIELD_INT}, {"until", .kind = FIELD_INT}, \
    {                                                         \
        "t", FIELD_TEXT, .max = 60                            \
    }
static const struct form form_reset_page = FORM(RESET_FIELDS);
static const struct form form_reset = FORM({"csrf", .kind = FIELD_TEXT}, RESET_FIELDS,
    {"password", .kind = FIELD_PASSWORD, .required = true, .min = PASSWORD_MIN,
        .max = PASSWORD_MAX});
static const struct form form_invitation_page =
    FORM({"id", .kind = FIELD_INT}, {"t", FIELD_TEXT, .max = 60});
static const struct form form_invitation =
    FORM({"csrf", .kind = FIELD_TEXT}, {"id", .kind = FIELD_INT}, {"t", FIELD_TEXT, .max = 60},
        {"name", FIELD_TEXT, .required = true, .max = 120},
        {"password", .kind = FIELD_PASSWORD, .required = true, .min = PASSWORD_MIN,
            .max = PASSWORD_MAX});

static const struct route routes[] = {
    {HTTP_GET, "/manage/login/code", PERMIT_PUBLIC, on_code_page, &factor_code_query, 0, 0},
    {HTTP_POST, "/manage/login/code", PERMIT_PUBLIC, on_code, &factor_code_form, 0, 0},
    {HTTP_GET, "/manage/login/second-factor", PERMIT_PUBLIC, on_setup_page, NULL, 0, 0},
    {HTTP_POST, "/manage/login/second-factor", PERMIT_PUBLIC, on_setup, &form_setup, 0, 0},
    {HTTP_GET, "/manage/login/forgot", PERMIT_PUBLIC, show_forgot, NULL, 0, 0},
    {HTTP_POST, "/manage/login/forgot", PERMIT_PUBLIC, on_forgot, &form_forgot, 0, 0},
    {HTTP_GET, "/manage/login/sent", PERMIT_PUBLIC, on_sent, NULL, 0, 0},
    {HTTP_GET, "/manage/login/reset", PERMIT_PUBLIC, on_reset_page, &form_reset_page, 0, 0},
    {HTTP_POST, "/manage/login/reset", PERMIT_PUBLIC, on_reset, &form_reset, 0, 0},
    {HTTP_GET, "/manage/login/invitation", PERMIT_PUBLIC, on_invitation_page, &form_invitation_page,
        0, 0},
    {HTTP_POST, "/manage/login/invitation", PERMIT_PUBLIC, on_invitation, &form_invitation, 0, 0},
};

OFFICE_PAGE(routes, NULL)
