// The list of orders: what it is narrowed by, saved under names.
#include "web/office/frame/nav.h"
#include "web/office/orders/find.h"
#include "web/office/orders/pages.h"

static void on_views(struct request *r)
{
    saved_views(r, &orders_saved);
}

static void on_new(struct request *r)
{
    saved_view_new(r, &orders_saved);
}

static void on_make(struct request *r)
{
    saved_view_make(r, &orders_saved);
}

static void on_view(struct request *r)
{
    saved_view_show(r, &orders_saved);
}

static void on_change(struct request *r)
{
    saved_view_change(r, &orders_saved);
}

static void on_remove(struct request *r)
{
    saved_view_remove(r, &orders_saved);
}

static const struct form form_filter = FORM({"q", .max = 100}, ORDERS_FILTER_FIELDS);
static const struct form form_make =
    FORM(SAVED_VIEW_FIELDS, {"q", .max = 100}, ORDERS_FILTER_FIELDS);

const struct saved_list orders_saved = {.name = "orders",
    .path = "/manage/orders",
    .label = "office.nav.orders",
    .filter = &form_filter,
    .describe = orders_describe};

static const struct route routes[] = {
    {HTTP_GET, "/manage/orders/views", PERMIT_ORDERS_READ, on_views, &saved_form_show, 0, 0},
    {HTTP_POST, "/manage/orders/views", PERMIT_ORDERS_CHANGE, on_make, &form_make, 0, 0},
    {HTTP_GET, "/manage/orders/views/new", PERMIT_ORDERS_READ, on_new, &form_filter, 0, 0},
    {HTTP_GET, "/manage/orders/views/{view}", PERMIT_ORDERS_READ, on_view, &saved_form_show, 0, 0},
    {HTTP_POST, "/manage/orders/views/{view}", PERMIT_ORDERS_CHANGE, on_change, &saved_form_change,
        0, 0},
    {HTTP_POST, "/manage/orders/views/{view}/remove", PERMIT_ORDERS_CHANGE, on_remove,
        &saved_form_remove, 0, 0},
};

OFFICE_PAGE(routes, NULL)
