// What the site keeps of one, as a file, and the end of the account. Bookings that are still to
// come are named before; they stay, as a guest's.
#include "base/log.h"
#include "domain/erasure.h"
#include "domain/password.h"
#include "domain/person_own.h"
#include "web/storefront/account/account.h"
#include "web/storefront/sale.h"

static void show_data(struct request *r)
{
    struct value *view = account_page(r, "storefront.account.data", "data");
    struct value *panel = panel_add(r, view, "download", "storefront.account.download");
    panel_text(r, panel, panel_words(r, "storefront.account.download_line"));
    panel_link(r, panel, "storefront.account.download", STR("/account/data/download"));
    panel = panel_add(r, view, "delete", "storefront.account.delete");
    panel_text(r, panel, panel_words(r, "storefront.account.delete_line"));
    panel_link(r, panel, "storefront.account.delete_go", STR("/account/delete"));
    account_respond(r, view);
}

static void on_download(struct request *r)
{
    struct str json = STR_NULL;
    enum customer_result result = customer_export(r->arena, r->site, r->session.person, &json);
    if (result != CUSTOMER_DONE) {
        customer_problem(r, result);
        return;
    }
    respond_header(r, "cache-control", STR("no-store"));
    respond_attachment(r, str_join(r->arena, r->site->slug, STR(".json"), STR_NULL));
    respond_bytes(r, STR("application/json"), json);
}

static bool add_bookings(struct request *r, struct value *view)
{
    struct arena *a = r->arena;
    struct customer_bookings open;
    if (customer_open_bookings(a, r->site, r->session.person, &open) != CUSTOMER_DONE)
        return false;
    struct value *list = value_list(a);
    value_set(a, view, KEY(open_bookings), list);
    value_set_int(a, view, KEY(open_count), open.all);
    if (!open.count)
        return true;
    struct value *panel = panel_add(r, view, "bookings", "storefront.account.delete_open");
    panel_text(r, panel, panel_words(r, "storefront.account.delete_open_line"));
    for (int i = 0; i < open.count; i++) {
        const struct customer_booking *b = &open.items[i];
        struct value *v = value_append_object(a, list), *when = sale_when_view(r, b->starts_us);
        value_set_str(a, v, KEY(code), b->code);
        value_set_str(a, v, KEY(title), b->title);
        value_set_str(a, v, KEY(rate), b->rate_name);
        value_set_int(a, v, KEY(quantity), b->quantity);
        value_set(a, v, KEY(when), when);
        struct value *item = panel_item(r, panel, b->title,
            str_format(a, "%.*s · %lld × %.*s · %.*s", STR_ARG(value_get_str(when, KEY(text))),
                (long long)b->quantity, STR_ARG(b->rate_name), STR_ARG(b->code)));
        panel_item_link(r, item, str_join(a, STR("/orders/"), b->code, STR_NULL));
    }
    if (open.all > open.count)
        panel_text(r, panel,
            message(a, r->words, STR("storefront.account.delete_open_more"), "count",
                value_int(a, open.all - open.count), NULL));
    return true;
}

// Asked again: who found the browser open is not who may end the account.
static void add_proof(struct request *r, struct value *view, const struct customer *c)
{
    bool proven = account_proven(r);
    if (proven || c->has_password) {
        struct value *panel = panel_add(r, view, "delete-form", "storefront.account.delete_sure");
        panel_text(r, panel, panel_words(r, "storefront.account.delete_sure_line"));
        panel_form(r, panel, STR("/account/delete"), "storefront.account.delete_do");
        if (!proven)
            panel_field(r, panel,
                &(struct panel_field){.name = "password",
                    .label = "storefront.account.password",
                    .kind = PANEL_PASSWORD,
                    .required = true,
                    .autocomplete = "current-password"});
    }
    if (proven)
        return;
    struct value *panel = panel_add(r, view, "delete-code", "storefront.account.delete_code");
    panel_text(r, panel,
        message(r->arena, r->words, STR("storefront.account.delete_code_line"), "email",
            value_str(r->arena, c->email), NULL));
    panel_form(r, panel, STR("/account/delete/code"), "storefront.account.code_send");
}

static void show_delete_of(struct request *r, const struct customer *c)
{
    struct value *view = account_page(r, "storefront.account.delete", "data");
    if (!add_bookings(r, view)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    add_proof(r, view, c);
    account_respond(r, view);
}

static void show_delete(struct request *r)
{
    struct customer c;
    if (account_customer(r, &c))
        show_delete_of(r, &c);
}

// False: answered.
static bool is_sure(struct request *r, const struct customer *c)
{
    struct str password = form_str(r, KEY(password));
    int64_t wait_s = 0;
    if (account_proven(r))
        return true;
    if (!password.len || !c->has_password) {
        panel_refuse(r, "password", "required", "storefront.account.password_missing");
        show_delete_of(r, c);
        return false;
    }
    switch (customer_check_password(r->arena, r->site, c, password, &wait_s)) {
    case CUSTOMER_DONE:
        return true;
    case CUSTOMER_WRONG:
        panel_refuse(r, "password", "password_wrong", "storefront.account.password_wrong");
        show_delete_of(r, c);
        return false;
    case CUSTOMER_TRIED:
        account_refuse_many(r, "password", wait_s);
        show_delete_of(r, c);
        return false;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
}

static void on_delete(struct request *r)
{
    struct customer c;
    if (!account_customer(r, &c) || !is_sure(r, &c))
        return;
    struct customer_erasure what = {.actor = {.kind = STR("customer"), .id = c.id}, .tell = true};
    enum customer_result result = customer_erase(r->arena, r->site, c.id, &what);
    switch (result) {
    case CUSTOMER_DONE:
        // A profile that no venue uses any more couldn't be reached by its person.
        if (c.person && person_end_unused(r->arena, c.person) != CUSTOMER_DONE)
            log_warn("an unused profile stays", "site", r->site->slug);
        __attribute__((fallthrough));
    case CUSTOMER_GONE: // the second of two clicks
        if (session_end(r, SESSION_GUEST))
            respond_done(r, 200, STR("/account/deleted"), value_object(r->arena));
        else
            respond_problem(r, PROBLEM_UNAVAILABLE);
        break;
    default:
        customer_problem(r, result);
    }
}

static void on_delete_code(struct request *r)
{
    struct customer c;
    if (account_customer(r, &c))
        account_send_code(r, c.email, STR("/account/delete"));
}

static void show_deleted(struct request *r)
{
    struct value *view = panel_page(r, "storefront.account.deleted");
    panel_page_line(r, view, panel_words(r, "storefront.account.deleted_line"));
    struct value *panel = panel_add(r, view, "deleted", "storefront.account.deleted");
    panel_link(r, panel, "storefront.home.all", STR("/offers"));
    account_respond_entry(r, view);
}

static const struct form delete_fields =
    FORM({"csrf", .kind = FIELD_TEXT}, {"password", FIELD_PASSWORD, .max = PASSWORD_MAX});
static const struct form code_fields =
    FORM({"csrf", .kind = FIELD_TEXT}, {"keep", .kind = FIELD_BOOL});

static const struct route routes[] = {
    {HTTP_GET, "/account/data", PERMIT_ACCOUNT, show_data, NULL, ROUTE_LOGIN, 0},
    {HTTP_GET, "/account/data/download", PERMIT_ACCOUNT, on_download, NULL, ROUTE_LOGIN, 0},
    {HTTP_GET, "/account/delete", PERMIT_ACCOUNT, show_delete, NULL, ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/delete", PERMIT_ACCOUNT, on_delete, &delete_fields, ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/delete/code", PERMIT_ACCOUNT, on_delete_code, &code_fields, ROUTE_LOGIN,
        0},
    {HTTP_GET, "/account/deleted", PERMIT_PUBLIC, show_deleted, NULL, ROUTE_LOGIN, 0},
};

void account_data_start(void)
{
    routes_add(SURFACE_STOREFRONT, routes, sizeof routes / sizeof *routes);
}
