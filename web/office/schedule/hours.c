// Opening hours of the site and of its resources, and what is closed (P11).
#include "domain/opening_edit.h"

#include "base/clock.h"
#include "http/form.h"
#include "http/format.h"
#include "http/respond.h"
#include "web/office/frame/history.h"
#include "web/office/frame/list.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/schedule/effect.h"
#include "web/office/schedule/hours.sql.h"

enum { SPANS_A_DAY = 2, WEEKDAYS = 7, DAY_MIN = 1440 };

struct hours_page {
    int64_t resource; // 0: the site
    struct str resource_name;
    const struct rows *resources, *history;
    struct opening opening;
    const struct opening_hours *own; // NULL: none stored
};

// Answers and is false when there is no such resource or the database is away.
static bool read_page(struct request *r, struct hours_page *p)
{
    struct arena *a = r->arena;
    struct str wanted = form_str(r, KEY(resource));
    *p = (struct hours_page){.resource_name = STR("")};
    if (wanted.len && !str_to_i64(wanted, &p->resource)) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return false;
    }
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int resources = unit_add(u, &SQL_office_resources, db_i64(a, r->site->tenant));
    struct opening_places places = opening_add(u, clock_now_us());
    int history = office_history_and_add(r, u, "hours", db_i64(a, p->resource), "closure");
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    p->resources = unit_rows(u, resources);
    p->history = unit_rows(u, history);
    p->opening = opening_take(a, r->site->zone, u, places);
    for (int i = 0; i < p->opening.hours_count; i++)
        if (p->opening.hours[i].resource == p->resource)
            p->own = &p->opening.hours[i];
    bool found = !p->resource;
    for (int i = 0; i < p->resources->count; i++)
        if (rows_i64(p->resources, i, KEY(resource_id)) == p->resource) {
            found = true;
            p->resource_name = p->resource ? rows_str(p->resources, i, KEY(name)) : STR("");
        }
    if (!found)
        respond_problem(r, PROBLEM_NOT_FOUND);
    return found;
}

static struct str hours_path(struct arena *a, int64_t resource)
{
    return resource ? str_join(a, STR("/manage/hours?resource="), str_of_i64(a, resource), STR_NULL)
                    : STR("/manage/hours");
}

static void add_resources(struct request *r, struct value *view, const struct hours_page *p)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    value_set(a, view, KEY(resources), list);
    for (int i = -1; i < p->resources->count; i++) {
        int64_t id = i < 0 ? 0 : rows_i64(p->resources, i, KEY(resource_id));
        struct value *v = value_append_object(a, list);
        value_set_str(a, v, KEY(id), str_of_i64(a, id));
        value_set_str(a, v, KEY(name),
            i < 0 ? message(a, r->words, STR("office.hours.site"), NULL)
                  : rows_str(p->resources, i, KEY(name)));
        value_set_str(a, v, KEY(hours_url), request_url(r, hours_path(a, id)));
        value_set_bool(a, v, KEY(current), id == p->resource);
    }
    value_set_bool(a, view, KEY(has_resources), p->resources->count > 0);
}

static const char *field_name(struct request *r, int weekday, int span, const char *end)
{
    return str_z(r->arena, str_format(r->arena, "d%d_%s_%d", weekday, end, span + 1));
}

static struct str typed_or(struct request *r, const char *field, struct str stored)
{
    const struct value *typed = value_get(r->form, value_key_intern(str_of(field)));
    return r->method == HTTP_POST ? (typed ? value_as_str(typed) : STR("")) : stored;
}

static struct str error_of(struct request *r, const char *field)
{
    for (size_t i = 0; i < value_count(r->errors); i++)
        if (str_is(value_get_str(value_at(r->errors, i), KEY(field)), field))
            return value_get_str(value_at(r->errors, i), KEY(text));
    return STR_NULL;
}

// An end that the clock shows before the beginning is on the next day; midnight ends this one.
static bool is_next_day(struct str from, struct str to)
{
    int from_min, to_min;
    return time_parse(from, &from_min) && time_parse(to, &to_min) && to_min && to_min < from_min;
}

static void add_span(
    struct request *r, struct value *spans, const struct opening_hours *h, int weekday, int n)
{
    struct arena *a = r->arena;
    struct value *v = value_append_object(a, spans);
    const char *from = field_name(r, weekday, n, "from"), *to = field_name(r, weekday, n, "to");
    const struct opening_span *s = NULL;
    for (int i = 0, seen = 0; h && i < h->count; i++)
        if (h->spans[i].weekday == weekday && seen++ == n)
            s = &h->spans[i];
    value_set_str(a, v, KEY(from_field), str_of(from));
    value_set_str(a, v, KEY(to_field), str_of(to));
    value_set_str(a, v, KEY(from), typed_or(r, from, s ? time_text(a, s->from_min) : STR("")));
    value_set_str(a, v, KEY(to), typed_or(r, to, s ? time_text(a, s->to_min % DAY_MIN) : STR("")));
    value_set_bool(
        a, v, KEY(next_day), is_next_day(value_get_str(v, KEY(from)), value_get_str(v, KEY(to))));
    value_set_str(a, v, KEY(from_error), error_of(r, from));
    value_set_str(a, v, KEY(to_error), error_of(r, to));
    value_set_bool(a, v, KEY(again), n > 0);
}

static void add_days(struct request *r, struct value *view, const struct hours_page *p)
{
    struct arena *a = r->arena;
    struct value *days = value_list(a);
    struct date monday = date_from_days(4); // 5 January 1970
    const struct opening_hours *shown = p->own ? p->own : opening_hours_of(&p->opening, 0);
    value_set(a, view, KEY(days), days);
    for (int d = 1; d <= WEEKDAYS; d++) {
        struct value *day = value_append_object(a, days), *spans = value_list(a);
        struct date date = date_add_days(monday, d - 1);
        value_set_int(a, day, KEY(weekday), d);
        value_set_str(a, day, KEY(name), format_date(a, r->format, date, FORMAT_DATE_WEEKDAY));
        value_set(a, day, KEY(spans), spans);
        for (int n = 0; n < SPANS_A_DAY; n++)
            add_span(r, spans, shown, d, n);
    }
}

static void add_closures(struct request *r, struct value *view, const struct hours_page *p)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    value_set(a, view, KEY(closures), list);
    for (int i = 0; i < p->opening.closure_count; i++) {
        const struct closure *c = &p->opening.closures[i];
        struct value *v = value_append_object(a, list);
        struct str reason = site_text_in(r->site, c->reason, r->language);
        struct str path =
            str_join(a, STR("/manage/hours/closures/"), str_of_i64(a, c->id), STR_NULL);
        value_set_str(a, v, KEY(id), str_of_i64(a, c->id));
        value_set_str(a, v, KEY(kind), c->holiday ? STR("holiday") : STR("closure"));
        value_set_str(a, v, KEY(reason), reason.len ? reason : STR_NULL);
        value_set_str(a, v, KEY(resource), c->resource ? c->resource_name : STR_NULL);
        value_set(a, v, KEY(from), format_time_value(a, r->format, r->site->zone, c->from_us));
        value_set(a, v, KEY(to), format_time_value(a, r->format, r->site->zone, c->to_us));
        value_set_str(a, v, KEY(when_text),
            format_time_range(a, r->format, r->site->zone, c->from_us, c->to_us));
        struct date last = zone_date(r->site->zone, c->to_us - 1);
        struct date first = zone_date(r->site->zone, c->from_us);
        if (c->from_us == zone_day_start(r->site->zone, first) &&
            c->to_us == zone_day_start(r->site->zone, date_add_days(last, 1)))
            value_set_str(a, v, KEY(when_text), format_date_range(a, r->format, first, last));
        value_set_str(a, v, KEY(closure_url), request_url(r, path));
    }
    value_set_bool(a, view, KEY(has_closures), value_count(list) > 0);
}

// The closure that an entry is about, by its reason.
static struct str reason_of_entry(
    struct request *r, const void *of, const struct rows *history, int i)
{
    (void)of;
    const struct value *closure = rows_json(r->arena, history, i, KEY(after));
    if (!value_is(closure, VALUE_OBJECT))
        closure = rows_json(r->arena, history, i, KEY(before));
    return site_text_in(r->site, value_get(closure, KEY(reason)), r->language);
}

static struct value *view_of(struct request *r, const struct hours_page *p)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r), *hours = value_object(a);
    value_set(a, view, KEY(hours), hours);
    value_set_str(a, hours, KEY(resource_id), str_of_i64(a, p->resource));
    value_set_str(a, hours, KEY(resource_name), p->resource ? p->resource_name : STR_NULL);
    value_set_int(a, hours, KEY(version), p->own ? p->own->version : 0);
    value_set_bool(a, hours, KEY(own), p->own != NULL);
    value_set_bool(a, hours, KEY(of_resource), p->resource != 0);
    value_set_str(a, hours, KEY(action_url), request_url(r, STR("/manage/hours")));
    value_set_str(a, hours, KEY(new_url), request_url(r, STR("/manage/hours/closures/new")));
    value_set_bool(
        a, view, KEY(may_change), role_has(role_of(r->session.role), PERMIT_SCHEDULE_CHANGE));
    value_set(a, view, KEY(effect), NULL);
    add_resources(r, view, p);
    add_days(r, view, p);
    add_closures(r, view, p);
    office_history_view_with(
        r, view, p->history, &(struct history_words){.object = reason_of_entry});
    return view;
}

static void on_hours(struct request *r)
{
    struct hours_page p;
    if (!read_page(r, &p))
        return;
    struct value *view = view_of(r, &p);
    schedule_done(r, view, STR(""));
    respond_page(r, 200, "office/schedule/hours", view);
}

// One pair of fields; refusals beside them.
static void take_span(struct request *r, struct opening_hours *h, int weekday, int n)
{
    const char *from_field = field_name(r, weekday, n, "from");
    const char *to_field = field_name(r, weekday, n, "to");
    struct str from = form_str(r, value_key_intern(str_of(from_field)));
    struct str to = form_str(r, value_key_intern(str_of(to_field)));
    struct opening_span s = {.weekday = weekday};
    if (!from.len && !to.len)
        return;
    if (!time_parse(from, &s.from_min))
        form_refuse(r, from_field, "time");
    else if (!str_is(to, "24:00") && !time_parse(to, &s.to_min))
        form_refuse(r, to_field, "time");
    else if (str_is(to, "24:00") || !s.to_min)
        s.to_min = DAY_MIN;
    if (form_refused(r) && (error_of(r, from_field).p || error_of(r, to_field).p))
        return;
    if (is_next_day(from, to))
        s.to_min += DAY_MIN;
    if (s.to_min == s.from_min)
        form_refuse(r, to_field, "no_time");
    for (int i = 0; i < h->count; i++)
        if (h->spans[i].weekday == weekday && h->spans[i].to_min > s.from_min)
            form_refuse(r, from_field, "after_first");
    h->spans[h->count++] = s;
}

// What goes on after midnight ends before the next day opens: whoever swaps the two fields sees it.
static void check_nights(struct request *r, const struct opening_hours *h)
{
    int n = 0;
    for (int i = 0; i < h->count; i++) {
        const struct opening_span *s = &h->spans[i];
        n = i && h->spans[i - 1].weekday == s->weekday ? n + 1 : 0;
        for (int k = 0; s->to_min > DAY_MIN && k < h->count; k++)
            if (h->spans[k].weekday == s->weekday % WEEKDAYS + 1 &&
                h->spans[k].from_min < s->to_min - DAY_MIN) {
                form_refuse(r, field_name(r, s->weekday, n, "to"), "into_next");
                break;
            }
    }
}

static void conflict(
    struct request *r, const struct hours_page *p, const struct opening_hours *mine)
{
    struct office_conflict c = {
        .theirs = p->own ? opening_hours_value(r->arena, p->own) : value_object(r->arena),
        .yours = opening_hours_value(r->arena, mine)};
    office_conflict_respond(r, "office/schedule/hours", view_of(r, p), &c);
}

static void show_effect(
    struct request *r, const struct hours_page *p, const struct schedule_outcome *o)
{
    struct value *view = view_of(r, p);
    schedule_effect_view(r, view, o->facts, o->plan);
    respond_page(r, 200, "office/schedule/hours", view);
}

static void answer(struct request *r, const struct hours_page *p, const struct opening_hours *h,
    const struct schedule_outcome *o)
{
    struct arena *a = r->arena;
    if (o->result == SCHEDULE_DONE) {
        struct value *view = value_object(a);
        struct str mark = p->resource ? STR("&done=hours_saved") : STR("?done=hours_saved");
        schedule_effect_view(r, view, o->facts, o->plan);
        struct str path = str_join(a, hours_path(a, p->resource), mark, STR_NULL);
        respond_done(r, 200, schedule_done_path(r, path, o->plan), view);
    } else if (o->result == SCHEDULE_CHANGED) {
        conflict(r, p, h);
    } else if (o->result == SCHEDULE_TOO_MANY) {
        form_refuse(r, "d1_from_1", "too_many_slots");
        respond_invalid(r, "office/schedule/hours", view_of(r, p));
    } else {
        schedule_problem(r, o->result);
    }
}

static struct schedule_outcome save_hours(
    struct arena *a, const struct schedule_ask *ask, const void *hours)
{
    return opening_save_hours(a, ask, hours);
}

static void on_save(struct request *r)
{
    struct hours_page p;
    if (!read_page(r, &p))
        return;
    struct opening_hours h = {.resource = p.resource, .version = form_int(r, KEY(version), -1)};
    bool follows = str_is(form_str(r, KEY(do)), "follow");
    for (int d = 1; d <= WEEKDAYS && !follows; d++)
        for (int n = 0; n < SPANS_A_DAY; n++)
            take_span(r, &h, d, n);
    if (!form_refused(r))
        check_nights(r, &h);
    if (form_refused(r)) {
        respond_invalid(r, "office/schedule/hours", view_of(r, &p));
        return;
    }
    struct schedule_outcome o;
    if (schedule_settle(r, save_hours, &h, &o))
        answer(r, &p, &h, &o);
    else
        show_effect(r, &p, &o);
}

static const char *const actions[] = {"save", "look", "follow", NULL};
static const struct form form_page =
    FORM({"resource", .kind = FIELD_TEXT, .max = 20}, SCHEDULE_DONE_FIELDS, OFFICE_HISTORY_FIELD);
#define DAY_FIELDS(d)                                     \
    {"d" #d "_from_1", .kind = FIELD_TEXT, .max = 5},     \
        {"d" #d "_to_1", .kind = FIELD_TEXT, .max = 5},   \
        {"d" #d "_from_2", .kind = FIELD_TEXT, .max = 5}, \
    {                                                     \
        "d" #d "_to_2", .kind = FIELD_TEXT, .max = 5      \
    }
static const struct form form_save = FORM({"csrf", .kind = FIELD_TEXT},
    {"do", .kind = FIELD_CHOICE, .required = true, .choices = actions},
    {"resource", .kind = FIELD_TEXT, .max = 20}, FORM_SEEN("version"),
    {"agreed", .kind = FIELD_BOOL}, DAY_FIELDS(1), DAY_FIELDS(2), DAY_FIELDS(3), DAY_FIELDS(4),
    DAY_FIELDS(5), DAY_FIELDS(6), DAY_FIELDS(7));

static const struct route routes[] = {
    {HTTP_GET, "/manage/hours", PERMIT_SCHEDULE_READ, on_hours, &form_page, 0, 0},
    {HTTP_POST, "/manage/hours", PERMIT_SCHEDULE_CHANGE, on_save, &form_save, 0, 0},
};

static const struct office_nav nav = {.path = "/manage/hours",
    .label = "office.nav.hours",
    .icon = "clock",
    .permission = PERMIT_SCHEDULE_READ,
    .section = OFFICE_SETTINGS,
    .rank = 40};
OFFICE_PAGE(routes, &nav)
