// What one has booked (T10, T11): upcoming until it ends, previous from then on, and the account's
// first page with what comes next.
#include "base/clock.h"
#include "base/zone.h"
#include "web/picture.h"
#include "web/storefront/account/account.h"
#include "web/storefront/account/orders.sql.h"
#include "web/storefront/common.h"
#include "web/storefront/sale.h"

enum { PAGE_LINES = 20, HOME_LINES = 3 };

static struct value *line_view(struct request *r, const struct rows *rows, int i)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    struct str code = rows_str(rows, i, KEY(code)), image = rows_str(rows, i, KEY(image));
    int64_t starts_us = rows_us(rows, i, KEY(starts_us)), ends_us = rows_us(rows, i, KEY(ends_us));
    struct str url = picture_url(r, image, PICTURE_SMALL);
    value_set_str(a, v, KEY(id), str_of_i64(a, rows_i64(rows, i, KEY(line_id))));
    value_set_str(a, v, KEY(code), code);
    value_set_str(
        a, v, KEY(order_url), request_url(r, str_join(a, STR("/orders/"), code, STR_NULL)));
    value_set_str(a, v, KEY(title), rows_str(rows, i, KEY(title)));
    value_set_str(a, v, KEY(image_url), url.p ? url : common_picture(r, image));
    value_set(a, v, KEY(when), sale_when_view(r, starts_us));
    value_set_str(a, v, KEY(duration),
        format_duration(a, r->format, (ends_us - starts_us) / (60 * US_PER_SECOND)));
    value_set_int(a, v, KEY(quantity), rows_i64(rows, i, KEY(quantity)));
    value_set_str(a, v, KEY(rate), rows_str(rows, i, KEY(rate_name)));
    value_set(a, v, KEY(total), sale_money(r, rows_i64(rows, i, KEY(total_minor))));
    value_set_str(a, v, KEY(state), rows_str(rows, i, KEY(state)));
    return v;
}

static struct str cursor_of(struct request *r, const struct rows *rows, int i)
{
    return str_format(r->arena, "%lld-%lld", (long long)rows_us(rows, i, KEY(key_us)),
        (long long)rows_i64(rows, i, KEY(line_id)));
}

struct after {
    struct str at, line; // absent: from the beginning
};

static struct after after_of(struct request *r)
{
    struct str rest = form_str(r, KEY(after)), first = str_cut(&rest, '-');
    int64_t at_us, line;
    if (!rest.p || !str_to_i64(first, &at_us) || !str_to_i64(rest, &line))
        return (struct after){STR_NULL, STR_NULL};
    return (struct after){db_time(r->arena, at_us), db_i64(r->arena, line)};
}

static const struct rows *read_lines(struct request *r, bool previous, struct after after)
{
    struct arena *a = r->arena;
    struct unit *u = common_unit(r);
    int place = unit_add(u, previous ? &SQL_account_previous : &SQL_account_upcoming,
        db_i64(a, r->site->tenant), db_i64(a, r->session.person), db_time(a, clock_now_us()),
        after.at, after.line);
    if (unit_run(u) == DB_OK)
        return unit_rows(u, place);
    respond_problem(r, PROBLEM_UNAVAILABLE);
    return NULL;
}

static const struct rows *read_tickets(struct request *r, struct after after)
{
    struct arena *a = r->arena;
    struct unit *u = common_unit(r);
    int place = unit_add(u, &SQL_account_tickets, db_i64(a, r->site->tenant),
        db_i64(a, r->session.person), db_i64(a, r->site->web_channel), after.at, after.line);
    if (unit_run(u) == DB_OK)
        return unit_rows(u, place);
    respond_problem(r, PROBLEM_UNAVAILABLE);
    return NULL;
}

// A file for each line that still lets somebody in.
static struct value *tickets_view(struct request *r, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    for (int i = 0; i < rows->count && i < PAGE_LINES; i++) {
        struct value *v = line_view(r, rows, i);
        struct str path = str_join(
            a, STR("/orders/"), rows_str(rows, i, KEY(code)), STR("/tickets.pdf"), STR_NULL);
        bool valid = str_is(rows_str(rows, i, KEY(state)), "confirmed");
        value_set_str(a, v, KEY(pdf_url), valid ? request_url(r, path) : STR_NULL);
        value_append(a, list, v);
    }
    return list;
}

static struct value *lines_view(struct request *r, const struct rows *rows, int most)
{
    struct value *list = value_list(r->arena);
    for (int i = 0; i < rows->count && i < most; i++)
        value_append(r->arena, list, line_view(r, rows, i));
    return list;
}

static void add_tab(
    struct request *r, struct value *tabs, const char *label, const char *path, bool current)
{
    struct value *tab = value_append_object(r->arena, tabs);
    value_set_str(r->arena, tab, KEY(label), panel_words(r, label));
    value_set_str(r->arena, tab, KEY(tab_url), request_url(r, str_of(path)));
    value_set_bool(r->arena, tab, KEY(current), current);
}

static void show_list(struct request *r, bool previous)
{
    struct arena *a = r->arena;
    const struct rows *rows = read_lines(r, previous, after_of(r));
    if (!rows)
        return;
    const char *path = previous ? "/account/orders/previous" : "/account/orders";
    struct str cursor = rows->count > PAGE_LINES ? cursor_of(r, rows, PAGE_LINES - 1) : STR_NULL;
    if (r->wants_json) {
        struct value *v = value_object(a);
        value_set(a, v, KEY(items), lines_view(r, rows, PAGE_LINES));
        value_set_str(a, v, KEY(next), cursor);
        respond_json(r, 200, v);
        return;
    }
    struct value *view = account_page(r, "storefront.account.orders", "orders");
    struct value *orders = value_object(a), *tabs = value_list(a);
    value_set(a, view, KEY(orders), orders);
    value_set(a, orders, KEY(tabs), tabs);
    add_tab(r, tabs, "storefront.account.upcoming", "/account/orders", !previous);
    add_tab(r, tabs, "storefront.account.previous", "/account/orders/previous", previous);
    value_set(a, orders, KEY(lines), lines_view(r, rows, PAGE_LINES));
    value_set_bool(a, orders, KEY(none), rows->count == 0);
    value_set_bool(a, orders, KEY(previous), previous);
    value_set_str(a, orders, KEY(more_url),
        cursor.p ? request_url(r, str_join(a, str_of(path), STR("?after="), cursor, STR_NULL))
                 : STR_NULL);
    account_respond(r, view);
}

static void on_tickets(struct request *r)
{
    struct arena *a = r->arena;
    const struct rows *rows = read_tickets(r, after_of(r));
    if (!rows)
        return;
    struct str cursor = rows->count > PAGE_LINES ? cursor_of(r, rows, PAGE_LINES - 1) : STR_NULL;
    if (r->wants_json) {
        struct value *v = value_object(a);
        value_set(a, v, KEY(items), tickets_view(r, rows));
        value_set_str(a, v, KEY(next), cursor);
        respond_json(r, 200, v);
        return;
    }
    struct value *view = account_page(r, "storefront.account.tickets", "tickets");
    struct value *orders = value_object(a);
    value_set(a, view, KEY(orders), orders);
    value_set(a, orders, KEY(lines), tickets_view(r, rows));
    value_set_bool(a, orders, KEY(none), rows->count == 0);
    value_set_bool(a, orders, KEY(tickets), true);
    value_set_str(a, orders, KEY(more_url),
        cursor.p ? request_url(r, str_join(a, STR("/account/tickets?after="), cursor, STR_NULL))
                 : STR_NULL);
    account_respond(r, view);
}

static void on_upcoming(struct request *r)
{
    show_list(r, false);
}

static void on_previous(struct request *r)
{
    show_list(r, true);
}

// What features have to say on the first page: {title, text, label, path}.
static void add_cards(struct request *r, struct value *home)
{
    struct arena *a = r->arena;
    struct value *in = value_object(a), *list = value_list(a);
    value_set_str(a, in, KEY(customer_id), str_of_i64(a, r->session.person));
    const struct value *found = hook_collect(a, r->site, HOOK_account_home, in);
    value_set(a, home, KEY(cards), list);
    for (size_t i = 0; i < value_count(found); i++) {
        const struct value *one = value_at(found, i);
        struct str path = value_get_str(one, KEY(path));
        struct value *card = value_append_object(a, list);
        value_set_str(a, card, KEY(id), value_get_str(one, KEY(plugin)));
        value_set_str(a, card, KEY(title), value_get_str(one, KEY(title)));
        value_set_str(a, card, KEY(text), value_get_str(one, KEY(text)));
        value_set_str(a, card, KEY(label), value_get_str(one, KEY(label)));
        value_set_str(
            a, card, KEY(card_url), str_starts(path, STR("/x/")) ? request_url(r, path) : STR_NULL);
    }
}

static void add_confirm(struct request *r, struct value *view, const struct customer *c)
{
    struct value *notices = value_list(r->arena), *n = value_append_object(r->arena, notices);
    bool done = str_is(form_str(r, KEY(done)), "confirmed");
    if (c->verified_us && !done)
        return;
    value_set(r->arena, view, KEY(notices), notices);
    value_set_str(r->arena, n, KEY(kind), done ? STR("success") : STR("info"));
    value_set_str(r->arena, n, KEY(text),
        message(r->arena, r->words,
            done ? STR("storefront.account.confirmed") : STR("storefront.account.unconfirmed"),
            "email", value_str(r->arena, c->email), NULL));
}

static void on_home(struct request *r)
{
    struct arena *a = r->arena;
    struct customer c;
    if (!account_customer(r, &c))
        return;
    const struct rows *rows = read_lines(r, false, (struct after){STR_NULL, STR_NULL});
    if (!rows)
        return;
    struct value *view = account_page(r, "storefront.account.home", "");
    struct value *home = value_object(a);
    value_set(a, view, KEY(home), home);
    value_set(a, home, KEY(lines), lines_view(r, rows, HOME_LINES));
    value_set_bool(a, home, KEY(none), rows->count == 0);
    value_set_bool(a, home, KEY(more), rows->count > HOME_LINES);
    value_set_str(a, home, KEY(orders_url), request_url(r, STR("/account/orders")));
    add_cards(r, home);
    value_set_str(a, value_get(view, KEY(settings)), KEY(title),
        message(a, r->words, STR("storefront.account.hello"), "name", value_str(a, c.first_name),
            NULL));
    add_confirm(r, view, &c);
    account_respond(r, view);
}

static const struct form home_form = FORM({"done", FIELD_TEXT, .max = 40});
static const struct form list_form = FORM({"after", FIELD_TEXT, .max = 60});

static const struct route routes[] = {
    {HTTP_GET, "/account", PERMIT_ACCOUNT, on_home, &home_form, ROUTE_LOGIN, 0},
    {HTTP_GET, "/account/orders", PERMIT_ACCOUNT, on_upcoming, &list_form, ROUTE_LOGIN, 0},
    {HTTP_GET, "/account/tickets", PERMIT_ACCOUNT, on_tickets, &list_form, ROUTE_LOGIN, 0},
    {HTTP_GET, "/account/orders/previous", PERMIT_ACCOUNT, on_previous, &list_form, ROUTE_LOGIN, 0},
};

void account_orders_start(void)
{
    routes_add(SURFACE_STOREFRONT, routes, sizeof routes / sizeof *routes);
}
