// Codes and links by mail: to log in, and to show that the address is one's own.
#include "base/id.h"
#include "web/storefront/account/account.h"

static const char browser_cookie[] = "__Host-vt-code";
enum { BROWSER_COOKIE_S = 3600 };

static struct str browser_of(const struct request *r)
{
    return request_cookie(r, str_of(browser_cookie));
}

static struct str code_path(struct request *r, int64_t id, struct str next)
{
    struct buf b;
    buf_init(&b, r->arena, 4096);
    buf_add(&b, str_format(r->arena, "/account/login/code?id=%lld&keep=%s&next=", (long long)id,
                    form_bool(r, KEY(keep)) ? "1" : "0"));
    buf_add_url(&b, next);
    return buf_str(&b);
}

void account_send_code(struct request *r, struct str email, struct str next)
{
    struct str browser = browser_of(r);
    int64_t id = 0, wait_s = 0;
    if (browser.len != ID_TOKEN_LEN)
        browser = id_token(r->arena);
    struct customer_ask ask = {email, r->language, r->remote, browser};
    switch (customer_ask_code(r->arena, r->site, &ask, &id, &wait_s)) {
    case CUSTOMER_DONE:
        break;
    case CUSTOMER_TRIED:
        respond_retry_after(r, wait_s);
        respond_problem(r, PROBLEM_TOO_MANY);
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = value_object(r->arena);
    value_set_str(r->arena, view, KEY(id), str_of_i64(r->arena, id));
    respond_cookie(r, browser_cookie, browser, BROWSER_COOKIE_S);
    respond_done(r, 200, code_path(r, id, next), view);
}

static void on_mail(struct request *r)
{
    if (form_refused(r))
        respond_redirect(r, request_url(r, STR("/account/login")));
    else
        account_send_code(r, form_str(r, KEY(email)), account_next(r));
}

static struct customer_proof proof_of(const struct request *r)
{
    return (struct customer_proof){.id = form_int(r, KEY(id), 0),
        .browser = browser_of(r),
        .code = form_str(r, KEY(code)),
        .token = form_str(r, KEY(t)),
        .logged_in = r->session.person,
        .session = r->session.id};
}

static struct value *ended_view(struct request *r)
{
    struct value *view = panel_page(r, "storefront.account.code_ended");
    panel_page_line(r, view, panel_words(r, "storefront.account.code_ended_line"));
    struct value *panel = panel_add(r, view, "ended", "storefront.account.code_ended");
    panel_link(r, panel, "storefront.account.login", STR("/account/login"));
    return view;
}

// By the link in the browser that asked no code is typed.
static struct value *code_view(struct request *r, bool by_link)
{
    struct value *view = panel_page(r, "storefront.account.code");
    struct value *panel = panel_add(r, view, "code-form", "storefront.account.code");
    panel_page_line(r, view,
        panel_words(r, by_link ? "storefront.account.link_line" : "storefront.account.code_line"));
    panel_form(r, panel, STR("/account/login/code"), "storefront.account.login");
    panel_hidden(r, panel, "id", str_of_i64(r->arena, form_int(r, KEY(id), 0)));
    panel_hidden(r, panel, "t", form_str(r, KEY(t)));
    panel_hidden(r, panel, "keep", form_bool(r, KEY(keep)) ? STR("1") : STR("0"));
    panel_hidden(r, panel, "next", account_next(r));
    if (!by_link)
        panel_field(r, panel,
            &(struct panel_field){.name = "code",
                .label = "storefront.account.code_label",
                .kind = PANEL_CODE,
                .len_max = 12,
                .required = true,
                .autocomplete = "one-time-code"});
    panel_link(r, panel, "storefront.account.code_again", STR("/account/login"));
    return view;
}

static void show_code(struct request *r)
{
    struct customer_proof proof = proof_of(r);
    bool same = false;
    switch (customer_code_look(r->arena, r->site, &proof, &same)) {
    case CUSTOMER_DONE:
        account_respond_entry(r, code_view(r, same && proof.token.len));
        break;
    case CUSTOMER_BUSY:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        break;
    default:
        account_respond_entry(r, ended_view(r));
    }
}

static struct str digits_of(struct request *r, struct str typed)
{
    struct buf b;
    buf_init(&b, r->arena, 64);
    for (size_t i = 0; i < typed.len; i++)
        if (typed.p[i] >= '0' && typed.p[i] <= '9')
            buf_add_char(&b, typed.p[i]);
    return buf_str(&b);
}

static void on_code(struct request *r)
{
    struct customer_proof proof = proof_of(r);
    struct customer c;
    proof.code = digits_of(r, proof.code);
    switch (customer_use_code(r->arena, r->site, &proof, &c)) {
    case CUSTOMER_DONE:
        account_let_in(r, c.id, true);
        break;
    case CUSTOMER_WRONG:
        panel_refuse(r, "code", "code_wrong", "storefront.account.code_wrong");
        account_respond_entry(r, code_view(r, false));
        break;
    case CUSTOMER_BUSY:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        break;
    default:
        if (r->session.person) // the second of two clicks
            respond_redirect(r, request_url(r, account_next(r)));
        else if (r->wants_json || r->sent_json)
            respond_problem(r, PROBLEM_GONE);
        else
            respond_page(r, 410, "storefront/account/entry", ended_view(r));
    }
}

static void show_confirm(struct request *r)
{
    struct value *view = panel_page(r, "storefront.account.confirm");
    struct value *panel = panel_add(r, view, "confirm", "storefront.account.confirm");
    panel_page_line(r, view,
        message(r->arena, r->words, STR("storefront.account.confirm_line"), "email",
            value_str(r->arena, r->session.email), NULL));
    panel_form(r, panel, STR("/account/confirm"), "storefront.account.confirm");
    panel_hidden(r, panel, "until", str_of_i64(r->arena, form_int(r, KEY(until), 0)));
    panel_hidden(r, panel, "t", form_str(r, KEY(t)));
    account_respond_entry(r, view);
}

static void on_confirm(struct request *r)
{
    struct customer c;
    if (!account_customer(r, &c))
        return;
    struct customer_link link = {form_int(r, KEY(until), 0), form_str(r, KEY(t)), r->session.id};
    int64_t was = c.id;
    switch (customer_confirm(r->arena, r->site, &c, &link)) {
    case CUSTOMER_DONE:
        break;
    case CUSTOMER_GONE:
        respond_page(r, 410, "storefront/account/entry", ended_view(r));
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct session_entry entry = {.customer = c.id, .kept = r->session.kept};
    if (c.id != was && !session_enter(r, &entry)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    respond_done(r, 200, STR("/account?done=confirmed"), value_object(r->arena));
}

static const struct form mail_fields = FORM({"csrf", .kind = FIELD_TEXT},
    {"next", FIELD_TEXT, .max = 500}, {"email", FIELD_EMAIL, .required = true, .max = 254},
    {"password", FIELD_PASSWORD, .max = 200}, {"keep", .kind = FIELD_BOOL});
static const struct form code_query = FORM({"id", FIELD_INT, .min = 1, .max = INT64_MAX},
    {"t", FIELD_TEXT, .max = 40}, {"next", FIELD_TEXT, .max = 500}, {"keep", .kind = FIELD_BOOL});
static const struct form code_fields = FORM({"csrf", .kind = FIELD_TEXT},
    {"id", FIELD_INT, .required = true, .min = 1, .max = INT64_MAX}, {"t", FIELD_TEXT, .max = 40},
    {"code", FIELD_TEXT, .max = 12}, {"next", FIELD_TEXT, .max = 500},
    {"keep", .kind = FIELD_BOOL});
static const struct form confirm_query =
    FORM({"until", FIELD_INT, .min = 1, .max = INT64_MAX}, {"t", FIELD_TEXT, .max = 40});
static const struct form confirm_fields = FORM({"csrf", .kind = FIELD_TEXT},
    {"until", FIELD_INT, .min = 1, .max = INT64_MAX}, {"t", FIELD_TEXT, .max = 40});

// A double click: the page was made before somebody was in.
#define FROM_ANYBODY (ROUTE_LOGIN | ROUTE_ANONYMOUS_FORM)

static const struct route routes[] = {
    {HTTP_POST, "/account/login/mail", PERMIT_PUBLIC, on_mail, &mail_fields, FROM_ANYBODY, 0},
    {HTTP_GET, "/account/login/code", PERMIT_PUBLIC, show_code, &code_query, ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/login/code", PERMIT_PUBLIC, on_code, &code_fields, FROM_ANYBODY, 0},
    {HTTP_GET, "/account/confirm", PERMIT_ACCOUNT, show_confirm, &confirm_query, ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/confirm", PERMIT_ACCOUNT, on_confirm, &confirm_fields, ROUTE_LOGIN, 0},
};

void account_code_start(void)
{
    routes_add(SURFACE_STOREFRONT, routes, sizeof routes / sizeof *routes);
}
