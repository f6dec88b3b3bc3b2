// The page that asks which file, CSV as it is read, and what a job has made: how far it is, and the
// download for whoever asked for it.
#include "base/clock.h"
#include "data/db.h"
#include "domain/export.h"
#include "http/form.h"
#include "http/respond.h"
#include "http/stream.h"
#include "web/office/exports/exports.h"
#include "web/office/frame/filter.h"
#include "web/office/frame/history.h"
#include "web/office/frame/list.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"

enum { CSV_PAGE_MAX = 16 << 20 };

static struct str below(struct request *r, const struct export_kind *kind, const char *end)
{
    return request_url(r, str_join(r->arena, str_of(kind->list_path), str_of(end), STR_NULL));
}

// "Search: anna, State: Confirmed", as whoever asked read it; NULL for the whole list.
static bool describe(
    struct request *r, const struct export_kind *kind, const struct value **described)
{
    struct arena *a = r->arena;
    struct value *said = value_list(a), *after = value_object(a);
    struct str text = STR_NULL;
    if (!kind->describe(r, said))
        return false;
    for (size_t i = 0; i < value_count(said); i++)
        text = str_join(a, text.p ? text : STR(""), str_of(i ? ", " : ""),
            value_get_str(value_at(said, i), KEY(title)), STR(": "),
            value_get_str(value_at(said, i), KEY(text)), STR_NULL);
    value_set_str(a, after, KEY(filter), text);
    *described = text.p ? after : NULL;
    return true;
}

static struct audit who(struct request *r, const char *action, const struct export_kind *kind,
    const struct value *described)
{
    return (struct audit){.actor_kind = request_actor_kind(r),
        .actor_id = r->session.person,
        .actor_name = r->session.name,
        .action = str_of(action),
        .object_kind = STR("export"),
        .object_id = str_of(kind->name),
        .after = described};
}

static struct str export_path(struct arena *a, int64_t id, const char *end)
{
    return str_join(a, STR("/manage/exports/"), str_of_i64(a, id), str_of(end), STR_NULL);
}

static struct str text_of(struct request *r, const char *key)
{
    return message(r->arena, r->words, str_of(key), NULL);
}

static void add_object(
    struct request *r, struct value *view, struct str title, const struct export_kind *kind)
{
    struct office_object object = {.title = title,
        .list_path = kind ? kind->list_path : "/manage/exports",
        .list_label = kind ? kind->list_label : "office.export.yours"};
    office_object_view(r, view, &object);
}

void export_describe(struct request *r, struct value *list, struct str title, struct str text)
{
    struct value *v = value_append_object(r->arena, list);
    value_set_str(r->arena, v, KEY(title), title);
    value_set_str(r->arena, v, KEY(text), text);
}

void export_describe_by(struct request *r, struct value *list, const char *title, struct str text)
{
    export_describe(r, list, text_of(r, title), text);
}

void export_ask(struct request *r)
{
    const struct export_kind *kind = export_kind_of(r->route);
    struct arena *a = r->arena;
    struct value *filter = office_filter_of(r, r->route->form), *said = value_list(a),
                 *view = page_view(r);
    struct export_run *run = export_run_new(a, kind, r->site, r->language, filter);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int history = office_history_add(r, u, "export", str_of(kind->name));
    if (!kind->describe(r, said) || unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *v = value_object(a);
    add_object(r, view, text_of(r, "office.export.title"), kind);
    value_set(a, view, KEY(export), v);
    value_set_str(a, v, KEY(kind), str_of(kind->name));
    value_set(a, v, KEY(filters), said);
    value_set_bool(a, v, KEY(filtered), value_count(said) > 0);
    value_set(a, v, KEY(fields), office_filter_fields(a, filter));
    value_set_str(a, v, KEY(csv_url),
        str_join(
            a, below(r, kind, "/export.csv"), office_query_with(r, "history", STR_NULL), STR_NULL));
    value_set_str(a, v, KEY(action_url), below(r, kind, "/export"));
    value_set_str(a, v, KEY(exports_url), request_url(r, STR("/manage/exports")));
    value_set_bool(a, v, KEY(practice), kind->sales && r->site->practice);
    value_set_bool(a, v, KEY(sales), kind->sales);
    value_set_bool(a, v, KEY(semicolon), run->sheet.decimal_comma);
    value_set_int(a, v, KEY(days), EXPORT_KEPT_DAYS);
    office_history_view(r, view, unit_rows(u, history));
    if (form_refused(r))
        respond_invalid(r, "office/exports/ask", view);
    else
        respond_page(r, 200, "office/exports/ask", view);
}

static bool note_csv(struct request *r, const struct export_kind *kind)
{
    const struct value *described;
    if (!describe(r, kind, &described))
        return false;
    struct unit *u = unit_new(r->arena, DB_WRITE, r->site->tenant);
    struct audit record = who(r, "export.csv", kind, described);
    audit_add(u, &record);
    return unit_run(u) == DB_OK;
}

// A page of rows at a time, in memory that the next one takes again.
static bool send_rows(struct request *r, struct export_run *run)
{
    struct arena *a = arena_new();
    struct export_rows rows = {.count = 1};
    bool ok = true;
    for (bool head = true; ok && rows.count; head = false) {
        struct buf b;
        buf_init(&b, a, CSV_PAGE_MAX);
        ok = export_run_next(a, run, &rows);
        if (head)
            sheet_csv_head(&b, &run->sheet);
        for (int i = 0; ok && i < rows.count; i++)
            sheet_csv_row(&b, &run->sheet, rows.cells + i * run->sheet.count);
        ok = ok && !b.full && stream_send(r, buf_str(&b));
        arena_reset(a);
    }
    arena_free(a);
    return ok;
}

void export_csv(struct request *r)
{
    const struct export_kind *kind = export_kind_of(r->route);
    struct arena *a = r->arena;
    struct value *filter = office_filter_of(r, r->route->form);
    struct export name = {.kind = str_of(kind->name),
        .format = STR("csv"),
        .practice = kind->sales && r->site->practice,
        .created_us = clock_now_us()};
    if (form_refused(r)) {
        respond_problem(r, PROBLEM_INVALID);
        return;
    }
    if (!note_csv(r, kind)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct export_run *run = export_run_new(a, kind, r->site, r->language, filter);
    respond_attachment(r, export_file_name(a, r->site, &name));
    if (stream_begin(r, STR("text/csv; charset=utf-8; header=present"), -1))
        stream_end(r, send_rows(r, run));
}

void export_start(struct request *r)
{
    const struct export_kind *kind = export_kind_of(r->route);
    struct arena *a = r->arena;
    struct value *filter = office_filter_of(r, r->route->form), *view = value_object(a);
    struct export e = {.tenant = r->site->tenant,
        .staff = r->session.person,
        .kind = str_of(kind->name),
        .format = STR("xlsx"),
        .filter = filter,
        .language = r->language,
        .practice = kind->sales && r->site->practice};
    if (form_refused(r)) {
        respond_problem(r, PROBLEM_INVALID);
        return;
    }
    const struct value *described;
    if (!describe(r, kind, &described)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct audit record = who(r, "export.xlsx", kind, described);
    switch (export_make(a, &e, &record)) {
    case EXPORT_DONE:
        value_set_str(a, view, KEY(id), str_of_i64(a, e.id));
        respond_done(r, 201, export_path(a, e.id, ""), view);
        return;
    case EXPORT_MANY:
        respond_problem_code(r, PROBLEM_TOO_MANY, "exports_many");
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

// "48.5 kB", by the reader's decimal sign.
static struct str size_text(struct request *r, int64_t size)
{
    static const struct currency tenths = {"EUR"};
    bool large = size >= 1000000;
    struct str number = format_amount(r->arena, r->format, size / (large ? 10000 : 10), tenths);
    return str_join(r->arena, number, large ? STR(" MB") : STR(" kB"), STR_NULL);
}

static void add_state(struct request *r, struct value *v, const struct export *e)
{
    struct arena *a = r->arena;
    bool done = str_is(e->state, "done"), failed = str_is(e->state, "failed");
    int64_t all = e->rows_all < e->rows ? e->rows : e->rows_all;
    value_set_str(a, v, KEY(state), e->state);
    value_set_bool(a, v, KEY(running), !done && !failed);
    value_set_bool(a, v, KEY(counted), e->rows_all >= 0);
    value_set_bool(a, v, KEY(done), done);
    value_set_bool(a, v, KEY(failed), failed);
    value_set_int(a, v, KEY(rows), e->rows);
    value_set_int(a, v, KEY(all), all);
    value_set_int(a, v, KEY(most), all ? all : 1);
    value_set_int(a, v, KEY(filled), all ? e->rows : done);
    value_set_str(a, v, KEY(size_text), done ? size_text(r, e->size) : STR_NULL);
    value_set_str(
        a, v, KEY(file_url), done ? request_url(r, export_path(a, e->id, "/file")) : STR_NULL);
}

static void add_export(struct request *r, struct value *v, const struct export *e)
{
    struct arena *a = r->arena;
    int64_t until_us = e->created_us + EXPORT_KEPT_DAYS * US_PER_DAY;
    value_set_str(a, v, KEY(id), str_of_i64(a, e->id));
    value_set_str(a, v, KEY(kind), e->kind);
    value_set_str(a, v, KEY(format), e->format);
    value_set_str(a, v, KEY(file_name), export_file_name(a, r->site, e));
    value_set(a, v, KEY(created), format_time_value(a, r->format, r->site->zone, e->created_us));
    value_set(a, v, KEY(until), format_time_value(a, r->format, r->site->zone, until_us));
    value_set_str(a, v, KEY(export_url), request_url(r, export_path(a, e->id, "")));
    add_state(r, v, e);
}

// Of whoever is logged in; answers and is false otherwise.
static bool find(struct request *r, struct export *e)
{
    *e = (struct export){.tenant = r->site->tenant, .staff = r->session.person};
    enum export_result result =
        str_to_i64(r->params[0], &e->id) ? export_find(r->arena, e) : EXPORT_UNKNOWN;
    if (result != EXPORT_DONE)
        respond_problem(r, result == EXPORT_UNKNOWN ? PROBLEM_NOT_FOUND : PROBLEM_UNAVAILABLE);
    return result == EXPORT_DONE;
}

static void on_export(struct request *r)
{
    struct export e;
    if (!find(r, &e))
        return;
    struct value *view = page_view(r), *v = value_object(r->arena);
    const struct export_kind *kind = export_kind_find(e.kind);
    add_object(r, view, export_file_name(r->arena, r->site, &e), NULL);
    value_set(r->arena, view, KEY(export), v);
    add_export(r, v, &e);
    value_set_str(r->arena, v, KEY(list_url), kind ? below(r, kind, "") : STR_NULL);
    value_set_str(r->arena, v, KEY(ask_url), kind ? below(r, kind, "/export") : STR_NULL);
    respond_page(r, 200, "office/exports/export", view);
}

static void on_exports(struct request *r)
{
    struct office_list list = office_list_of(r, OFFICE_LIST_NUMBER);
    const struct rows *rows = export_list(r->arena, r->site->tenant, r->session.person);
    if (!rows) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    for (int i = 0; i < rows->count; i++) {
        struct export e = export_of_row(r->arena, rows, i);
        add_export(r, value_append_object(r->arena, list.items), &e);
    }
    struct value *view = page_view(r);
    value_set_int(r->arena, view, KEY(days), EXPORT_KEPT_DAYS);
    office_list_respond(r, "office/exports/exports", view, &list);
}

static struct str part_of(struct arena *a, const void *of, int64_t number)
{
    return export_part(a, of, number);
}

static void on_file(struct request *r)
{
    struct export e;
    if (!find(r, &e))
        return;
    if (!str_is(e.state, "done")) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    respond_attachment(r, export_file_name(r->arena, r->site, &e));
    if (stream_begin(
            r, STR("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), e.size))
        stream_end(r, stream_parts(r, e.size, part_of, &e));
}

static const struct form form_none = {0};
static const struct form form_list = FORM(OFFICE_LIST_FIELDS);

static const struct route routes[] = {
    {HTTP_GET, "/manage/exports", PERMIT_ORDERS_EXPORT, on_exports, &form_list, 0, 0},
    {HTTP_GET, "/manage/exports/{id}", PERMIT_ORDERS_EXPORT, on_export, &form_none, 0, 0},
    {HTTP_GET, "/manage/exports/{id}/file", PERMIT_ORDERS_EXPORT, on_file, &form_none, 0, 0},
};

OFFICE_PAGE(routes, NULL)
