// The password, and where one is logged in.
#include "base/clock.h"
#include "data/db.h"
#include "domain/password.h"
#include "http/page.h"
#include "http/session.sql.h"
#include "web/office/settings/agent.h"
#include "web/office/settings/password.h"
#include "web/storefront/account/account.h"

// Who proved who it is needs no password for what is asked in this time.
#define PROVEN_US (15LL * 60 * 1000000)

bool account_proven(const struct request *r)
{
    return clock_now_us() - r->session.proven_us < PROVEN_US;
}

bool account_require_proof(struct request *r, struct str next)
{
    if (account_proven(r))
        return true;
    if (r->wants_json || r->sent_json) {
        respond_problem_code(r, PROBLEM_FORBIDDEN, "prove_first");
        return false;
    }
    respond_redirect(r, request_url(r, account_with_next(r, "/account/prove", next)));
    return false;
}

static bool add_password(struct request *r, struct value *view, const struct customer *c)
{
    struct value *panel = panel_add(r, view, "password-form", "storefront.account.password");
    panel_form(r, panel, STR("/account/password"), "storefront.account.password_save");
    bool asked = c->has_password && !account_proven(r);
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
    return true;
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

void account_show_security(struct request *r, const struct customer *c)
{
    struct value *view = account_page(r, "storefront.account.security", "security");
    account_add_done(r, view);
    if (account_add_passkeys(r, view) && add_password(r, view, c) && add_sessions(r, view))
        account_respond(r, view);
    else
        respond_problem(r, PROBLEM_UNAVAILABLE);
}

static void show_security(struct request *r)
{
    struct customer c;
    if (account_customer(r, &c))
        account_show_security(r, &c);
}

static void on_password(struct request *r)
{
    struct customer c;
    if (!account_customer(r, &c))
        return;
    bool asked = c.has_password && !account_proven(r);
    struct str current = form_str(r, KEY(current));
    if (asked && !current.len)
        panel_refuse(r, "current", "required", "storefront.account.password_missing");
    password_check_strength(r, c.email, r->session.name);
    if (form_refused(r)) {
        account_show_security(r, &c);
        return;
    }
    struct customer_password change = {
        asked ? current : STR_NULL, form_str(r, KEY(password)), r->session.id};
    int64_t wait_s = 0;
    enum customer_result result = customer_set_password(r->arena, r->site, &c, &change, &wait_s);
    switch (result) {
    case CUSTOMER_DONE:
        respond_done(r, 200, STR("/account/security?done=password"), value_object(r->arena));
        break;
    case CUSTOMER_WRONG:
        panel_refuse(r, "current", "password_wrong", "storefront.account.password_wrong");
        account_show_security(r, &c);
        break;
    case CUSTOMER_TRIED:
        account_refuse_many(r, "current", wait_s);
        account_show_security(r, &c);
        break;
    default:
        customer_problem(r, result);
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

static struct value *prove_view(struct request *r, const struct customer *c)
{
    struct value *view = panel_page(r, "storefront.account.prove");
    struct value *panel = panel_add(r, view, "prove", "storefront.account.prove");
    panel_page_line(r, view, panel_words(r, "storefront.account.prove_line"));
    panel_hidden(r, panel, "next", account_next(r));
    panel_hidden(r, panel, "email", c->email);
    panel_hidden(r, panel, "keep", r->session.kept ? STR("1") : STR("0"));
    panel_form(r, panel, c->has_password ? STR("/account/prove") : STR("/account/login/mail"),
        c->has_password ? "storefront.account.prove" : "storefront.account.by_mail_only");
    if (c->has_password) {
        panel_field(r, panel,
            &(struct panel_field){.name = "current",
                .label = "storefront.account.password",
                .kind = PANEL_PASSWORD,
                .required = true,
                .autocomplete = "current-password"});
        value_set_str(r->arena, panel, KEY(mail_url), request_url(r, STR("/account/login/mail")));
    }
    panel_link(r, panel, "storefront.account.back", STR("/account/security"));
    return view;
}

static void show_prove(struct request *r)
{
    struct customer c;
    if (account_proven(r))
        respond_redirect(r, request_url(r, account_next(r)));
    else if (account_customer(r, &c))
        account_respond_entry(r, prove_view(r, &c));
}

static void on_prove(struct request *r)
{
    struct customer c;
    int64_t wait_s = 0;
    if (!account_customer(r, &c))
        return;
    if (form_refused(r)) {
        account_respond_entry(r, prove_view(r, &c));
        return;
    }
    switch (customer_check_password(r->arena, r->site, &c, form_str(r, KEY(current)), &wait_s)) {
    case CUSTOMER_DONE:
        if (session_prove(r))
            respond_done(r, 200, account_next(r), value_object(r->arena));
        else
            respond_problem(r, PROBLEM_UNAVAILABLE);
        break;
    case CUSTOMER_WRONG:
        panel_refuse(r, "current", "password_wrong", "storefront.account.prove_wrong");
        account_respond_entry(r, prove_view(r, &c));
        break;
    case CUSTOMER_TRIED:
        account_refuse_many(r, "current", wait_s);
        account_respond_entry(r, prove_view(r, &c));
        break;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static const struct form done_form = FORM({"done", FIELD_TEXT, .max = 40});
static const struct form prove_query = FORM({"next", FIELD_TEXT, .max = 500});
static const struct form prove_fields =
    FORM({"csrf", .kind = FIELD_TEXT}, {"next", FIELD_TEXT, .max = 500},
        {"current", FIELD_PASSWORD, .required = true, .max = PASSWORD_MAX});
static const struct form password_fields =
    FORM({"csrf", .kind = FIELD_TEXT}, {"current", FIELD_PASSWORD, .max = PASSWORD_MAX},
        {"password", FIELD_PASSWORD, .required = true, .min = PASSWORD_MIN, .max = PASSWORD_MAX});
static const struct form end_fields = FORM({"csrf", .kind = FIELD_TEXT});

static const struct route routes[] = {
    {HTTP_GET, "/account/security", PERMIT_ACCOUNT, show_security, &done_form, ROUTE_LOGIN, 0},
    {HTTP_GET, "/account/prove", PERMIT_ACCOUNT, show_prove, &prove_query, ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/prove", PERMIT_ACCOUNT, on_prove, &prove_fields, ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/password", PERMIT_ACCOUNT, on_password, &password_fields, ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/sessions/end", PERMIT_ACCOUNT, on_end_others, &end_fields, ROUTE_LOGIN,
        0},
    {HTTP_POST, "/account/sessions/{id}/end", PERMIT_ACCOUNT, on_end_one, &end_fields, ROUTE_LOGIN,
        0},
};

void account_security_start(void)
{
    routes_add(SURFACE_STOREFRONT, routes, sizeof routes / sizeof *routes);
}
