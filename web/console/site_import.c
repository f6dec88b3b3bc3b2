// A site that comes as a file of another installation: sent with the form, or in parts beforehand,
// then checked and written by a job; the page says how far it is and what was wrong, with the
// place.
#include "base/zone.h"
#include "domain/blueprint.h"
#include "domain/site_import_job.h"
#include "http/respond.h"
#include "web/console/console.h"
#include "web/office/frame/object.h"
#include "web/platform/platform.h"
#include "web/uploads.h"

static void answer_upload(struct request *r, int status, const struct site_import *i)
{
    struct upload upload = {.id = i->id, .size = i->size, .received = i->received};
    uploads_answer(r, status, &upload, "/console/uploads/");
}

static void on_begin(struct request *r)
{
    struct feature_actor actor = console_actor(r, STR_NULL);
    struct str name = form_str(r, KEY(name));
    struct site_import i = {
        .size = form_int(r, KEY(size), 0), .file_name = name.len ? name : STR("site.tar.gz")};
    if (form_refused(r)) {
        respond_problem(r, PROBLEM_INVALID);
        return;
    }
    enum upload_result result = site_import_begin(r->arena, &actor, &i);
    if (result == UPLOAD_DONE)
        answer_upload(r, 201, &i);
    else
        uploads_refuse(r, result);
}

static bool find(struct request *r, struct site_import *i)
{
    enum upload_result result = UPLOAD_UNKNOWN;
    if (str_to_i64(r->params[0], &i->id))
        result = site_import_find(r->arena, i);
    if (result != UPLOAD_DONE)
        uploads_refuse(r, result);
    return result == UPLOAD_DONE;
}

static void on_part(struct request *r)
{
    struct site_import i;
    struct feature_actor actor = console_actor(r, STR_NULL);
    int64_t at;
    if (!uploads_place(r, &at) || !find(r, &i))
        return;
    enum upload_result result = site_import_add(r->arena, &actor, &i, at, r->body);
    if (result == UPLOAD_DONE)
        answer_upload(r, 200, &i);
    else
        uploads_refuse(r, result);
}

static struct str why_text(struct request *r, const struct site_import *i)
{
    struct arena *a = r->arena;
    return message(a, r->words, STR("console.import.why"), "code", value_str(a, i->code), "address",
        value_str(a, i->why), NULL);
}

static void add_import(struct request *r, struct value *v, const struct site_import *i)
{
    struct arena *a = r->arena;
    bool done = str_is(i->state, "done"), failed = str_is(i->state, "failed");
    struct str path = str_join(a, STR("/console/import/"), str_of_i64(a, i->id), STR_NULL);
    value_set_str(a, v, KEY(id), str_of_i64(a, i->id));
    value_set_str(a, v, KEY(state), i->state);
    value_set_str(a, v, KEY(file_name), i->file_name);
    value_set_str(a, v, KEY(who), i->who);
    value_set_int(a, v, KEY(rows), i->rows);
    value_set_bool(a, v, KEY(done), done);
    value_set_bool(a, v, KEY(failed), failed);
    value_set_bool(a, v, KEY(running), !done && !failed);
    value_set_str(a, v, KEY(code), failed ? i->code : STR_NULL);
    value_set_str(a, v, KEY(refused), failed ? why_text(r, i) : STR_NULL);
    value_set_str(a, v, KEY(why), failed && str_is(i->code, "file") ? i->why : STR_NULL);
    value_set_str(a, v, KEY(address), i->slug.len ? i->slug : STR_NULL);
    value_set(a, v, KEY(when), format_time_value(a, r->format, zone_utc(), i->created_us));
    value_set_str(a, v, KEY(page_url), request_url(r, path));
    value_set_str(a, v, KEY(site_url), done ? console_site_url(r, i->slug, "") : STR_NULL);
}

static void show_form(struct request *r)
{
    struct arena *a = r->arena;
    const struct rows *rows = site_import_list(a);
    if (!rows) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = page_view(r), *imports = value_list(a);
    struct office_object object = {
        message(a, r->words, STR("console.import.title"), NULL), "/console", "console.nav.sites"};
    office_object_view(r, view, &object);
    for (int i = 0; i < rows->count; i++) {
        struct site_import import = site_import_of_row(rows, i);
        add_import(r, value_append_object(a, imports), &import);
    }
    value_set(a, view, KEY(imports), imports);
    value_set_bool(a, view, KEY(has_imports), rows->count > 0);
    value_set_str(a, view, KEY(import_url), request_url(r, STR("/console/import")));
    value_set_str(a, view, KEY(uploads_url), STR("/console/uploads"));
    value_set_str(a, view, KEY(platform_host), platform_host_shown(r));
    if (form_refused(r))
        respond_invalid(r, "console/site_import", view);
    else
        respond_page(r, 200, "console/site_import", view);
}

static void refuse(struct request *r, const char *field, const char *code)
{
    struct str key = str_join(r->arena, STR("console.import.refused."), str_of(code), STR_NULL);
    form_refuse_text(r, field, code, message(r->arena, r->words, key, NULL));
}

// The form carried the file itself: it goes the way of those that come in parts.
static bool take_file(
    struct request *r, const struct feature_actor *actor, struct str bytes, struct site_import *i)
{
    *i = (struct site_import){.size = (int64_t)bytes.len, .file_name = STR("site.tar.gz")};
    enum upload_result result = site_import_begin(r->arena, actor, i);
    for (int64_t at = 0; result == UPLOAD_DONE && at < i->size; at += UPLOAD_PART_MAX)
        result = site_import_add(
            r->arena, actor, i, at, str_sub(bytes, (size_t)at, (size_t)at + UPLOAD_PART_MAX));
    if (result != UPLOAD_DONE)
        uploads_refuse(r, result);
    return result == UPLOAD_DONE;
}

static void check_address(struct request *r, struct str slug)
{
    if (!slug.len)
        return;
    switch (blueprint_address(r->arena, slug)) {
    case ADDRESS_FREE:
        return;
    case ADDRESS_BAD:
        refuse(r, "slug", "bad");
        return;
    case ADDRESS_RESERVED:
        refuse(r, "slug", "reserved");
        return;
    case ADDRESS_LOOKALIKE:
        refuse(r, "slug", "lookalike");
        return;
    default:
        refuse(r, "slug", "taken");
    }
}

static void on_send(struct request *r)
{
    struct arena *a = r->arena;
    struct feature_actor actor = console_actor(r, STR_NULL);
    struct str bytes = form_str(r, KEY(archive)), upload = form_str(r, KEY(upload));
    struct str slug = str_lower(a, form_str(r, KEY(slug)));
    struct site_import i = {.id = 0};
    if (!bytes.len && !str_to_i64(upload, &i.id))
        refuse(r, "archive", "none");
    check_address(r, slug);
    if (form_refused(r)) {
        show_form(r);
        return;
    }
    if (bytes.len && !take_file(r, &actor, bytes, &i))
        return;
    enum upload_result result = site_import_go(a, &actor, &i, slug);
    if (result != UPLOAD_DONE) {
        uploads_refuse(r, result);
        return;
    }
    struct value *view = value_object(a);
    value_set_str(a, view, KEY(id), str_of_i64(a, i.id));
    respond_done(r, 201, str_join(a, STR("/console/import/"), str_of_i64(a, i.id), STR_NULL), view);
}

static void on_import(struct request *r)
{
    struct site_import i;
    if (!find(r, &i))
        return;
    struct value *view = page_view(r), *v = value_object(r->arena);
    struct office_object object = {i.file_name, "/console/import", "console.import.title"};
    office_object_view(r, view, &object);
    value_set(r->arena, view, KEY(import), v);
    add_import(r, v, &i);
    respond_page(r, 200, "console/site_imported", view);
}

static const struct form form_send =
    FORM({"csrf", .kind = FIELD_TEXT}, {"archive", .kind = FIELD_FILE},
        {"upload", .kind = FIELD_TEXT, .max = 20}, {"slug", .kind = FIELD_TEXT, .max = 63});

static const struct route routes[] = {
    {HTTP_POST, "/console/uploads", PERMIT_SITES_MOVE, on_begin, &uploads_form, 0, 0},
    {HTTP_POST, "/console/uploads/{id}", PERMIT_SITES_MOVE, on_part, NULL, ROUTE_RAW_BODY, 0},
    {HTTP_GET, "/console/import", PERMIT_SITES_MOVE, show_form, NULL, 0, 0},
    {HTTP_POST, "/console/import", PERMIT_SITES_MOVE, on_send, &form_send, 0, 0},
    {HTTP_GET, "/console/import/{id}", PERMIT_SITES_MOVE, on_import, NULL, 0, 0},
};

void console_site_import_start(void)
{
    routes_add(SURFACE_CONSOLE, routes, sizeof routes / sizeof *routes);
}
