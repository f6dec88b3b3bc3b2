// Logging in by password, registering, logging out.
#include "base/clock.h"
#include "domain/password.h"
#include "web/office/settings/password.h"
#include "web/storefront/account/account.h"
#include "web/storefront/sale.h"

static void add_keep(struct request *r, struct value *panel)
{
    panel_field(r, panel,
        &(struct panel_field){.name = "keep",
            .label = "storefront.account.keep",
            .hint = "storefront.account.keep_hint",
            .kind = PANEL_TICK,
            .checked = true});
}

static struct value *login_panel(struct request *r, struct value *view, struct str next)
{
    struct value *panel = panel_add(r, view, "login", "storefront.account.login");
    panel_form(r, panel, STR("/account/login"), "storefront.account.login");
    panel_hidden(r, panel, "next", next);
    panel_field(r, panel,
        &(struct panel_field){.name = "email",
            .label = "storefront.checkout.email",
            .kind = PANEL_EMAIL,
            .len_max = 254,
            .required = true,
            .autocomplete = "username webauthn"});
    panel_field(r, panel,
        &(struct panel_field){.name = "password",
            .label = "storefront.account.password",
            .kind = PANEL_PASSWORD,
            .autocomplete = "current-password"});
    add_keep(r, panel);
    // The same form, sent elsewhere: the address is typed once.
    value_set_str(r->arena, panel, KEY(mail_url), request_url(r, STR("/account/login/mail")));
    account_add_passkey_act(r, panel, "get", "/account/login/passkey");
    return panel;
}

struct value *account_login_view(struct request *r)
{
    struct value *view = panel_page(r, "storefront.account.login");
    struct value *panel = login_panel(r, view, account_next(r));
    panel_link(r, panel, "storefront.account.register",
        account_with_next(r, "/account/register", account_next(r)));
    return view;
}

// Between basket and checkout (U8): log in, register, or go on as guest where the channel allows
// it. A page of its own; the basket opens it beside itself where there is room. When the hold runs
// out meanwhile, the basket is offered again.
static void show_who(struct request *r)
{
    bool required = r->site->login == SITE_LOGIN_REQUIRED;
    if (r->session.person) {
        respond_redirect(r, request_url(r, STR("/checkout")));
        return;
    }
    const struct order *o = sale_require_whole_basket(r);
    if (!o)
        return;
    struct value *view =
        panel_page(r, required ? "storefront.account.who_required" : "storefront.account.who");
    if (!basket_is_expired(o, clock_now_us()))
        panel_page_line(r, view, panel_words(r, "storefront.account.who_line"));
    value_set(r->arena, view, KEY(hold), sale_hold_view(r, o, "details"));
    value_set_str(r->arena, view, KEY(idempotency_key), idempotency_key(r));
    struct value *panel = login_panel(r, view, STR("/checkout"));
    panel_link(r, panel, "storefront.account.register", STR("/account/register?next=%2Fcheckout"));
    if (!required)
        value_set_str(r->arena, panel, KEY(guest_url), request_url(r, STR("/checkout?as=guest")));
    account_respond_entry(r, view);
}

static void show_login(struct request *r)
{
    if (r->session.person)
        respond_redirect(r, request_url(r, account_next(r)));
    else
        account_respond_entry(r, account_login_view(r));
}

static void on_login(struct request *r)
{
    struct customer c;
    int64_t wait_s = 0;
    if (!form_str(r, KEY(password)).len)
        panel_refuse(r, "password", "required", "storefront.account.password_missing");
    if (form_refused(r)) {
        account_respond_entry(r, account_login_view(r));
        return;
    }
    struct customer_login login = {form_str(r, KEY(email)), form_str(r, KEY(password)), r->remote};
    switch (customer_log_in(r->arena, r->site, &login, &c, &wait_s)) {
    case CUSTOMER_DONE:
        account_let_in(r, c.id, false);
        break;
    case CUSTOMER_TRIED:
        account_refuse_many(r, "email", wait_s);
        account_respond_entry(r, account_login_view(r));
        break;
    case CUSTOMER_BUSY:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        break;
    default:
        panel_refuse(r, "password", "login_wrong", "storefront.account.wrong");
        account_respond_entry(r, account_login_view(r));
    }
}

static struct value *register_view(struct request *r)
{
    struct value *view = panel_page(r, "storefront.account.register");
    struct value *panel = panel_add(r, view, "register", "storefront.account.register");
    panel_page_line(r, view, panel_words(r, "storefront.account.register_line"));
    panel_form(r, panel, STR("/account/register"), "storefront.account.register");
    panel_hidden(r, panel, "next", account_next(r));
    account_add_names(r, panel, NULL);
    panel_field(r, panel,
        &(struct panel_field){.name = "email",
            .label = "storefront.checkout.email",
            .kind = PANEL_EMAIL,
            .len_max = 254,
            .required = true,
            .autocomplete = "username"});
    panel_field(r, panel,
        &(struct panel_field){.name = "password",
            .label = "storefront.account.password",
            .hint = "platform.signup.password_hint",
            .kind = PANEL_PASSWORD,
            .required = true,
            .autocomplete = "new-password"});
    add_keep(r, panel);
    panel_link(r, panel, "storefront.account.have_one",
        account_with_next(r, "/account/login", account_next(r)));
    return view;
}

static void show_register(struct request *r)
{
    if (r->session.person)
        respond_redirect(r, request_url(r, account_next(r)));
    else
        account_respond_entry(r, register_view(r));
}

static void on_register(struct request *r)
{
    struct customer c = {.email = form_str(r, KEY(email)), .language = r->language};
    account_read_names(r, &c);
    int64_t wait_s = 0;
    password_check_strength(r, c.email, customer_name(r->arena, &c));
    if (form_refused(r)) {
        account_respond_entry(r, register_view(r));
        return;
    }
    struct customer_newcomer newcomer = {form_str(r, KEY(password)), r->remote};
    switch (customer_register(r->arena, r->site, &newcomer, &c, &wait_s)) {
    case CUSTOMER_DONE:
        account_let_in(r, c.id, false);
        break;
    case CUSTOMER_TRIED:
        account_refuse_many(r, "email", wait_s);
        account_respond_entry(r, register_view(r));
        break;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static void on_logout(struct request *r)
{
    if (r->session.person && !session_end(r, SESSION_GUEST))
        respond_problem(r, PROBLEM_UNAVAILABLE);
    else
        respond_done(r, 200, STR("/"), value_object(r->arena));
}

// On a computer that others use: who comes next goes on with what is in the basket.
static void on_leave(struct request *r)
{
    if (r->session.person && !session_leave(r)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    account_reprice(r);
    respond_done(r, 200, STR("/checkout"), value_object(r->arena));
}

static const struct form next_form = FORM({"next", FIELD_TEXT, .max = 500});
static const struct form login_fields = FORM({"csrf", .kind = FIELD_TEXT},
    {"next", FIELD_TEXT, .max = 500}, {"email", FIELD_EMAIL, .required = true, .max = 254},
    {"password", FIELD_PASSWORD, .max = PASSWORD_MAX}, {"keep", .kind = FIELD_BOOL});
static const struct form register_fields =
    FORM({"csrf", .kind = FIELD_TEXT}, {"next", FIELD_TEXT, .max = 500}, ACCOUNT_NAMES,
        {"email", FIELD_EMAIL, .required = true, .max = 254},
        {"password", FIELD_PASSWORD, .required = true, .min = PASSWORD_MIN, .max = PASSWORD_MAX},
        {"keep", .kind = FIELD_BOOL});
static const struct form logout_fields = FORM({"csrf", .kind = FIELD_TEXT});

// Two tabs, a double click: the page was made before somebody was in.
#define FROM_ANYBODY (ROUTE_LOGIN | ROUTE_ANONYMOUS_FORM)

static const struct route routes[] = {
    {HTTP_GET, "/account/login", PERMIT_PUBLIC, show_login, &next_form, ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/login", PERMIT_PUBLIC, on_login, &login_fields, FROM_ANYBODY, 0},
    {HTTP_GET, "/checkout/who", PERMIT_PUBLIC, show_who, NULL, ROUTE_LOGIN, 0},
    {HTTP_GET, "/account/register", PERMIT_PUBLIC, show_register, &next_form, ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/register", PERMIT_PUBLIC, on_register, &register_fields, FROM_ANYBODY, 0},
    {HTTP_POST, "/account/leave", PERMIT_PUBLIC, on_leave, &logout_fields, ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/logout", PERMIT_PUBLIC, on_logout, &logout_fields, ROUTE_LOGIN, 0},
};

void account_entry_start(void)
{
    routes_add(SURFACE_STOREFRONT, routes, sizeof routes / sizeof *routes);
}
