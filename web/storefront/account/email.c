// Another address (T6): the customer asks, the venue's staff see it on the customer's page and
// decide.
#include "base/text.h"
#include "domain/customer_email.h"
#include "web/storefront/account/account.h"

static void show(struct request *r)
{
    struct arena *a = r->arena;
    struct value *view = account_page(r, "storefront.account.email", "details");
    struct value *panel = panel_add(r, view, "email-wish", "storefront.account.email");
    struct value *venue = value_str(a, r->site->name);
    panel_text(
        r, panel, message(a, r->words, STR("storefront.account.email_text"), "venue", venue, NULL));
    panel_form(r, panel, STR("/account/email"), "storefront.account.email_ask");
    panel_field(r, panel,
        &(struct panel_field){.name = "new_email",
            .label = "storefront.account.email_new",
            .kind = PANEL_EMAIL,
            .len_max = 254,
            .required = true,
            .autocomplete = "email"});
    panel_field(r, panel,
        &(struct panel_field){.name = "reason",
            .label = "storefront.account.email_reason",
            .kind = PANEL_LONG,
            .rows = 3,
            .len_max = 500});
    panel_link(r, panel, "storefront.account.details", STR("/account/details"));
    account_respond(r, view);
}

static void on_email(struct request *r)
{
    struct customer c;
    if (!account_customer(r, &c))
        return;
    // The venue couldn't change it (T7).
    if (c.person)
        respond_redirect(r, request_url(r, STR("/account/profile")));
    else
        show(r);
}

static void on_ask(struct request *r)
{
    struct customer c;
    if (!account_customer(r, &c))
        return;
    if (c.person) {
        respond_problem_code(r, PROBLEM_FORBIDDEN, "profile_apart");
        return;
    }
    struct customer_wish wish = {form_str(r, KEY(new_email)), form_str(r, KEY(reason))};
    if (wish.email.len && str_eq(wish.email, c.email))
        panel_refuse(r, "new_email", "same", "storefront.account.email_same");
    if (form_refused(r)) {
        show(r);
        return;
    }
    enum customer_result result = customer_ask_email(r->arena, r->site, &c, &wish);
    if (result == CUSTOMER_DONE)
        respond_done(r, 200, STR("/account/details?done=email_asked"), value_object(r->arena));
    else
        customer_problem(r, result);
}

static const struct form ask_form = FORM({"csrf", .kind = FIELD_TEXT},
    {"new_email", FIELD_EMAIL, .required = true}, {"reason", FIELD_LONG, .max = 500});

static const struct route routes[] = {
    {HTTP_GET, "/account/email", PERMIT_ACCOUNT, on_email, NULL, ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/email", PERMIT_ACCOUNT, on_ask, &ask_form, ROUTE_LOGIN, 0},
};

void account_email_start(void)
{
    routes_add(SURFACE_STOREFRONT, routes, sizeof routes / sizeof *routes);
}
