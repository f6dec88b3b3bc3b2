// Moving or cancelling what is booked: a slot, a day, a resource's day. Who is concerned is told
// first, with counts and amounts; afterwards the page of the change shows how far it is.
#include "domain/slot_change.h"

#include "base/clock.h"
#include "domain/slot.h"
#include "http/form.h"
#include "http/format.h"
#include "http/respond.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/schedule/change.sql.h"
#include "web/office/schedule/conflict.h"
#include "web/office/schedule/day.h"
#include "web/office/schedule/effect.h"

struct scope {
    int64_t ids[SLOT_CHANGE_MAX];
    int count;
    int64_t slot, resource; // what was asked for; 0: not by it
    struct date date;
    const struct rows *rows;
};

static int64_t number_of(const struct request *r, value_key field)
{
    int64_t n;
    return str_to_i64(form_str(r, field), &n) && n > 0 ? n : 0;
}

// Those of a day that haven't begun.
static bool read_day(struct request *r, struct scope *s)
{
    struct schedule_days d = {.first = s->date,
        .count = 1,
        .now_us = clock_now_us(),
        .resource = s->resource,
        .from_us = zone_day_start(r->site->zone, s->date),
        .to_us = zone_day_start(r->site->zone, date_add_days(s->date, 1))};
    if (!schedule_days_read(r, &d))
        return false;
    for (int i = 0; i < d.slot_count && s->count < SLOT_CHANGE_MAX; i++)
        if (d.slots[i].starts_us > d.now_us && !str_is(d.slots[i].state, "cancelled"))
            s->ids[s->count++] = d.slots[i].id;
    return true;
}

// Answers and is false when there is nothing to change.
static bool read_scope(struct request *r, struct scope *s)
{
    struct arena *a = r->arena;
    *s = (struct scope){.slot = number_of(r, KEY(slot)), .resource = number_of(r, KEY(resource))};
    if (s->slot)
        s->ids[s->count++] = s->slot;
    else if (!date_parse(form_str(r, KEY(day)), &s->date)) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return false;
    } else if (!read_day(r, s))
        return false;
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int place = unit_add(u, &SQL_office_change_slots, db_i64(a, r->site->tenant),
        db_i64_array(a, s->ids, (size_t)s->count));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    s->rows = unit_rows(u, place);
    if (!s->rows->count)
        respond_problem(r, PROBLEM_NOT_FOUND);
    return s->rows->count > 0;
}

static void add_slots(struct request *r, struct value *view, const struct scope *s)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a), *sum = value_object(a);
    int64_t orders = 0, places = 0, total = 0;
    value_set(a, view, KEY(slots), list);
    value_set(a, view, KEY(concerned), sum);
    for (int i = 0; i < s->rows->count; i++) {
        struct value *v = value_append_object(a, list);
        int64_t id = rows_i64(s->rows, i, KEY(slot_id));
        int64_t minor = rows_i64(s->rows, i, KEY(total_minor));
        value_set_str(a, v, KEY(id), str_of_i64(a, id));
        value_set_str(a, v, KEY(title),
            site_text_in(r->site, rows_json(a, s->rows, i, KEY(title)), r->language));
        value_set(a, v, KEY(when),
            format_time_value(a, r->format, r->site->zone, rows_us(s->rows, i, KEY(starts_us))));
        value_set_str(a, v, KEY(slot_url), request_url(r, schedule_slot_path(a, id)));
        value_set_int(a, v, KEY(orders), rows_i64(s->rows, i, KEY(orders)));
        value_set_int(a, v, KEY(places), rows_i64(s->rows, i, KEY(places)));
        value_set(a, v, KEY(total), format_money_value(a, r->format, minor, r->site->currency));
        orders += rows_i64(s->rows, i, KEY(orders));
        places += rows_i64(s->rows, i, KEY(places));
        total += minor;
    }
    value_set_int(a, sum, KEY(slots), s->rows->count);
    value_set_int(a, sum, KEY(orders), orders);
    value_set_int(a, sum, KEY(places), places);
    value_set(a, sum, KEY(total), format_money_value(a, r->format, total, r->site->currency));
}

static struct str given(struct request *r, value_key field)
{
    struct str text = form_str(r, field);
    return text.p ? text : STR("");
}

static struct value *view_of(struct request *r, const struct scope *s, const struct slot_look *look)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r), *v = value_object(a);
    struct office_object object = {
        .title = message(a, r->words, STR("office.schedule.change"), NULL),
        .list_path = "/manage/schedule",
        .list_label = "office.nav.schedule"};
    office_object_view(r, view, &object);
    value_set(a, view, KEY(change), v);
    value_set_str(a, v, KEY(slot), s->slot ? str_of_i64(a, s->slot) : STR(""));
    value_set_str(a, v, KEY(resource), s->resource ? str_of_i64(a, s->resource) : STR(""));
    value_set_str(a, v, KEY(day), s->slot ? STR("") : date_text(a, s->date));
    value_set_bool(a, v, KEY(may_move), s->slot != 0);
    value_set_int(a, v, KEY(version), rows_i64(s->rows, 0, KEY(version)));
    value_set_str(a, v, KEY(date), given(r, KEY(date)));
    value_set_str(a, v, KEY(time), given(r, KEY(time)));
    value_set_str(a, v, KEY(reason), given(r, KEY(reason)));
    value_set_str(a, view, KEY(action_url), request_url(r, STR("/manage/schedule/changes/new")));
    add_slots(r, view, s);
    schedule_conflicts_view(r, view, look);
    return view;
}

static void on_new(struct request *r)
{
    struct scope *s = arena_new_object(r->arena, struct scope);
    if (read_scope(r, s))
        respond_page(r, 200, "office/schedule/change_new", view_of(r, s, NULL));
}

static void answer(struct request *r, enum schedule_result result, int64_t change)
{
    struct arena *a = r->arena;
    if (result != SCHEDULE_DONE) {
        schedule_problem(r, result);
        return;
    }
    struct str id = str_of_i64(a, change);
    struct value *view = value_object(a);
    value_set_str(a, view, KEY(id), id);
    respond_done(r, 201, str_join(a, STR("/manage/schedule/changes/"), id, STR_NULL), view);
}

static void cancel(struct request *r, const struct scope *s)
{
    struct audit who = schedule_who(r);
    struct schedule_ask ask = {.site = r->site, .who = &who};
    struct slot_cancelling what = {s->ids, s->count, form_str(r, KEY(reason))};
    int64_t change = 0;
    enum schedule_result result = slot_cancel(r->arena, &ask, &what, &change);
    answer(r, result, change);
}

static bool take_time(struct request *r, int64_t *at_us)
{
    struct date day;
    int minute;
    if (!date_parse(form_str(r, KEY(date)), &day))
        form_refuse(r, "date", "date");
    else if (!time_parse(form_str(r, KEY(time)), &minute))
        form_refuse(r, "time", "time");
    else {
        struct zone_instant at = zone_instant(r->site->zone, (struct local_time){day, minute * 60});
        if (at.result == ZONE_GAP)
            form_refuse(r, "time", "time_gap");
        *at_us = at.first_us;
    }
    return !form_refused(r);
}

static void move(struct request *r, const struct scope *s)
{
    struct slot_moving what = {.slot = s->slot,
        .version = form_int(r, KEY(version), 0),
        .reason = form_str(r, KEY(reason))};
    if (!take_time(r, &what.to_us)) {
        respond_invalid(r, "office/schedule/change_new", view_of(r, s, NULL));
        return;
    }
    struct slot_wish wish = {
        .offer = rows_i64(s->rows, 0, KEY(offer_id)), .starts_us = what.to_us, .but = s->slot};
    struct slot_look *look = arena_new_object(r->arena, struct slot_look);
    enum schedule_result result = slot_look(r->arena, r->site, &wish, look);
    if (result == SCHEDULE_DONE && (look->blocked || (look->count && !form_bool(r, KEY(anyway))))) {
        respond_page(r, 409, "office/schedule/change_new", view_of(r, s, look));
        return;
    }
    struct audit who = schedule_who(r);
    struct schedule_ask ask = {.site = r->site, .who = &who};
    int64_t change = 0;
    if (result == SCHEDULE_DONE)
        result = slot_move(r->arena, &ask, &what, &change);
    answer(r, result, change);
}

static void on_make(struct request *r)
{
    struct scope *s = arena_new_object(r->arena, struct scope);
    if (!read_scope(r, s))
        return;
    if (str_is(form_str(r, KEY(do)), "cancel"))
        cancel(r, s);
    else if (s->slot)
        move(r, s);
    else
        respond_problem(r, PROBLEM_BAD_REQUEST);
}

static void add_rows(struct request *r, struct value *view, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *items = value_list(a);
    value_set(a, view, KEY(items), items);
    value_set_bool(a, view, KEY(has_items), rows->count > 0);
    for (int i = 0; i < rows->count; i++) {
        struct value *v = value_append_object(a, items);
        value_set_str(a, v, KEY(code), rows_str(rows, i, KEY(code)));
        value_set_str(a, v, KEY(name), rows_str(rows, i, KEY(name)));
        value_set_str(a, v, KEY(state), rows_str(rows, i, KEY(state)));
        value_set_str(a, v, KEY(why), rows_str(rows, i, KEY(why)));
        value_set(a, v, KEY(total),
            format_money_value(
                a, r->format, rows_i64(rows, i, KEY(total_minor)), r->site->currency));
    }
}

static void on_change(struct request *r)
{
    struct arena *a = r->arena;
    int64_t id = 0;
    bool named = str_to_i64(r->params[0], &id);
    struct str tenant = db_i64(a, r->site->tenant), number = db_i64(a, id);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int change = unit_add(u, &SQL_office_change, tenant, number);
    int rows = unit_add(u, &SQL_office_change_rows, tenant, number);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    const struct rows *c = unit_rows(u, change);
    if (!named || !c->count) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    struct value *view = page_view(r), *v = value_object(a);
    struct office_object object = {
        .title = message(a, r->words, STR("office.schedule.change_title"), "kind",
            value_str(a, rows_str(c, 0, KEY(kind))), NULL),
        .list_path = "/manage/schedule",
        .list_label = "office.nav.schedule"};
    office_object_view(r, view, &object);
    int64_t all = rows_i64(c, 0, KEY(every)), waiting = rows_i64(c, 0, KEY(waiting));
    value_set(a, view, KEY(change), v);
    value_set_str(a, v, KEY(kind), rows_str(c, 0, KEY(kind)));
    value_set_str(a, v, KEY(who), rows_str(c, 0, KEY(actor_name)));
    value_set(a, v, KEY(when),
        format_time_value(a, r->format, r->site->zone, rows_us(c, 0, KEY(created_us))));
    value_set_int(a, v, KEY(slots), rows_i64(c, 0, KEY(slots)));
    value_set_int(a, v, KEY(all), all);
    value_set_int(a, v, KEY(most), all ? all : 1);
    value_set_int(a, v, KEY(done), all - waiting);
    value_set_bool(a, v, KEY(running), waiting > 0);
    value_set_str(a, v, KEY(again_url), request_url(r, r->path));
    add_rows(r, view, unit_rows(u, rows));
    respond_page(r, 200, "office/schedule/change", view);
}

static const char *const actions[] = {"cancel", "move", NULL};
#define SCOPE_FIELDS                                                                      \
    {"slot", .kind = FIELD_TEXT, .max = 20}, {"resource", .kind = FIELD_TEXT, .max = 20}, \
    {                                                                                     \
        "day", .kind = FIELD_TEXT, .max = 10                                              \
    }
static const struct form form_new = FORM(SCOPE_FIELDS);
static const struct form form_make = FORM({"csrf", .kind = FIELD_TEXT}, SCOPE_FIELDS,
    {"do", .kind = FIELD_CHOICE, .required = true, .choices = actions},
    {"version", .kind = FIELD_INT}, {"date", .kind = FIELD_TEXT, .max = 10},
    {"time", .kind = FIELD_TEXT, .max = 5}, {"anyway", .kind = FIELD_BOOL},
    {"reason", .kind = FIELD_TEXT, .max = SLOT_REASON_MAX});
static const struct form form_none = {0};

static const struct route routes[] = {
    {HTTP_GET, "/manage/schedule/changes/new", PERMIT_SCHEDULE_CHANGE, on_new, &form_new, 0, 0},
    {HTTP_POST, "/manage/schedule/changes/new", PERMIT_SCHEDULE_CHANGE, on_make, &form_make, 0, 0},
    {HTTP_GET, "/manage/schedule/changes/{id}", PERMIT_SCHEDULE_READ, on_change, &form_none, 0, 0},
};

OFFICE_PAGE(routes, NULL)
