// One slot: who has booked it, what has happened to it; and adding a single one, with what stands
// in the way told before it is saved.
#include "domain/slot.h"

#include "base/clock.h"
#include "http/form.h"
#include "http/format.h"
#include "http/respond.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/schedule/conflict.h"
#include "web/office/schedule/day.sql.h"
#include "web/office/schedule/effect.h"
#include "web/office/schedule/slot.sql.h"

enum { CAPACITY_MAX = 1000000 };

void schedule_slot_facts(struct request *r, struct value *view, const struct rows *s)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    value_set(a, view, KEY(slot), v);
    value_set_str(a, v, KEY(id), rows_str(s, 0, KEY(slot_id)));
    value_set_str(
        a, v, KEY(title), site_text_in(r->site, rows_json(a, s, 0, KEY(title)), r->language));
    value_set(a, v, KEY(starts),
        format_time_value(a, r->format, r->site->zone, rows_us(s, 0, KEY(starts_us))));
    value_set(a, v, KEY(ends),
        format_time_value(a, r->format, r->site->zone, rows_us(s, 0, KEY(ends_us))));
    value_set_str(a, v, KEY(place), rows_str(s, 0, KEY(place)));
    value_set_str(a, v, KEY(state), rows_str(s, 0, KEY(state)));
    value_set_int(a, v, KEY(taken), rows_i64(s, 0, KEY(taken)));
    value_set_int(a, v, KEY(capacity), rows_i64(s, 0, KEY(capacity)));
    value_set_int(a, v, KEY(version), rows_i64(s, 0, KEY(version)));
    value_set_bool(a, v, KEY(single), rows_is_null(s, 0, KEY(rule_id)));
    value_set_bool(a, v, KEY(is_there), !str_is(rows_str(s, 0, KEY(state)), "cancelled"));
    value_set_str(a, v, KEY(change_url),
        request_url(r, str_join(a, STR("/manage/schedule/changes/new?slot="),
                           rows_str(s, 0, KEY(slot_id)), STR_NULL)));
}

static void add_lines(struct request *r, struct value *view, const struct rows *lines)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    value_set(a, view, KEY(lines), list);
    value_set_bool(a, view, KEY(has_lines), lines->count > 0);
    for (int i = 0; i < lines->count; i++) {
        struct value *v = value_append_object(a, list);
        struct str name = rows_str(lines, i, KEY(name));
        value_set_str(a, v, KEY(code), rows_str(lines, i, KEY(code)));
        value_set_str(a, v, KEY(name), name.len ? name : STR_NULL);
        value_set_int(a, v, KEY(quantity), rows_i64(lines, i, KEY(quantity)));
        value_set_str(a, v, KEY(rate), rows_str(lines, i, KEY(rate_name)));
        value_set_str(a, v, KEY(state), rows_str(lines, i, KEY(state)));
        value_set_bool(a, v, KEY(basket), rows_bool(lines, i, KEY(basket)));
        value_set(a, v, KEY(total),
            format_money_value(
                a, r->format, rows_i64(lines, i, KEY(total_minor)), r->site->currency));
    }
}

static void on_slot(struct request *r)
{
    struct arena *a = r->arena;
    int64_t id;
    if (!str_to_i64(r->params[0], &id)) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    struct str tenant = db_i64(a, r->site->tenant), number = db_i64(a, id);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int slot = unit_add(u, &SQL_office_slot, tenant, number);
    int lines = unit_add(u, &SQL_office_slot_lines, tenant, number, db_time(a, clock_now_us()));
    int history = office_history_add(r, u, "slot", number);
    if (unit_run(u) != DB_OK || !unit_rows(u, slot)->count) {
        respond_problem(r, unit_sqlstate(u)[0] ? PROBLEM_UNAVAILABLE : PROBLEM_NOT_FOUND);
        return;
    }
    const struct rows *s = unit_rows(u, slot);
    struct value *view = page_view(r);
    struct value *when =
        format_time_value(a, r->format, r->site->zone, rows_us(s, 0, KEY(starts_us)));
    struct str title = site_text_in(r->site, rows_json(a, s, 0, KEY(title)), r->language);
    struct office_object object = {
        .title = str_join(a, title, STR(", "), value_get_str(when, KEY(text)), STR_NULL),
        .list_path = "/manage/schedule",
        .list_label = "office.nav.schedule"};
    office_object_view(r, view, &object);
    schedule_slot_facts(r, view, s);
    add_lines(r, view, unit_rows(u, lines));
    value_set_bool(
        a, view, KEY(may_change), role_has(role_of(r->session.role), PERMIT_SCHEDULE_CHANGE));
    office_history_view(r, view, unit_rows(u, history));
    office_done(r, view, title);
    respond_page(r, 200, "office/schedule/slot", view);
}

static struct str given(struct request *r, value_key field)
{
    struct str text = form_str(r, field);
    return text.p ? text : STR("");
}

// Answers and gives NULL when the database is away.
static struct value *new_view(struct request *r, const struct slot_look *look)
{
    struct arena *a = r->arena;
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int place = unit_add(u, &SQL_office_schedule_offers, db_i64(a, r->site->tenant));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return NULL;
    }
    const struct rows *offers = unit_rows(u, place);
    struct value *view = page_view(r), *v = value_object(a), *choices = value_list(a);
    struct office_object object = {.title = message(a, r->words, STR("office.schedule.add"), NULL),
        .list_path = "/manage/schedule",
        .list_label = "office.nav.schedule"};
    office_object_view(r, view, &object);
    for (int i = 0; i < offers->count; i++)
        schedule_option(a, choices, rows_str(offers, i, KEY(offer_id)),
            site_text_in(r->site, rows_json(a, offers, i, KEY(title)), r->language),
            str_eq(rows_str(offers, i, KEY(offer_id)), given(r, KEY(offer))));
    value_set(a, view, KEY(offers), choices);
    value_set(a, view, KEY(slot), v);
    value_set_str(a, v, KEY(date), given(r, KEY(date)));
    value_set_str(a, v, KEY(time), given(r, KEY(time)));
    int64_t capacity = form_int(r, KEY(capacity), 0);
    value_set_str(a, v, KEY(capacity), capacity ? str_of_i64(a, capacity) : STR(""));
    value_set_str(a, view, KEY(action_url), request_url(r, STR("/manage/schedule/slots/new")));
    schedule_conflicts_view(r, view, look);
    return view;
}

static void on_new(struct request *r)
{
    struct value *view = new_view(r, NULL);
    if (view)
        respond_page(r, 200, "office/schedule/slot_new", view);
}

static void refuse(struct request *r)
{
    struct value *view = new_view(r, NULL);
    if (view)
        respond_invalid(r, "office/schedule/slot_new", view);
}

static bool take(struct request *r, struct slot_wish *wish)
{
    struct date day;
    int minute;
    *wish = (struct slot_wish){.capacity = form_int(r, KEY(capacity), 0)};
    if (!str_to_i64(form_str(r, KEY(offer)), &wish->offer))
        form_refuse(r, "offer", "choice");
    if (!date_parse(form_str(r, KEY(date)), &day))
        return false;
    if (!time_parse(form_str(r, KEY(time)), &minute)) {
        form_refuse(r, "time", "time");
        return false;
    }
    struct zone_instant at = zone_instant(r->site->zone, (struct local_time){day, minute * 60});
    if (at.result == ZONE_GAP)
        form_refuse(r, "time", "time_gap");
    wish->starts_us = at.first_us;
    return !form_refused(r);
}

static void show(struct request *r, const struct slot_look *look, int status)
{
    struct value *view = new_view(r, look);
    if (view)
        respond_page(r, status, "office/schedule/slot_new", view);
}

static void on_add(struct request *r)
{
    struct arena *a = r->arena;
    struct slot_wish wish;
    struct slot_look look;
    if (!take(r, &wish)) {
        refuse(r);
        return;
    }
    enum schedule_result result = slot_look(a, r->site, &wish, &look);
    if (result == SCHEDULE_NOT_FOUND) {
        form_refuse(r, "offer", "choice");
        refuse(r);
        return;
    }
    bool looks = str_is(form_str(r, KEY(do)), "look"), anyway = form_bool(r, KEY(anyway));
    if (result == SCHEDULE_DONE && (looks || look.blocked || (look.count && !anyway))) {
        show(r, &look, looks ? 200 : 409);
        return;
    }
    struct audit who = schedule_who(r);
    struct schedule_ask ask = {.site = r->site, .who = &who};
    int64_t id = 0;
    if (result == SCHEDULE_DONE)
        result = slot_add(a, &ask, &wish, &look, &id);
    if (result == SCHEDULE_DONE) {
        struct value *view = value_object(a);
        value_set_str(a, view, KEY(id), str_of_i64(a, id));
        respond_done(r, 201,
            str_join(a, schedule_slot_path(a, id), STR("?done=slot_added"), STR_NULL), view);
    } else {
        respond_problem(r, result == SCHEDULE_CHANGED ? PROBLEM_CONFLICT : PROBLEM_UNAVAILABLE);
    }
}

static const char *const actions[] = {"save", "look", NULL};
static const struct form form_slot =
    FORM({"done", .kind = FIELD_TEXT, .max = 20}, OFFICE_HISTORY_FIELD);
static const struct form form_new = FORM({"offer", .kind = FIELD_ID}, {"date", .kind = FIELD_DATE},
    {"time", .kind = FIELD_TEXT, .max = 5});
static const struct form form_add = FORM({"csrf", .kind = FIELD_TEXT},
    {"do", .kind = FIELD_CHOICE, .required = true, .choices = actions},
    {"offer", .kind = FIELD_TEXT, .required = true, .max = 20},
    {"date", .kind = FIELD_DATE, .required = true},
    {"time", .kind = FIELD_TEXT, .required = true, .max = 5},
    {"capacity", .kind = FIELD_INT, .min = 1, .max = CAPACITY_MAX}, {"anyway", .kind = FIELD_BOOL});

static const struct route routes[] = {
    {HTTP_GET, "/manage/schedule/slots/new", PERMIT_SCHEDULE_CHANGE, on_new, &form_new, 0, 0},
    {HTTP_POST, "/manage/schedule/slots/new", PERMIT_SCHEDULE_CHANGE, on_add, &form_add, 0, 0},
    {HTTP_GET, "/manage/schedule/slots/{id}", PERMIT_SCHEDULE_READ, on_slot, &form_slot, 0, 0},
};

OFFICE_PAGE(routes, NULL)
