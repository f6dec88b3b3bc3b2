#include "web/office/frame/saved.h"

#include "base/id.h"
#include "base/text.h"
#include "data/audit.h"
#include "http/permission.h"
#include "http/respond.h"
#include "web/office/feature_view.h"
#include "web/office/frame/filter.h"
#include "web/office/frame/history.h"
#include "web/office/frame/object.h"
#include "web/office/frame/saved.sql.h"
#include "web/office/settings/panel.h"

struct view {
    int64_t id, version;
    struct str name;
    bool shared;
    const struct value *filter;
};

// What the whole site sees is a manager's; a program needs the scope for it as well.
static bool may_share(const struct request *r)
{
    enum permission wanted = PERMIT_SETTINGS_CHANGE;
    if (r->token.id && !(r->token.scopes >> wanted & 1))
        return false;
    return role_has(role_of(r->session.role), wanted);
}

// Support is nobody of the site's staff: it has the site's views only.
static struct str own_of(const struct request *r)
{
    return r->session.support_until_us ? STR_NULL : db_i64(r->arena, r->session.person);
}

static struct str path_of(
    struct request *r, const struct saved_list *list, int64_t id, const char *tail)
{
    struct arena *a = r->arena;
    return id ? str_join(a, str_of(list->path), STR("/views/"), str_of_i64(a, id), str_of(tail),
                    STR_NULL)
              : str_join(a, str_of(list->path), STR("/views"), str_of(tail), STR_NULL);
}

static struct view view_of_row(struct arena *a, const struct rows *rows, int i)
{
    return (struct view){.id = rows_i64(rows, i, KEY(view_id)),
        .version = rows_i64(rows, i, KEY(version)),
        .name = rows_str(rows, i, KEY(name)),
        .shared = rows_bool(rows, i, KEY(shared)),
        .filter = rows_json(a, rows, i, KEY(filter))};
}

int saved_views_add(struct request *r, struct unit *u, const struct saved_list *list)
{
    return unit_add(
        u, &SQL_saved_views, db_i64(r->arena, r->site->tenant), str_of(list->name), own_of(r));
}

static struct str url_of(
    struct request *r, const struct saved_list *list, const struct value *filter)
{
    return request_url(r, str_join(r->arena, str_of(list->path),
                              office_filter_query(r->arena, list->filter, filter), STR_NULL));
}

static struct value *view_value(
    struct request *r, const struct saved_list *list, const struct view *view)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(id), str_of_i64(a, view->id));
    value_set_int(a, v, KEY(version), view->version);
    value_set_str(a, v, KEY(name), view->name);
    value_set_bool(a, v, KEY(shared), view->shared);
    value_set_str(a, v, KEY(view_url), url_of(r, list, view->filter));
    return v;
}

void saved_views_show(
    struct request *r, struct value *view, const struct saved_list *list, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *saved = value_object(a), *views = value_list(a);
    struct str now = url_of(r, list, office_filter_of(r, list->filter));
    bool all = str_eq(now, url_of(r, list, value_object(a))), known = false;
    value_set(a, view, KEY(saved), saved);
    value_set_str(a, saved, KEY(edit_url), STR_NULL);
    for (int i = 0; i < rows->count; i++) {
        struct view one = view_of_row(a, rows, i);
        struct value *v = view_value(r, list, &one);
        bool current = str_eq(value_get_str(v, KEY(view_url)), now);
        known |= current;
        value_set_bool(a, v, KEY(current), current);
        value_append(a, views, v);
        if (current && (!one.shared || may_share(r)))
            value_set_str(a, saved, KEY(edit_url), request_url(r, path_of(r, list, one.id, "")));
    }
    value_set(a, saved, KEY(views), views);
    value_set_bool(a, saved, KEY(shown), rows->count > 0);
    value_set_str(a, saved, KEY(all_url), request_url(r, str_of(list->path)));
    value_set_bool(a, saved, KEY(all), all);
    value_set_str(a, saved, KEY(new_url),
        all || known || (r->session.support_until_us && !may_share(r))
            ? STR_NULL
            : request_url(
                  r, str_join(a, path_of(r, list, 0, "/new"),
                         office_filter_query(a, list->filter, office_filter_of(r, list->filter)),
                         STR_NULL)));
}

// What narrows the list, in words, whoever's filter it is.
static struct str described(
    struct request *r, const struct saved_list *list, const struct value *filter)
{
    struct arena *a = r->arena;
    struct value *said = value_list(a), *form = r->form, *read = value_object(a);
    struct str text = STR_NULL;
    for (uint32_t i = 0; i < filter->object.count; i++)
        value_set(a, read, filter->object.fields[i].key, filter->object.fields[i].value);
    r->form = read;
    bool ok = list->describe(r, said);
    r->form = form;
    for (size_t i = 0; ok && i < value_count(said); i++)
        text = str_join(a, text.p ? text : STR(""), str_of(i ? " · " : ""),
            message(a, r->words, STR("office.saved.part"), "title",
                value_get(value_at(said, i), KEY(title)), "text",
                value_get(value_at(said, i), KEY(text)), NULL),
            STR_NULL);
    return text;
}

void saved_views(struct request *r, const struct saved_list *list)
{
    struct arena *a = r->arena;
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int place = saved_views_add(r, u, list);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    const struct rows *rows = unit_rows(u, place);
    struct value *view = panel_page(r, "office.saved.title"), *items = value_list(a);
    struct value *panel = panel_add(r, view, "views", list->label);
    panel_page_back(r, view, list->label, str_of(list->path));
    for (int i = 0; i < rows->count; i++) {
        struct view one = view_of_row(a, rows, i);
        value_append(a, items, view_value(r, list, &one));
        struct value *item = panel_item(r, panel, one.name, described(r, list, one.filter));
        if (!one.shared || may_share(r))
            panel_item_link(r, item, path_of(r, list, one.id, ""));
        panel_item_state(r, item, one.shared ? "on" : "off",
            panel_words(r, one.shared ? "office.saved.shared_one" : "office.saved.private"));
    }
    if (!rows->count)
        panel_text(r, panel, panel_words(r, "office.saved.none"));
    panel_link(r, panel, "office.saved.to_list", str_of(list->path));
    page_list(r, view, KEY(views), items);
    office_done(r, view, STR(""));
    panel_respond(r, view);
}

static struct value *form_page(
    struct request *r, const struct saved_list *list, const struct view *one, const char *tail)
{
    bool is_new = !one->id;
    const char *title = is_new ? "office.saved.new" : "office.saved.edit";
    struct value *view = panel_page(r, title);
    struct value *panel = panel_add(r, view, "view", "office.saved.one");
    panel_page_back(r, view, list->label,
        str_join(r->arena, str_of(list->path),
            office_filter_query(r->arena, list->filter, one->filter), STR_NULL));
    panel_page_line(r, view, described(r, list, one->filter));
    panel_form(
        r, panel, path_of(r, list, one->id, tail), is_new ? "office.saved.save" : "office.save");
    panel_field(r, panel,
        &(struct panel_field){.name = "name",
            .label = "office.field.name",
            .kind = PANEL_TEXT,
            .value = one->name,
            .required = true,
            .len_max = SAVED_NAME_MAX});
    if (may_share(r) && !r->session.support_until_us)
        panel_field(r, panel,
            &(struct panel_field){.name = "shared",
                .label = "office.saved.share",
                .hint = "office.saved.share_hint",
                .kind = PANEL_TICK,
                .checked = one->shared});
    if (!is_new)
        panel_hidden(r, panel, "version", str_of_i64(r->arena, one->version));
    return view;
}

static struct value *new_page(
    struct request *r, const struct saved_list *list, const struct view *one)
{
    struct value *view = form_page(r, list, one, "");
    struct value *panel = value_at(value_get(value_get(view, KEY(settings)), KEY(panels)), 0);
    struct value *fields = office_filter_fields(r->arena, one->filter);
    for (size_t i = 0; i < value_count(fields); i++)
        value_append(r->arena, value_get(panel, KEY(hidden)), value_at(fields, i));
    return view;
}

// Somebody may save what is narrowed, not a list as it is.
static void refuse_unfiltered(struct request *r, const struct view *one)
{
    if (!one->filter->object.count)
        panel_refuse(r, "name", "unfiltered", "office.saved.unfiltered");
}

void saved_view_new(struct request *r, const struct saved_list *list)
{
    struct view one = {.filter = office_filter_of(r, list->filter)};
    panel_respond(r, new_page(r, list, &one));
}

static struct value *audited(struct arena *a, const struct saved_list *list, const struct view *v)
{
    struct value *value = value_object(a);
    value_set_str(a, value, KEY(list), str_of(list->name));
    value_set_str(a, value, KEY(name), v->name);
    value_set_str(a, value, KEY(seen_by), v->shared ? STR("everybody") : STR("one"));
    return value;
}

// The end of a change: audited, and answered unless it happened.
static bool finish(struct request *r, struct unit *u, const char *action, int64_t id,
    const struct value *const sides[2])
{
    struct feature_actor who = feature_actor_of(r);
    audit_add(u, &(struct audit){.actor_kind = who.kind,
                     .actor_id = who.id,
                     .actor_name = who.name,
                     .action = str_of(action),
                     .object_kind = STR("view"),
                     .object_id = str_of_i64(r->arena, id),
                     .before = sides[0],
                     .after = sides[1]});
    switch (unit_run(u)) {
    case DB_OK:
        return true;
    case DB_CONFLICT:
        panel_refuse(r, "name", "taken", "office.saved.taken");
        return false;
    case DB_REFUSED:
        if (str_is(unit_refusal(u), "saved_many"))
            panel_refuse(r, "name", "many", "office.saved.many");
        else
            respond_problem(r, PROBLEM_CONFLICT);
        return false;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
}

static void answer_done(struct request *r, const struct saved_list *list, const struct view *one,
    int status, const char *what)
{
    struct arena *a = r->arena;
    struct value *view = value_object(a);
    struct str query = office_filter_query(a, list->filter, one->filter);
    value_set_str(a, view, KEY(id), str_of_i64(a, one->id));
    respond_done(r, status,
        str_join(a, str_of(list->path), query.len ? query : STR(""),
            query.len ? STR("&done=") : STR("?done="), str_of(what), STR_NULL),
        view);
}

// Sharing without the right to is refused aloud.
static bool sharing_refused(struct request *r, bool was_shared)
{
    bool wants = form_bool(r, KEY(shared)) || was_shared;
    if (wants ? may_share(r) : !r->session.support_until_us)
        return false;
    respond_problem(r, PROBLEM_FORBIDDEN);
    return true;
}

static void add_guard_count(
    struct request *r, struct unit *u, const struct saved_list *list, struct str owner)
{
    unit_add(u, &SQL_saved_view_guard_count, db_i64(r->arena, r->site->tenant), str_of(list->name),
        owner, db_i64(r->arena, SAVED_VIEWS_MAX));
}

void saved_view_make(struct request *r, const struct saved_list *list)
{
    struct arena *a = r->arena;
    struct view one = {.name = form_str(r, KEY(name)),
        .shared = form_bool(r, KEY(shared)),
        .filter = office_filter_of(r, list->filter)};
    if (sharing_refused(r, false))
        return;
    refuse_unfiltered(r, &one);
    if (!form_refused(r)) {
        struct unit *u = unit_new(a, DB_WRITE, r->site->tenant);
        struct str owner = one.shared ? STR_NULL : own_of(r);
        one.id = id_number();
        add_guard_count(r, u, list, owner);
        unit_add(u, &SQL_saved_view_insert, db_i64(a, r->site->tenant), db_i64(a, one.id),
            str_of(list->name), owner, one.name, text_fold(a, one.name), db_json(a, one.filter));
        if (finish(r, u, "view.add", one.id,
                (const struct value *[2]){NULL, audited(a, list, &one)})) {
            answer_done(r, list, &one, 201, "view_saved");
            return;
        }
        one.id = 0;
    }
    if (form_refused(r))
        panel_respond(r, new_page(r, list, &one));
}

// The one of the address, if this reader sees it; answers otherwise.
static bool find(
    struct request *r, const struct saved_list *list, struct view *out, const struct rows **history)
{
    struct unit *u = unit_new(r->arena, DB_READ, r->site->tenant);
    int place = saved_views_add(r, u, list);
    int past = office_history_add(r, u, "view", r->params[0]);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    *history = unit_rows(u, past);
    for (int i = 0; i < unit_rows(u, place)->count; i++) {
        *out = view_of_row(r->arena, unit_rows(u, place), i);
        if (str_eq(str_of_i64(r->arena, out->id), r->params[0]))
            return true;
    }
    respond_problem(r, PROBLEM_NOT_FOUND);
    return false;
}

static struct value *edit_page(struct request *r, const struct saved_list *list,
    const struct view *one, const struct rows *history)
{
    struct arena *a = r->arena;
    struct value *view = form_page(r, list, one, "");
    value_set(a, view, KEY(saved), view_value(r, list, one));
    struct value *panel = panel_add(r, view, "remove", "office.saved.remove");
    panel_text(r, panel, panel_words(r, "office.saved.remove_text"));
    panel_form(r, panel, path_of(r, list, one->id, "/remove"), "office.saved.remove");
    panel_hidden(r, panel, "version", str_of_i64(a, one->version));
    office_history_view(r, view, history);
    return view;
}

void saved_view_show(struct request *r, const struct saved_list *list)
{
    struct view one;
    const struct rows *history;
    if (!find(r, list, &one, &history))
        return;
    if (one.shared && !may_share(r))
        respond_problem(r, PROBLEM_FORBIDDEN);
    else
        panel_respond(r, edit_page(r, list, &one, history));
}

static struct unit *begin_change(
    struct request *r, const struct saved_list *list, const struct view *one)
{
    struct arena *a = r->arena;
    struct unit *u = unit_new(a, DB_WRITE, r->site->tenant);
    unit_add(u, &SQL_saved_view_guard, db_i64(a, r->site->tenant), db_i64(a, one->id),
        str_of(list->name), db_i64(a, form_int(r, KEY(version), -1)));
    return u;
}

// Two at one: both names, and a decision.
static void say_changed(struct request *r, const struct saved_list *list, const struct view *now,
    const struct rows *history)
{
    struct arena *a = r->arena;
    struct view yours = *now;
    yours.name = form_str(r, KEY(name));
    yours.shared = form_bool(r, KEY(shared));
    struct office_conflict conflict = {
        .theirs = audited(a, list, now), .yours = audited(a, list, &yours), .kind = STR("view")};
    office_conflict_respond(
        r, "office/settings/page", edit_page(r, list, &yours, history), &conflict);
}

void saved_view_change(struct request *r, const struct saved_list *list)
{
    struct arena *a = r->arena;
    struct view before;
    const struct rows *history;
    if (!find(r, list, &before, &history) || sharing_refused(r, before.shared))
        return;
    struct view after = before;
    after.name = form_str(r, KEY(name));
    after.shared = form_bool(r, KEY(shared));
    if (!form_refused(r) && form_int(r, KEY(version), -1) != before.version) {
        say_changed(r, list, &before, history);
        return;
    }
    if (!form_refused(r)) {
        struct unit *u = begin_change(r, list, &before);
        struct str owner = after.shared ? STR_NULL : own_of(r);
        if (after.shared != before.shared)
            add_guard_count(r, u, list, owner);
        unit_add(u, &SQL_saved_view_update, db_i64(a, r->site->tenant), db_i64(a, before.id),
            after.name, text_fold(a, after.name), owner);
        if (finish(r, u, "view.change", before.id,
                (const struct value *[2]){audited(a, list, &before), audited(a, list, &after)})) {
            answer_done(r, list, &after, 200, "view_saved");
            return;
        }
    }
    if (form_refused(r))
        panel_respond(r, edit_page(r, list, &before, history));
}

void saved_view_remove(struct request *r, const struct saved_list *list)
{
    struct view one;
    const struct rows *history;
    if (!find(r, list, &one, &history) || sharing_refused(r, one.shared))
        return;
    if (form_refused(r)) {
        respond_problem(r, PROBLEM_INVALID);
        return;
    }
    struct unit *u = begin_change(r, list, &one);
    unit_add(
        u, &SQL_saved_view_delete, db_i64(r->arena, r->site->tenant), db_i64(r->arena, one.id));
    if (finish(r, u, "view.remove", one.id,
            (const struct value *[2]){audited(r->arena, list, &one), NULL}))
        answer_done(r, list, &one, 200, "view_removed");
}

const struct form saved_form_show = FORM({"done", .max = 40}, OFFICE_HISTORY_FIELD);
const struct form saved_form_change = FORM(SAVED_VIEW_FIELDS, FORM_SEEN("version"));
const struct form saved_form_remove = FORM({"csrf", .kind = FIELD_TEXT}, FORM_SEEN("version"));
