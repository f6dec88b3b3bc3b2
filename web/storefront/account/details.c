// Who one is (T4–T6).
#include "base/phone.h"
#include "web/storefront/account/account.h"

// What a profile for all venues keeps is shown, and changed there.
static void add_profile(struct request *r, struct value *panel, const struct customer *c)
{
    struct value *item = panel_item(r, panel, customer_name(r->arena, c),
        str_join(r->arena, c->email, STR(" · "), phone_text(r->arena, c->phone), STR_NULL));
    panel_item_link(r, item, STR("/account/profile"));
    panel_text(r, panel, panel_words(r, "storefront.profile.kept_there"));
    panel_link(r, panel, "storefront.profile.title", STR("/account/profile"));
}

static void add_fields(struct request *r, struct value *panel, const struct customer *c)
{
    panel_form(r, panel, STR("/account/details"), "storefront.account.update");
    panel_hidden(r, panel, "version", str_of_i64(r->arena, c->version));
    account_add_names(r, panel, c);
    struct value *email = panel_field(r, panel,
        &(struct panel_field){.name = "email",
            .label = "storefront.checkout.email",
            .kind = PANEL_EMAIL,
            .value = c->email,
            .fixed = true});
    panel_field_hint(r, email,
        message(r->arena, r->words, STR("storefront.account.email_fixed"), "venue",
            value_str(r->arena, r->site->name), NULL),
        STR("/account/email"));
    panel_field(r, panel,
        &(struct panel_field){.name = "phone",
            .label = "storefront.checkout.phone",
            .hint = "storefront.account.phone_hint",
            .kind = PANEL_PHONE,
            .value = phone_text(r->arena, c->phone),
            .len_max = PHONE_TYPED_MAX,
            .autocomplete = "tel"});
}

static struct value *details_view(struct request *r, const struct customer *c)
{
    struct value *view = account_page(r, "storefront.account.details", "details");
    struct value *panel = panel_add(r, view, "details", "storefront.account.reach");
    if (c->person)
        add_profile(r, panel, c);
    else
        add_fields(r, panel, c);
    struct value *customer = value_object(r->arena);
    value_set(r->arena, view, KEY(customer), customer);
    value_set_str(r->arena, customer, KEY(first_name), c->first_name);
    value_set_str(r->arena, customer, KEY(last_name), c->last_name);
    value_set_str(r->arena, customer, KEY(email), c->email);
    value_set_str(r->arena, customer, KEY(phone), c->phone);
    value_set_int(r->arena, customer, KEY(version), c->version);
    account_add_done(r, view);
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
    if (c.person) {
        respond_problem_code(r, PROBLEM_FORBIDDEN, "profile_apart");
        return;
    }
    struct str phone = account_phone(r, "phone");
    if (form_refused(r)) {
        account_respond(r, details_view(r, &c));
        return;
    }
    c.version = form_int(r, KEY(version), 0);
    account_read_names(r, &c);
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
    case CUSTOMER_VERIFIED:
        respond_problem_code(r, PROBLEM_FORBIDDEN, "profile_apart");
        break;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static const struct form done_form = FORM({"done", FIELD_TEXT, .max = 40});
static const struct form details_fields = FORM({"csrf", .kind = FIELD_TEXT},
    {"version", .kind = FIELD_INT, .required = true, .min = 0, .max = INT64_MAX}, ACCOUNT_NAMES,
    {"email", FIELD_TEXT, .max = 254}, {"phone", FIELD_PHONE, .max = PHONE_TYPED_MAX});

static const struct route routes[] = {
    {HTTP_GET, "/account/details", PERMIT_ACCOUNT, show_details, &done_form, ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/details", PERMIT_ACCOUNT, on_details, &details_fields, ROUTE_LOGIN, 0},
};

void account_details_start(void)
{
    routes_add(SURFACE_STOREFRONT, routes, sizeof routes / sizeof *routes);
}
