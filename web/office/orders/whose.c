// Whose an order is (C1): a customer is looked for, put on the order, or taken off it.
#include "domain/order_customer.h"
#include "web/office/customers/pick.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/orders/pages.h"

// Who was just added is the one to choose.
static void add_new(struct request *r, struct value *view)
{
    struct customer c;
    int64_t id = 0;
    if (r->method != HTTP_GET || !str_to_i64(form_str(r, KEY(customer)), &id) ||
        customer_find(r->arena, r->site, id, &c) != CUSTOMER_DONE)
        return;
    value_append(r->arena, value_get(view, KEY(matches)), customers_picked(r, &c));
    value_set_bool(r->arena, view, KEY(has_matches), true);
}

static void show(struct request *r, const struct order *o)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r);
    office_object_view(
        r, view, &(struct office_object){o->code, "/manage/orders", "office.nav.orders"});
    value_set_int(a, view, KEY(version), o->version);
    value_set_bool(a, view, KEY(has_customer), o->customer != 0);
    value_set_str(a, view, KEY(action), request_url(r, orders_path(r, o, "/customer")));
    value_set_str(a, view, KEY(order_url), request_url(r, orders_path(r, o, "")));
    value_set_str(a, view, KEY(new_url), customers_new_url(r, orders_path(r, o, "/customer")));
    value_set_str(a, view, KEY(customer_error),
        value_get_str(value_get(r->typed, KEY(customer)), KEY(error)));
    if (!customers_pick_view(r, view, form_str(r, KEY(who)))) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    add_new(r, view);
    if (form_refused(r))
        respond_invalid(r, "office/orders/whose", view);
    else
        respond_page(r, 200, "office/orders/whose", view);
}

static void on_whose(struct request *r)
{
    struct order *o = orders_of_route(r);
    if (o)
        show(r, o);
}

static void on_choose(struct request *r)
{
    struct order *o = orders_of_route(r);
    int64_t customer = 0;
    if (!o)
        return;
    if (form_refused(r)) {
        show(r, o);
        return;
    }
    struct order_actor actor = orders_actor(r);
    if (form_str(r, KEY(customer)).len && !str_to_i64(form_str(r, KEY(customer)), &customer))
        customer = -1;
    o->version = form_int(r, KEY(version), 0);
    switch (order_set_customer(r->arena, r->site, o, customer, &actor)) {
    case ORDER_DONE:
        orders_done(r, o, customer ? "customer_put" : "customer_off", value_object(r->arena));
        return;
    case ORDER_NOT_FOUND:
        form_refuse_text(
            r, "customer", "gone", message(r->arena, r->words, STR("office.customer.gone"), NULL));
        show(r, o);
        return;
    case ORDER_CHANGED:
        o = orders_of_route(r);
        if (o)
            orders_show(r, o, 409);
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static const struct form form_whose = FORM({"who", .max = 100}, {"customer", .max = 20});
static const struct form form_choose = FORM({"csrf", .kind = FIELD_TEXT}, {"who", .max = 100},
    FORM_SEEN("version"), {"customer", .max = 20});

static const struct route routes[] = {
    {HTTP_GET, "/manage/orders/{code}/customer", PERMIT_ORDERS_CHANGE, on_whose, &form_whose, 0, 0},
    {HTTP_POST, "/manage/orders/{code}/customer", PERMIT_ORDERS_CHANGE, on_choose, &form_choose, 0,
        0},
};

OFFICE_PAGE(routes, NULL)
