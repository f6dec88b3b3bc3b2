// One holiday or closure: of the site or of a resource, whole days or from a time to a time, with a
// reason in the site's languages (P11).
#include "domain/opening_edit.h"

#include "base/clock.h"
#include "http/form.h"
#include "http/format.h"
#include "http/respond.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/schedule/effect.h"
#include "web/office/schedule/hours.sql.h"

struct closure_page {
    const struct rows *resources, *history;
    struct opening opening;
    const struct closure *stored; // NULL: a new one
};

// Answers and is false when there is no such closure or the database is away.
static bool read_page(struct request *r, struct closure_page *p, bool is_new)
{
    struct arena *a = r->arena;
    int64_t id = 0;
    *p = (struct closure_page){.stored = NULL};
    if (!is_new && !str_to_i64(r->params[0], &id)) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return false;
    }
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int resources = unit_add(u, &SQL_office_closure_resources, db_i64(a, r->site->tenant));
    struct opening_places places = opening_add(u, clock_now_us());
    int history = office_history_add(r, u, "closure", db_i64(a, id));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    p->resources = unit_rows(u, resources);
    p->history = unit_rows(u, history);
    p->opening = opening_take(a, r->site->zone, u, places);
    for (int i = 0; i < p->opening.closure_count; i++)
        if (p->opening.closures[i].id == id)
            p->stored = &p->opening.closures[i];
    if (!is_new && !p->stored)
        respond_problem(r, PROBLEM_NOT_FOUND);
    return is_new || p->stored;
}

// The closure as the form has it: dates from–to, and times when it isn't whole days.
struct typed {
    struct str from_date, from_time, to_date, to_time;
};

static struct typed typed_of(struct request *r, const struct closure *c)
{
    struct arena *a = r->arena;
    const struct zone *zone = r->site->zone;
    if (r->method == HTTP_POST)
        return (struct typed){form_str(r, KEY(from_date)), form_str(r, KEY(from_time)),
            form_str(r, KEY(to_date)), form_str(r, KEY(to_time))};
    struct date today = zone_date(zone, clock_now_us());
    if (!c) {
        struct date from;
        struct str day = form_str(r, KEY(date));
        if (!date_parse(day, &from))
            from = today;
        return (struct typed){date_text(a, from), STR(""), date_text(a, from), STR("")};
    }
    struct local_time from = zone_local(zone, c->from_us), to = zone_local(zone, c->to_us);
    bool whole = !from.second && !to.second;
    return (struct typed){date_text(a, from.date), whole ? STR("") : time_text(a, from.second / 60),
        date_text(a, to.second ? to.date : date_add_days(to.date, -1)),
        whole ? STR("") : time_text(a, to.second / 60)};
}

static void add_reasons(struct request *r, struct value *view, const struct closure *c)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    value_set(a, view, KEY(reasons), list);
    const struct value *stored = r->method == HTTP_POST ? value_get(r->form, KEY(reason))
                                 : c                    ? c->reason
                                                        : NULL;
    for (int i = 0; i < r->site->language_count; i++) {
        struct str code = r->site->languages[i];
        struct value *v = value_append_object(a, list);
        struct str text = value_get_str(stored, value_key_intern(code));
        value_set_str(a, v, KEY(code), code);
        value_set_str(a, v, KEY(label), format_language_name(a, code));
        value_set_str(a, v, KEY(field), str_join(a, STR("reason_"), code, STR_NULL));
        value_set_str(a, v, KEY(text), text.p ? text : STR(""));
    }
}

static void add_choices(struct request *r, struct value *view, const struct closure_page *p)
{
    struct arena *a = r->arena;
    struct value *resources = value_list(a), *kinds = value_list(a);
    struct str chosen = r->method == HTTP_POST ? form_str(r, KEY(resource))
                        : p->stored            ? str_of_i64(a, p->stored->resource)
                                               : form_str(r, KEY(resource));
    struct str kind = r->method == HTTP_POST            ? form_str(r, KEY(kind))
                      : p->stored && p->stored->holiday ? STR("holiday")
                                                        : STR("closure");
    schedule_option(a, resources, STR("0"), message(a, r->words, STR("office.hours.site"), NULL),
        !chosen.len || str_is(chosen, "0"));
    for (int i = 0; i < p->resources->count; i++) {
        struct str id = rows_str(p->resources, i, KEY(resource_id));
        schedule_option(a, resources, id, rows_str(p->resources, i, KEY(name)), str_eq(id, chosen));
    }
    static const char *const names[] = {"closure", "holiday"};
    for (int i = 0; i < 2; i++)
        schedule_option(a, kinds, str_of(names[i]),
            message(a, r->words, STR("office.hours.kind"), "kind", value_str(a, str_of(names[i])),
                NULL),
            str_is(kind, names[i]));
    value_set(a, view, KEY(resources), resources);
    value_set(a, view, KEY(kinds), kinds);
}

static struct str closure_path(struct arena *a, int64_t id, const char *tail)
{
    return str_join(a, STR("/manage/hours/closures/"), str_of_i64(a, id), str_of(tail), STR_NULL);
}

static struct value *view_of(struct request *r, const struct closure_page *p)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r), *v = value_object(a);
    struct typed typed = typed_of(r, p->stored);
    struct office_object object = {
        .title = message(
            a, r->words, p->stored ? STR("office.hours.closure") : STR("office.hours.close"), NULL),
        .list_path = "/manage/hours",
        .list_label = "office.nav.hours"};
    office_object_view(r, view, &object);
    value_set(a, view, KEY(closure), v);
    value_set(a, v, KEY(id), p->stored ? value_str(a, str_of_i64(a, p->stored->id)) : NULL);
    value_set_int(a, v, KEY(version), p->stored ? p->stored->version : 0);
    value_set_str(a, v, KEY(from_date), typed.from_date);
    value_set_str(a, v, KEY(from_time), typed.from_time);
    value_set_str(a, v, KEY(to_date), typed.to_date);
    value_set_str(a, v, KEY(to_time), typed.to_time);
    value_set_str(a, v, KEY(action_url),
        request_url(
            r, p->stored ? closure_path(a, p->stored->id, "") : STR("/manage/hours/closures/new")));
    value_set(a, v, KEY(remove_url),
        p->stored ? value_str(a, request_url(r, closure_path(a, p->stored->id, "/remove"))) : NULL);
    value_set_bool(
        a, view, KEY(may_change), role_has(role_of(r->session.role), PERMIT_SCHEDULE_CHANGE));
    value_set(a, view, KEY(effect), NULL);
    add_choices(r, view, p);
    add_reasons(r, view, p->stored);
    office_history_view(r, view, p->history);
    return view;
}

static void on_new(struct request *r)
{
    struct closure_page p;
    if (read_page(r, &p, true))
        respond_page(r, 200, "office/schedule/closure", view_of(r, &p));
}

static void on_closure(struct request *r)
{
    struct closure_page p;
    if (!read_page(r, &p, false))
        return;
    struct value *view = view_of(r, &p);
    office_done(r, view, STR(""));
    respond_page(r, 200, "office/schedule/closure", view);
}

static struct value *reasons_sent(struct request *r)
{
    struct arena *a = r->arena;
    const struct value *sent = value_get(r->form, KEY(reason));
    struct value *reasons = value_object(a);
    for (int i = 0; i < r->site->language_count; i++) {
        value_key key = value_key_intern(r->site->languages[i]);
        struct str text = str_trim(value_get_str(sent, key));
        if (text.len && str_utf8_count(text) > OPENING_REASON_MAX)
            form_refuse(r, "reason", "too_long_reason");
        else if (text.len)
            value_set_str(a, reasons, key, text);
    }
    return reasons;
}

static void take(struct request *r, const struct closure_page *p, struct closure *c)
{
    struct str resource = form_str(r, KEY(resource));
    *c = (struct closure){.id = p->stored ? p->stored->id : 0,
        .version = p->stored ? form_int(r, KEY(version), -1) : 0,
        .holiday = str_is(form_str(r, KEY(kind)), "holiday")};
    bool known = !resource.len || str_is(resource, "0");
    for (int i = 0; i < p->resources->count && !known; i++)
        if (str_eq(rows_str(p->resources, i, KEY(resource_id)), resource)) {
            known = str_to_i64(resource, &c->resource);
            c->resource_name = rows_str(p->resources, i, KEY(name));
        }
    if (!known)
        form_refuse(r, "resource", "choice");
    c->from_us = schedule_instant(r, "from_date", "from_time", false);
    c->to_us = schedule_instant(r, "to_date", "to_time", true);
    c->reason = reasons_sent(r);
    if (form_refused(r))
        return;
    if (c->to_us <= c->from_us)
        form_refuse(r, "to_date", "end_first");
    else if (c->to_us <= clock_now_us())
        form_refuse(r, "to_date", "over_already");
}

static void conflict(struct request *r, const struct closure_page *p, const struct closure *mine)
{
    struct closure_page now = *p;
    if (!read_page(r, &now, false))
        return;
    struct office_conflict c = {.theirs = opening_closure_value(r->arena, now.stored),
        .yours = opening_closure_value(r->arena, mine)};
    office_conflict_respond(r, "office/schedule/closure", view_of(r, &now), &c);
}

static void answer(struct request *r, const struct closure_page *p, const struct closure *mine,
    const struct schedule_outcome *o)
{
    if (o->result == SCHEDULE_DONE) {
        struct value *view = value_object(r->arena);
        value_set_str(r->arena, view, KEY(id), str_of_i64(r->arena, o->id));
        schedule_effect_view(r, view, o->facts, o->plan);
        respond_done(r, mine->id ? 200 : 201,
            schedule_done_path(r, STR("/manage/hours?done=closure_saved"), o->plan), view);
    } else if (o->result == SCHEDULE_CHANGED) {
        conflict(r, p, mine);
    } else if (o->result == SCHEDULE_TOO_MANY) {
        form_refuse(r, "from_date", "too_many_slots");
        respond_invalid(r, "office/schedule/closure", view_of(r, p));
    } else {
        schedule_problem(r, o->result);
    }
}

static struct schedule_outcome save_closure(
    struct arena *a, const struct schedule_ask *ask, const void *closure)
{
    return opening_save_closure(a, ask, closure);
}

static void save(struct request *r, bool is_new)
{
    struct closure_page p;
    struct closure mine;
    if (!read_page(r, &p, is_new))
        return;
    take(r, &p, &mine);
    if (form_refused(r)) {
        respond_invalid(r, "office/schedule/closure", view_of(r, &p));
        return;
    }
    struct schedule_outcome o;
    if (schedule_settle(r, save_closure, &mine, &o)) {
        answer(r, &p, &mine, &o);
        return;
    }
    struct value *view = view_of(r, &p);
    schedule_effect_view(r, view, o.facts, o.plan);
    respond_page(r, 200, "office/schedule/closure", view);
}

static void on_add(struct request *r)
{
    save(r, true);
}

static void on_change(struct request *r)
{
    save(r, false);
}

static void on_remove(struct request *r)
{
    struct closure_page p;
    if (!read_page(r, &p, false))
        return;
    struct audit who = schedule_who(r);
    struct schedule_ask ask = {.site = r->site, .who = &who};
    struct schedule_outcome o = opening_delete_closure(r->arena, &ask, p.stored->id);
    if (o.result == SCHEDULE_DONE)
        respond_done(r, 200,
            schedule_done_path(r, STR("/manage/hours?done=closure_removed"), o.plan),
            value_object(r->arena));
    else
        answer(r, &p, p.stored, &o);
}

static const char *const actions[] = {"save", "look", NULL};
static const char *const kinds[] = {"closure", "holiday", NULL};
static const struct form form_page = FORM({"resource", .kind = FIELD_ID},
    {"date", .kind = FIELD_DATE}, {"done", .kind = FIELD_TEXT, .max = 20}, OFFICE_HISTORY_FIELD);
#define CLOSURE_FIELDS                                                               \
    {"csrf", .kind = FIELD_TEXT},                                                    \
        {"do", .kind = FIELD_CHOICE, .required = true, .choices = actions},          \
        {"agreed", .kind = FIELD_BOOL}, {"resource", .kind = FIELD_TEXT, .max = 20}, \
        {"kind", .kind = FIELD_CHOICE, .required = true, .choices = kinds},          \
        {"from_date", .kind = FIELD_DATE, .required = true},                         \
        {"from_time", .kind = FIELD_TEXT, .max = 5},                                 \
        {"to_date", .kind = FIELD_DATE, .required = true},                           \
        {"to_time", .kind = FIELD_TEXT, .max = 5},                                   \
    {                                                                                \
        "reason", .kind = FIELD_OBJECT                                               \
    }
static const struct form form_new = FORM(CLOSURE_FIELDS);
static const struct form form_change = FORM(CLOSURE_FIELDS, FORM_SEEN("version"));
static const struct form form_remove = FORM({"csrf", .kind = FIELD_TEXT});

static const struct route routes[] = {
    {HTTP_GET, "/manage/hours/closures/new", PERMIT_SCHEDULE_CHANGE, on_new, &form_page, 0, 0},
    {HTTP_POST, "/manage/hours/closures/new", PERMIT_SCHEDULE_CHANGE, on_add, &form_new, 0, 0},
    {HTTP_GET, "/manage/hours/closures/{id}", PERMIT_SCHEDULE_READ, on_closure, &form_page, 0, 0},
    {HTTP_POST, "/manage/hours/closures/{id}", PERMIT_SCHEDULE_CHANGE, on_change, &form_change, 0,
        0},
    {HTTP_POST, "/manage/hours/closures/{id}/remove", PERMIT_SCHEDULE_CHANGE, on_remove,
        &form_remove, 0, 0},
};

OFFICE_PAGE(routes, NULL)
