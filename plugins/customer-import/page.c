#include "page.h"

#include "file.h"
#include "row.h"
#include "store.h"

enum { LIST_MAX = 50, PART_MAX = 4 << 20, ERROR_COLUMNS = 30, DAYS_KEPT_S = 7 * 86400 };
#define NEWEST VT("9223372036854775807")

static struct vt_str path_of(struct vt_call *call, struct vt_value *import, const char *rest)
{
    struct vt_str id = vt_get_text(import, "id");
    return vt_str_format(call, STORE_PATH "%.*s%s", (int)id.len, id.p, rest);
}

static struct vt_str url_of(struct vt_call *call, struct vt_value *import, const char *rest)
{
    return vt_site_url(call, path_of(call, import, rest));
}

static struct vt_str word(struct vt_call *call, const char *group, struct vt_str name)
{
    return vt_translate_text(
        call, vt_str_format(call, "%s.%.*s", group, (int)name.len, name.p), NULL);
}

static int64_t now_us(void)
{
    return vt_time_now() * INT64_C(1000000);
}

void page_list(struct vt_call *call, struct vt_value *request)
{
    struct vt_str before = vt_get_text(vt_get(request, "form"), "before");
    struct vt_value *view = vt_object(call), *items = vt_list(call);
    struct vt_value *rows = vt_db_read(call, VT("import_list"),
        vt_list_of(call, vt_text(call, store_is_id(before) ? before : NEWEST), NULL));
    for (size_t i = 0; i < vt_count(rows) && i < LIST_MAX; i++) {
        struct vt_value *row = vt_at(rows, i), *item = vt_object(call);
        vt_set(call, item, "id", vt_get(row, "id"));
        vt_set_text(call, item, "url", url_of(call, row, ""));
        vt_set(call, item, "file_name", vt_get(row, "file_name"));
        vt_set(call, item, "state", vt_get(row, "state"));
        vt_set_text(call, item, "state_text", word(call, "state", vt_get_text(row, "state")));
        vt_set(call, item, "rows", vt_get(row, "rows_read"));
        vt_set(call, item, "by", vt_get(row, "staff_name"));
        vt_set_text(call, item, "made", vt_format_time(call, vt_get_int(row, "created_us", 0)));
        vt_append(call, items, item);
    }
    struct vt_str last = vt_get_text(vt_at(items, LIST_MAX - 1), "id");
    bool more = vt_count(rows) > LIST_MAX;
    vt_set(call, view, "items", items);
    vt_set_bool(call, view, "has_items", vt_count(items) > 0);
    vt_set_text(call, view, "next",
        more ? vt_site_url(
                   call, vt_str_format(call, STORE_PATH "?before=%.*s", (int)last.len, last.p))
             : VT_NULL);
    vt_set_text(call, view, "new_url", vt_site_url(call, VT(STORE_PATH "new")));
    if (!vt_failed(call))
        vt_response_page(call, 200, VT("list"), view);
}

struct vt_value *page_send_view(struct vt_call *call)
{
    struct vt_value *view = vt_object(call);
    vt_set_text(call, view, "action", vt_site_url(call, VT(STORE_PATH)));
    vt_set_text(call, view, "list_url", vt_site_url(call, VT(STORE_PATH)));
    vt_set_text(call, view, "uploads_url", vt_site_url(call, VT(STORE_PATH "files")));
    vt_set_int(call, view, "part_max", PART_MAX);
    return view;
}

void page_send(struct vt_call *call, struct vt_value *request)
{
    (void)request;
    vt_response_page(call, 200, VT("send"), page_send_view(call));
}

static void add_choice(
    struct vt_call *call, struct vt_value *list, struct vt_str value, struct vt_value *choice)
{
    vt_set_text(call, choice, "value", value);
    vt_append(call, list, choice);
}

static struct vt_value *choices(
    struct vt_call *call, const char *group, const char *const *values, struct vt_str chosen)
{
    struct vt_value *list = vt_list(call);
    for (; *values; values++) {
        struct vt_value *choice = vt_object(call);
        vt_set_text(call, choice, "text", word(call, group, vt_str_of(*values)));
        vt_set_bool(call, choice, "chosen", vt_str_eq(chosen, vt_str_of(*values)));
        add_choice(call, list, vt_str_of(*values), choice);
    }
    return list;
}

static struct vt_str column_title(struct vt_call *call, struct vt_value *titles, int64_t i)
{
    struct vt_value *args = vt_object(call);
    struct vt_str title = vt_as_text(vt_at(titles, (size_t)i));
    vt_set_int(call, args, "number", i + 1);
    vt_set_text(call, args, "title", title.p ? title : VT(""));
    return vt_translate_text(call, title.len ? VT("map.column_titled") : VT("map.column"), args);
}

static struct vt_value *columns_of(
    struct vt_call *call, struct vt_value *import, int64_t chosen, bool required)
{
    struct vt_value *list = vt_list(call), *none = vt_object(call);
    vt_set_text(call, none, "text",
        vt_translate_text(call, required ? VT("map.choose") : VT("map.none"), NULL));
    vt_set_bool(call, none, "chosen", chosen < 0);
    add_choice(call, list, VT("-1"), none);
    for (int64_t i = 0; i < vt_get_int(import, "columns", 0); i++) {
        struct vt_value *choice = vt_object(call);
        vt_set_text(call, choice, "text", column_title(call, vt_get(import, "titles"), i));
        vt_set_bool(call, choice, "chosen", chosen == i);
        add_choice(call, list, vt_str_format(call, "%d", (int)i), choice);
    }
    return list;
}

static struct vt_value *fields_of(struct vt_call *call, struct vt_value *import,
    struct vt_value *mapping, struct vt_value *errors)
{
    struct vt_value *list = vt_list(call);
    for (int i = 0; i < DETECT_FIELDS; i++) {
        struct vt_value *field = vt_object(call);
        bool required = i == FIELD_NAME || i == FIELD_EMAIL;
        vt_set_text(call, field, "name", vt_str_of(detect_fields[i]));
        vt_set_text(call, field, "title", word(call, "field", vt_str_of(detect_fields[i])));
        struct vt_str error = vt_get_text(errors, detect_fields[i]);
        vt_set_bool(call, field, "required", required);
        vt_set_text(call, field, "error", error.len ? error : VT_NULL);
        vt_set(call, field, "columns",
            columns_of(call, import, vt_get_int(mapping, detect_fields[i], -1), required));
        vt_append(call, list, field);
    }
    return list;
}

// Written alike, or meant alike.
static bool is_twice(struct vt_call *call, struct vt_str a, struct vt_str b)
{
    enum detect_field field = detect_title(call, a);
    if (field != DETECT_FIELDS && field == detect_title(call, b))
        return true;
    return a.len && vt_str_eq(vt_text_fold(call, a), vt_text_fold(call, b));
}

// What is odd about the titles: needed ones that aren't there, and those that stand twice.
static struct vt_value *warnings_of(
    struct vt_call *call, struct vt_value *import, struct vt_value *mapping)
{
    static const int needed[] = {FIELD_NAME, FIELD_EMAIL};
    struct vt_value *list = vt_list(call), *titles = vt_get(import, "titles");
    for (size_t i = 0; i < 2; i++)
        if (vt_get_int(mapping, detect_fields[needed[i]], -1) < 0) {
            struct vt_value *args = vt_object(call);
            vt_set_text(
                call, args, "field", word(call, "field", vt_str_of(detect_fields[needed[i]])));
            vt_append(call, list, vt_text(call, vt_translate_text(call, VT("map.missing"), args)));
        }
    for (size_t i = 1; i < vt_count(titles); i++)
        for (size_t k = 0; k < i; k++) {
            struct vt_str a = vt_as_text(vt_at(titles, i)), b = vt_as_text(vt_at(titles, k));
            if (!is_twice(call, a, b))
                continue;
            struct vt_value *args = vt_object(call);
            vt_set_text(call, args, "title", a);
            vt_append(call, list, vt_text(call, vt_translate_text(call, VT("map.twice"), args)));
            break;
        }
    return list;
}

static const char *separator_name(struct vt_value *import)
{
    struct vt_str s = vt_get_text(import, "separator");
    return s.len && s.p[0] == ';' ? "semicolon" : s.len && s.p[0] == '\t' ? "tab" : "comma";
}

static void add_sample(struct vt_call *call, struct vt_value *view, struct vt_value *import)
{
    struct vt_value *rows = file_sample(call, import), *list = vt_list(call),
                    *heads = vt_list(call);
    bool header = vt_get_bool(import, "header", true);
    for (int64_t i = 0; i < vt_get_int(import, "columns", 0); i++)
        vt_append(call, heads, vt_text(call, column_title(call, vt_get(import, "titles"), i)));
    for (size_t i = header ? 1 : 0; i < vt_count(rows); i++) {
        struct vt_value *row = vt_object(call);
        vt_set(call, row, "cells", vt_at(rows, i));
        vt_append(call, list, row);
    }
    vt_set(call, view, "titles", heads);
    vt_set(call, view, "sample", list);
    vt_set_bool(call, view, "has_sample", vt_count(list) > 0);
}

struct vt_value *page_map_view(struct vt_call *call, struct vt_value *import,
    struct vt_value *mapping, struct vt_value *errors)
{
    static const char *const separators[] = {"comma", "semicolon", "tab", NULL};
    static const char *const encodings[] = {"utf-8", "windows-1252", "utf-16le", "utf-16be", NULL};
    static const char *const headers[] = {"yes", "no", NULL}, *const dates[] = {"dmy", "mdy", NULL};
    struct vt_value *view = vt_object(call), *warnings = warnings_of(call, import, mapping);
    vt_set(call, view, "id", vt_get(import, "id"));
    vt_set(call, view, "file_name", vt_get(import, "file_name"));
    vt_set(call, view, "version", vt_get(import, "version"));
    vt_set(call, view, "region", vt_get(import, "region"));
    vt_set(call, view, "encodings",
        choices(call, "encoding", encodings, vt_get_text(import, "encoding")));
    vt_set(call, view, "separators",
        choices(call, "separator", separators, vt_str_of(separator_name(import))));
    vt_set(call, view, "headers",
        choices(
            call, "header", headers, vt_get_bool(import, "header", true) ? VT("yes") : VT("no")));
    vt_set(call, view, "dates", choices(call, "dates", dates, vt_get_text(import, "dates")));
    vt_set(call, view, "fields", fields_of(call, import, mapping, errors));
    vt_set(call, view, "warnings", warnings);
    vt_set_bool(call, view, "has_warnings", vt_count(warnings) > 0);
    vt_set_bool(call, view, "groups", vt_count(vt_customers_groups(call, NULL)) > 0);
    add_sample(call, view, import);
    vt_set_text(call, view, "action", url_of(call, import, "/map"));
    vt_set_text(call, view, "discard_url", url_of(call, import, "/discard"));
    vt_set_text(call, view, "list_url", vt_site_url(call, VT(STORE_PATH)));
    return view;
}

// "About 3 minutes left", once there is something to go by.
static struct vt_str time_left(
    struct vt_call *call, struct vt_value *import, int64_t done, int64_t all)
{
    struct vt_value *args = vt_object(call);
    int64_t gone_s = (now_us() - vt_get_int(import, "started_us", 0)) / 1000000;
    if (done <= 0 || gone_s < 2 || done >= all)
        return VT_NULL;
    vt_set_int(call, args, "seconds", 1 + gone_s * (all - done) / done);
    vt_set_int(call, args, "minutes", 1 + gone_s * (all - done) / done / 60);
    return vt_translate_text(call, VT("progress.left"), args);
}

static bool is_busy(struct vt_value *import)
{
    return store_is(import, "looking") || store_is(import, "applying") ||
           store_is(import, "undoing");
}

static struct vt_value *progress_of(struct vt_call *call, struct vt_value *import)
{
    struct vt_value *p = vt_object(call), *args = vt_object(call);
    bool looking = store_is(import, "looking");
    int64_t done = vt_get_int(import, looking ? "position" : "step", 0);
    int64_t all = vt_get_int(import, looking ? "size" : "rows_read", 0);
    vt_set_int(call, args, "rows", looking ? vt_get_int(import, "rows_read", 0) : done);
    vt_set_int(call, args, "all", all);
    vt_set_int(call, p, "done", done);
    vt_set_int(call, p, "most", all > 0 ? all : 1);
    vt_set_text(call, p, "title", word(call, "progress", vt_get_text(import, "state")));
    vt_set_text(call, p, "so_far",
        vt_translate_text(call, looking ? VT("progress.read") : VT("progress.rows"), args));
    vt_set_text(call, p, "left", time_left(call, import, done, all));
    vt_set_text(call, p, "url", url_of(call, import, ""));
    return p;
}

static void show_progress(struct vt_call *call, struct vt_value *import)
{
    struct vt_value *view = vt_object(call);
    vt_set(call, view, "id", vt_get(import, "id"));
    vt_set(call, view, "file_name", vt_get(import, "file_name"));
    vt_set(call, view, "state", vt_get(import, "state"));
    vt_set_text(call, view, "state_text", word(call, "state", vt_get_text(import, "state")));
    vt_set(call, view, "progress", progress_of(call, import));
    vt_set_text(call, view, "list_url", vt_site_url(call, VT(STORE_PATH)));
    if (!vt_failed(call))
        vt_response_page(call, 200, VT("progress"), view);
}

static struct vt_value *rows_view(
    struct vt_call *call, struct vt_value *import, struct vt_value *form)
{
    struct vt_value *view = row_view(call, import, form);
    bool preview = store_is(import, "preview"), done = store_is(import, "done");
    int64_t until_us = vt_get_int(import, "applied_us", 0) + DAYS_KEPT_S * INT64_C(1000000);
    bool can_undo = done && until_us > now_us();
    vt_set_bool(call, view, "preview", preview);
    vt_set_bool(call, view, "undone", store_is(import, "undone"));
    vt_set_text(call, view, "apply_url", preview ? url_of(call, import, "/apply") : VT_NULL);
    vt_set_text(call, view, "map_url", preview ? url_of(call, import, "?map=yes") : VT_NULL);
    vt_set_text(call, view, "discard_url", preview ? url_of(call, import, "/discard") : VT_NULL);
    vt_set_text(call, view, "undo_url", can_undo ? url_of(call, import, "/undo") : VT_NULL);
    vt_set_text(call, view, "undo_until", can_undo ? vt_format_time(call, until_us) : VT_NULL);
    vt_set_text(call, view, "list_url", vt_site_url(call, VT(STORE_PATH)));
    return view;
}

static void show_rows(struct vt_call *call, struct vt_value *import, struct vt_value *form)
{
    struct vt_value *view = rows_view(call, import, form);
    if (!vt_failed(call))
        vt_response_page(call, 200, VT("import"), view);
}

// As it is, with the way to the one that is in its way.
static void show_busy(struct vt_call *call, struct vt_value *import)
{
    struct vt_value *view = rows_view(call, import, vt_object(call));
    struct vt_value *open = vt_db_read(call, VT("work_open"), NULL);
    vt_set_bool(call, view, "busy", true);
    for (size_t i = 0; i < vt_count(open); i++)
        if (!store_is(vt_at(open, i), "looking"))
            vt_set_text(
                call, view, "busy_url", vt_site_url(call, path_of(call, vt_at(open, i), "")));
    if (!vt_failed(call))
        vt_response_page(call, 409, VT("import"), view);
}

void page_import(struct vt_call *call, struct vt_value *request)
{
    struct vt_value *import = store_require(call, request), *form = vt_get(request, "form");
    if (!import)
        return;
    bool again = store_is(import, "preview") && vt_str_eq(vt_get_text(form, "map"), VT("yes"));
    if (store_is(import, "sending"))
        vt_response_problem(call, VT("not_found"));
    else if (is_busy(import))
        show_progress(call, import);
    else if (again || store_is(import, "mapping")) {
        struct vt_value *view = page_map_view(call, import, vt_get(import, "mapping"), NULL);
        if (!vt_failed(call))
            vt_response_page(call, 200, VT("map"), view);
    } else
        show_rows(call, import, form);
}

static void begin_work(struct vt_call *call, struct vt_value *request, bool undo)
{
    struct vt_value *import = store_require(call, request), *staff = store_actor(call, request);
    struct vt_value *steps = vt_list(call), *view = vt_object(call);
    struct vt_str refused;
    if (!import)
        return;
    vt_db_step(call, steps, undo ? VT("undo_begin") : VT("apply_begin"),
        vt_list_of(call, vt_get(import, "id"), vt_get(vt_get(request, "form"), "version"),
            vt_int(call, vt_time_now()), vt_get(staff, "id"), vt_get(staff, "name"), NULL));
    if (!undo)
        vt_db_step(
            call, steps, VT("file_parts_gone"), vt_list_of(call, vt_get(import, "id"), NULL));
    store_add_audit(call, steps, undo ? "undo" : "apply", import);
    store_add_job(call, steps, undo ? "undo" : "apply", vt_get_text(import, "id"), 0);
    vt_set(call, view, "id", vt_get(import, "id"));
    if (store_write(call, steps, &refused))
        vt_response_done(call, 200, path_of(call, import, ""), view);
    else if (!vt_failed(call) && vt_str_eq(refused, VT("conflict")) &&
             !vt_get_bool(request, "wants_json", false))
        show_busy(call, import);
    else if (!vt_failed(call))
        vt_response_problem(call, VT("conflict"));
}

void page_apply(struct vt_call *call, struct vt_value *request)
{
    begin_work(call, request, false);
}

void page_undo(struct vt_call *call, struct vt_value *request)
{
    begin_work(call, request, true);
}

static void add_column(
    struct vt_call *call, struct vt_value *columns, struct vt_str name, struct vt_str label)
{
    struct vt_value *column = vt_object(call);
    vt_set_text(call, column, "name", name);
    vt_set_text(call, column, "label", label);
    vt_set_text(call, column, "type", VT("text"));
    vt_append(call, columns, column);
}

void page_errors(struct vt_call *call, struct vt_value *request)
{
    struct vt_value *import = store_require(call, request), *columns = vt_list(call);
    if (!import)
        return;
    int64_t count = vt_get_int(import, "columns", 0);
    add_column(call, columns, VT("line"), vt_translate_text(call, VT("errors.line"), NULL));
    add_column(call, columns, VT("reason"), vt_translate_text(call, VT("errors.reason"), NULL));
    for (int64_t i = 0; i < count && i < ERROR_COLUMNS; i++) {
        struct vt_str title = vt_as_text(vt_at(vt_get(import, "titles"), (size_t)i));
        add_column(call, columns, vt_str_format(call, "c%d", (int)i),
            title.len ? title : column_title(call, vt_list(call), i));
    }
    struct vt_value *statement = vt_list_of(
        call, vt_text(call, VT("error_rows")), vt_get(import, "id"), row_reasons(call), NULL);
    if (!vt_failed(call))
        vt_response_sheet(call, VT("import-errors.csv"), columns, statement);
}
