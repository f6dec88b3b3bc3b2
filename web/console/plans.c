// Plans: what each lets a site switch on, gated features included. Somebody else's change meanwhile
// is never overwritten unseen.
#include "domain/plan.h"

#include "data/db.h"
#include "http/respond.h"
#include "web/console/console.h"
#include "web/office/frame/fields.h"
#include "web/office/frame/history.h"
#include "web/office/frame/object.h"

// The plan that an entry is about, by its title of now; by its name when it is gone.
static struct str plan_title(struct request *r, const void *of, const struct rows *rows, int i)
{
    (void)r;
    struct str name = rows_str(rows, i, KEY(object_id));
    struct str title = value_get_str(plan_in(of, name), KEY(title));
    return title.len ? title : name;
}

static void add_history(
    struct request *r, struct value *view, const struct value *plans, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *names = value_object(a), *features = value_list(a);
    for (size_t i = 0; i < feature_info_count(); i++) {
        struct str name = feature_info_at(i)->name;
        office_choice_add(r, features, name, console_feature_title(r, name));
    }
    value_set(a, names, KEY(features), features);
    office_history_view_with(
        r, view, rows, &(struct history_words){.names = names, .object = plan_title, .of = plans});
}

static struct value *plans_view(struct request *r)
{
    struct arena *a = r->arena;
    struct value *plans = plan_list(a), *view;
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int history = office_histories_add(r, u, "plan");
    if (!plans || unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return NULL;
    }
    view = page_view(r);
    for (size_t i = 0; i < value_count(plans); i++) {
        struct value *plan = value_at(plans, i), *ticks = value_list(a);
        struct str name = value_get_str(plan, KEY(name));
        const struct value *features = value_get(plan, KEY(features));
        for (size_t k = 0; k < feature_info_count(); k++) {
            const struct feature_info *info = feature_info_at(k);
            struct value *tick = value_append_object(a, ticks);
            bool chosen = false;
            for (size_t n = 0; n < value_count(features); n++)
                chosen |= str_eq(value_as_str(value_at(features, n)), info->name);
            value_set_str(a, tick, KEY(feature), info->name);
            value_set_str(a, tick, KEY(label), console_feature_title(r, info->name));
            value_set_bool(a, tick, KEY(gated), info->gated);
            value_set_bool(a, tick, KEY(chosen), chosen);
        }
        value_set(a, plan, KEY(ticks), ticks);
        value_set_str(a, plan, KEY(save_url),
            request_url(r, str_join(a, STR("/console/plans/"), name, STR_NULL)));
        value_set_str(a, plan, KEY(sites_url),
            request_url(r, str_join(a, STR("/console?plan="), name, STR_NULL)));
        value_set_bool(a, plan, KEY(can_remove),
            !value_get_int(plan, KEY(sites), 0) && !str_is(name, "standard"));
    }
    add_history(r, view, plans, unit_rows(u, history));
    page_list(r, view, KEY(plans), plans);
    value_set_str(a, view, KEY(create_url), request_url(r, STR("/console/plans")));
    value_set_bool(
        a, view, KEY(may_plans), role_has(role_of(r->session.role), PERMIT_PLANS_CHANGE));
    return view;
}

static void on_plans(struct request *r)
{
    struct value *view = plans_view(r);
    if (!view)
        return;
    office_done(r, view, form_str(r, KEY(what)));
    respond_page(r, 200, "console/plans", view);
}

static struct value *ticked(struct request *r)
{
    struct value *list = value_list(r->arena);
    const struct value *given = value_get(r->form, KEY(feature));
    for (size_t i = 0; i < feature_info_count(); i++) {
        struct str name = feature_info_at(i)->name;
        if (value_get(given, value_key_intern(name)))
            value_append(r->arena, list, value_str(r->arena, name));
    }
    return list;
}

static void answer(struct request *r, enum plan_result result, const char *done)
{
    struct arena *a = r->arena;
    switch (result) {
    case PLAN_DONE:
        respond_done(r, 200, str_join(a, STR("/console/plans?done="), str_of(done), STR_NULL),
            value_object(a));
        return;
    case PLAN_UNKNOWN:
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    case PLAN_TAKEN:
        form_refuse_text(
            r, "name", "taken", message(a, r->words, STR("console.plans.taken"), NULL));
        break;
    case PLAN_CHANGED:
    case PLAN_USED:
        respond_problem(r, PROBLEM_CONFLICT);
        return;
    case PLAN_UNAVAILABLE:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = plans_view(r);
    if (view)
        respond_invalid(r, "console/plans", view);
}

static bool is_name(struct str s)
{
    bool good = s.len >= 2 && s.len <= 31 && s.p[0] >= 'a' && s.p[0] <= 'z';
    for (size_t i = 0; i < s.len; i++)
        good &=
            (s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '-';
    return good;
}

static void on_create(struct request *r)
{
    struct feature_actor actor = console_actor(r, STR_NULL);
    struct plan plan = {.name = form_str(r, KEY(name)),
        .title = form_str(r, KEY(title)),
        .everything = true,
        .features = value_list(r->arena)};
    if (!form_refused(r) && !is_name(plan.name))
        form_refuse_text(
            r, "name", "name", message(r->arena, r->words, STR("console.plans.bad_name"), NULL));
    if (!form_refused(r)) {
        answer(r, plan_save(r->arena, &plan, &actor), "plan_saved");
        return;
    }
    struct value *view = plans_view(r);
    if (view)
        respond_invalid(r, "console/plans", view);
}

static void tick_again(struct request *r, const struct value *ticks)
{
    const struct value *given = value_get(r->form, KEY(feature));
    for (size_t i = 0; i < value_count(ticks); i++) {
        struct value *tick = value_at(ticks, i);
        struct str name = value_get_str(tick, KEY(feature));
        value_set_bool(
            r->arena, tick, KEY(chosen), value_get(given, value_key_intern(name)) != NULL);
    }
}

// A plan's own form shows what was typed and what is wrong; the form of a new one shares its names.
static void respond_unsaved(struct request *r)
{
    struct arena *a = r->arena;
    struct value *view = plans_view(r);
    const struct value *plans = view ? value_get(view, KEY(plans)) : NULL, *typed = r->typed;
    r->typed = value_object(a);
    for (size_t i = 0; i < value_count(plans); i++) {
        struct value *plan = value_at(plans, i);
        struct str name = value_get_str(plan, KEY(name));
        if (!str_eq(name, r->params[0]))
            continue;
        const struct value *title = value_get(typed, KEY(title));
        value_set_str(a, plan, KEY(typed_title), form_str(r, KEY(title)));
        value_set_str(a, plan, KEY(title_error), value_get_str(title, KEY(error)));
        value_set_bool(a, plan, KEY(everything), form_bool(r, KEY(everything)));
        tick_again(r, value_get(plan, KEY(ticks)));
        for (size_t k = 0; k < value_count(r->errors); k++)
            value_set_str(
                a, value_at(r->errors, k), KEY(id), str_join(a, STR("title-"), name, STR_NULL));
    }
    if (view)
        respond_invalid(r, "console/plans", view);
}

static void on_save(struct request *r)
{
    struct feature_actor actor = console_actor(r, STR_NULL);
    struct plan plan = {.name = r->params[0],
        .title = form_str(r, KEY(title)),
        .everything = form_bool(r, KEY(everything)),
        .features = ticked(r),
        .position = form_int(r, KEY(position), 0),
        .version = form_int(r, KEY(version), 0)};
    if (form_refused(r))
        respond_unsaved(r);
    else
        answer(r, plan_save(r->arena, &plan, &actor), "plan_saved");
}

static void on_remove(struct request *r)
{
    struct feature_actor actor = console_actor(r, STR_NULL);
    answer(r, plan_remove(r->arena, r->params[0], &actor), "plan_removed");
}

static const struct form form_list = FORM({"done", .kind = FIELD_TEXT, .max = 40},
    {"what", .kind = FIELD_TEXT, .max = 40}, OFFICE_HISTORY_FIELD);
static const struct form form_create =
    FORM({"csrf", .kind = FIELD_TEXT}, {"name", .kind = FIELD_TEXT, .required = true, .max = 31},
        {"title", .kind = FIELD_TEXT, .required = true, .max = 60});
static const struct form form_save = FORM({"csrf", .kind = FIELD_TEXT},
    {"title", .kind = FIELD_TEXT, .required = true, .max = 60}, {"everything", .kind = FIELD_BOOL},
    {"feature", .kind = FIELD_OBJECT}, {"position", .kind = FIELD_INT, .max = 1000},
    {"version", .kind = FIELD_INT, .required = true, .max = INT32_MAX});
static const struct form form_remove = FORM({"csrf", .kind = FIELD_TEXT});

static const struct route routes[] = {
    {HTTP_GET, "/console/plans", PERMIT_CONSOLE_USE, on_plans, &form_list, 0, 0},
    {HTTP_POST, "/console/plans", PERMIT_PLANS_CHANGE, on_create, &form_create, 0, 0},
    {HTTP_POST, "/console/plans/{name}", PERMIT_PLANS_CHANGE, on_save, &form_save, 0, 0},
    {HTTP_POST, "/console/plans/{name}/remove", PERMIT_PLANS_CHANGE, on_remove, &form_remove, 0, 0},
};

void console_plans_start(void)
{
    for (size_t i = 0; i < feature_info_count(); i++)
        value_key_intern(feature_info_at(i)->name);
    routes_add(SURFACE_CONSOLE, routes, sizeof routes / sizeof *routes);
}
