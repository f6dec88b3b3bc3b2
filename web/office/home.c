// Today at the venue: what is booked, what was sold, what to do next.
#include "base/clock.h"
#include "data/db.h"
#include "domain/site.h"
#include "http/respond.h"
#include "web/office/frame/nav.h"
#include "web/office/home.sql.h"
#include "web/office/home_actions.h"
#include "web/office/office.h"

enum { SLOTS_SHOWN = 10 };
// The chart, in units of its drawing.
enum { DAYS_SHOWN = 30, BAR_STEP = 20, BAR_WIDTH = 14, CHART_HEIGHT = 120 };

struct day {
    int64_t now_us, from_us, to_us;
    struct date date;
};

static struct day today_of(const struct site *site)
{
    struct day d = {.now_us = clock_now_us()};
    d.date = zone_date(site->zone, d.now_us);
    d.from_us = zone_day_start(site->zone, d.date);
    d.to_us = zone_day_start(site->zone, date_add_days(d.date, 1));
    return d;
}

static void add_slots(
    struct request *r, struct value *today, const struct rows *rows, const struct day *day)
{
    struct arena *a = r->arena;
    int64_t taken = 0, places = 0, more = 0;
    struct value *slots = value_list(a);
    value_set(a, today, KEY(slots), slots);
    for (int i = 0; i < rows->count; i++) {
        int64_t starts_us = rows_us(rows, i, KEY(starts_us));
        taken += rows_i64(rows, i, KEY(taken));
        places += rows_i64(rows, i, KEY(capacity));
        if (rows_us(rows, i, KEY(ends_us)) <= day->now_us)
            continue;
        if (value_count(slots) >= SLOTS_SHOWN) {
            more++;
            continue;
        }
        struct value *slot = value_append_object(a, slots);
        int32_t minute = zone_local(r->site->zone, starts_us).second / 60;
        value_set_str(a, slot, KEY(at), instant_text(a, r->site->zone, starts_us));
        value_set_str(a, slot, KEY(time_text), format_time_of_day(a, r->format, minute));
        value_set_str(a, slot, KEY(title),
            site_text_in(r->site, rows_json(a, rows, i, KEY(title)), r->language));
        value_set_str(a, slot, KEY(orders_url),
            request_url(r, str_join(a, STR("/manage/orders?slot="), rows_str(rows, i, KEY(slot_id)),
                               STR_NULL)));
        value_set_int(a, slot, KEY(taken), rows_i64(rows, i, KEY(taken)));
        value_set_int(a, slot, KEY(capacity), rows_i64(rows, i, KEY(capacity)));
    }
    value_set_bool(a, today, KEY(has_slots), value_count(slots) > 0);
    value_set_int(a, today, KEY(places_taken), taken);
    value_set_int(a, today, KEY(places), places);
    value_set(a, today, KEY(more), more ? value_int(a, more) : value_null());
}

// The list of orders placed from one day to another.
static struct str orders_url(struct request *r, struct date from, struct date to)
{
    struct arena *a = r->arena;
    return request_url(r, str_join(a, STR("/manage/orders?from="), date_text(a, from), STR("&to="),
                              date_text(a, to), STR_NULL));
}

static int row_of_day(struct arena *a, const struct rows *rows, struct date day)
{
    struct str wanted = date_text(a, day);
    for (int i = 0; i < rows->count; i++)
        if (str_eq(rows_str(rows, i, KEY(day)), wanted))
            return i;
    return -1;
}

static int64_t most_of(const struct rows *rows)
{
    int64_t most = 1;
    for (int i = 0; i < rows->count; i++)
        if (rows_i64(rows, i, KEY(sold_minor)) > most)
            most = rows_i64(rows, i, KEY(sold_minor));
    return most;
}

struct day_sales {
    struct date day;
    int64_t orders, sold;
};

// `most` is what the highest bar stands for.
static struct value *day_view(struct request *r, const struct day_sales *d, int at, int64_t most)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    int64_t height = d->sold > 0 ? 1 + d->sold * (CHART_HEIGHT - 1) / most : 0;
    value_set_str(a, v, KEY(date_text), format_date(a, r->format, d->day, FORMAT_DATE_SHORT));
    value_set_str(a, v, KEY(orders_url), orders_url(r, d->day, d->day));
    value_set_int(a, v, KEY(order_count), d->orders);
    value_set(a, v, KEY(sold), format_money_value(a, r->format, d->sold, r->site->currency));
    value_set_int(a, v, KEY(x), (int64_t)at * BAR_STEP);
    value_set_int(a, v, KEY(y), CHART_HEIGHT - height);
    value_set_int(a, v, KEY(width), BAR_WIDTH);
    value_set_int(a, v, KEY(height), height);
    return v;
}

// A chart's bars and the rows of its table: the same days, those without a sale too.
static void add_sales(
    struct request *r, struct value *view, const struct rows *rows, const struct day *today)
{
    struct arena *a = r->arena;
    struct value *sales = value_object(a), *days = value_list(a);
    struct date first = date_add_days(today->date, 1 - DAYS_SHOWN);
    int64_t sold = 0, orders = 0, most = most_of(rows);
    for (int i = 0; i < DAYS_SHOWN; i++) {
        struct day_sales d = {.day = date_add_days(first, i)};
        int row = row_of_day(a, rows, d.day);
        if (row >= 0) {
            d.sold = rows_i64(rows, row, KEY(sold_minor));
            d.orders = rows_i64(rows, row, KEY(order_count));
        }
        value_append(a, days, day_view(r, &d, i, most));
        sold += d.sold;
        orders += d.orders;
    }
    value_set(a, view, KEY(sales), sales);
    value_set(a, sales, KEY(days), days);
    value_set_bool(a, sales, KEY(any), orders > 0);
    value_set_int(a, sales, KEY(order_count), orders);
    value_set(a, sales, KEY(sold), format_money_value(a, r->format, sold, r->site->currency));
    value_set(a, sales, KEY(most), format_money_value(a, r->format, most, r->site->currency));
    value_set_str(a, sales, KEY(orders_url), orders_url(r, first, today->date));
    value_set_int(a, sales, KEY(chart_width), DAYS_SHOWN * BAR_STEP);
    value_set_int(a, sales, KEY(chart_height), CHART_HEIGHT);
}

// Somebody else is to own the site; who owns it now should know at once.
static void add_transfer(struct request *r, struct value *view, const struct rows *rows)
{
    bool shown = rows->count && role_has(role_of(r->session.role), PERMIT_STAFF_CHANGE);
    value_set_str(r->arena, view, KEY(new_owner), shown ? rows_str(rows, 0, KEY(email)) : STR_NULL);
    value_set_str(r->arena, view, KEY(ownership_url), request_url(r, STR("/manage/ownership")));
}

static void add_features(struct request *r, struct value *view)
{
    struct arena *a = r->arena;
    struct value *features = value_object(a);
    int64_t on = 0;
    for (int i = 0; i < r->site->feature_count; i++)
        on += r->site->features[i].state == FEATURE_ON;
    value_set(a, view, KEY(features), features);
    value_set_int(a, features, KEY(on), on);
    value_set_int(a, features, KEY(all), r->site->feature_count);
}

static void on_home(struct request *r)
{
    struct arena *a = r->arena;
    struct day day = today_of(r->site);
    struct str tenant = db_i64(a, r->site->tenant);
    struct str from = db_time(a, day.from_us), to = db_time(a, day.to_us);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int slots = unit_add(u, &SQL_office_slots, tenant, from, to, db_time(a, day.now_us));
    int orders = unit_add(u, &SQL_office_orders, tenant, from, to);
    int samples = unit_add(u, &SQL_office_samples, tenant);
    struct date first = date_add_days(day.date, 1 - DAYS_SHOWN);
    int days = unit_add(u, &SQL_office_days, tenant,
        db_time(a, zone_day_start(r->site->zone, first)), to, zone_name(r->site->zone));
    struct home_actions actions = home_actions_add(r, u);
    int transfer = unit_add(u, &SQL_office_transfer, tenant);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = page_view(r), *today = value_object(a);
    value_set(a, view, KEY(today), today);
    value_set_str(a, today, KEY(date_text), format_date(a, r->format, day.date, FORMAT_DATE_FULL));
    value_set_int(a, today, KEY(order_count), rows_i64(unit_rows(u, orders), 0, KEY(order_count)));
    value_set(a, today, KEY(sold),
        format_money_value(
            a, r->format, rows_i64(unit_rows(u, orders), 0, KEY(sold_minor)), r->site->currency));
    value_set_str(a, today, KEY(orders_url), orders_url(r, day.date, day.date));
    value_set_str(a, today, KEY(schedule_url), request_url(r, STR("/manage/schedule")));
    value_set_str(a, today, KEY(day_url),
        request_url(
            r, str_join(a, STR("/manage/schedule?date="), date_text(a, day.date), STR_NULL)));
    add_slots(r, today, unit_rows(u, slots), &day);
    add_sales(r, view, unit_rows(u, days), &day);
    home_actions_view(r, view, u, &actions);
    add_transfer(r, view, unit_rows(u, transfer));
    int64_t sample_count = rows_i64(unit_rows(u, samples), 0, KEY(samples));
    value_set(a, view, KEY(samples), sample_count ? value_int(a, sample_count) : value_null());
    add_features(r, view);
    respond_page(r, 200, "office/home", view);
}

static const struct route routes[] = {
    {HTTP_GET, "/manage", PERMIT_OFFICE_USE, on_home, NULL, 0, 0},
};

static const struct office_nav nav = {.path = "/manage",
    .label = "office.nav.home",
    .icon = "house",
    .permission = PERMIT_OFFICE_USE,
    .rank = 10};

OFFICE_PAGE(routes, &nav)
