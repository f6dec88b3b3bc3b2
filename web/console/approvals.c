// The queue of requests for gated features: what it is, who asks and why, what comes along, and
// the decision with a note that goes back by mail. What was approved can be withdrawn. A decision
// without the note that it needs shows its request again, with what is missing beside it.
#include "data/db.h"
#include "domain/plan.h"
#include "http/respond.h"
#include "web/console/approvals.sql.h"
#include "web/console/console.h"
#include "web/office/frame/list.h"
#include "web/office/frame/object.h"

static struct str or_null(struct str s)
{
    return s.len ? s : STR_NULL;
}

static struct str decision_url(
    struct request *r, struct str slug, struct str plugin, const char *tail)
{
    return request_url(r, str_join(r->arena, STR("/console/approvals/"), slug, STR("/"), plugin,
                              str_of(tail), STR_NULL));
}

// What is switched on with it, and what stands in its way, as the site is now.
static void add_look(struct request *r, struct value *item, struct str slug, struct str plugin)
{
    struct arena *a = r->arena;
    struct site *site;
    struct feature_look look;
    const struct feature_info *info = feature_info_find(plugin);
    struct value *also = value_list(a), *conflicts = value_list(a);
    if (info && site_acquire(slug, &site) == SITE_FOUND) {
        feature_look(site, info, &look);
        for (int i = 0; i < look.also_count; i++)
            value_append(a, also, value_str(a, console_feature_title(r, look.also_on[i]->name)));
        for (int i = 0; i < look.conflict_count; i++)
            value_append(
                a, conflicts, value_str(a, console_feature_title(r, look.conflicts[i]->name)));
        site_release(site);
    }
    value_set_str(
        a, item, KEY(also), value_count(also) ? format_list(a, r->format, also) : STR_NULL);
    value_set_str(a, item, KEY(conflicts),
        value_count(conflicts) ? format_list(a, r->format, conflicts) : STR_NULL);
}

// If this is what was decided on without a note, its field says so and the summary leads there.
static void add_refusal(struct request *r, struct value *item, struct str slug, struct str plugin)
{
    struct arena *a = r->arena;
    if (!form_refused(r) || !str_eq(slug, r->about->slug) || !str_eq(plugin, r->params[1]))
        return;
    value_set_str(
        a, item, KEY(note_error), value_get_str(value_get(r->typed, KEY(note)), KEY(error)));
    value_set_str(a, value_at(r->errors, 0), KEY(id),
        str_join(a, STR("note-"), value_get_str(item, KEY(id)), STR_NULL));
}

static void add_item(struct request *r, struct office_list *list, const struct rows *rows, int i)
{
    struct arena *a = r->arena;
    struct str slug = rows_str(rows, i, KEY(slug)), plugin = rows_str(rows, i, KEY(plugin));
    struct str state = rows_str(rows, i, KEY(state));
    struct value *item = value_append_object(a, list->items);
    const struct zone *zone = zone_utc();
    value_set_str(a, item, KEY(id), rows_str(rows, i, KEY(approval_id)));
    value_set_str(a, item, KEY(plugin), plugin);
    value_set_str(a, item, KEY(title), console_feature_title(r, plugin));
    value_set_str(a, item, KEY(state), state);
    value_set_bool(a, item, KEY(is_asked), str_is(state, "asked"));
    value_set_bool(a, item, KEY(is_approved), str_is(state, "approved"));
    value_set_str(a, item, KEY(venue), rows_str(rows, i, KEY(name)));
    value_set_str(a, item, KEY(slug), slug);
    value_set_str(a, item, KEY(page_url), console_site_url(r, slug, ""));
    value_set_str(a, item, KEY(asked_by), rows_str(rows, i, KEY(asked_by)));
    value_set(a, item, KEY(asked),
        format_time_value(a, r->format, zone, rows_us(rows, i, KEY(asked_us))));
    value_set_str(a, item, KEY(question), or_null(rows_str(rows, i, KEY(question))));
    value_set_str(a, item, KEY(answer), or_null(rows_str(rows, i, KEY(answer))));
    value_set_str(a, item, KEY(decided_by), or_null(rows_str(rows, i, KEY(decided_by))));
    value_set(a, item, KEY(decided),
        rows_is_null(rows, i, KEY(decided_us))
            ? value_null()
            : format_time_value(a, r->format, zone, rows_us(rows, i, KEY(decided_us))));
    value_set_str(a, item, KEY(approve_url), decision_url(r, slug, plugin, "/approve"));
    value_set_str(a, item, KEY(refuse_url), decision_url(r, slug, plugin, "/refuse"));
    value_set_str(a, item, KEY(withdraw_url), decision_url(r, slug, plugin, "/withdraw"));
    add_refusal(r, item, slug, plugin);
    if (str_is(state, "asked"))
        add_look(r, item, slug, plugin);
}

static const char *const states[] = {"", "approved", "refused", "withdrawn", "taken_back", NULL};

static void show(struct request *r, struct str state, struct str site)
{
    static const struct office_filter filter = {"state", "console.approvals.state", states};
    struct arena *a = r->arena;
    struct office_list list = office_list_of(r, OFFICE_LIST_NUMBER);
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = state.len ? unit_add(u, &SQL_console_approvals_decided, office_list_below(&list),
                                site, office_list_limit(&list), state)
                          : unit_add(u, &SQL_console_approvals_asked, office_list_above(&list),
                                site, office_list_limit(&list));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    const struct rows *rows = unit_rows(u, place);
    for (int i = 0; office_list_more(rows, i); i++)
        add_item(r, &list, rows, i);
    office_list_next(&list, rows, KEY(approval_id), KEY(approval_id));
    struct value *view = page_view(r);
    office_done(r, view, console_feature_title(r, form_str(r, KEY(what))));
    value_set_str(a, view, KEY(only_site), site);
    value_set_str(a, view, KEY(queue_url), request_url(r, STR("/console/approvals")));
    value_set_bool(
        a, view, KEY(may_decide), role_has(role_of(r->session.role), PERMIT_APPROVALS_DECIDE));
    office_list_filter(r, view, &filter);
    office_list_respond(r, "console/approvals", view, &list);
}

static void on_approvals(struct request *r)
{
    show(r, form_str(r, KEY(state)), or_null(form_str(r, KEY(site))));
}

static void answer(struct request *r, const struct feature_outcome *o, const char *done)
{
    struct arena *a = r->arena;
    struct value *view = value_object(a);
    switch (o->result) {
    case FEATURE_DONE:
    case FEATURE_CLOSES:
        value_set_str(a, view, KEY(feature), o->look.info->name);
        value_set_str(a, view, KEY(result), str_of(done));
        respond_done(r, 200,
            str_join(a, STR("/console/approvals?done="), str_of(done), STR("&what="),
                o->look.info->name, STR_NULL),
            view);
        return;
    case FEATURE_CONFLICTS:
    case FEATURE_LACKS:
    case FEATURE_NEEDED:
        respond_problem_code(r, PROBLEM_CONFLICT, "approval_blocked");
        return;
    case FEATURE_UNCHANGED:
    case FEATURE_BUSY:
        respond_problem(r, PROBLEM_CONFLICT);
        return;
    case FEATURE_UNKNOWN:
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static void on_approve(struct request *r)
{
    struct feature_actor actor = console_actor(r, form_str(r, KEY(note)));
    if (!console_site(r))
        return;
    struct feature_outcome o = feature_grant(r->arena, r->about, r->params[1], &actor);
    answer(r, &o, "approved");
}

// Whoever is refused is told why.
static bool has_note(struct request *r, struct str state)
{
    if (form_str(r, KEY(note)).len)
        return true;
    form_refuse(r, "note", "required");
    if (r->wants_json || r->sent_json)
        respond_problem(r, PROBLEM_INVALID);
    else
        show(r, state, r->about->slug);
    return false;
}

static void on_refuse(struct request *r)
{
    struct feature_actor actor = console_actor(r, form_str(r, KEY(note)));
    if (!console_site(r) || !has_note(r, STR_NULL))
        return;
    struct feature_outcome o = feature_refuse(r->arena, r->about, r->params[1], &actor);
    answer(r, &o, "refused");
}

static void on_withdraw(struct request *r)
{
    struct feature_actor actor = console_actor(r, form_str(r, KEY(note)));
    if (!console_site(r) || !has_note(r, STR("approved")))
        return;
    struct feature_outcome o = feature_withdraw(r->arena, r->about, r->params[1], &actor);
    answer(r, &o, "withdrawn");
}

static const struct form form_list =
    FORM(OFFICE_LIST_FIELDS, {"state", .kind = FIELD_CHOICE, .choices = states + 1},
        {"site", .kind = FIELD_TEXT, .max = 63});
static const struct form form_decide =
    FORM({"csrf", .kind = FIELD_TEXT}, {"note", FIELD_LONG, .max = 1000});

static const struct route routes[] = {
    {HTTP_GET, "/console/approvals", PERMIT_CONSOLE_USE, on_approvals, &form_list, 0, 0},
    {HTTP_POST, "/console/approvals/{slug}/{plugin}/approve", PERMIT_APPROVALS_DECIDE, on_approve,
        &form_decide, 0, 0},
    {HTTP_POST, "/console/approvals/{slug}/{plugin}/refuse", PERMIT_APPROVALS_DECIDE, on_refuse,
        &form_decide, 0, 0},
    {HTTP_POST, "/console/approvals/{slug}/{plugin}/withdraw", PERMIT_APPROVALS_DECIDE, on_withdraw,
        &form_decide, 0, 0},
};

void console_approvals_start(void)
{
    routes_add(SURFACE_CONSOLE, routes, sizeof routes / sizeof *routes);
}
