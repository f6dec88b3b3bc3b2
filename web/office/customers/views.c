// Customers' list: what it is narrowed by, saved under names.
#include "web/office/customers/find.h"
#include "web/office/customers/pages.h"
#include "web/office/frame/nav.h"

static void on_views(struct request *r)
{
    saved_views(r, &customers_saved);
}

static void on_new(struct request *r)
{
    saved_view_new(r, &customers_saved);
}

static void on_make(struct request *r)
{
    saved_view_make(r, &customers_saved);
}

static void on_view(struct request *r)
{
    saved_view_show(r, &customers_saved);
}

static void on_change(struct request *r)
{
    saved_view_change(r, &customers_saved);
}

static void on_remove(struct request *r)
{
    saved_view_remove(r, &customers_saved);
}

static const struct form form_filter = FORM({"q", .max = 100}, CUSTOMERS_FILTER_FIELDS);
static const struct form form_make =
    FORM(SAVED_VIEW_FIELDS, {"q", .max = 100}, CUSTOMERS_FILTER_FIELDS);

const struct saved_list customers_saved = {.name = "customers",
    .path = "/manage/customers",
    .label = "office.nav.customers",
    .filter = &form_filter,
    .describe = customers_describe};

static const struct route routes[] = {
    {HTTP_GET, "/manage/customers/views", PERMIT_CUSTOMERS_READ, on_views, &saved_form_show, 0, 0},
    {HTTP_POST, "/manage/customers/views", PERMIT_CUSTOMERS_CHANGE, on_make, &form_make, 0, 0},
    {HTTP_GET, "/manage/customers/views/new", PERMIT_CUSTOMERS_READ, on_new, &form_filter, 0, 0},
    {HTTP_GET, "/manage/customers/views/{view}", PERMIT_CUSTOMERS_READ, on_view, &saved_form_show,
        0, 0},
    {HTTP_POST, "/manage/customers/views/{view}", PERMIT_CUSTOMERS_CHANGE, on_change,
        &saved_form_change, 0, 0},
    {HTTP_POST, "/manage/customers/views/{view}/remove", PERMIT_CUSTOMERS_CHANGE, on_remove,
        &saved_form_remove, 0, 0},
};

OFFICE_PAGE(routes, NULL)
