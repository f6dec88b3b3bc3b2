// Weekly rules: the list of all, one to make or change; what follows is told before it is saved.
#include "base/clock.h"
#include "http/format.h"
#include "http/respond.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/schedule/day.sql.h"
#include "web/office/schedule/effect.h"
#include "web/office/schedule/rule.sql.h"
#include "web/office/schedule/rule_form.h"

static struct str rule_path(struct arena *a, struct str id, const char *tail)
{
    return str_join(a, STR("/manage/schedule/rules/"), id, str_of(tail), STR_NULL);
}

static struct str span_text(struct request *r, const struct schedule_rule *rule)
{
    struct arena *a = r->arena;
    struct str from =
        rule->has_from ? format_date(a, r->format, rule->from, FORMAT_DATE_LONG) : STR("");
    struct str to = rule->has_to ? format_date(a, r->format, rule->to, FORMAT_DATE_LONG) : STR("");
    const char *which = rule->has_from && rule->has_to ? "both"
                        : rule->has_from               ? "from"
                        : rule->has_to                 ? "to"
                                                       : "always";
    return message(a, r->words, STR("office.schedule.rule_span"), "which",
        value_str(a, str_of(which)), "from", value_str(a, from), "to", value_str(a, to), NULL);
}

// Whose times the rule of an entry makes, or made.
static struct str offer_of_entry(
    struct request *r, const void *of, const struct rows *history, int i)
{
    (void)of;
    const struct value *rule = rows_json(r->arena, history, i, KEY(after));
    if (!value_is(rule, VALUE_OBJECT))
        rule = rows_json(r->arena, history, i, KEY(before));
    return site_text_in(r->site, value_get(rule, KEY(offer)), r->language);
}

static void on_rules(struct request *r)
{
    struct arena *a = r->arena;
    struct schedule_facts *f = schedule_read(a, r->site, 0, clock_now_us());
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int history = office_histories_add(r, u, "rule");
    if (!f || unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = page_view(r), *items = value_list(a);
    const struct schedule_plan *plan = schedule_plan(a, f);
    page_list(r, view, KEY(items), items);
    for (int i = 0; i < f->rule_count; i++) {
        const struct schedule_rule *rule = &f->rules[i];
        const struct schedule_offer *o = schedule_offer_of(f, rule->offer);
        if (!o)
            continue;
        struct value *v = value_append_object(a, items);
        struct str id = str_of_i64(a, rule->id);
        value_set_str(a, v, KEY(id), id);
        value_set_str(a, v, KEY(title), site_text_in(r->site, o->title, r->language));
        value_set_str(a, v, KEY(summary), rule_form_summary(r, rule));
        value_set_str(a, v, KEY(span), span_text(r, rule));
        int missing = schedule_missing_of(plan, rule->id);
        value_set_int(a, v, KEY(missing_count), missing);
        value_set_bool(a, v, KEY(has_missing), missing > 0);
        value_set_str(a, v, KEY(rule_url), request_url(r, rule_path(a, id, "")));
    }
    value_set_bool(a, view, KEY(has_items), value_count(items) > 0);
    value_set_str(a, view, KEY(schedule_url), request_url(r, STR("/manage/schedule")));
    value_set_str(a, view, KEY(new_url), request_url(r, STR("/manage/schedule/rules/new")));
    value_set_bool(
        a, view, KEY(may_change), role_has(role_of(r->session.role), PERMIT_SCHEDULE_CHANGE));
    office_history_view_with(
        r, view, unit_rows(u, history), &(struct history_words){.object = offer_of_entry});
    schedule_done(r, view, STR(""));
    respond_page(r, 200, "office/schedule/rules", view);
}

struct rule_page {
    struct schedule_rule rule; // as it is stored
    const struct schedule_facts *facts;
    const struct rows *offers, *history;
};

static const struct schedule_rule *stored_rule(const struct schedule_facts *f, int64_t id)
{
    for (int i = 0; f && i < f->rule_count; i++)
        if (f->rules[i].id == id)
            return &f->rules[i];
    return NULL;
}

// Answers and is false when there is no such rule or the database is away.
static bool read_page(struct request *r, struct rule_page *p, bool is_new)
{
    struct arena *a = r->arena;
    struct str tenant = db_i64(a, r->site->tenant);
    int64_t id = 0;
    *p = (struct rule_page){.rule = {.every = 1}};
    bool named = is_new || str_to_i64(r->params[0], &id);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int offer = unit_add(u, &SQL_office_rule_offer, tenant, db_i64(a, id));
    int offers = unit_add(u, &SQL_office_schedule_offers, tenant);
    int history = office_history_add(r, u, "rule", db_i64(a, id));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    p->offers = unit_rows(u, offers);
    p->history = unit_rows(u, history);
    if (is_new)
        return true;
    const struct rows *found = unit_rows(u, offer);
    if (named && found->count)
        p->facts = schedule_read(a, r->site, rows_i64(found, 0, KEY(offer_id)), clock_now_us());
    const struct schedule_rule *stored = stored_rule(p->facts, id);
    if (stored)
        p->rule = *stored;
    else
        respond_problem(r, PROBLEM_NOT_FOUND);
    return stored != NULL;
}

static struct value *view_of(
    struct request *r, const struct rule_page *p, const struct schedule_rule *rule)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r), *offers = value_list(a);
    struct str id = str_of_i64(a, p->rule.id);
    bool is_new = !p->rule.id;
    struct office_object object = {
        .title = message(a, r->words,
            is_new ? STR("office.schedule.new_rule") : STR("office.schedule.rule"), NULL),
        .list_path = "/manage/schedule/rules",
        .list_label = "office.schedule.rules"};
    office_object_view(r, view, &object);
    rule_form_view(r, view, rule);
    for (int i = 0; i < p->offers->count; i++)
        if (is_new || rows_i64(p->offers, i, KEY(offer_id)) == p->rule.offer)
            schedule_option(a, offers, rows_str(p->offers, i, KEY(offer_id)),
                site_text_in(r->site, rows_json(a, p->offers, i, KEY(title)), r->language),
                rows_i64(p->offers, i, KEY(offer_id)) == rule->offer);
    value_set(a, view, KEY(offers), offers);
    value_set_str(
        a, view, KEY(action_url), request_url(r, rule_path(a, is_new ? STR("new") : id, "")));
    value_set(a, view, KEY(remove_url),
        is_new ? NULL : value_str(a, request_url(r, rule_path(a, id, "/remove"))));
    value_set_bool(
        a, view, KEY(may_change), role_has(role_of(r->session.role), PERMIT_SCHEDULE_CHANGE));
    value_set(a, view, KEY(effect), NULL);
    value_set_bool(a, view, KEY(removing), false);
    office_history_view(r, view, p->history);
    return view;
}

static void on_rule(struct request *r)
{
    struct rule_page p;
    if (!read_page(r, &p, false))
        return;
    struct value *view = view_of(r, &p, &p.rule);
    schedule_missing_view(r, view, p.facts, schedule_plan(r->arena, p.facts), p.rule.id);
    respond_page(r, 200, "office/schedule/rule", view);
}

static void on_new(struct request *r)
{
    struct rule_page p;
    if (read_page(r, &p, true))
        respond_page(r, 200, "office/schedule/rule", view_of(r, &p, &p.rule));
}

static void conflict(struct request *r, const struct schedule_rule *mine)
{
    struct rule_page now;
    if (!read_page(r, &now, false))
        return;
    struct schedule_rule shown = *mine;
    shown.version = now.rule.version;
    struct office_conflict c = {.theirs = schedule_rule_value(r->arena, &now.rule),
        .yours = schedule_rule_value(r->arena, mine)};
    office_conflict_respond(r, "office/schedule/rule", view_of(r, &now, &shown), &c);
}

static void answer(struct request *r, const struct rule_page *p, const struct schedule_rule *mine,
    const struct schedule_outcome *o)
{
    if (o->result == SCHEDULE_DONE) {
        struct value *view = value_object(r->arena);
        value_set_str(r->arena, view, KEY(id), str_of_i64(r->arena, o->id));
        schedule_effect_view(r, view, o->facts, o->plan);
        respond_done(r, p->rule.id ? 200 : 201,
            schedule_done_path(r, STR("/manage/schedule/rules?done=rule_saved"), o->plan), view);
    } else if (o->result == SCHEDULE_CHANGED && p->rule.id) {
        conflict(r, mine);
    } else if (o->result == SCHEDULE_NOT_FOUND || o->result == SCHEDULE_TOO_MANY) {
        bool many = o->result == SCHEDULE_TOO_MANY;
        form_refuse(r, many ? "times" : "offer", many ? "too_many_slots" : "choice");
        respond_invalid(r, "office/schedule/rule", view_of(r, p, mine));
    } else {
        schedule_problem(r, o->result);
    }
}

static struct schedule_outcome save_rule(
    struct arena *a, const struct schedule_ask *ask, const void *rule)
{
    return schedule_save_rule(a, ask, rule);
}

static void save(struct request *r, bool is_new)
{
    struct rule_page p;
    if (!read_page(r, &p, is_new))
        return;
    struct schedule_rule mine = p.rule;
    rule_form_take(r, &mine);
    if (is_new && !str_to_i64(form_str(r, KEY(offer)), &mine.offer))
        form_refuse(r, "offer", "choice");
    if (form_refused(r)) {
        respond_invalid(r, "office/schedule/rule", view_of(r, &p, &mine));
        return;
    }
    struct schedule_outcome o;
    if (schedule_settle(r, save_rule, &mine, &o)) {
        answer(r, &p, &mine, &o);
        return;
    }
    struct value *view = view_of(r, &p, &mine);
    schedule_effect_view(r, view, o.facts, o.plan);
    respond_page(r, 200, "office/schedule/rule", view);
}

static void on_add(struct request *r)
{
    save(r, true);
}

static void on_change(struct request *r)
{
    save(r, false);
}

static struct schedule_outcome remove_rule(
    struct arena *a, const struct schedule_ask *ask, const void *what)
{
    const struct schedule_rule *rule = what;
    return schedule_remove_rule(a, ask, rule->offer, rule->id);
}

// What is booked of it stays, and is shown before.
static void on_remove(struct request *r)
{
    struct rule_page p;
    struct schedule_outcome o;
    if (!read_page(r, &p, false))
        return;
    if (!schedule_settle(r, remove_rule, &p.rule, &o)) {
        struct value *view = view_of(r, &p, &p.rule);
        schedule_effect_view(r, view, o.facts, o.plan);
        value_set_bool(r->arena, view, KEY(removing), true);
        respond_page(r, 409, "office/schedule/rule", view);
        return;
    }
    if (o.result != SCHEDULE_DONE) {
        answer(r, &p, &p.rule, &o);
        return;
    }
    struct value *view = value_object(r->arena);
    schedule_effect_view(r, view, o.facts, o.plan);
    respond_done(r, 200,
        schedule_done_path(r, STR("/manage/schedule/rules?done=rule_removed"), o.plan), view);
}

static const struct form form_list = FORM(SCHEDULE_DONE_FIELDS, OFFICE_HISTORY_FIELD);
static const struct form form_page = FORM(OFFICE_HISTORY_FIELD);
static const struct form form_remove =
    FORM({"csrf", .kind = FIELD_TEXT}, {"agreed", .kind = FIELD_BOOL});

static const struct route routes[] = {
    {HTTP_GET, "/manage/schedule/rules", PERMIT_SCHEDULE_READ, on_rules, &form_list, 0, 0},
    {HTTP_GET, "/manage/schedule/rules/new", PERMIT_SCHEDULE_CHANGE, on_new, &form_page, 0, 0},
    {HTTP_POST, "/manage/schedule/rules/new", PERMIT_SCHEDULE_CHANGE, on_add, &rule_form_new, 0, 0},
    {HTTP_GET, "/manage/schedule/rules/{id}", PERMIT_SCHEDULE_READ, on_rule, &form_page, 0, 0},
    {HTTP_POST, "/manage/schedule/rules/{id}", PERMIT_SCHEDULE_CHANGE, on_change, &rule_form_change,
        0, 0},
    {HTTP_POST, "/manage/schedule/rules/{id}/remove", PERMIT_SCHEDULE_CHANGE, on_remove,
        &form_remove, 0, 0},
};

OFFICE_PAGE(routes, NULL)
