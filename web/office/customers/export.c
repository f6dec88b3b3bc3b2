// Customers as a file: one row each, exactly those that the list shows. Notes stay where they are:
// they are words about people, written for whoever opens their page.
#include "domain/export.h"
#include "data/db.h"
#include "http/respond.h"
#include "web/office/customers/export.sql.h"
#include "web/office/customers/find.h"
#include "web/office/customers/pages.h"
#include "web/office/exports/exports.h"
#include "web/office/frame/nav.h"

enum { PAGE_CUSTOMERS = 400 };

static const struct export_column columns[] = {
    {"number", SHEET_TEXT, 21, 0},
    {"first_name", SHEET_TEXT, 18, 0},
    {"last_name", SHEET_TEXT, 22, 0},
    {"email", SHEET_TEXT, 30, 0},
    {"phone", SHEET_TEXT, 17, 0},
    {"gender", SHEET_TEXT, 12, EXPORT_WORD},
    {"birthdate", SHEET_TEXT, 12, 0},
    {"country", SHEET_TEXT, 9, 0},
    {"language", SHEET_TEXT, 9, 0},
    {"account", SHEET_TEXT, 18, EXPORT_WORD},
    {"tags", SHEET_TEXT, 24, 0},
    {"since", SHEET_TIME, 17, 0},
    {"made_by", SHEET_TEXT, 14, EXPORT_WORD},
    {"orders", SHEET_COUNT, 8, 0},
    {"booked", SHEET_TIME, 17, 0},
};

// Between two pages.
struct reading {
    struct customers_filter filter;
    int64_t below; // 0: at the start
    bool over;
};

static struct reading *begin(struct export_run *run)
{
    struct reading *x = arena_new_object(run->arena, struct reading);
    x->filter = customers_filter_of(run->arena, run->site, run->fields);
    run->place = x;
    return x;
}

static const struct rows *read_page(struct arena *a, struct export_run *run)
{
    static const struct rows none;
    struct reading *x = run->place ? run->place : begin(run);
    int64_t ids[PAGE_CUSTOMERS];
    if (x->over)
        return &none;
    const struct rows *found = customers_find(a, run->site, &x->filter, x->below, PAGE_CUSTOMERS);
    if (!found)
        return NULL;
    for (int i = 0; i < found->count; i++)
        x->below = ids[i] = rows_i64(found, i, KEY(customer_id));
    x->over = found->count < PAGE_CUSTOMERS;
    struct unit *u = unit_new(a, DB_READ, run->site->tenant);
    unit_add(u, &SQL_customers_export, db_i64(a, run->site->tenant),
        db_i64_array(a, ids, (size_t)found->count));
    return unit_run(u) == DB_OK ? unit_rows(u, 0) : NULL;
}

static int64_t total(struct export_run *run)
{
    struct customers_filter filter = customers_filter_of(run->arena, run->site, run->fields);
    return customers_count(run->site, &filter);
}

static struct str word(
    struct arena *a, const struct export_run *run, const char *column, struct str code)
{
    if (!strcmp(column, "account"))
        return message(a, run->words, STR("office.customers.account_name"), "account",
            value_str(a, code), NULL);
    if (!strcmp(column, "made_by"))
        return message(
            a, run->words, STR("office.customers.made_by"), "who", value_str(a, code), NULL);
    return message(a, run->words, str_join(a, STR("office.value.gender."), code, STR_NULL), NULL);
}

bool customers_describe(struct request *r, struct value *list)
{
    struct arena *a = r->arena;
    struct str typed = form_str(r, KEY(q)), state = form_str(r, KEY(state));
    struct str tag = form_str(r, KEY(tag));
    struct customers_filter f = customers_filter_of(a, r->site, r->form);
    if (f.chosen) {
        export_describe_by(r, list, "office.many.title",
            message(a, r->words, STR("office.many.chosen"), "count", value_int(a, f.chosen_count),
                NULL));
        return true;
    }
    if (typed.len)
        export_describe_by(r, list, "office.export.search", typed);
    if (state.len)
        export_describe_by(r, list, "office.customers.state",
            message(
                a, r->words, str_join(a, STR("office.customers.state."), state, STR_NULL), NULL));
    if (tag.len)
        export_describe_by(r, list, "office.customers.tag", tag);
    for (int i = 0; i < f.part_count; i++)
        export_describe(r, list, f.parts[i].title, f.parts[i].label);
    return true;
}

static const struct export_kind kind = {.name = "customers",
    .list_path = "/manage/customers",
    .list_label = "office.nav.customers",
    .columns = columns,
    .count = sizeof columns / sizeof *columns,
    .read = read_page,
    .total = total,
    .word = word,
    .describe = customers_describe};
EXPORT_KIND(kind)

static const struct form form_ask =
    FORM({"q", .max = 100}, CUSTOMERS_FILTER_FIELDS, CUSTOMERS_CHOSEN_FIELD);
static const struct form form_start = FORM({"csrf", .kind = FIELD_TEXT}, {"q", .max = 100},
    CUSTOMERS_FILTER_FIELDS, CUSTOMERS_CHOSEN_FIELD);

static const struct route routes[] = {
    {HTTP_GET, "/manage/customers/export", PERMIT_CUSTOMERS_EXPORT, export_ask, &form_ask,
        ROUTE_REFUSES, 0},
    {HTTP_GET, "/manage/customers/export.csv", PERMIT_CUSTOMERS_EXPORT, export_csv, &form_ask,
        ROUTE_REFUSES, 0},
    {HTTP_POST, "/manage/customers/export", PERMIT_CUSTOMERS_EXPORT, export_start, &form_start, 0,
        0},
};

OFFICE_PAGE(routes, NULL)
