// Today at the venue: what is booked, what was sold, what to do next.
#include "base/clock.h"
#include "data/db.h"
#include "domain/site.h"
#include "http/respond.h"
#include "web/office/frame/nav.h"
#include "web/office/home.sql.h"
#include "web/office/office.h"

enum { SLOTS_SHOWN = 10 };

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
        if (starts_us < day->now_us)
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
        value_set_int(a, slot, KEY(taken), rows_i64(rows, i, KEY(taken)));
        value_set_int(a, slot, KEY(capacity), rows_i64(rows, i, KEY(capacity)));
    }
    value_set_bool(a, today, KEY(has_slots), value_count(slots) > 0);
    value_set_int(a, today, KEY(places_taken), taken);
    value_set_int(a, today, KEY(places), places);
    value_set(a, today, KEY(more), more ? value_int(a, more) : value_null());
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
    add_slots(r, today, unit_rows(u, slots), &day);
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
