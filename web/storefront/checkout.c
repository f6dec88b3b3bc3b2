#include "domain/customer.h"
#include "domain/order_place.h"
#include "web/storefront/account/account.h"
#include "web/storefront/sale.h"

// A site asks for a phone number never, optionally or always.
static struct str asks_phone(const struct request *r)
{
    return value_get_str(r->site->settings, KEY(ask_phone));
}

// The edition of the terms that has to be agreed to; 0: the site doesn't ask, or has none.
static int64_t asked_terms(const struct request *r)
{
    const struct value *pages = value_get(r->site->settings, KEY(pages));
    bool asks = value_get_bool(r->site->settings, KEY(ask_terms), false);
    return asks ? value_get_int(pages, KEY(terms), 0) : 0;
}

static struct value *terms_view(struct request *r)
{
    struct value *v = value_object(r->arena);
    if (!asked_terms(r))
        return NULL;
    value_set_str(r->arena, v, KEY(terms_url), request_url(r, STR("/legal/terms")));
    return v;
}

static struct value *ask_view(struct request *r)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    value_set_bool(a, v, KEY(phone), asks_phone(r).len && !str_is(asks_phone(r), "never"));
    value_set_bool(a, v, KEY(phone_required), str_is(asks_phone(r), "always"));
    value_set(a, v, KEY(terms), terms_view(r));
    return v;
}

static void show_known(struct request *r, const char *field, struct str value)
{
    struct arena *a = r->arena;
    value_key key = value_key_intern(str_of(field));
    if (!r->typed)
        r->typed = value_object(a);
    if (value_get(r->typed, key))
        return;
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(value), value.p ? value : STR(""));
    value_set(a, r->typed, key, v);
}

static void show(struct request *r, const struct order *o, bool refused)
{
    struct arena *a = r->arena;
    if (!form_refused(r)) {
        show_known(r, "name", o->name);
        show_known(r, "email", o->email);
        show_known(r, "phone", o->phone);
    }
    struct value *view = page_view(r);
    bool to_pay = o->total_minor > 0;
    value_set(a, view, KEY(order), sale_order_view(r, o));
    value_set(a, view, KEY(hold), sale_hold_view(r, o, "details"));
    value_set(a, view, KEY(steps), sale_steps_view(r, "details", to_pay));
    value_set(a, view, KEY(ask), ask_view(r));
    value_set_bool(a, view, KEY(to_pay), to_pay);
    value_set_str(a, view, KEY(action), request_url(r, STR("/checkout")));
    value_set_str(a, view, KEY(idempotency_key), idempotency_key(r));
    if (refused)
        respond_invalid(r, "storefront/checkout", view);
    else
        respond_page(r, 200, "storefront/checkout", view);
}

// What is known of who is logged in; false, and answered, when it can't be read.
static bool know_customer(struct request *r, struct order *o)
{
    struct customer c;
    if (o->name.len || !r->session.person)
        return true;
    if (!account_customer(r, &c))
        return false;
    o->name = customer_name(r->arena, &c);
    o->email = c.email;
    o->phone = c.phone;
    return true;
}

// Nothing is left to ask of somebody who is logged in: on to payment (U14).
static bool is_complete(const struct request *r, const struct order *o)
{
    return r->session.person && o->name.len && o->email.len && !asked_terms(r) &&
           o->total_minor > 0 && (o->phone.len || !str_is(asks_phone(r), "always"));
}

static void on_checkout(struct request *r)
{
    struct order *o = sale_require_whole_basket(r);
    if (!o)
        return;
    bool first = !o->name.len;
    bool guest = str_is(form_str(r, KEY(as)), "guest") && r->site->login == SITE_LOGIN_OPTIONAL;
    if (sale_asks_who(r, o) && !guest) {
        respond_redirect(r, request_url(r, STR("/checkout/who")));
        return;
    }
    if (!know_customer(r, o))
        return;
    if (!first || r->wants_json || !is_complete(r, o)) {
        show(r, o, false);
        return;
    }
    struct order_contact contact = {o->name, o->email, o->phone, r->language, 0, 0};
    struct order_outcome outcome = order_set_contact(r->arena, r->site, o, &contact);
    if (!sale_failed(r, &outcome))
        respond_redirect(r, request_url(r, STR("/checkout/pay")));
}

static struct order_outcome keep_contact(struct request *r, struct order *o)
{
    struct order_contact contact = {form_str(r, KEY(name)), form_str(r, KEY(email)),
        form_str(r, KEY(phone)), r->language, asked_terms(r), 0};
    return order_set_contact(r->arena, r->site, o, &contact);
}

// What is free needs no payment step.
static void place_free(struct request *r, struct order *o)
{
    if (!sale_is_first(r))
        return;
    struct order_outcome outcome = keep_contact(r, o);
    if (outcome.result == ORDER_DONE && sale_is_stale(r, o))
        outcome.result = ORDER_CHANGED;
    if (outcome.result == ORDER_DONE)
        outcome = order_place(r->arena, r->site, o, STR_NULL);
    if (outcome.result == ORDER_DONE) {
        struct str location = request_url(r, sale_order_path(r, o));
        idempotency_end(r, location);
        sale_lead_to(r, location);
        return;
    }
    idempotency_end(r, STR_NULL);
    if (outcome.result == ORDER_EXPIRED && !r->wants_json) {
        respond_redirect(r, request_url(r, STR("/basket")));
    } else if (outcome.result == ORDER_REFUSED) {
        form_refuse_text(r, "email", "refused", sale_refusal_text(r, &outcome));
        show(r, o, true);
    } else {
        sale_failed(r, &outcome);
    }
}

static void on_details(struct request *r)
{
    struct order *o = sale_require_whole_basket(r);
    if (!o)
        return;
    if (str_is(asks_phone(r), "always") && !form_str(r, KEY(phone)).len &&
        !value_get_str(value_get(r->typed, KEY(phone)), KEY(error)).len)
        form_refuse(r, "phone", "required");
    if (asked_terms(r) && !form_bool(r, KEY(terms)))
        form_refuse(r, "terms", "tick");
    if (form_refused(r)) {
        show(r, o, true);
        return;
    }
    if (o->total_minor == 0) {
        place_free(r, o);
        return;
    }
    struct order_outcome outcome = keep_contact(r, o);
    if (sale_failed(r, &outcome))
        return;
    struct value *view = page_view(r);
    value_set_str(r->arena, view, KEY(next), request_url(r, STR("/checkout/pay")));
    respond_done(r, 200, STR("/checkout/pay"), view);
}

static const char *const buyers[] = {"guest", NULL};
static const struct form checkout_query = FORM({"as", FIELD_CHOICE, .choices = buyers});
static const struct form details_form =
    FORM({.name = "csrf"}, {.name = "idempotency_key", .max = 64},
        {.name = "version", .kind = FIELD_INT}, {.name = "name", .required = true, .max = 120},
        {.name = "email", .kind = FIELD_EMAIL, .required = true, .max = 254},
        {.name = "phone", .kind = FIELD_PHONE, .max = 30}, {.name = "terms", .kind = FIELD_BOOL});

static const struct route routes[] = {
    {HTTP_GET, "/checkout", PERMIT_PUBLIC, on_checkout, &checkout_query, 0, 0},
    {HTTP_POST, "/checkout", PERMIT_PUBLIC, on_details, &details_form, 0, 0},
};

void checkout_start(void)
{
    routes_add(SURFACE_STOREFRONT, routes, sizeof routes / sizeof *routes);
}
