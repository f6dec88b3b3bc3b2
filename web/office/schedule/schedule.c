// The schedule: a day or a week by resource, with an equal list beside it; filters in the address.
#include "base/clock.h"
#include "http/form.h"
#include "http/format.h"
#include "http/respond.h"
#include "web/office/frame/list.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/schedule/day.h"
#include "web/office/schedule/effect.h"

enum { WEEK = 7, DAYS_AWAY_MAX = 1500 };

static int64_t number_of(const struct request *r, value_key field)
{
    int64_t n;
    return str_to_i64(form_str(r, field), &n) && n > 0 ? n : 0;
}

static bool is_near(struct date day, struct date today)
{
    int64_t away = date_to_days(day) - date_to_days(today);
    return away <= DAYS_AWAY_MAX && away >= -DAYS_AWAY_MAX;
}

static struct schedule_days days_of(struct request *r)
{
    struct schedule_days d = {.count = 1,
        .now_us = clock_now_us(),
        .resource = number_of(r, KEY(resource)),
        .offer = number_of(r, KEY(offer))};
    struct date today = zone_date(r->site->zone, d.now_us);
    if (!date_parse(form_str(r, KEY(date)), &d.first)) {
        d.first = today;
    } else if (!is_near(d.first, today)) {
        form_refuse(r, "date", "date_far");
        d.first = today;
    }
    if (str_is(form_str(r, KEY(view)), "week")) {
        d.first = date_add_days(d.first, 1 - date_weekday(d.first));
        d.count = WEEK;
    }
    d.from_us = zone_day_start(r->site->zone, d.first);
    d.to_us = zone_day_start(r->site->zone, date_add_days(d.first, d.count));
    return d;
}

static struct str with(struct request *r, const char *field, struct str value)
{
    return request_url(r,
        str_join(r->arena, STR("/manage/schedule"), office_query_with(r, field, value), STR_NULL));
}

static void add_moves(struct request *r, struct value *v, const struct schedule_days *d)
{
    struct arena *a = r->arena;
    struct date last = date_add_days(d->first, d->count - 1);
    value_set_str(a, v, KEY(title),
        d->count > 1 ? format_date_range(a, r->format, d->first, last)
                     : format_date(a, r->format, d->first, FORMAT_DATE_FULL));
    value_set_str(a, v, KEY(date), date_text(a, d->first));
    value_set_str(
        a, v, KEY(prev_url), with(r, "date", date_text(a, date_add_days(d->first, -d->count))));
    value_set_str(
        a, v, KEY(next_url), with(r, "date", date_text(a, date_add_days(d->first, d->count))));
    value_set_str(a, v, KEY(today_url), with(r, "date", STR_NULL));
    value_set_str(a, v, KEY(day_url), with(r, "view", STR_NULL));
    value_set_str(a, v, KEY(week_url), with(r, "view", STR("week")));
    value_set_bool(a, v, KEY(is_week), d->count > 1);
    value_set_str(a, v, KEY(action_url), request_url(r, STR("/manage/schedule")));
    value_set_str(a, v, KEY(rules_url), request_url(r, STR("/manage/schedule/rules")));
    value_set_str(a, v, KEY(hours_url), request_url(r, STR("/manage/hours")));
    struct str day = str_join(a, STR("/manage/schedule/changes/new?day="), date_text(a, d->first),
        d->resource ? STR("&resource=") : STR(""),
        d->resource ? str_of_i64(a, d->resource) : STR(""), STR_NULL);
    value_set_str(a, v, KEY(change_url), request_url(r, day));
    struct str outage = str_join(a, STR("/manage/schedule/changes/outage?date="),
        date_text(a, d->first), d->resource ? STR("&resource=") : STR(""),
        d->resource ? str_of_i64(a, d->resource) : STR(""), STR_NULL);
    value_set_str(a, v, KEY(outage_url), request_url(r, outage));
    value_set_str(a, v, KEY(new_url),
        request_url(r, str_join(a, STR("/manage/schedule/slots/new?date="), date_text(a, d->first),
                           STR_NULL)));
}

static void add_occupancy(struct request *r, struct value *view, const struct schedule_days *d)
{
    struct arena *a = r->arena;
    int64_t taken = 0, places = 0, slots = 0;
    for (int i = 0; i < d->slot_count; i++) {
        if (str_is(d->slots[i].state, "cancelled"))
            continue;
        slots++;
        taken += d->slots[i].taken;
        places += d->slots[i].capacity;
    }
    struct value *v = value_object(a);
    value_set(a, view, KEY(occupancy), v);
    value_set_int(a, v, KEY(slots), slots);
    value_set_int(a, v, KEY(taken), taken);
    value_set_int(a, v, KEY(places), places);
    value_set_int(a, v, KEY(most), places ? places : 1);
    value_set_str(
        a, v, KEY(share), format_percent(a, r->format, places ? taken * 100 / places * 10000 : 0));
}

static void add_choices(struct request *r, struct value *view, const struct schedule_days *d)
{
    struct arena *a = r->arena;
    struct value *resources = value_list(a), *offers = value_list(a);
    value_set(a, view, KEY(resources), resources);
    value_set(a, view, KEY(offers), offers);
    schedule_option(a, resources, STR(""),
        message(a, r->words, STR("office.schedule.all_resources"), NULL), !d->resource);
    for (int i = 0; i < d->resources->count; i++)
        schedule_option(a, resources, rows_str(d->resources, i, KEY(resource_id)),
            rows_str(d->resources, i, KEY(name)),
            rows_i64(d->resources, i, KEY(resource_id)) == d->resource);
    schedule_option(a, offers, STR(""),
        message(a, r->words, STR("office.schedule.all_offers"), NULL), !d->offer);
    for (int i = 0; i < d->offers->count; i++)
        schedule_option(a, offers, rows_str(d->offers, i, KEY(offer_id)),
            site_text_in(r->site, rows_json(a, d->offers, i, KEY(title)), r->language),
            rows_i64(d->offers, i, KEY(offer_id)) == d->offer);
}

static void add_closed(struct request *r, struct value *view, const struct schedule_days *d)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    value_set(a, view, KEY(closed), list);
    for (int i = 0; i < d->opening.closure_count; i++) {
        const struct closure *c = &d->opening.closures[i];
        if (c->from_us >= d->to_us || c->to_us <= d->from_us)
            continue;
        struct value *v = value_append_object(a, list);
        value_set_str(a, v, KEY(what),
            c->resource ? c->resource_name : message(a, r->words, STR("office.hours.site"), NULL));
        value_set_str(a, v, KEY(why),
            message(a, r->words, STR("office.schedule.why"), "why", value_str(a, STR("closure")),
                "reason", value_str(a, schedule_closure_reason(r, c)), NULL));
        value_set_str(
            a, v, KEY(when), format_time_range(a, r->format, r->site->zone, c->from_us, c->to_us));
    }
}

static void on_schedule(struct request *r)
{
    struct arena *a = r->arena;
    struct schedule_days d = days_of(r);
    if (form_refused(r)) {
        respond_refused_query(r);
        return;
    }
    if (!schedule_days_read(r, &d))
        return;
    struct value *view = page_view(r), *v = value_object(a), *items = value_list(a);
    value_set(a, view, KEY(schedule), v);
    add_moves(r, v, &d);
    add_choices(r, view, &d);
    add_occupancy(r, view, &d);
    add_closed(r, view, &d);
    value_set(a, view, KEY(grid), NULL);
    value_set(a, view, KEY(week), NULL);
    value_set(a, view, KEY(items), items);
    value_set_bool(a, view, KEY(has_items), d.slot_count > 0);
    value_set_bool(
        a, view, KEY(may_change), role_has(role_of(r->session.role), PERMIT_SCHEDULE_CHANGE));
    if (d.count > 1)
        schedule_week_view(r, &d, view);
    else
        schedule_grid_view(r, &d, view);
    for (int i = 0; i < d.slot_count && (d.count == 1 || r->wants_json); i++)
        value_append(a, items, schedule_slot_view(r, &d, &d.slots[i]));
    office_done(r, view, STR(""));
    respond_page(r, 200, "office/schedule/schedule", view);
}

static const char *const views[] = {"day", "week", NULL};
static const struct form form_page = FORM({"view", .kind = FIELD_CHOICE, .choices = views},
    {"date", .kind = FIELD_DATE}, {"resource", .kind = FIELD_ID}, {"offer", .kind = FIELD_ID},
    {"done", .kind = FIELD_TEXT, .max = 20});

static const struct route routes[] = {
    {HTTP_GET, "/manage/schedule", PERMIT_SCHEDULE_READ, on_schedule, &form_page, 0, 0},
};

static const struct office_nav nav = {.path = "/manage/schedule",
    .label = "office.nav.schedule",
    .icon = "calendar-days",
    .permission = PERMIT_SCHEDULE_READ,
    .rank = 30};
OFFICE_PAGE(routes, &nav)
