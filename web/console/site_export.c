// A site whole as a file: asked for here, made by a job, taken away as a download.
#include "domain/site_export.h"
#include "base/zone.h"
#include "http/respond.h"
#include "http/stream.h"
#include "web/console/console.h"
#include "web/office/frame/object.h"

static struct str export_path(struct request *r, int64_t id, const char *tail)
{
    struct str below =
        str_join(r->arena, STR("/export/"), str_of_i64(r->arena, id), str_of(tail), STR_NULL);
    return console_site_path(r, r->about->slug, below.p);
}

// "old-mill-2026-11-22.tar.gz"
static struct str file_name(struct request *r, const struct site_export *e)
{
    struct str at = instant_text(r->arena, zone_utc(), e->created_us);
    return str_join(
        r->arena, r->about->slug, STR("-"), str_sub(at, 0, 10), STR(".tar.gz"), STR_NULL);
}

static void add_export(struct request *r, struct value *v, const struct site_export *e)
{
    struct arena *a = r->arena;
    bool done = str_is(e->state, "done"), failed = str_is(e->state, "failed");
    value_set_str(a, v, KEY(id), str_of_i64(a, e->id));
    value_set_str(a, v, KEY(state), e->state);
    value_set_str(a, v, KEY(who), e->who);
    value_set_str(a, v, KEY(why), failed ? e->why : STR_NULL);
    value_set_int(a, v, KEY(rows), e->rows);
    value_set_int(a, v, KEY(size_kb), (e->size + 1023) / 1024);
    value_set_bool(a, v, KEY(done), done);
    value_set_bool(a, v, KEY(running), !done && !failed);
    value_set(a, v, KEY(when), format_time_value(a, r->format, r->about->zone, e->created_us));
    value_set_str(a, v, KEY(file_name), file_name(r, e));
    value_set_str(
        a, v, KEY(file_url), done ? request_url(r, export_path(r, e->id, "/file")) : STR_NULL);
}

static void on_page(struct request *r)
{
    struct arena *a = r->arena;
    const struct rows *rows = console_site(r) ? site_export_list(a, r->about->tenant) : NULL;
    if (!rows) {
        if (r->about)
            respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = console_site_view(r), *exports = value_list(a);
    bool running = false;
    for (int i = 0; i < rows->count; i++) {
        struct site_export e = site_export_of_row(rows, i);
        struct value *v = value_append_object(a, exports);
        add_export(r, v, &e);
        running |= value_get_bool(v, KEY(running), false);
    }
    value_set(a, view, KEY(exports), exports);
    value_set_bool(a, view, KEY(has_exports), rows->count > 0);
    value_set_bool(a, view, KEY(running), running);
    value_set_int(a, view, KEY(days), SITE_EXPORT_KEPT_DAYS);
    value_set_str(a, view, KEY(export_url), console_site_url(r, r->about->slug, "/export"));
    office_done(r, view, r->about->name);
    respond_page(r, 200, "console/site_export", view);
}

static void on_ask(struct request *r)
{
    int64_t id;
    if (!console_site(r))
        return;
    struct feature_actor actor = console_actor(r, STR_NULL);
    struct value *view = value_object(r->arena);
    switch (site_export_ask(r->arena, r->about->tenant, &actor, &id)) {
    case DB_OK:
        value_set_str(r->arena, view, KEY(id), str_of_i64(r->arena, id));
        respond_done(r, 201, console_site_path(r, r->about->slug, "/export"), view);
        return;
    case DB_REFUSED:
        respond_problem_code(r, PROBLEM_TOO_MANY, "site_exports_many");
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static struct str part_of(struct arena *a, const void *of, int64_t number)
{
    return site_export_part(a, of, number);
}

static void on_file(struct request *r)
{
    if (!console_site(r))
        return;
    struct site_export e = {.tenant = r->about->tenant};
    if (!str_to_i64(r->params[1], &e.id)) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    if (site_export_find(r->arena, &e) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    if (!e.id || !str_is(e.state, "done")) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    respond_attachment(r, file_name(r, &e));
    if (stream_begin(r, STR("application/gzip"), e.size))
        stream_end(r, stream_parts(r, e.size, part_of, &e));
}

static const struct form form_page = FORM({"done", FIELD_TEXT, .max = 40});
static const struct form form_ask = FORM({"csrf", .kind = FIELD_TEXT});

static const struct route routes[] = {
    {HTTP_GET, "/console/sites/{slug}/export", PERMIT_SITES_MOVE, on_page, &form_page, 0, 0},
    {HTTP_POST, "/console/sites/{slug}/export", PERMIT_SITES_MOVE, on_ask, &form_ask, 0, 0},
    {HTTP_GET, "/console/sites/{slug}/export/{id}/file", PERMIT_SITES_MOVE, on_file, NULL, 0, 0},
};

void console_site_export_start(void)
{
    routes_add(SURFACE_CONSOLE, routes, sizeof routes / sizeof *routes);
}
