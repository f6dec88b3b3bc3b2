// Orders as a file: one row a line, so that taxes and offers can be summed up; what concerns the
// whole order stands in its first row only, so that sums of that are right too.
#include "base/check.h"
#include "data/db.h"
#include "http/respond.h"
#include "web/office/exports/exports.h"
#include "web/office/frame/nav.h"
#include "web/office/orders/export.sql.h"
#include "web/office/orders/find.h"
#include "web/office/orders/pages.h"

// Of a page, so that nobody behind it in the connection waits long.
enum { PAGE_ORDERS = 400, COUNTED_AT_ONCE = 5000 };

static const struct export_column columns[] = {
    {"code", SHEET_TEXT, 11, 0},
    {"placed", SHEET_TIME, 17, 0},
    {"name", SHEET_TEXT, 24, 0},
    {"email", SHEET_TEXT, 30, 0},
    {"channel", SHEET_TEXT, 12, EXPORT_WORD},
    {"offer", SHEET_TEXT, 28, 0},
    {"starts", SHEET_TIME, 17, 0},
    {"rate", SHEET_TEXT, 14, 0},
    {"quantity", SHEET_COUNT, 9, 0},
    {"unit", SHEET_AMOUNT, 11, 0},
    {"discount", SHEET_AMOUNT, 11, 0},
    {"discount_name", SHEET_TEXT, 18, 0},
    {"tax_rate", SHEET_SHARE, 9, 0},
    {"tax", SHEET_AMOUNT, 11, 0},
    {"total", SHEET_AMOUNT, 11, 0},
    {"returned", SHEET_AMOUNT, 13, 0},
    {"state", SHEET_TEXT, 14, EXPORT_WORD},
    {"paid", SHEET_AMOUNT, 11, EXPORT_ONCE},
    {"refunded", SHEET_AMOUNT, 11, EXPORT_ONCE},
    {"due", SHEET_AMOUNT, 11, EXPORT_ONCE},
    {"ways", SHEET_TEXT, 20, EXPORT_ONCE | EXPORT_WORD},
    {"notes", SHEET_TEXT, 36, EXPORT_ONCE},
    {"currency", SHEET_TEXT, 9, 0},
    {"practice", SHEET_TEXT, 10, EXPORT_WORD},
};

// Between two pages: the orders that come next, and where those after them begin.
struct reading {
    struct orders_filter filter;
    struct orders_place after;
    int64_t ids[PAGE_ORDERS];
    int count;
};

static void take_ids(struct reading *x, const struct rows *rows)
{
    x->count = rows->count;
    for (int i = 0; i < rows->count; i++) {
        x->ids[i] = rows_i64(rows, i, KEY(order_id));
        x->after = (struct orders_place){rows_us(rows, i, KEY(placed_us)), x->ids[i]};
    }
}

static struct reading *begin(struct arena *a, struct export_run *run)
{
    struct reading *x = arena_new_object(run->arena, struct reading);
    x->filter = orders_filter_of(run->arena, run->site, run->fields);
    const struct rows *first = orders_find(a, run->site, &x->filter, &x->after, PAGE_ORDERS);
    if (!first)
        return NULL;
    take_ids(x, first);
    run->place = x;
    return x;
}

// The lines of these orders and, in the same flush, which orders come next.
static const struct rows *read_page(struct arena *a, struct export_run *run)
{
    static const struct rows none;
    struct reading *x = run->place ? run->place : begin(a, run);
    if (!x)
        return NULL;
    if (!x->count)
        return &none;
    struct unit *u = unit_new(a, DB_READ, run->site->tenant);
    int lines = unit_add(u, &SQL_orders_export, db_i64(a, run->site->tenant),
        db_i64_array(a, x->ids, (size_t)x->count), db_bool(run->site->practice));
    int next = x->count == PAGE_ORDERS
                   ? orders_find_add(u, run->site, &x->filter, &x->after, PAGE_ORDERS)
                   : -1;
    if (unit_run(u) != DB_OK)
        return NULL;
    take_ids(x, next < 0 ? &none : unit_rows(u, next));
    return unit_rows(u, lines);
}

static int64_t total(struct export_run *run)
{
    struct orders_filter filter = orders_filter_of(run->arena, run->site, run->fields);
    struct orders_place after = {0};
    struct arena *a = arena_new();
    int64_t all = 0;
    for (int count = COUNTED_AT_ONCE; count == COUNTED_AT_ONCE; arena_reset(a)) {
        const struct rows *rows = orders_find(a, run->site, &filter, &after, COUNTED_AT_ONCE);
        count = rows ? rows->count : -1;
        all = rows ? all + count : -1;
        if (count > 0)
            after = (struct orders_place){
                rows_us(rows, count - 1, KEY(placed_us)), rows_i64(rows, count - 1, KEY(order_id))};
    }
    arena_free(a);
    return all;
}

// "venue" or the names of plugins, separated by commas.
static struct str ways_text(struct arena *a, struct catalogue *words, struct str ways)
{
    struct str text = STR_NULL;
    while (ways.len) {
        struct str name = orders_way(a, words, str_cut(&ways, ','));
        text = text.p ? str_join(a, text, STR(", "), name, STR_NULL) : name;
    }
    return text.p ? text : STR("");
}

static struct str word(
    struct arena *a, const struct export_run *run, const char *column, struct str code)
{
    const struct value *given = value_str(a, code);
    if (!strcmp(column, "channel"))
        return message(a, run->words, STR("office.orders.channel_name"), "kind", given, NULL);
    if (!strcmp(column, "state"))
        return message(a, run->words, STR("office.orders.state_name"), "state", given, NULL);
    if (!strcmp(column, "ways"))
        return ways_text(a, run->words, code);
    return message(a, run->words, STR("office.history.yes"), NULL);
}

static void add_given(struct request *r, struct value *list, value_key field, const char *title)
{
    struct date day;
    struct str given = form_str(r, field);
    if (given.len)
        export_describe_by(r, list, title,
            date_parse(given, &day) ? format_date(r->arena, r->format, day, FORMAT_DATE_LONG)
                                    : given);
}

// Of what is there no more only that something was asked for is known.
static struct str or_given(struct request *r, struct str text, value_key field)
{
    return text.len ? text : form_str(r, field);
}

static void add_names(struct request *r, struct value *list, const struct rows *rows)
{
    struct arena *a = r->arena;
    if (form_str(r, KEY(offer)).len)
        export_describe_by(r, list, "office.orders.offer",
            or_given(r, site_text_in(r->site, rows_json(a, rows, 0, KEY(offer)), r->language),
                KEY(offer)));
    if (form_str(r, KEY(channel)).len)
        export_describe_by(r, list, "office.orders.channel",
            message(a, r->words, STR("office.orders.channel_name"), "kind",
                value_str(a, or_given(r, rows_str(rows, 0, KEY(channel)), KEY(channel))), NULL));
    if (form_str(r, KEY(slot)).len && !rows_is_null(rows, 0, KEY(slot_us)))
        export_describe_by(r, list, "office.export.slot",
            str_join(a, site_text_in(r->site, rows_json(a, rows, 0, KEY(slot)), r->language),
                STR(", "), value_get_str(orders_time(r, rows_us(rows, 0, KEY(slot_us))), KEY(text)),
                STR_NULL));
}

bool orders_describe(struct request *r, struct value *list)
{
    struct arena *a = r->arena;
    struct orders_filter f = orders_filter_of(a, r->site, r->form);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    unit_add(u, &SQL_orders_filter_names, db_i64(a, r->site->tenant), f.offer, f.channel, f.slot);
    if (unit_run(u) != DB_OK)
        return false;
    struct str state = form_str(r, KEY(state));
    add_given(r, list, KEY(q), "office.export.search");
    if (state.len)
        export_describe_by(r, list, "office.orders.state",
            message(a, r->words, str_join(a, STR("office.orders.state."), state, STR_NULL), NULL));
    add_names(r, list, unit_rows(u, 0));
    add_given(r, list, KEY(from), "office.orders.from");
    add_given(r, list, KEY(to), "office.orders.to");
    return true;
}

static const struct export_kind kind = {.name = "orders",
    .list_path = "/manage/orders",
    .list_label = "office.nav.orders",
    .columns = columns,
    .count = sizeof columns / sizeof *columns,
    .sales = true,
    .read = read_page,
    .total = total,
    .word = word,
    .describe = orders_describe};
EXPORT_KIND(kind)

static const struct form form_ask = FORM({"q", .max = 100}, ORDERS_FILTER_FIELDS);
static const struct form form_start =
    FORM({"csrf", .kind = FIELD_TEXT}, {"q", .max = 100}, ORDERS_FILTER_FIELDS);

static const struct route routes[] = {
    {HTTP_GET, "/manage/orders/export", PERMIT_ORDERS_EXPORT, export_ask, &form_ask, ROUTE_REFUSES,
        0},
    {HTTP_GET, "/manage/orders/export.csv", PERMIT_ORDERS_EXPORT, export_csv, &form_ask,
        ROUTE_REFUSES, 0},
    {HTTP_POST, "/manage/orders/export", PERMIT_ORDERS_EXPORT, export_start, &form_start, 0, 0},
};

OFFICE_PAGE(routes, NULL)
