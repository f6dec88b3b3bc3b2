// Courts, rooms, people: the list in the order in which the schedule shows them and free ones are
// given out, those that were put away below it.
#include "web/office/schedule/resources.h"

#include "base/id.h"
#include "http/respond.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/schedule/resources.sql.h"
#include "web/office/settings/panel.h"
#include "web/office/settings/saving.h"

static const char path[] = "/manage/resources";

bool resource_list_read(struct request *r, struct resource_list *out)
{
    struct str id = r->params[0];
    struct unit *u = unit_new(r->arena, DB_READ, r->site->tenant);
    int rows = unit_add(u, &SQL_office_resource_list, db_i64(r->arena, r->site->tenant));
    int history =
        id.p ? office_history_add(r, u, "resource", id) : office_histories_add(r, u, "resource");
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    *out = (struct resource_list){unit_rows(u, rows), unit_rows(u, history), -1};
    for (int i = 0; id.p && i < out->rows->count; i++)
        if (str_eq(rows_str(out->rows, i, KEY(id)), id))
            out->row = i;
    if (id.p && out->row < 0)
        respond_problem(r, PROBLEM_NOT_FOUND);
    return !id.p || out->row >= 0;
}

struct resource resource_of_row(const struct rows *rows, int i)
{
    return (struct resource){.id = rows_i64(rows, i, KEY(id)),
        .version = rows_i64(rows, i, KEY(version)),
        .code = rows_str(rows, i, KEY(code)),
        .name = rows_str(rows, i, KEY(name)),
        .kind = rows_str(rows, i, KEY(kind)),
        .archived = rows_bool(rows, i, KEY(archived))};
}

struct str resource_path(struct request *r, struct str id, const char *tail)
{
    return str_join(r->arena, str_of(path), STR("/"), id, str_of(tail), STR_NULL);
}

// A kind that a site's file made up is said as it is there.
struct str resource_kind_words(struct request *r, struct str kind)
{
    for (int i = 0; resource_kinds[i]; i++)
        if (str_is(kind, resource_kinds[i]))
            return panel_words(
                r, str_join(r->arena, STR("office.value.resource.kind."), kind, STR_NULL).p);
    return kind;
}

static void add_items(
    struct request *r, struct value *panel, const struct resource_list *l, bool archived)
{
    struct arena *a = r->arena;
    bool first = true;
    for (int i = 0; i < l->rows->count; i++) {
        struct str id = rows_str(l->rows, i, KEY(id));
        if (rows_bool(l->rows, i, KEY(archived)) != archived)
            continue;
        struct str line = message(a, r->words, STR("office.resource.line"), "kind",
            value_str(a, resource_kind_words(r, rows_str(l->rows, i, KEY(kind)))), "offers",
            value_int(a, rows_i64(l->rows, i, KEY(offers))), NULL);
        struct value *item = panel_item(r, panel, rows_str(l->rows, i, KEY(name)), line);
        panel_item_link(r, item, resource_path(r, id, ""));
        if (archived)
            panel_item_state(
                r, item, "off", panel_words(r, "office.value.resource.state.archived"));
        else if (!first)
            panel_item_button(r, item, "office.category.up", resource_path(r, id, "/up"));
        first = false;
    }
}

// Whom an entry of the list's history is about: by the name of now, or the last one there was.
static struct str name_of(struct request *r, const void *of, const struct rows *history, int i)
{
    const struct resource_list *l = of;
    struct str id = rows_str(history, i, KEY(object_id)), name = STR_NULL;
    for (int k = 0; k < l->rows->count; k++)
        if (str_eq(rows_str(l->rows, k, KEY(id)), id))
            return rows_str(l->rows, k, KEY(name));
    for (int k = 0; !name.len && k < history->count; k++) {
        if (!str_eq(rows_str(history, k, KEY(object_id)), id))
            continue;
        name = value_get_str(rows_json(r->arena, history, k, KEY(after)), KEY(name));
        if (!name.len)
            name = value_get_str(rows_json(r->arena, history, k, KEY(before)), KEY(name));
    }
    return name;
}

static struct value *items_of(struct request *r, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *items = value_list(a);
    for (int i = 0; i < rows->count; i++) {
        struct value *v = value_append_object(a, items);
        value_set_str(a, v, KEY(id), rows_str(rows, i, KEY(id)));
        value_set_str(a, v, KEY(code), rows_str(rows, i, KEY(code)));
        value_set_str(a, v, KEY(name), rows_str(rows, i, KEY(name)));
        value_set_str(a, v, KEY(kind), rows_str(rows, i, KEY(kind)));
        value_set_bool(a, v, KEY(archived), rows_bool(rows, i, KEY(archived)));
        value_set_int(a, v, KEY(offers), rows_i64(rows, i, KEY(offers)));
        value_set_str(a, v, KEY(resource_url),
            request_url(r, resource_path(r, rows_str(rows, i, KEY(id)), "")));
    }
    return items;
}

static void on_list(struct request *r)
{
    struct resource_list l;
    if (!resource_list_read(r, &l))
        return;
    int active = 0;
    while (active < l.rows->count && !rows_bool(l.rows, active, KEY(archived)))
        active++;
    struct value *view = panel_page(r, "office.nav.resources");
    panel_page_line(r, view, panel_words(r, "office.resource.page_line"));
    page_list(r, view, KEY(items), items_of(r, l.rows));
    struct value *panel = panel_add(r, view, "resources", "office.nav.resources");
    if (!active)
        panel_text(r, panel, panel_words(r, "office.resource.none"));
    add_items(r, panel, &l, false);
    panel_link(r, panel, "office.resource.new", resource_path(r, STR("new"), ""));
    if (active < l.rows->count)
        add_items(r, panel_add(r, view, "archived", "office.resource.archived"), &l, true);
    office_history_view_with(
        r, view, l.history, &(struct history_words){.object = name_of, .of = &l});
    office_done(r, view, STR(""));
    panel_respond(r, view);
}

static void on_up(struct request *r)
{
    struct resource_list l;
    if (!resource_list_read(r, &l))
        return;
    struct resource one = resource_of_row(l.rows, l.row);
    struct resource_change c = {.site = r->site, .actor = saving_actor(r), .before = &one};
    if (l.row == 0 || one.archived) {
        respond_done(r, 200, str_of(path), value_object(r->arena));
        return;
    }
    switch (resource_swap(r->arena, &c, rows_i64(l.rows, l.row - 1, KEY(id)), l.row)) {
    case RESOURCE_DONE:
        respond_done(r, 200,
            str_join(r->arena, str_of(path), STR("?done=category_moved"), STR_NULL),
            value_object(r->arena));
        break;
    case RESOURCE_BUSY:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        break;
    default:
        respond_problem(r, PROBLEM_CONFLICT);
    }
}

static const struct form form_page =
    FORM({"done", .kind = FIELD_TEXT, .max = 40}, OFFICE_HISTORY_FIELD);
static const struct form form_button = FORM({"csrf", .kind = FIELD_TEXT});

static const struct route routes[] = {
    {HTTP_GET, "/manage/resources", PERMIT_SCHEDULE_CHANGE, on_list, &form_page, 0, 0},
    {HTTP_POST, "/manage/resources/{id}/up", PERMIT_SCHEDULE_CHANGE, on_up, &form_button, 0, 0},
};

static const struct office_nav nav = {.path = path,
    .label = "office.nav.resources",
    .icon = "layout-grid",
    .permission = PERMIT_SCHEDULE_CHANGE,
    .section = OFFICE_SETTINGS,
    .rank = 45};

OFFICE_PAGE(routes, &nav)
