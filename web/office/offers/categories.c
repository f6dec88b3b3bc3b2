// Categories: the headings under which customers find offers, in the order of the storefront's
// menu.
#include "base/id.h"
#include "base/text.h"
#include "data/audit.h"
#include "data/revision.h"
#include "http/respond.h"
#include "web/office/frame/fields.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/offers/categories.sql.h"
#include "web/office/offers/offer_page.h"

enum { NAME_MAX = 60, SLUG_MAX = 40 };

static const char path[] = "/manage/offers/categories";

struct page {
    const struct rows *rows, *history;
    int row; // of the category that the route names; -1: none
};

static bool read_page(struct request *r, struct page *p)
{
    struct unit *u = unit_new(r->arena, DB_READ, r->site->tenant);
    unit_add(u, &SQL_office_categories, db_i64(r->arena, r->site->tenant));
    int history = r->params[0].p ? office_history_add(r, u, "category", r->params[0])
                                 : office_histories_add(r, u, "category");
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    p->rows = unit_rows(u, 0);
    p->history = unit_rows(u, history);
    p->row = -1;
    for (int i = 0; r->params[0].p && i < p->rows->count; i++)
        if (str_eq(rows_str(p->rows, i, KEY(category_id)), r->params[0]))
            p->row = i;
    if (p->row >= 0 || !r->params[0].p)
        return true;
    respond_problem(r, PROBLEM_NOT_FOUND);
    return false;
}

static struct str category_path(struct request *r, const struct page *p, int i, const char *tail)
{
    return str_join(r->arena, str_of(path), STR("/"), rows_str(p->rows, i, KEY(category_id)),
        str_of(tail), STR_NULL);
}

// The names as fields; those of the refused form keep what was typed.
static struct value *name_fields(struct request *r, const struct value *names)
{
    struct value *fields = value_list(r->arena);
    for (int i = 0; i < r->site->language_count; i++) {
        struct str language = r->site->languages[i];
        struct value *f = office_field_add(r, fields,
            &(struct office_field){.id = offer_text_id(r, "name", language),
                .label = "office.category.name",
                .language = language,
                .len_max = NAME_MAX,
                .required = i == 0,
                .value = value_get_str(names, value_key_intern(language))});
        value_set_str(r->arena, f, KEY(title), format_language_name(r->arena, language));
    }
    return fields;
}

static void add_row(struct request *r, struct value *list, const struct page *p, int i)
{
    struct arena *a = r->arena;
    struct value *v = value_append_object(a, list);
    int64_t offers = rows_i64(p->rows, i, KEY(offers));
    struct str slug = rows_str(p->rows, i, KEY(slug));
    value_set_str(a, v, KEY(id), rows_str(p->rows, i, KEY(category_id)));
    value_set_str(a, v, KEY(slug), slug);
    value_set_str(
        a, v, KEY(name), site_text_in(r->site, rows_json(a, p->rows, i, KEY(name)), r->language));
    value_set_int(a, v, KEY(offers), offers);
    value_set_bool(a, v, KEY(first), i == 0);
    value_set_bool(a, v, KEY(can_delete), offers == 0);
    value_set_str(a, v, KEY(category_url), request_url(r, category_path(r, p, i, "")));
    value_set_str(a, v, KEY(up_url), request_url(r, category_path(r, p, i, "/up")));
    value_set_str(a, v, KEY(delete_url), request_url(r, category_path(r, p, i, "/delete")));
    value_set_str(a, v, KEY(offers_url),
        str_join(a, request_url(r, STR("/manage/offers")), STR("?category="), slug, STR_NULL));
}

static struct str name_there(
    struct request *r, const struct rows *rows, int i, value_key side, value_key key)
{
    const struct value *v = rows_json(r->arena, rows, i, side);
    return site_text_in(r->site, key ? value_get(v, key) : v, r->language);
}

// The category that an entry of the list's history is about, by the name that it has, or had last.
static struct str category_name(
    struct request *r, const void *of, const struct rows *history, int i)
{
    const struct page *p = of;
    struct str id = rows_str(history, i, KEY(object_id)), name = STR_NULL;
    for (int k = 0; k < p->rows->count; k++)
        if (str_eq(rows_str(p->rows, k, KEY(category_id)), id))
            return name_there(r, p->rows, k, KEY(name), 0);
    for (int k = 0; !name.len && k < history->count; k++) {
        if (!str_eq(rows_str(history, k, KEY(object_id)), id))
            continue;
        name = name_there(r, history, k, KEY(after), KEY(name));
        if (!name.len)
            name = name_there(r, history, k, KEY(before), KEY(name));
    }
    return name;
}

static struct value *view_of(struct request *r, const struct page *p, const struct value *names)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r), *list = value_list(a);
    bool editing = p->row >= 0;
    office_object_view(r, view,
        &(struct office_object){message(a, r->words, STR("office.categories.title"), NULL),
            "/manage/offers", "office.nav.offers"});
    for (int i = 0; i < p->rows->count; i++)
        add_row(r, list, p, i);
    page_list(r, view, KEY(items), list);
    value_set_bool(a, view, KEY(has_items), value_count(list) > 0);
    value_set_bool(a, view, KEY(may_change), offer_may_change(r));
    value_set_bool(a, view, KEY(editing), editing);
    value_set(a, view, KEY(fields), name_fields(r, names));
    value_set_int(a, view, KEY(version), editing ? rows_i64(p->rows, p->row, KEY(version)) : 0);
    value_set_str(a, view, KEY(save_url),
        request_url(r, editing ? category_path(r, p, p->row, "") : str_of(path)));
    value_set_str(a, view, KEY(categories_url), request_url(r, str_of(path)));
    office_history_view_with(r, view, p->history,
        &(struct history_words){.object = editing ? NULL : category_name, .of = p});
    return view;
}

static void on_categories(struct request *r)
{
    struct page p;
    if (!read_page(r, &p))
        return;
    struct value *names = p.row < 0 ? NULL : rows_json(r->arena, p.rows, p.row, KEY(name));
    struct value *view = view_of(r, &p, names);
    office_done(r, view, STR(""));
    respond_page(r, 200, "office/offers/categories", view);
}

static struct value *doc_of(struct request *r, struct str slug, struct value *names)
{
    struct value *doc = value_object(r->arena);
    value_set_str(r->arena, doc, KEY(slug), slug);
    value_set(r->arena, doc, KEY(name), names);
    return doc;
}

static void record(struct request *r, struct unit *u, const struct audit *what)
{
    struct audit audit = *what;
    audit.actor_kind = request_actor_kind(r);
    audit.actor_id = r->session.person;
    audit.actor_name = r->session.name;
    audit.object_kind = STR("category");
    audit_add(u, &audit);
    revision_touch(u);
}

static struct str free_slug(struct request *r, const struct page *p, struct str base)
{
    struct str slug = base;
    for (int n = 2; n < p->rows->count + 3; n++) {
        bool taken = false;
        for (int i = 0; i < p->rows->count; i++)
            taken |= str_eq(rows_str(p->rows, i, KEY(slug)), slug);
        if (!taken)
            break;
        slug = str_join(r->arena, base, STR("-"), str_of_i64(r->arena, n), STR_NULL);
    }
    return slug;
}

static void add_write(struct request *r, struct unit *u, const struct page *p, struct value *names)
{
    struct arena *a = r->arena;
    struct str tenant = db_i64(a, r->site->tenant);
    if (p->row >= 0) {
        struct str id = rows_str(p->rows, p->row, KEY(category_id));
        struct str slug = rows_str(p->rows, p->row, KEY(slug));
        int64_t seen = form_int(r, KEY(version), -1);
        unit_add(u, &SQL_office_category_update, tenant, id, db_i64(a, seen), db_json(a, names));
        record(r, u,
            &(struct audit){.action = STR("category.change"),
                .object_id = id,
                .before = doc_of(r, slug, rows_json(a, p->rows, p->row, KEY(name))),
                .after = doc_of(r, slug, names)});
        return;
    }
    struct str id = db_i64(a, id_number());
    struct str base = text_slug(a, value_get_str(names, value_key_intern(r->site->languages[0])));
    struct str slug = free_slug(r, p, base.len ? str_sub(base, 0, SLUG_MAX) : STR("category"));
    unit_add(u, &SQL_office_category_insert, tenant, id, slug, db_json(a, names));
    record(r, u,
        &(struct audit){
            .action = STR("category.create"), .object_id = id, .after = doc_of(r, slug, names)});
}

static void answer(struct request *r, struct unit *u, const char *done)
{
    switch (unit_run(u)) {
    case DB_OK:
        respond_done(r, 200,
            str_join(r->arena, str_of(path), STR("?done="), str_of(done), STR_NULL),
            value_object(r->arena));
        return;
    case DB_CONFLICT:
    case DB_REFUSED:
    case DB_BUSY:
        respond_problem(r, PROBLEM_CONFLICT);
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static void on_save(struct request *r)
{
    static const struct offer_texts name = {.field = "name", .max = NAME_MAX, .required = true};
    struct page p;
    if (!read_page(r, &p))
        return;
    struct value *names = offer_texts_sent(r, NULL, &name);
    if (form_refused(r)) {
        respond_invalid(r, "office/offers/categories", view_of(r, &p, names));
        return;
    }
    struct unit *u = unit_new(r->arena, DB_WRITE, r->site->tenant);
    add_write(r, u, &p, names);
    if (p.row < 0) {
        answer(r, u, "category_saved");
        return;
    }
    enum db_result result = unit_run(u);
    if (result == DB_OK) {
        respond_done(
            r, 200, STR("/manage/offers/categories?done=category_saved"), value_object(r->arena));
        return;
    }
    if (result != DB_REFUSED || !read_page(r, &p)) {
        if (result != DB_REFUSED)
            respond_problem(r, result == DB_BUSY ? PROBLEM_CONFLICT : PROBLEM_UNAVAILABLE);
        return;
    }
    struct str slug = rows_str(p.rows, p.row, KEY(slug));
    struct office_conflict conflict = {
        .theirs = doc_of(r, slug, rows_json(r->arena, p.rows, p.row, KEY(name))),
        .yours = doc_of(r, slug, names)};
    office_conflict_respond(r, "office/offers/categories", view_of(r, &p, names), &conflict);
}

static void on_delete(struct request *r)
{
    struct page p;
    if (!read_page(r, &p))
        return;
    // Offers refer to it: what uses it is on the page, and the database refuses.
    struct str id = rows_str(p.rows, p.row, KEY(category_id));
    struct unit *u = unit_new(r->arena, DB_WRITE, r->site->tenant);
    unit_add(u, &SQL_office_category_delete, db_i64(r->arena, r->site->tenant), id);
    record(r, u,
        &(struct audit){.action = STR("category.delete"),
            .object_id = id,
            .before = doc_of(r, rows_str(p.rows, p.row, KEY(slug)),
                rows_json(r->arena, p.rows, p.row, KEY(name)))});
    if (rows_i64(p.rows, p.row, KEY(offers)) > 0)
        respond_problem_code(r, PROBLEM_CONFLICT, "category_in_use");
    else
        answer(r, u, "category_deleted");
}

static void on_up(struct request *r)
{
    struct page p;
    struct arena *a = r->arena;
    if (!read_page(r, &p))
        return;
    if (p.row == 0) {
        respond_done(r, 200, str_of(path), value_object(a));
        return;
    }
    struct str id = rows_str(p.rows, p.row, KEY(category_id));
    struct value *before = value_object(a), *after = value_object(a);
    int64_t upper = rows_i64(p.rows, p.row - 1, KEY(position));
    int64_t lower = rows_i64(p.rows, p.row, KEY(position));
    // Equal positions, as a number of sites may have them, still change places.
    if (upper == lower)
        lower++;
    value_set_int(a, before, KEY(position), lower);
    value_set_int(a, after, KEY(position), upper);
    struct unit *u = unit_new(a, DB_WRITE, r->site->tenant);
    unit_add(u, &SQL_office_category_swap, db_i64(a, r->site->tenant), id,
        rows_str(p.rows, p.row - 1, KEY(category_id)), db_i64(a, lower), db_i64(a, upper));
    record(r, u,
        &(struct audit){
            .action = STR("category.move"), .object_id = id, .before = before, .after = after});
    answer(r, u, "category_moved");
}

static const struct form form_page =
    FORM({"done", .kind = FIELD_TEXT, .max = 40}, OFFICE_HISTORY_FIELD);
static const struct form form_button = FORM({"csrf", .kind = FIELD_TEXT});
static const struct form form_new =
    FORM({"csrf", .kind = FIELD_TEXT}, {"name", .kind = FIELD_OBJECT});
static const struct form form_change =
    FORM({"csrf", .kind = FIELD_TEXT}, FORM_SEEN("version"), {"name", .kind = FIELD_OBJECT});

static const struct route routes[] = {
    {HTTP_GET, "/manage/offers/categories", PERMIT_OFFERS_READ, on_categories, &form_page, 0, 0},
    {HTTP_POST, "/manage/offers/categories", PERMIT_OFFERS_CHANGE, on_save, &form_new, 0, 0},
    {HTTP_GET, "/manage/offers/categories/{id}", PERMIT_OFFERS_READ, on_categories, &form_page, 0,
        0},
    {HTTP_POST, "/manage/offers/categories/{id}", PERMIT_OFFERS_CHANGE, on_save, &form_change, 0,
        0},
    {HTTP_POST, "/manage/offers/categories/{id}/up", PERMIT_OFFERS_CHANGE, on_up, &form_button, 0,
        0},
    {HTTP_POST, "/manage/offers/categories/{id}/delete", PERMIT_OFFERS_CHANGE, on_delete,
        &form_button, 0, 0},
};

OFFICE_PAGE(routes, NULL)
