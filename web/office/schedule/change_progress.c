// How far a change is: each order with its result. Those who couldn't be helped as wished get their
// money back from here, or another time.
#include "base/clock.h"
#include "http/form.h"
#include "http/format.h"
#include "http/respond.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/schedule/change.sql.h"
#include "web/office/schedule/change_scope.h"
#include "web/office/schedule/effect.h"

struct change_page {
    struct str id;
    const struct rows *change, *rows, *history;
    const struct rows *open; // open: slots of those who couldn't be helped
};

static void add_rows(struct request *r, struct value *view, const struct change_page *p)
{
    struct arena *a = r->arena;
    struct value *items = value_list(a);
    value_set(a, view, KEY(items), items);
    value_set_bool(a, view, KEY(has_items), p->rows->count > 0);
    for (int i = 0; i < p->rows->count; i++) {
        struct value *v = value_append_object(a, items);
        struct str code = rows_str(p->rows, i, KEY(code));
        value_set_str(a, v, KEY(code), code);
        value_set_str(a, v, KEY(order_url),
            request_url(r, str_join(a, STR("/manage/orders/"), code, STR_NULL)));
        value_set_str(a, v, KEY(name), rows_str(p->rows, i, KEY(name)));
        value_set_str(a, v, KEY(state), rows_str(p->rows, i, KEY(state)));
        value_set_str(a, v, KEY(why), rows_str(p->rows, i, KEY(why)));
        value_set_str(a, v, KEY(remedy), rows_str(p->rows, i, KEY(remedy)));
        int64_t until = rows_i64_or(p->rows, i, KEY(until_us), 0);
        value_set_str(a, v, KEY(choice), rows_str(p->rows, i, KEY(choice)));
        value_set(a, v, KEY(choose_until),
            until ? format_time_value(a, r->format, r->site->zone, until) : NULL);
        value_set(a, v, KEY(total),
            format_money_value(
                a, r->format, rows_i64(p->rows, i, KEY(total_minor)), r->site->currency));
    }
}

static void add_change(struct request *r, struct value *view, const struct rows *c)
{
    struct arena *a = r->arena;
    struct value *v = value_get(view, KEY(change));
    int64_t all = rows_i64(c, 0, KEY(every)), waiting = rows_i64(c, 0, KEY(waiting));
    value_set_str(a, v, KEY(kind), rows_str(c, 0, KEY(kind)));
    value_set_str(a, v, KEY(who), rows_str(c, 0, KEY(actor_name)));
    value_set(a, v, KEY(when),
        format_time_value(a, r->format, r->site->zone, rows_us(c, 0, KEY(created_us))));
    value_set_int(a, v, KEY(slots), rows_i64(c, 0, KEY(slots)));
    value_set_int(a, v, KEY(all), all);
    value_set_int(a, v, KEY(most), all ? all : 1);
    value_set_int(a, v, KEY(done), all - waiting);
    value_set_int(a, v, KEY(failed), rows_i64(c, 0, KEY(failed)));
    value_set_bool(a, v, KEY(running), waiting > 0);
    value_set_str(a, v, KEY(again_url), request_url(r, r->path));
}

// Answers and is false when there is no such change.
static bool read_page(struct request *r, struct change_page *p)
{
    struct arena *a = r->arena;
    int64_t id = 0;
    bool named = str_to_i64(r->params[0], &id);
    struct str tenant = db_i64(a, r->site->tenant), now = db_time(a, clock_now_us());
    p->id = db_i64(a, id);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int change = unit_add(u, &SQL_office_change, tenant, p->id);
    int rows = unit_add(u, &SQL_office_change_rows, tenant, p->id, now);
    int open = unit_add(u, &SQL_office_change_open, tenant, p->id);
    int history = office_history_add(r, u, "slot_change", p->id);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    p->history = unit_rows(u, history);
    p->change = unit_rows(u, change);
    p->rows = unit_rows(u, rows);
    p->open = unit_rows(u, open);
    if (!named || !p->change->count)
        respond_problem(r, PROBLEM_NOT_FOUND);
    return named && p->change->count;
}

// Answers and is false when the database is away; without open rows there is nothing to read.
static bool read_scope(struct request *r, const struct change_page *p, struct change_scope *s)
{
    int64_t slots[SLOT_CHANGE_MAX];
    int count = 0;
    for (int i = 0; i < p->open->count && count < SLOT_CHANGE_MAX; i++)
        slots[count++] = rows_i64(p->open, i, KEY(slot_id));
    *s = (struct change_scope){.slot = 0};
    return !count || change_scope_of(r, slots, count, s);
}

static void show(
    struct request *r, const struct change_page *p, const struct change_scope *s, int status)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r);
    struct office_object object = {
        .title = message(a, r->words, STR("office.schedule.change_title"), "kind",
            value_str(a, rows_str(p->change, 0, KEY(kind))), NULL),
        .list_path = "/manage/schedule",
        .list_label = "office.nav.schedule"};
    bool may = role_has(role_of(r->session.role), PERMIT_SCHEDULE_CHANGE);
    office_object_view(r, view, &object);
    value_set_bool(a, view, KEY(may_settle), may && s->count > 0);
    value_set(a, view, KEY(change), value_object(a));
    if (s->count)
        change_scope_view(r, view, s);
    add_change(r, view, p->change);
    add_rows(r, view, p);
    office_history_view(r, view, p->history);
    if (form_refused(r))
        respond_invalid(r, "office/schedule/change", view);
    else
        respond_page(r, status, "office/schedule/change", view);
}

static void on_change(struct request *r)
{
    struct change_page p;
    struct change_scope *s = arena_new_object(r->arena, struct change_scope);
    if (read_page(r, &p) && read_scope(r, &p, s))
        show(r, &p, s, 200);
}

static void on_settle(struct request *r)
{
    struct change_page p;
    struct change_scope *s = arena_new_object(r->arena, struct change_scope);
    bool rebooks = str_is(form_str(r, KEY(do)), "rebook"),
         asks = str_is(form_str(r, KEY(do)), "ask");
    if (!read_page(r, &p) || !read_scope(r, &p, s))
        return;
    if (!s->count) {
        show(r, &p, s, 409);
        return;
    }
    if (rebooks && !change_targets_read(r, s))
        return;
    if (form_refused(r)) {
        show(r, &p, s, 422);
        return;
    }
    struct audit who = schedule_who(r);
    struct schedule_ask ask = {.site = r->site, .who = &who};
    struct slot_remedy remedy = {.slots = s->ids,
        .targets = rebooks ? s->targets : NULL,
        .count = s->count,
        .asks = asks,
        .choose_until_us = change_choose_until(r)};
    int64_t change = rows_i64(p.change, 0, KEY(change_id));
    enum schedule_result result = slot_settle(r->arena, &ask, change, &remedy);
    if (result == SCHEDULE_DONE)
        respond_done(r, 200, str_join(r->arena, STR("/manage/schedule/changes/"), p.id, STR_NULL),
            value_object(r->arena));
    else
        schedule_problem(r, result);
}

static const char *const remedies[] = {"refund", "rebook", "ask", NULL};
static const struct form form_show = FORM(OFFICE_HISTORY_FIELD);
static const struct form form_settle = FORM({"csrf", .kind = FIELD_TEXT},
    {"do", .kind = FIELD_CHOICE, .required = true, .choices = remedies},
    {"choose_days", .kind = FIELD_INT, .min = 1, .max = SLOT_CHOOSE_DAYS_MAX},
    {"to_slot", .kind = FIELD_TEXT, .max = 20}, {"to_day", .kind = FIELD_TEXT, .max = 10});

static const struct route routes[] = {
    {HTTP_GET, "/manage/schedule/changes/{id}", PERMIT_SCHEDULE_READ, on_change, &form_show, 0, 0},
    {HTTP_POST, "/manage/schedule/changes/{id}", PERMIT_SCHEDULE_CHANGE, on_settle, &form_settle, 0,
        0},
};

OFFICE_PAGE(routes, NULL)
