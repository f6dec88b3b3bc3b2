// The list of customers: search as one types, filters in the address, page by page.
#include "base/phone.h"
#include "data/db.h"
#include "web/office/customers/customers.sql.h"
#include "web/office/customers/find.h"
#include "web/office/customers/pages.h"
#include "web/office/frame/list.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"

static struct str ids_of(struct office_list *list, const struct rows *rows)
{
    int64_t ids[OFFICE_LIST_ROWS];
    size_t count = 0;
    for (int i = 0; office_list_more(rows, i); i++)
        ids[count++] = rows_i64(rows, i, KEY(customer_id));
    office_list_next(list, rows, KEY(customer_id), KEY(customer_id));
    return db_i64_array(list->r->arena, ids, count);
}

static void add_row(struct request *r, struct value *items, const struct rows *rows, int i)
{
    struct arena *a = r->arena;
    struct value *v = value_append_object(a, items);
    int64_t id = rows_i64(rows, i, KEY(customer_id));
    int64_t booked_us = rows_i64_or(rows, i, KEY(booked_us), 0);
    struct customer c = {.first_name = rows_str(rows, i, KEY(first_name)),
        .last_name = rows_str(rows, i, KEY(last_name))};
    value_set_str(a, v, KEY(id), str_of_i64(a, id));
    value_set_str(a, v, KEY(name), customer_name(a, &c));
    value_set_str(a, v, KEY(email), rows_str(rows, i, KEY(email)));
    value_set_str(a, v, KEY(phone), rows_str(rows, i, KEY(phone)));
    value_set_str(a, v, KEY(phone_text), phone_text(a, rows_str(rows, i, KEY(phone))));
    value_set_str(a, v, KEY(tags), rows_str(rows, i, KEY(tags)));
    value_set_str(a, v, KEY(account), customers_account(rows, i));
    value_set_bool(a, v, KEY(asks), rows_bool(rows, i, KEY(asks)));
    value_set(a, v, KEY(created), customers_time(r, rows_us(rows, i, KEY(created_us))));
    value_set(a, v, KEY(booked), booked_us ? customers_time(r, booked_us) : value_null());
    value_set_str(a, v, KEY(customer_url), request_url(r, customers_path(r, id, "")));
}

static void add_filters(struct request *r, struct value *view, const struct rows *tags)
{
    static const char *const states[] = {"", "account", "no_account", "asks", NULL};
    struct arena *a = r->arena;
    struct value *options = value_list(a), *any = value_append_object(a, options);
    office_list_filter(r, view, &(struct office_filter){"state", "office.customers.state", states});
    if (!tags->count)
        return;
    value_set_str(a, any, KEY(value), STR(""));
    value_set_str(a, any, KEY(label), message(a, r->words, STR("office.customers.tag.all"), NULL));
    for (int i = 0; i < tags->count; i++) {
        struct value *option = value_append_object(a, options);
        value_set_str(a, option, KEY(value), rows_str(tags, i, KEY(tag)));
        value_set_str(a, option, KEY(label), rows_str(tags, i, KEY(tag)));
    }
    office_list_filter_of(
        r, view, &(struct office_filter){"tag", "office.customers.tag", NULL}, options);
}

// What features add, such as a category; a feature that is off adds none.
static void add_filters_of_features(struct request *r, struct value *view)
{
    struct arena *a = r->arena;
    const struct value *offered = customers_filters(a, r->site);
    for (size_t i = 0; i < value_count(offered); i++) {
        const struct value *filter = value_at(offered, i), *given = value_get(filter, KEY(options));
        struct str key = customers_filter_key(a, filter);
        struct value *options = value_list(a), *any = value_append_object(a, options);
        value_set_str(a, any, KEY(value), STR(""));
        value_set_str(a, any, KEY(label), value_get_str(filter, KEY(all)));
        for (size_t k = 0; k < value_count(given); k++)
            value_append(a, options, value_at(given, k));
        office_list_filter_named(r, view,
            &(struct office_filter_named){.name = str_join(a, STR("with_"), key, STR_NULL),
                .title = value_get_str(filter, KEY(title)),
                .chosen = customers_filter_chosen(r->form, key)},
            options);
    }
}

static bool add_page(
    struct request *r, struct value *view, struct office_list *list, const struct rows *found)
{
    struct arena *a = r->arena;
    struct str tenant = db_i64(a, r->site->tenant), ids = ids_of(list, found);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int shown = unit_add(u, &SQL_customers_shown, tenant, ids);
    int tags = unit_add(u, &SQL_customers_tags, tenant);
    int saved = saved_views_add(r, u, &customers_saved);
    if (unit_run(u) != DB_OK)
        return false;
    for (int i = 0; i < unit_rows(u, shown)->count; i++)
        add_row(r, list->items, unit_rows(u, shown), i);
    add_filters(r, view, unit_rows(u, tags));
    if (!r->wants_json)
        add_filters_of_features(r, view);
    saved_views_show(r, view, &customers_saved, unit_rows(u, saved));
    return true;
}

static void add_links(struct request *r, struct value *view)
{
    struct arena *a = r->arena;
    enum role role = role_of(r->session.role);
    value_set_str(a, view, KEY(new_url),
        role_has(role, PERMIT_CUSTOMERS_CHANGE) ? request_url(r, STR("/manage/customers/new"))
                                                : STR_NULL);
    value_set_str(a, view, KEY(alike_url),
        role_has(role, PERMIT_CUSTOMERS_DELETE)
            ? request_url(r, STR("/manage/customers/duplicates"))
            : STR_NULL);
    value_set_str(a, view, KEY(export_url),
        role_has(role, PERMIT_CUSTOMERS_EXPORT)
            ? str_join(a, request_url(r, STR("/manage/customers/export")),
                  office_query_with(r, "after", STR_NULL), STR_NULL)
            : STR_NULL);
}

// What is done to many: the boxes of the rows, and the list's filter for all that match.
static void add_many(struct request *r, struct value *view, const struct value *items)
{
    struct arena *a = r->arena;
    struct value *many = NULL;
    if (role_has(role_of(r->session.role), PERMIT_CUSTOMERS_CHANGE) && value_count(items)) {
        many = value_object(a);
        value_set_str(a, many, KEY(many_url), request_url(r, STR("/manage/customers/many")));
        value_set(a, many, KEY(fields),
            office_filter_fields(a, office_filter_of(r, customers_saved.filter)));
    }
    value_set(a, view, KEY(many), many);
}

static void on_list(struct request *r)
{
    struct arena *a = r->arena;
    struct office_list list = office_list_of(r, OFFICE_LIST_NUMBER);
    struct customers_filter f = customers_filter_of(a, r->site, r->form);
    struct value *view = page_view(r);
    int64_t below = 0;
    if (list.after_id.p)
        str_to_i64(list.after_id, &below);
    if (form_refused(r) && r->wants_json) {
        respond_invalid(r, "office/customers/customers", view);
        return;
    }
    const struct rows *found = customers_find(a, r->site, &f, below, OFFICE_LIST_ROWS + 1);
    if (!found || !add_page(r, view, &list, found)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    add_links(r, view);
    add_many(r, view, list.items);
    office_done(r, view, form_str(r, KEY(what)));
    office_list_respond(r, "office/customers/customers", view, &list);
}

static const struct form form_list = FORM(OFFICE_LIST_FIELDS, CUSTOMERS_FILTER_FIELDS);

static const struct route routes[] = {
    {HTTP_GET, "/manage/customers", PERMIT_CUSTOMERS_READ, on_list, &form_list, 0, 0},
};

static const struct office_nav nav = {.path = "/manage/customers",
    .label = "office.nav.customers",
    .icon = "users",
    .permission = PERMIT_CUSTOMERS_READ,
    .rank = 50};
OFFICE_PAGE(routes, &nav)
