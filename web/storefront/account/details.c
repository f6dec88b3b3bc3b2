// Who one is (T4–T6), the password, and where one is logged in.
#include "base/clock.h"
#include "base/phone.h"
#include "data/db.h"
#include "domain/password.h"
#include "http/page.h"
#include "http/session.sql.h"
#include "web/office/settings/agent.h"
#include "web/office/settings/password.h"
#include "web/storefront/account/account.h"
#include "web/storefront/when.h"

// A code that came by mail lets one choose a new password without the old one for this long.
#define PROVEN_US (15LL * 60 * 1000000)

static void add_done(struct request *r, struct value *view)
{
    struct str done = form_str(r, KEY(done));
    if (!done.len || form_refused(r))
        return;
    struct value *notices = value_list(r->arena), *n = value_append_object(r->arena, notices);
    value_set(r->arena, view, KEY(notices), notices);
    value_set_str(r->arena, n, KEY(kind), STR("success"));
    value_set_str(r->arena, n, KEY(text),
        message(r->arena, r->words, STR("storefront.account.done"), "what",
            value_str(r->arena, done), NULL));
}

static struct value *details_view(struct request *r, const struct customer *c)
{
    struct value *view = account_page(r, "storefront.account.details", "details");
    struct value *panel = panel_add(r, view, "details", "storefront.account.reach");
    panel_form(r, panel, STR("/account/details"), "storefront.account.update");
    panel_hidden(r, panel, "version", str_of_i64(r->arena, c->version));
    panel_field(r, panel,
        &(struct panel_field){.name = "first_name",
            .label = "storefront.account.first_name",
            .value = c->first_name,
            .len_max = 80,
            .required = true,
            .autocomplete = "given-name"});
    panel_field(r, panel,
        &(struct panel_field){.name = "last_name",
            .label = "storefront.account.last_name",
            .value = c->last_name,
            .len_max = 80,
            .required = true,
            .autocomplete = "family-name"});
    panel_field(r, panel,
        &(struct panel_field){.name = "email",
            .label = "storefront.checkout.email",
            .hint = "storefront.account.email_fixed",
            .kind = PANEL_EMAIL,
            .value = c->email,
            .fixed = true});
    panel_field(r, panel,
        &(struct panel_field){.name = "phone",
            .label = "storefront.checkout.phone",
            .hint = "storefront.account.phone_hint",
            .kind = PANEL_PHONE,
            .value = phone_text(r->arena, c->phone),
            .len_max = PHONE_TYPED_MAX,
            .autocomplete = "tel"});
    struct value *customer = value_object(r->arena);
    value_set(r->arena, view, KEY(customer), customer);
    value_set_str(r->arena, customer, KEY(first_name), c->first_name);
    value_set_str(r->arena, customer, KEY(last_name), c->last_name);
    value_set_str(r->arena, customer, KEY(email), c->email);
    value_set_str(r->arena, customer, KEY(phone), c->phone);
    value_set_int(r->arena, customer, KEY(version), c->version);
    add_done(r, view);
    return view;
}

static void show_details(struct request *r)
{
    struct customer c;
    if (account_customer(r, &c))
        account_respond(r, details_view(r, &c));
}

static void on_details(struct request *r)
{
    struct customer c;
    if (!account_customer(r, &c))
        return;
    // The address is the venue's to change; a form that brings another one was not ours.
    struct str email = form_str(r, KEY(email));
    if (email.len && !str_eq(email, c.email)) {
        respond_problem_code(r, PROBLEM_FORBIDDEN, "email_fixed");
        return;
    }
    struct str phone = account_phone(r, "phone");
    if (form_refused(r)) {
        account_respond(r, details_view(r, &c));
        return;
    }
    c.version = form_int(r, KEY(version), 0);
    c.first_name = form_str(r, KEY(first_name));
    c.last_name = form_str(r, KEY(last_name));
    c.phone = phone;
    switch (customer_set_details(r->arena, r->site, &c)) {
    case CUSTOMER_DONE:
        respond_done(r, 200, STR("/account/details?done=details"), value_object(r->arena));
        break;
    case CUSTOMER_CHANGED:
        panel_refuse(r, "first_name", "changed", "storefront.account.changed");
        if (account_customer(r, &c))
            account_respond(r, details_view(r, &c));
        break;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static bool is_proven(const struct request *r)
{
    return clock_now_us() - r->session.proven_us < PROVEN_US;
}

static void add_password(struct request *r, struct value *view, const struct customer *c)
{
    struct value *panel = panel_add(r, view, "password-form", "storefront.account.password");
    panel_form(r, panel, STR("/account/password"), "storefront.account.password_save");
    bool asked = c->has_password && !is_proven(r);
    if (!c->has_password)
        panel_text(r, panel, panel_words(r, "storefront.account.password_none"));
    if (asked)
        panel_field(r, panel,
            &(struct panel_field){.name = "current",
                .label = "storefront.account.password_now",
                .kind = PANEL_PASSWORD,
                .required = true,
                .autocomplete = "current-password"});
    panel_field(r, panel,
        &(struct panel_field){.name = "password",
            .label = "storefront.account.password_new",
            .hint = "platform.signup.password_hint",
            .kind = PANEL_PASSWORD,
            .required = true,
            .autocomplete = "new-password"});
}

static bool add_sessions(struct request *r, struct value *view)
{
    struct arena *a = r->arena;
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int place = unit_add(u, &SQL_session_of_customer, db_i64(a, r->site->tenant),
        db_i64(a, r->session.person), db_time(a, clock_now_us()));
    if (unit_run(u) != DB_OK)
        return false;
    const struct rows *rows = unit_rows(u, place);
    struct value *panel = panel_add(r, view, "sessions", "storefront.account.sessions");
    panel_form(r, panel, STR("/account/sessions/end"), "storefront.account.end_others");
    for (int i = 0; i < rows->count; i++) {
        bool here = rows_i64(rows, i, KEY(session_id)) == r->session.id;
        struct value *when =
            format_time_value(a, r->format, r->site->zone, rows_us(rows, i, KEY(seen_us)));
        struct value *item = panel_item(r, panel, agent_name(r, rows_str(rows, i, KEY(agent))),
            here ? panel_words(r, "storefront.account.here")
                 : message(a, r->words, STR("storefront.account.seen"), "when",
                       value_str(a, value_get_str(when, KEY(text))), NULL));
        struct str path = str_join(a, STR("/account/sessions/"),
            str_of_i64(a, rows_i64(rows, i, KEY(session_id))), STR("/end"), STR_NULL);
        panel_item_button(r, item, here ? "storefront.account.logout" : "storefront.account.end",
            here ? STR("/account/logout") : path);
    }
    return true;
}

static void show_security_of(struct request *r, const struct customer *c)
{
    struct value *view = account_page(r, "storefront.account.security", "security");
    add_password(r, view, c);
    add_done(r, view);
    if (add_sessions(r, view))
        account_respond(r, view);
    else
        respond_problem(r, PROBLEM_UNAVAILABLE);
}

static void show_security(struct request *r)
{
    struct customer c;
    if (account_customer(r, &c))
        show_security_of(r, &c);
}

static void on_password(struct request *r)
{
    struct customer c;
    if (!account_customer(r, &c))
        return;
    bool asked = c.has_password && !is_proven(r);
    struct str current = form_str(r, KEY(current));
    if (asked && !current.len)
        panel_refuse(r, "current", "required", "storefront.account.password_missing");
    password_check_strength(r, c.email, r->session.name);
    if (form_refused(r)) {
        show_security_of(r, &c);
        return;
    }
    struct customer_password change = {
        asked ? current : STR_NULL, form_str(r, KEY(password)), r->session.id};
    switch (customer_set_password(r->arena, r->site, &c, &change)) {
    case CUSTOMER_DONE:
        respond_done(r, 200, STR("/account/security?done=password"), value_object(r->arena));
        break;
    case CUSTOMER_WRONG:
        panel_refuse(r, "current", "password_wrong", "storefront.account.password_wrong");
        show_security_of(r, &c);
        break;
    case CUSTOMER_TRIED:
        respond_problem(r, PROBLEM_TOO_MANY);
        break;
    case CUSTOMER_CHANGED:
        respond_problem(r, PROBLEM_CONFLICT);
        break;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

// One of the others, or all of them: `which` absent.
static void end_sessions(struct request *r, struct str which)
{
    struct arena *a = r->arena;
    struct unit *u = unit_new(a, DB_WRITE, r->site->tenant);
    unit_add(u, &SQL_session_end_of_customer, db_i64(a, r->site->tenant),
        db_i64(a, r->session.person), db_i64(a, r->session.id), which);
    if (unit_run(u) != DB_OK)
        respond_problem(r, PROBLEM_UNAVAILABLE);
    else
        respond_done(r, 200, STR("/account/security?done=ended"), value_object(a));
}

static void on_end_others(struct request *r)
{
    end_sessions(r, STR_NULL);
}

static void on_end_one(struct request *r)
{
    int64_t id;
    if (str_to_i64(r->params[0], &id))
        end_sessions(r, db_i64(r->arena, id));
    else
        respond_problem(r, PROBLEM_NOT_FOUND);
}

static const struct form done_form = FORM({"done", FIELD_TEXT, .max = 40});
static const struct form details_fields = FORM({"csrf", .kind = FIELD_TEXT},
    {"version", .kind = FIELD_INT, .required = true, .min = 0, .max = INT64_MAX},
    {"first_name", FIELD_TEXT, .required = true, .max = 80},
    {"last_name", FIELD_TEXT, .required = true, .max = 80}, {"email", FIELD_TEXT, .max = 254},
    {"phone", FIELD_PHONE, .max = PHONE_TYPED_MAX});
static const struct form password_fields =
    FORM({"csrf", .kind = FIELD_TEXT}, {"current", FIELD_PASSWORD, .max = PASSWORD_MAX},
        {"password", FIELD_PASSWORD, .required = true, .min = PASSWORD_MIN, .max = PASSWORD_MAX});
static const struct form end_fields = FORM({"csrf", .kind = FIELD_TEXT});

static const struct route routes[] = {
    {HTTP_GET, "/account/details", PERMIT_ACCOUNT, show_details, &done_form, ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/details", PERMIT_ACCOUNT, on_details, &details_fields, ROUTE_LOGIN, 0},
    {HTTP_GET, "/account/security", PERMIT_ACCOUNT, show_security, &done_form, ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/password", PERMIT_ACCOUNT, on_password, &password_fields, ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/sessions/end", PERMIT_ACCOUNT, on_end_others, &end_fields, ROUTE_LOGIN,
        0},
    {HTTP_POST, "/account/sessions/{id}/end", PERMIT_ACCOUNT, on_end_one, &end_fields, ROUTE_LOGIN,
        0},
};

void account_details_start(void)
{
    routes_add(SURFACE_STOREFRONT, routes, sizeof routes / sizeof *routes);
}
