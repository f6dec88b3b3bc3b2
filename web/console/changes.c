// Changes of set-ups (P9): one thing on one site or on all that fit, drafted with a preview of what
// differs, applied with a result per site, and taken back.
#include "data/db.h"
#include "domain/plan.h"
#include "domain/rollout.h"
#include "http/respond.h"
#include "web/console/changes.sql.h"
#include "web/console/console.h"
#include "web/office/frame/history.h"
#include "web/office/frame/list.h"
#include "web/office/frame/object.h"
#include "web/setup_text.h"

// Paths with what they are to have, those that differ from what is there `now`; NULL: all.
static void add_lines(const struct field_words *w, struct value *list, const struct value *changes,
    const struct value *now)
{
    struct arena *a = w->r->arena;
    for (size_t i = 0; value_is(changes, VALUE_OBJECT) && i < changes->object.count; i++) {
        const struct value_field *f = &changes->object.fields[i];
        const struct value *was = value_get(now, f->key);
        if (now && value_equal(was, f->value))
            continue;
        struct value *line = value_append_object(a, list);
        value_set_str(a, line, KEY(path), value_key_name(f->key));
        value_set_str(a, line, KEY(path_text), setup_path_text(w->r, value_key_name(f->key)));
        value_set_str(
            a, line, KEY(was), now ? setup_value_text(w, value_key_name(f->key), was) : STR_NULL);
        value_set_str(a, line, KEY(will), setup_value_text(w, value_key_name(f->key), f->value));
    }
}

static struct value *time_of(struct request *r, int64_t us)
{
    return format_time_value(r->arena, r->format, zone_utc(), us);
}

static void set_change(const struct field_words *w, struct value *v, const struct rows *rows, int i)
{
    struct request *r = w->r;
    struct arena *a = r->arena;
    struct str id = rows_str(rows, i, KEY(rollout_id));
    struct value *lines = value_list(a);
    value_set_str(a, v, KEY(id), id);
    value_set_str(a, v, KEY(title), rows_str(rows, i, KEY(title)));
    value_set_str(a, v, KEY(who), rows_str(rows, i, KEY(operator_name)));
    value_set_str(a, v, KEY(state), rows_str(rows, i, KEY(state)));
    value_set_int(a, v, KEY(sites), rows_i64(rows, i, KEY(sites)));
    value_set(a, v, KEY(when), time_of(r, rows_us(rows, i, KEY(created_us))));
    value_set_str(
        a, v, KEY(page_url), request_url(r, str_join(a, STR("/console/changes/"), id, STR_NULL)));
    add_lines(w, lines, rows_json(a, rows, i, KEY(changes)), NULL);
    value_set(a, v, KEY(lines), lines);
}

static void on_changes(struct request *r)
{
    struct arena *a = r->arena;
    struct office_list list = office_list_of(r, OFFICE_LIST_NUMBER);
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place =
        unit_add(u, &SQL_console_changes, office_list_below(&list), office_list_limit(&list));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    const struct rows *rows = unit_rows(u, place);
    struct field_words words = {.r = r, .names = setup_names(r)};
    for (int i = 0; office_list_more(rows, i); i++)
        set_change(&words, value_append_object(a, list.items), rows, i);
    office_list_next(&list, rows, KEY(rollout_id), KEY(rollout_id));
    struct value *view = page_view(r);
    value_set_str(a, view, KEY(new_url), request_url(r, STR("/console/changes/new")));
    office_list_respond(r, "console/changes", view, &list);
}

// What differs on a site before it is applied, and what became of it afterwards.
static void add_site(const struct field_words *all, struct value *list, const struct rows *rows,
    int i, const struct value *changes)
{
    struct request *r = all->r;
    struct field_words w = *all;
    struct arena *a = r->arena;
    struct str slug = rows_str(rows, i, KEY(slug)), state = rows_str(rows, i, KEY(state));
    struct value *item = value_append_object(a, list), *lines = value_list(a);
    struct str error = rows_str(rows, i, KEY(error));
    struct site *site = NULL;
    value_set_str(a, item, KEY(slug), slug);
    value_set_str(a, item, KEY(name), rows_str(rows, i, KEY(name)));
    value_set_str(a, item, KEY(state), state);
    value_set_bool(a, item, KEY(is_bad), str_is(state, "failed") || str_is(state, "kept"));
    value_set_str(a, item, KEY(page_url), console_site_url(r, slug, "/setup"));
    struct str where = str_cut(&error, ' ');
    value_set_str(a, item, KEY(refused), where.len ? setup_path_text(r, where) : STR_NULL);
    value_set_str(a, item, KEY(why), where.len ? error : STR_NULL);
    value_set(a, item, KEY(lines), lines);
    const struct value *before = rows_json(a, rows, i, KEY(before));
    w.site = site_acquire(slug, &site) == SITE_FOUND ? site : NULL;
    if (!str_is(state, "waiting")) {
        for (size_t k = 0; value_is(before, VALUE_OBJECT) && k < before->object.count; k++) {
            struct value *one = value_object(a);
            value_key key = before->object.fields[k].key;
            value_set(a, one, key, value_get(changes, key));
            add_lines(&w, lines, one, before);
        }
    } else if (w.site) {
        const struct value *now = setup_read(a, w.site);
        add_lines(&w, lines, changes, now ? now : value_object(a));
    }
    if (w.site)
        site_release(site);
    value_set_bool(a, item, KEY(nothing), value_count(lines) == 0);
}

static bool read_id(struct request *r, int64_t *id)
{
    if (str_to_i64(r->params[0], id))
        return true;
    respond_problem(r, PROBLEM_NOT_FOUND);
    return false;
}

static void show(struct request *r, const struct rows *head, const struct rows *sites,
    struct office_list *list, const struct rows *history)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r), *change = value_object(a);
    struct str id = rows_str(head, 0, KEY(rollout_id)), state = rows_str(head, 0, KEY(state));
    struct str path = str_join(a, STR("/console/changes/"), id, STR_NULL);
    struct office_object object = {
        rows_str(head, 0, KEY(title)), "/console/changes", "console.nav.changes"};
    office_object_view(r, view, &object);
    struct field_words words = {.r = r, .names = setup_names(r)};
    set_change(&words, change, head, 0);
    value_set(a, view, KEY(change), change);
    static const char *const counts[] = {"waiting", "done", "same", "failed", "undone"};
    for (size_t i = 0; i < 5; i++) {
        value_key key = value_key_intern(str_of(counts[i]));
        value_set_int(a, change, key, rows_i64(head, 0, key));
    }
    int64_t waiting = rows_i64(head, 0, KEY(waiting)), done = rows_i64(head, 0, KEY(done));
    bool draft = str_is(state, "draft"), applied = str_is(state, "applied");
    value_set_bool(a, change, KEY(is_draft), draft);
    value_set_bool(a, change, KEY(running), (applied && waiting) || (!draft && !applied && done));
    value_set_int(a, change, KEY(finished), rows_i64(head, 0, KEY(sites)) - waiting);
    value_set_bool(a, change, KEY(can_undo), applied && !waiting && done);
    value_set_str(
        a, change, KEY(apply_url), request_url(r, str_join(a, path, STR("/apply"), STR_NULL)));
    value_set_str(
        a, change, KEY(undo_url), request_url(r, str_join(a, path, STR("/undo"), STR_NULL)));
    const struct value *changes = rows_json(a, head, 0, KEY(changes));
    for (int i = 0; office_list_more(sites, i); i++)
        add_site(&words, list->items, sites, i, changes);
    value_set(a, view, KEY(items), list->items);
    value_set_str(a, view, KEY(next),
        list->next.len ? str_join(a, request_url(r, path), STR("?after="), list->next, STR_NULL)
                       : STR_NULL);
    office_history_view(r, view, history);
    respond_page(r, 200, "console/change", view);
}

static void on_change(struct request *r)
{
    struct arena *a = r->arena;
    int64_t id;
    struct office_list list = office_list_of(r, OFFICE_LIST_NUMBER);
    if (!read_id(r, &id))
        return;
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int head = unit_add(u, &SQL_console_change, db_i64(a, id));
    int sites = unit_add(u, &SQL_console_change_sites, db_i64(a, id), office_list_above(&list),
        office_list_limit(&list));
    int history = office_history_add(r, u, "rollout", db_i64(a, id));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    if (!unit_rows(u, head)->count) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    office_list_next(&list, unit_rows(u, sites), KEY(tenant_id), KEY(tenant_id));
    show(r, unit_rows(u, head), unit_rows(u, sites), &list, unit_rows(u, history));
}

static void answer(struct request *r, enum rollout_result result, int64_t id)
{
    struct arena *a = r->arena;
    struct value *view = value_object(a);
    struct str number = str_of_i64(a, id);
    switch (result) {
    case ROLLOUT_DONE:
        value_set_str(a, view, KEY(id), number);
        respond_done(r, 201, str_join(a, STR("/console/changes/"), number, STR_NULL), view);
        return;
    case ROLLOUT_NONE:
        respond_problem_code(r, PROBLEM_CONFLICT, "no_site_fits");
        return;
    case ROLLOUT_CHANGED:
        respond_problem(r, PROBLEM_CONFLICT);
        return;
    case ROLLOUT_UNAVAILABLE:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

void console_draft(struct request *r, const struct value *changes,
    const struct rollout_sites *sites, struct str title)
{
    int64_t id = 0;
    struct feature_actor actor = console_actor(r, title);
    enum rollout_result result = rollout_draft(r->arena, &actor, changes, sites, &id);
    answer(r, result, id);
}

static void on_apply(struct request *r)
{
    int64_t id;
    struct feature_actor actor = console_actor(r, STR_NULL);
    if (read_id(r, &id))
        answer(r, rollout_apply(r->arena, id, &actor), id);
}

static void on_undo(struct request *r)
{
    int64_t id;
    struct feature_actor actor = console_actor(r, STR_NULL);
    if (read_id(r, &id))
        answer(r, rollout_undo(r->arena, id, &actor), id);
}

static void add_path(struct request *r, struct value *list, struct str path, struct str chosen)
{
    struct value *option = value_append_object(r->arena, list);
    value_set_str(r->arena, option, KEY(value), path);
    value_set_str(r->arena, option, KEY(label), setup_path_text(r, path));
    value_set_bool(r->arena, option, KEY(chosen), str_eq(path, chosen));
}

static struct value *path_options(struct request *r, struct str chosen)
{
    static const char *const fixed[] = {"plan", "branding/brand", "branding/accent",
        "branding/fonts", "branding/corners", "branding/header", "channels/web/name",
        "channels/web/sells", "channels/web/registration", "channels/box_office/name",
        "channels/box_office/sells", "channels/phone/name", "channels/phone/sells",
        "channels/portal/name", "channels/portal/sells"};
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        add_path(r, list, str_of(fixed[i]), chosen);
    for (size_t i = 0; i < feature_info_count(); i++) {
        const struct feature_info *info = feature_info_at(i);
        struct str path = str_join(a, STR("features/"), info->name, STR_NULL);
        add_path(r, list, path, chosen);
        for (size_t s = 0; s < info->setting_count; s++)
            add_path(r, list,
                str_join(a, path, STR("/"), value_key_name(info->settings[s].key), STR_NULL),
                chosen);
    }
    return list;
}

static struct str word(struct request *r, const char *key)
{
    return message(r->arena, r->words, str_of(key), NULL);
}

static void add_choice(struct request *r, struct value *choices, struct str value, struct str label)
{
    struct value *choice = value_append_object(r->arena, choices);
    struct str typed = form_str(r, KEY(value));
    value_set_str(r->arena, choice, KEY(value), value);
    value_set_str(r->arena, choice, KEY(label), label);
    value_set_bool(r->arena, choice, KEY(chosen), typed.len && str_eq(typed, value));
}

static void add_input(struct request *r, struct value *view, struct str path)
{
    struct arena *a = r->arena;
    struct setup_field field = setup_field(a, path);
    struct value *choices = value_list(a);
    struct field_words words = {.r = r, .names = setup_names(r)};
    for (size_t i = 0; i < value_count(field.choices); i++)
        add_choice(r, choices, value_as_str(value_at(field.choices, i)),
            setup_value_text(&words, path, value_at(field.choices, i)));
    if (field.kind == SETUP_YES_NO) {
        add_choice(r, choices, STR("yes"), word(r, "office.history.yes"));
        add_choice(r, choices, STR("no"), word(r, "office.history.no"));
    }
    value_set(a, view, KEY(choices), choices);
    value_set_bool(a, view, KEY(is_known), field.kind != SETUP_UNKNOWN);
    value_set_bool(
        a, view, KEY(is_choice), field.kind == SETUP_CHOICE || field.kind == SETUP_YES_NO);
    value_set_bool(a, view, KEY(is_colour), field.kind == SETUP_COLOUR);
    value_set_bool(a, view, KEY(is_amount), field.kind == SETUP_AMOUNT);
    value_set_bool(a, view, KEY(is_text),
        field.kind == SETUP_TEXT || field.kind == SETUP_NUMBER || field.kind == SETUP_AMOUNT);
    value_set_str(
        a, view, KEY(path_text), field.kind == SETUP_UNKNOWN ? STR_NULL : setup_path_text(r, path));
}

static void add_option(
    struct request *r, struct value *list, struct str value, struct str label, struct str chosen)
{
    struct value *option = value_append_object(r->arena, list);
    value_set_str(r->arena, option, KEY(value), value);
    value_set_str(r->arena, option, KEY(label), label);
    value_set_bool(r->arena, option, KEY(chosen), str_eq(value, chosen));
}

// On which sites: of any plan or one, with any feature or one, by their names.
static void add_which(struct request *r, struct value *view)
{
    struct arena *a = r->arena;
    struct value *plans = value_list(a), *features = value_list(a), *all = plan_list(a);
    struct str plan = form_str(r, KEY(plan)), feature = form_str(r, KEY(feature));
    add_option(r, plans, STR(""), word(r, "console.filter.plan.all"), plan.p ? plan : STR(""));
    for (size_t i = 0; i < value_count(all); i++)
        add_option(r, plans, value_get_str(value_at(all, i), KEY(name)),
            value_get_str(value_at(all, i), KEY(title)), plan);
    add_option(
        r, features, STR(""), word(r, "console.filter.feature.all"), feature.p ? feature : STR(""));
    for (size_t i = 0; i < feature_info_count(); i++)
        add_option(r, features, feature_info_at(i)->name,
            console_feature_title(r, feature_info_at(i)->name), feature);
    value_set(a, view, KEY(plans), plans);
    value_set(a, view, KEY(features), features);
}

static struct value *new_view(struct request *r)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r);
    struct str path = form_str(r, KEY(path));
    value_set_str(a, view, KEY(chosen_path), path);
    value_set_str(a, view, KEY(only_site), form_str(r, KEY(site)));
    value_set_str(a, view, KEY(only_state), form_str(r, KEY(state)));
    value_set_str(a, view, KEY(only_plan), form_str(r, KEY(plan)));
    value_set_str(a, view, KEY(only_feature), form_str(r, KEY(feature)));
    value_set(a, view, KEY(paths), path_options(r, path));
    value_set_str(a, view, KEY(new_url), request_url(r, STR("/console/changes/new")));
    value_set_str(a, view, KEY(draft_url), request_url(r, STR("/console/changes")));
    value_set_str(a, view, KEY(changes_url), request_url(r, STR("/console/changes")));
    add_input(r, view, path);
    add_which(r, view);
    return view;
}

static void on_new(struct request *r)
{
    respond_page(r, 200, "console/change_new", new_view(r));
}

// A person chooses other sites in the same form.
static void answer_draft(struct request *r, const struct value *changes,
    const struct rollout_sites *sites, struct str title)
{
    int64_t id = 0;
    struct feature_actor actor = console_actor(r, title);
    enum rollout_result result = rollout_draft(r->arena, &actor, changes, sites, &id);
    if (result != ROLLOUT_NONE || r->wants_json || r->sent_json) {
        answer(r, result, id);
        return;
    }
    form_refuse_text(
        r, "site", "none", message(r->arena, r->words, STR("problem.no_site_fits.title"), NULL));
    respond_invalid(r, "console/change_new", new_view(r));
}

// Says what the path wants, by its kind.
static void refuse_value(struct request *r, struct str path)
{
    switch (setup_field(r->arena, path).kind) {
    case SETUP_COLOUR:
        form_refuse_text(r, "value", "colour", word(r, "office.branding.colour_wrong"));
        break;
    case SETUP_NUMBER:
    case SETUP_AMOUNT:
        form_refuse(r, "value", "number");
        break;
    case SETUP_TEXT:
        form_refuse_text(r, "value", "too_long", word(r, "console.changes.too_long"));
        break;
    default:
        form_refuse(r, "value", "choice");
    }
}

static void on_draft(struct request *r)
{
    struct arena *a = r->arena;
    struct str path = form_str(r, KEY(path));
    struct value *v = form_refused(r) ? NULL : setup_parse(a, path, form_str(r, KEY(value)));
    if (!form_refused(r) && !v)
        refuse_value(r, path);
    if (form_refused(r)) {
        respond_invalid(r, "console/change_new", new_view(r));
        return;
    }
    struct value *changes = value_object(a);
    value_set(a, changes, value_key_intern(path), v);
    struct rollout_sites sites = {form_str(r, KEY(site)), form_str(r, KEY(state)),
        form_str(r, KEY(plan)), form_str(r, KEY(feature))};
    struct str title = form_str(r, KEY(title));
    answer_draft(r, changes, &sites, title.len ? title : setup_path_text(r, path));
}

#define WHICH_SITES                                                                    \
    {"site", .kind = FIELD_TEXT, .max = 63}, {"state", .kind = FIELD_TEXT, .max = 12}, \
        {"plan", .kind = FIELD_TEXT, .max = 31},                                       \
    {                                                                                  \
        "feature", .kind = FIELD_TEXT, .max = FEATURE_NAME_MAX                         \
    }
static const struct form form_list = FORM(OFFICE_LIST_FIELDS);
static const struct form form_change = FORM(OFFICE_LIST_FIELDS, OFFICE_HISTORY_FIELD);
static const struct form form_new = FORM(WHICH_SITES, {"path", .kind = FIELD_TEXT, .max = 120},
    {"q", .kind = FIELD_TEXT, .max = 100}, {"attention", .kind = FIELD_TEXT, .max = 20});
static const struct form form_draft = FORM({"csrf", .kind = FIELD_TEXT}, WHICH_SITES,
    {"path", .kind = FIELD_TEXT, .required = true, .max = 120},
    {"value", .kind = FIELD_LONG, .max = 2000}, {"title", .kind = FIELD_TEXT, .max = 120});
static const struct form form_act = FORM({"csrf", .kind = FIELD_TEXT});

static const struct route routes[] = {
    {HTTP_GET, "/console/changes", PERMIT_CONSOLE_USE, on_changes, &form_list, 0, 0},
    {HTTP_GET, "/console/changes/new", PERMIT_SETUPS_CHANGE, on_new, &form_new, 0, 0},
    {HTTP_POST, "/console/changes", PERMIT_SETUPS_CHANGE, on_draft, &form_draft, 0, 0},
    {HTTP_GET, "/console/changes/{id}", PERMIT_CONSOLE_USE, on_change, &form_change, 0, 0},
    {HTTP_POST, "/console/changes/{id}/apply", PERMIT_SETUPS_CHANGE, on_apply, &form_act, 0, 0},
    {HTTP_POST, "/console/changes/{id}/undo", PERMIT_SETUPS_CHANGE, on_undo, &form_act, 0, 0},
};

void console_changes_start(void)
{
    routes_add(SURFACE_CONSOLE, routes, sizeof routes / sizeof *routes);
}
