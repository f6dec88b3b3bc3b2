// Passkeys: adding, naming and removing them, and logging in by one (U15). The browser's script
// asks for a challenge, has the authenticator answer, and sends the answer as a form like any
// other.
#include "base/id.h"
#include "domain/passkey.h"
#include "http/host.h"
#include "http/page.h"
#include "web/office/settings/agent.h"
#include "web/storefront/account/account.h"

static const char browser_cookie[] = "__Host-vt-passkey";
enum { BROWSER_COOKIE_S = 3600 };
// Of base64url text: authenticators' answers are some hundred bytes, with a certificate some
// thousand.
enum { ANSWER_MAX = 16000, CREDENTIAL_MAX = 1400, HANDLE_MAX = 100 };

static struct webauthn_site where_of(const struct request *r)
{
    return (struct webauthn_site){host_url(r->arena, r->authority), r->authority};
}

static struct str bytes_of(const struct request *r, value_key field)
{
    return id_base64_decode(r->arena, form_str(r, field));
}

static struct value *credentials_view(struct request *r, const struct str *credentials, int count)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    for (int i = 0; i < count; i++)
        value_append(a, list, value_str(a, id_base64url(a, credentials[i].p, credentials[i].len)));
    return list;
}

static struct value *ask_view(struct request *r, const struct passkey_ask *ask)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(challenge), passkey_challenge(a, r->site, ask));
    value_set_str(a, v, KEY(host), r->authority);
    value_set_int(a, v, KEY(timeout_ms), PASSKEY_ASK_US / 1000);
    respond_header(r, "cache-control", STR("no-store"));
    return v;
}

static void respond_missing(struct request *r, struct str next)
{
    if (r->wants_json || r->sent_json)
        respond_problem(r, PROBLEM_NOT_FOUND);
    else
        respond_redirect(r, request_url(r, next));
}

static struct passkey_ask ask_to_add(const struct request *r)
{
    return (struct passkey_ask){
        .act = WEBAUTHN_CREATE, .browser = r->session.token, .customer = r->session.person};
}

static void add_algorithms(struct request *r, struct value *v)
{
    static const int offered[] = {WEBAUTHN_ES256, WEBAUTHN_EDDSA, WEBAUTHN_RS256};
    struct value *list = value_list(r->arena);
    for (size_t i = 0; i < sizeof offered / sizeof *offered; i++)
        value_append(r->arena, list, value_int(r->arena, offered[i]));
    value_set(r->arena, v, KEY(algorithms), list);
}

static void on_ask_to_add(struct request *r)
{
    struct arena *a = r->arena;
    struct str known[PASSKEYS_MAX], handle = passkey_handle(a, r->site, r->session.person);
    struct passkey_ask ask = ask_to_add(r);
    int count = 0;
    if (!account_require_proof(r, STR("/account/security")))
        return;
    const struct rows *rows = passkey_list(a, r->site, r->session.person);
    if (!rows) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    for (; count < rows->count && count < PASSKEYS_MAX; count++)
        known[count] = id_base64_decode(a, rows_str(rows, count, KEY(credential)));
    struct value *v = ask_view(r, &ask), *user = value_object(a);
    value_set(a, v, KEY(user), user);
    value_set_str(a, user, KEY(id), id_base64url(a, handle.p, handle.len));
    value_set_str(a, user, KEY(name), r->session.email);
    value_set_str(a, user, KEY(display_name), r->session.name);
    value_set_str(a, v, KEY(site_name), r->site->name);
    value_set(a, v, KEY(known), credentials_view(r, known, count));
    add_algorithms(r, v);
    respond_json(r, 200, v);
}

static void refuse_new(struct request *r, const struct customer *c, enum passkey_result result)
{
    static const struct {
        const char *code, *key;
    } words[] = {
        [PASSKEY_LATE] = {"passkey_late", "storefront.account.passkey_late"},
        [PASSKEY_WRONG] = {"passkey_wrong", "storefront.account.passkey_unfit"},
        [PASSKEY_KNOWN] = {"passkey_known", "storefront.account.passkey_known"},
        [PASSKEY_FULL] = {"passkey_full", "storefront.account.passkey_full"},
    };
    if (result >= sizeof words / sizeof *words || !words[result].code) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    panel_refuse(r, "passkey", words[result].code, words[result].key);
    account_show_security(r, c);
}

static void on_add(struct request *r)
{
    struct customer c;
    int64_t id;
    if (!account_require_proof(r, STR("/account/security")) || !account_customer(r, &c))
        return;
    struct passkey_new made = {.where = where_of(r),
        .ask = ask_to_add(r),
        .name = form_str(r, KEY(passkey)),
        .client_data = bytes_of(r, KEY(client_data)),
        .attestation = bytes_of(r, KEY(attestation))};
    if (form_refused(r)) {
        account_show_security(r, &c);
        return;
    }
    enum passkey_result result = passkey_add(r->arena, r->site, &c, &made, &id);
    if (result != PASSKEY_DONE) {
        refuse_new(r, &c, result);
        return;
    }
    struct value *view = value_object(r->arena);
    value_set_str(r->arena, view, KEY(id), str_of_i64(r->arena, id));
    respond_done(r, 201, STR("/account/security?done=passkey"), view);
}

static struct str when_words(struct request *r, const struct rows *rows, int i)
{
    int64_t used_us = rows_i64_or(rows, i, KEY(used_us), 0);
    int64_t us = used_us ? used_us : rows_us(rows, i, KEY(created_us));
    struct value *when = format_time_value(r->arena, r->format, r->site->zone, us);
    return message(r->arena, r->words,
        used_us ? STR("storefront.account.seen") : STR("storefront.account.passkey_added"), "when",
        value_str(r->arena, value_get_str(when, KEY(text))), NULL);
}

static struct str passkey_path(struct request *r, struct str id)
{
    return str_join(r->arena, STR("/account/passkeys/"), id, STR_NULL);
}

static void add_items(struct request *r, struct value *panel, const struct rows *rows)
{
    for (int i = 0; i < rows->count; i++) {
        bool copied = rows_bool(rows, i, KEY(copied));
        struct value *item = panel_item(r, panel, rows_str(rows, i, KEY(name)),
            copied ? panel_words(r, "storefront.account.passkey_copied") : when_words(r, rows, i));
        panel_item_link(
            r, item, passkey_path(r, str_of_i64(r->arena, rows_i64(rows, i, KEY(passkey_id)))));
    }
}

static void add_list(struct request *r, struct value *view, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    value_set(a, view, KEY(passkeys), list);
    for (int i = 0; i < rows->count; i++) {
        struct value *item = value_append_object(a, list);
        value_set_str(a, item, KEY(id), str_of_i64(a, rows_i64(rows, i, KEY(passkey_id))));
        value_set_str(a, item, KEY(name), rows_str(rows, i, KEY(name)));
        value_set_bool(a, item, KEY(copied), rows_bool(rows, i, KEY(copied)));
    }
}

// What the browser's script needs (modules/passkey.js).
void account_add_passkey_act(
    struct request *r, struct value *panel, const char *act, const char *path)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    struct str use = request_url(r, str_of(path));
    value_set(a, panel, KEY(by_passkey), v);
    value_set_str(a, v, KEY(act), str_of(act));
    value_set_str(a, v, KEY(use_url), use);
    value_set_str(a, v, KEY(ask_url), str_join(a, use, STR("/ask"), STR_NULL));
}

bool account_add_passkeys(struct request *r, struct value *view)
{
    const struct rows *rows = passkey_list(r->arena, r->site, r->session.person);
    if (!rows)
        return false;
    struct value *panel = panel_add(r, view, "passkeys", "storefront.account.passkeys");
    add_list(r, view, rows);
    add_items(r, panel, rows);
    panel_text(r, panel,
        panel_words(r, rows->count >= PASSKEYS_MAX ? "storefront.account.passkey_full"
                                                   : "storefront.account.passkeys_line"));
    if (rows->count >= PASSKEYS_MAX)
        return true;
    if (!account_proven(r)) {
        panel_link(r, panel, "storefront.account.passkey_add",
            account_with_next(r, "/account/prove", STR("/account/security")));
        return true;
    }
    panel_form(r, panel, STR("/account/passkeys"), "storefront.account.passkey_add");
    account_add_passkey_act(r, panel, "create", "/account/passkeys");
    panel_hidden(r, panel, "client_data", STR(""));
    panel_hidden(r, panel, "attestation", STR(""));
    panel_field(r, panel,
        &(struct panel_field){.name = "passkey",
            .label = "storefront.account.passkey_name",
            .hint = "storefront.account.passkey_name_hint",
            .value = agent_name(r, r->agent),
            .len_max = PASSKEY_NAME_MAX,
            .required = true});
    return true;
}

// The passkey of the address that is the customer's own; answered when there is none.
static bool find(struct request *r, int64_t *id, struct str *name, bool *copied)
{
    const struct rows *rows = passkey_list(r->arena, r->site, r->session.person);
    bool number = str_to_i64(r->params[0], id);
    for (int i = 0; rows && number && i < rows->count; i++)
        if (rows_i64(rows, i, KEY(passkey_id)) == *id) {
            *name = rows_str(rows, i, KEY(name));
            *copied = rows_bool(rows, i, KEY(copied));
            return true;
        }
    respond_problem(r, rows ? PROBLEM_NOT_FOUND : PROBLEM_UNAVAILABLE);
    return false;
}

static struct str path_of(struct request *r, const char *rest)
{
    return str_join(r->arena, passkey_path(r, r->params[0]), str_of(rest), STR_NULL);
}

static void show_one(struct request *r)
{
    int64_t id;
    struct str name;
    bool copied;
    if (!find(r, &id, &name, &copied))
        return;
    struct value *view = account_page(r, "storefront.account.passkey", "security");
    struct value *panel = panel_add(r, view, "name-form", "storefront.account.passkey_name");
    panel_form(r, panel, path_of(r, "/name"), "storefront.account.update");
    panel_field(r, panel,
        &(struct panel_field){.name = "passkey",
            .label = "storefront.account.passkey_name",
            .value = name,
            .len_max = PASSKEY_NAME_MAX,
            .required = true});
    panel = panel_add(r, view, "remove-form", "storefront.account.passkey_remove");
    panel_text(r, panel,
        panel_words(r, copied ? "storefront.account.passkey_copied"
                              : "storefront.account.passkey_remove_line"));
    panel_form(r, panel, path_of(r, "/remove"), "storefront.account.passkey_remove");
    panel_link(r, panel, "storefront.account.back", STR("/account/security"));
    struct value *passkey = value_object(r->arena);
    value_set(r->arena, view, KEY(passkey), passkey);
    value_set_str(r->arena, passkey, KEY(id), r->params[0]);
    value_set_str(r->arena, passkey, KEY(name), name);
    value_set_bool(r->arena, passkey, KEY(copied), copied);
    account_respond(r, view);
}

static void respond_changed(struct request *r, enum passkey_result result, const char *done)
{
    switch (result) {
    case PASSKEY_DONE:
        respond_done(r, 200, str_of(done), value_object(r->arena));
        break;
    case PASSKEY_GONE:
        respond_missing(r, STR("/account/security"));
        break;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static void on_rename(struct request *r)
{
    struct customer c;
    int64_t id = 0;
    if (form_refused(r)) {
        show_one(r);
        return;
    }
    if (!account_customer(r, &c))
        return;
    if (!str_to_i64(r->params[0], &id))
        id = 0;
    respond_changed(r, passkey_rename(r->arena, r->site, &c, id, form_str(r, KEY(passkey))),
        "/account/security?done=passkey_name");
}

static void on_remove(struct request *r)
{
    struct customer c;
    int64_t id = 0;
    if (!account_require_proof(r, passkey_path(r, r->params[0])) || !account_customer(r, &c))
        return;
    if (!str_to_i64(r->params[0], &id))
        id = 0;
    respond_changed(
        r, passkey_remove(r->arena, r->site, &c, id), "/account/security?done=passkey_removed");
}

static struct passkey_ask ask_to_enter(const struct request *r)
{
    struct str browser = request_cookie(r, str_of(browser_cookie));
    return (struct passkey_ask){.act = WEBAUTHN_GET,
        .browser = browser.len == ID_TOKEN_LEN ? browser : STR_NULL,
        .email = form_str(r, KEY(email))};
}

static void on_ask_to_enter(struct request *r)
{
    struct passkey_ask ask = ask_to_enter(r);
    struct str allowed[PASSKEYS_MAX];
    int count = 0;
    if (!ask.browser.len)
        ask.browser = id_token(r->arena);
    if (ask.email.len) {
        if (passkey_allowed(r->arena, r->site, ask.email, allowed) != CUSTOMER_DONE) {
            respond_problem(r, PROBLEM_UNAVAILABLE);
            return;
        }
        count = PASSKEYS_MAX;
    }
    respond_cookie(r, browser_cookie, ask.browser, BROWSER_COOKIE_S);
    struct value *v = ask_view(r, &ask);
    value_set(r->arena, v, KEY(allowed), credentials_view(r, allowed, count));
    respond_json(r, 200, v);
}

static void on_enter(struct request *r)
{
    struct customer c;
    int64_t wait_s = 0;
    struct passkey_login login = {.where = where_of(r),
        .ask = ask_to_enter(r),
        .remote = r->remote,
        .credential = bytes_of(r, KEY(credential)),
        .handle = bytes_of(r, KEY(handle)),
        .answer = {bytes_of(r, KEY(client_data)), bytes_of(r, KEY(authenticator_data)),
            bytes_of(r, KEY(signature))}};
    if (form_refused(r)) {
        account_respond_entry(r, account_login_view(r));
        return;
    }
    enum passkey_result result = passkey_log_in(r->arena, r->site, &login, &c, &wait_s);
    if (result == PASSKEY_DONE) {
        account_let_in(r, c.id, true);
    } else if (result == PASSKEY_TRIED) {
        account_refuse_many(r, "email", wait_s);
        account_respond_entry(r, account_login_view(r));
    } else if (result == PASSKEY_BUSY) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
    } else if (result == PASSKEY_LATE && r->session.person) { // the second of two clicks
        respond_redirect(r, request_url(r, account_next(r)));
    } else {
        // One answer for all that is wrong: it tells nothing of who has which passkey.
        panel_refuse(r, "email", "passkey_wrong", "storefront.account.passkey_wrong");
        account_respond_entry(r, account_login_view(r));
    }
}

static const struct form ask_fields =
    FORM({"csrf", .kind = FIELD_TEXT}, {"email", FIELD_TEXT, .max = 254});
static const struct form none_fields = FORM({"csrf", .kind = FIELD_TEXT});
static const struct form name_fields = FORM({"csrf", .kind = FIELD_TEXT},
    {"passkey", FIELD_TEXT, .required = true, .max = PASSKEY_NAME_MAX});
static const struct form add_fields = FORM({"csrf", .kind = FIELD_TEXT},
    {"passkey", FIELD_TEXT, .required = true, .max = PASSKEY_NAME_MAX},
    {"client_data", FIELD_TEXT, .max = ANSWER_MAX}, {"attestation", FIELD_TEXT, .max = ANSWER_MAX});
static const struct form enter_fields = FORM({"csrf", .kind = FIELD_TEXT},
    {"email", FIELD_TEXT, .max = 254}, {"keep", .kind = FIELD_BOOL},
    {"next", FIELD_TEXT, .max = 500}, {"credential", FIELD_TEXT, .max = CREDENTIAL_MAX},
    {"handle", FIELD_TEXT, .max = HANDLE_MAX}, {"client_data", FIELD_TEXT, .max = ANSWER_MAX},
    {"authenticator_data", FIELD_TEXT, .max = ANSWER_MAX},
    {"signature", FIELD_TEXT, .max = ANSWER_MAX});

#define FROM_ANYBODY (ROUTE_LOGIN | ROUTE_ANONYMOUS_FORM)

static const struct route routes[] = {
    {HTTP_POST, "/account/login/passkey/ask", PERMIT_PUBLIC, on_ask_to_enter, &ask_fields,
        FROM_ANYBODY, 0},
    {HTTP_POST, "/account/login/passkey", PERMIT_PUBLIC, on_enter, &enter_fields, FROM_ANYBODY, 0},
    {HTTP_POST, "/account/passkeys/ask", PERMIT_ACCOUNT, on_ask_to_add, &none_fields, ROUTE_LOGIN,
        0},
    {HTTP_POST, "/account/passkeys", PERMIT_ACCOUNT, on_add, &add_fields, ROUTE_LOGIN, 0},
    {HTTP_GET, "/account/passkeys/{id}", PERMIT_ACCOUNT, show_one, NULL, ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/passkeys/{id}/name", PERMIT_ACCOUNT, on_rename, &name_fields, ROUTE_LOGIN,
        0},
    {HTTP_POST, "/account/passkeys/{id}/remove", PERMIT_ACCOUNT, on_remove, &none_fields,
        ROUTE_LOGIN, 0},
};

void account_passkeys_start(void)
{
    routes_add(SURFACE_STOREFRONT, routes, sizeof routes / sizeof *routes);
}
