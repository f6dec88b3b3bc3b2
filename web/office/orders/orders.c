// Orders: the list with its search and filters, and the addresses of everything below it.
#include "data/db.h"
#include "web/office/frame/history.h"
#include "web/office/frame/list.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/orders/find.h"
#include "web/office/orders/orders.sql.h"
#include "web/office/orders/pages.h"

// Numbers of the orders on this page, and where the next one begins.
static struct str ids_of(struct office_list *list, const struct rows *rows)
{
    int64_t ids[OFFICE_LIST_ROWS];
    size_t count = 0;
    for (int i = 0; office_list_more(rows, i); i++)
        ids[count++] = rows_i64(rows, i, KEY(order_id));
    office_list_next(list, rows, KEY(placed_us), KEY(order_id));
    return db_i64_array(list->r->arena, ids, count);
}

static struct str state_of(const struct value *lines)
{
    int live = 0, cancelled = 0, reserved = 0, no_show = 0;
    for (size_t i = 0; i < value_count(lines); i++) {
        const struct value *line = value_at(lines, i);
        struct str state = value_get_str(line, KEY(state));
        cancelled += str_is(state, "cancelled");
        reserved += str_is(state, "reserved");
        live += str_is(state, "confirmed") || str_is(state, "reserved");
        no_show += value_get_bool(line, KEY(no_show), false);
    }
    return orders_state(live, cancelled, reserved, no_show);
}

static void add_lines(struct request *r, struct value *v, const struct value *lines)
{
    struct arena *a = r->arena;
    const struct value *first = value_at(lines, 0);
    int64_t places = 0, more = (int64_t)value_count(lines) - 1;
    for (size_t i = 0; i < value_count(lines); i++)
        places += value_get_int(value_at(lines, i), KEY(quantity), 0);
    value_set_str(a, v, KEY(title), value_get_str(first, KEY(title)));
    value_set(a, v, KEY(when),
        first ? orders_time(r, value_get_int(first, KEY(starts_us), 0)) : value_null());
    value_set_int(a, v, KEY(places), places);
    value_set(a, v, KEY(more), more > 0 ? value_int(a, more) : value_null());
    value_set_str(a, v, KEY(state), state_of(lines));
}

static void add_row(struct request *r, struct value *items, const struct rows *rows, int i)
{
    struct arena *a = r->arena;
    struct value *v = value_append_object(a, items);
    struct str code = rows_str(rows, i, KEY(code));
    int64_t due = rows_i64(rows, i, KEY(due_minor));
    int64_t total = rows_i64(rows, i, KEY(total_minor));
    value_set_str(a, v, KEY(code), code);
    value_set_str(a, v, KEY(name), rows_str(rows, i, KEY(name)));
    value_set_str(a, v, KEY(email), rows_str(rows, i, KEY(email)));
    value_set_str(a, v, KEY(channel), rows_str(rows, i, KEY(channel)));
    value_set_bool(a, v, KEY(practice), rows_bool(rows, i, KEY(practice)));
    value_set(a, v, KEY(placed), orders_time(r, rows_us(rows, i, KEY(placed_us))));
    value_set(a, v, KEY(total), orders_money(r, total));
    value_set(a, v, KEY(worth), orders_money(r, total - rows_i64(rows, i, KEY(returned_minor))));
    value_set(a, v, KEY(due), due ? orders_money(r, due) : value_null());
    add_lines(r, v, rows_json(a, rows, i, KEY(lines)));
    value_set_str(
        a, v, KEY(order_url), request_url(r, str_join(a, STR("/manage/orders/"), code, STR_NULL)));
}

static struct value *options_of(struct request *r, const char *all)
{
    struct value *options = value_list(r->arena), *any = value_append_object(r->arena, options);
    value_set_str(r->arena, any, KEY(value), STR(""));
    value_set_str(r->arena, any, KEY(label), message(r->arena, r->words, str_of(all), NULL));
    return options;
}

static void add_filters(
    struct request *r, struct value *view, const struct rows *offers, const struct rows *channels)
{
    static const char *const states[] = {"", "confirmed", "reserved", "due", "cancelled", "no_show",
        "refunding", "left_over", ORDERS_PRACTICE, NULL};
    // While a site practises everything is a rehearsal.
    static const char *const rehearsing[] = {
        "", "confirmed", "reserved", "due", "cancelled", "no_show", "refunding", "left_over", NULL};
    struct arena *a = r->arena;
    struct value *by_offer = options_of(r, "office.orders.offer.all");
    struct value *by_channel = options_of(r, "office.orders.channel.all");
    for (int i = 0; i < offers->count; i++) {
        struct value *option = value_append_object(a, by_offer);
        value_set_str(a, option, KEY(value), rows_str(offers, i, KEY(offer_id)));
        value_set_str(a, option, KEY(label),
            site_text_in(r->site, rows_json(a, offers, i, KEY(title)), r->language));
    }
    for (int i = 0; i < channels->count; i++) {
        struct value *option = value_append_object(a, by_channel);
        value_set_str(a, option, KEY(value), rows_str(channels, i, KEY(channel_id)));
        value_set_str(a, option, KEY(label),
            message(a, r->words, STR("office.orders.channel_name"), "kind",
                value_str(a, rows_str(channels, i, KEY(kind))), NULL));
    }
    office_list_filter(r, view,
        &(struct office_filter){
            "state", "office.orders.state", r->site->practice ? rehearsing : states});
    office_list_filter_of(
        r, view, &(struct office_filter){"offer", "office.orders.offer", NULL}, by_offer);
    office_list_filter_of(
        r, view, &(struct office_filter){"channel", "office.orders.channel", NULL}, by_channel);
}

// A list reached from a time says which.
static void add_slot(struct request *r, struct value *view, const struct rows *slot)
{
    struct arena *a = r->arena;
    value_set(a, view, KEY(slot), value_null());
    if (!slot->count)
        return;
    struct value *v = value_object(a);
    value_set(a, view, KEY(slot), v);
    value_set_str(
        a, v, KEY(title), site_text_in(r->site, rows_json(a, slot, 0, KEY(title)), r->language));
    value_set(a, v, KEY(when), orders_time(r, rows_us(slot, 0, KEY(starts_us))));
    value_set_str(a, v, KEY(slot_id), rows_str(slot, 0, KEY(slot_id)));
}

static void add_days(struct request *r, struct value *view)
{
    value_set_str(r->arena, view, KEY(from), form_str(r, KEY(from)));
    value_set_str(r->arena, view, KEY(to), form_str(r, KEY(to)));
}

static void add_links(struct request *r, struct value *view)
{
    struct arena *a = r->arena;
    enum role role = role_of(r->session.role);
    value_set_str(a, view, KEY(new_url),
        role_has(role, PERMIT_ORDERS_BOOK) ? request_url(r, STR("/manage/orders/new")) : STR_NULL);
    value_set_str(a, view, KEY(export_url),
        role_has(role, PERMIT_ORDERS_EXPORT)
            ? str_join(a, request_url(r, STR("/manage/orders/export")),
                  office_query_with(r, "after", STR_NULL), STR_NULL)
            : STR_NULL);
}

static void on_list(struct request *r)
{
    struct arena *a = r->arena;
    struct office_list list = office_list_of(r, OFFICE_LIST_NUMBER);
    struct orders_filter f = orders_filter_of(a, r->site, r->form);
    struct orders_place after = {0};
    if (str_to_i64(list.after, &after.placed_us))
        str_to_i64(list.after_id, &after.order);
    if (form_refused(r) && r->wants_json) {
        respond_invalid(r, "office/orders/orders", page_view(r));
        return;
    }
    const struct rows *found = orders_find(a, r->site, &f, &after, OFFICE_LIST_ROWS + 1);
    if (!found) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct str tenant = db_i64(a, r->site->tenant), ids = ids_of(&list, found);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int shown = unit_add(u, &SQL_orders_shown, tenant, ids);
    int offers = unit_add(u, &SQL_orders_offers, tenant);
    int channels = unit_add(u, &SQL_orders_channels, tenant);
    int slot = unit_add(u, &SQL_orders_slot, tenant, f.slot);
    int saved = saved_views_add(r, u, &orders_saved);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = page_view(r);
    for (int i = 0; i < unit_rows(u, shown)->count; i++)
        add_row(r, list.items, unit_rows(u, shown), i);
    add_filters(r, view, unit_rows(u, offers), unit_rows(u, channels));
    add_slot(r, view, unit_rows(u, slot));
    saved_views_show(r, view, &orders_saved, unit_rows(u, saved));
    add_days(r, view);
    add_links(r, view);
    office_done(r, view, STR(""));
    office_list_respond(r, "office/orders/orders", view, &list);
}

static const struct form form_list = FORM(OFFICE_LIST_FIELDS, ORDERS_FILTER_FIELDS);
static const struct form form_page = FORM({"done", .max = 40}, OFFICE_HISTORY_FIELD);
static const struct form form_note =
    FORM({"csrf", .kind = FIELD_TEXT}, {"note", .kind = FIELD_LONG, .required = true, .max = 4000});
static const struct form form_plain = FORM({"csrf", .kind = FIELD_TEXT});
static const struct form form_no_show =
    FORM({"csrf", .kind = FIELD_TEXT}, {"marked", .kind = FIELD_BOOL});
static const struct form form_refund = FORM({"csrf", .kind = FIELD_TEXT}, FORM_SEEN("version"),
    {"amount", .required = true, .max = 30}, {"reason", .kind = FIELD_LONG, .max = 500},
    {"silent", .kind = FIELD_BOOL});
static const char *const backs[] = {"all", "none", "amount", NULL};
static const struct form form_look = FORM({"lines", .kind = FIELD_COUNTS, .max = 1},
    {"back", .kind = FIELD_CHOICE, .choices = backs}, {"amount", .max = 30});
static const struct form form_cancel = FORM({"csrf", .kind = FIELD_TEXT}, FORM_SEEN("version"),
    {"back_minor", .kind = FIELD_INT, .required = true}, {"lines", .kind = FIELD_COUNTS, .max = 1},
    {"reason", .kind = FIELD_LONG, .max = 500}, {"silent", .kind = FIELD_BOOL});
static const struct form form_booking = FORM({"offer", .max = 20}, {"day", .kind = FIELD_DATE},
    {"slot", .max = 20}, {"customer", .max = 20}, {"who", .max = 100});
static const struct form form_book =
    FORM({"csrf", .kind = FIELD_TEXT}, {"idempotency_key", .max = 64}, {"offer", .max = 20},
        {"day", .kind = FIELD_DATE}, {"slot", .required = true, .max = 20},
        {"quantity", .kind = FIELD_COUNTS, .max = 1000}, {"name", .required = true, .max = 120},
        {"email", .kind = FIELD_EMAIL}, {"phone", .kind = FIELD_PHONE}, {"customer", .max = 20});

static const struct route routes[] = {
    {HTTP_GET, "/manage/orders", PERMIT_ORDERS_READ, on_list, &form_list, 0, 0},
    {HTTP_GET, "/manage/orders/new", PERMIT_ORDERS_BOOK, on_booking, &form_booking, 0, 0},
    {HTTP_POST, "/manage/orders/new", PERMIT_ORDERS_BOOK, on_book, &form_book, 0, 0},
    {HTTP_GET, "/manage/orders/{code}", PERMIT_ORDERS_READ, on_order_page, &form_page, 0, 0},
    {HTTP_POST, "/manage/orders/{code}/notes", PERMIT_ORDERS_CHANGE, on_order_note, &form_note, 0,
        0},
    {HTTP_POST, "/manage/orders/{code}/mails", PERMIT_ORDERS_CHANGE, on_order_mail, &form_plain, 0,
        0},
    {HTTP_POST, "/manage/orders/{code}/lines/{line}/no-show", PERMIT_ORDERS_CHANGE,
        on_order_no_show, &form_no_show, 0, 0},
    {HTTP_GET, "/manage/orders/{code}/cancel", PERMIT_ORDERS_RETURN, on_order_cancel_look,
        &form_look, 0, 0},
    {HTTP_POST, "/manage/orders/{code}/cancel", PERMIT_ORDERS_RETURN, on_order_cancel, &form_cancel,
        0, 0},
    {HTTP_POST, "/manage/orders/{code}/refunds", PERMIT_ORDERS_RETURN, on_order_refund,
        &form_refund, 0, 0},
    {HTTP_POST, "/manage/orders/{code}/refunds/{id}/again", PERMIT_ORDERS_RETURN,
        on_order_refund_again, &form_plain, 0, 0},
};

static const struct office_nav nav = {.path = "/manage/orders",
    .label = "office.nav.orders",
    .icon = "ticket",
    .permission = PERMIT_ORDERS_READ,
    .rank = 20};
OFFICE_PAGE(routes, &nav)
