// Support in this office (P4): the way in from the console, its time, its end, and, for the site,
// who of the platform was here, when and why.
#include "domain/support.h"

#include "base/clock.h"
#include "data/db.h"
#include "http/respond.h"
#include "http/session.h"
#include "web/office/feature_view.h"
#include "web/office/frame/list.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/office.h"
#include "web/office/support.sql.h"

static void add_visit(struct request *r, struct office_list *list, const struct rows *rows, int i)
{
    struct arena *a = r->arena;
    const struct zone *zone = r->site->zone;
    int64_t ends_us = rows_us(rows, i, KEY(ends_us));
    struct value *visit = value_append_object(a, list->items);
    bool entered = rows_bool(rows, i, KEY(entered));
    bool open = entered && ends_us > clock_now_us() && !rows_bool(rows, i, KEY(ended));
    value_set_str(a, visit, KEY(who), rows_str(rows, i, KEY(operator_name)));
    value_set_str(a, visit, KEY(visit_reason), rows_str(rows, i, KEY(reason)));
    value_set(a, visit, KEY(from),
        format_time_value(a, r->format, zone, rows_us(rows, i, KEY(started_us))));
    value_set(a, visit, KEY(until), format_time_value(a, r->format, zone, ends_us));
    value_set_bool(a, visit, KEY(open), open);
    value_set_bool(a, visit, KEY(unused), !entered);
    value_set_int(a, visit, KEY(steps), rows_i64(rows, i, KEY(steps)));
}

static void on_visits(struct request *r)
{
    struct arena *a = r->arena;
    struct office_list list = office_list_of(r, OFFICE_LIST_NUMBER);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int place = unit_add(u, &SQL_office_visits, db_i64(a, r->site->tenant),
        office_list_below(&list), office_list_limit(&list));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    const struct rows *rows = unit_rows(u, place);
    for (int i = 0; office_list_more(rows, i); i++)
        add_visit(r, &list, rows, i);
    office_list_next(&list, rows, KEY(access_id), KEY(access_id));
    struct value *view = page_view(r);
    office_done(r, view, r->site->name);
    office_list_respond(r, "office/support", view, &list);
}

// With the ticket that the console gave: good once, for a minute.
static void on_enter(struct request *r)
{
    struct str token, hash = session_begin_support(r, &token);
    switch (support_enter(r->arena, r->site, form_str(r, KEY(ticket)), hash)) {
    case SUPPORT_DONE:
        session_keep_support(r, token);
        respond_redirect(r, request_url(r, STR("/manage")));
        return;
    case SUPPORT_OVER:
        respond_problem_code(r, PROBLEM_FORBIDDEN, "support_over");
        return;
    case SUPPORT_UNAVAILABLE:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static bool is_support(struct request *r)
{
    if (r->session.support_until_us)
        return true;
    respond_problem(r, PROBLEM_NOT_FOUND);
    return false;
}

static void on_renew(struct request *r)
{
    if (!is_support(r))
        return;
    struct feature_actor actor = feature_actor_of(r);
    switch (support_renew(r->arena, r->site, r->session.id, &actor)) {
    case SUPPORT_DONE:
        respond_done(r, 200, STR("/manage/support?done=support_renewed"), value_object(r->arena));
        return;
    case SUPPORT_OVER:
        respond_problem_code(r, PROBLEM_CONFLICT, "support_longest");
        return;
    case SUPPORT_UNAVAILABLE:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static void on_end(struct request *r)
{
    if (!is_support(r))
        return;
    if (session_end(r, SESSION_STAFF))
        respond_done(r, 200, STR("/manage/login"), value_object(r->arena));
    else
        respond_problem(r, PROBLEM_UNAVAILABLE);
}

void office_support_view(struct request *r, struct value *office)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    bool here = r->session.support_until_us > 0;
    value_set(a, office, KEY(support), here ? v : value_null());
    if (!here)
        return;
    int64_t left_us = r->session.support_until_us - clock_now_us();
    value_set_str(a, v, KEY(who), r->session.name);
    value_set(a, v, KEY(until),
        format_time_value(a, r->format, r->site->zone, r->session.support_until_us));
    value_set_int(a, v, KEY(minutes), left_us > 0 ? (left_us + 59999999) / 60000000 : 0);
    value_set_bool(a, v, KEY(can_renew), r->session.support_until_us < r->session.support_last_us);
    value_set_str(a, v, KEY(renew_url), request_url(r, STR("/manage/support/renew")));
    value_set_str(a, v, KEY(end_url), request_url(r, STR("/manage/support/end")));
}

static const struct form form_list = FORM(OFFICE_LIST_FIELDS);
static const struct form form_enter = FORM({"ticket", .kind = FIELD_TEXT, .max = 64});
static const struct form form_act = FORM({"csrf", .kind = FIELD_TEXT});

static const struct route routes[] = {
    {HTTP_GET, "/manage/support", PERMIT_SUPPORT_READ, on_visits, &form_list, 0, 0},
    {HTTP_GET, "/manage/support/enter", PERMIT_PUBLIC, on_enter, &form_enter, 0, 0},
    {HTTP_POST, "/manage/support/renew", PERMIT_OFFICE_USE, on_renew, &form_act, 0, 0},
    {HTTP_POST, "/manage/support/end", PERMIT_OFFICE_USE, on_end, &form_act, 0, 0},
};

static const struct office_nav nav = {.path = "/manage/support",
    .label = "office.nav.support",
    .icon = "headset",
    .permission = PERMIT_SUPPORT_READ,
    .section = OFFICE_SETTINGS,
    .rank = 95};

OFFICE_PAGE(routes, &nav)
