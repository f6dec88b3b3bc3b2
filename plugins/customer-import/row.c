#include "row.h"

#include "store.h"

enum { ROWS_MAX = 50 };

static const char *const kinds[] = {"new", "changed", "same", "error", NULL};
static const char *const reasons[] = {"letters", "quote", "too_long", "ragged", "name_missing",
    "name_long", "email_missing", "email_wrong", "phone_wrong", "gender_wrong", "gender_either",
    "birthdate_wrong", "birthdate_range", "expires_wrong", "expires_alone", "category_unknown",
    "twice", "verified", "tried", NULL};
static const char *const outcomes[] = {"changed", "taken", "gone", "verified", NULL};

static struct vt_str words(
    struct vt_call *call, const char *group, struct vt_str code, struct vt_value *args)
{
    return vt_translate_text(
        call, vt_str_format(call, "%s.%.*s", group, (int)code.len, code.p), args);
}

struct vt_value *row_reasons(struct vt_call *call)
{
    struct vt_value *all = vt_object(call), *args = vt_object(call);
    vt_set_int(call, args, "line", 0);
    for (size_t i = 0; reasons[i]; i++)
        vt_set_text(call, all, reasons[i], words(call, "reason", vt_str_of(reasons[i]), args));
    for (size_t i = 0; outcomes[i]; i++) {
        vt_set_text(call, all, vt_str_format(call, "left_%s", outcomes[i]).p,
            words(call, "left", vt_str_of(outcomes[i]), NULL));
        vt_set_text(call, all, vt_str_format(call, "kept_%s", outcomes[i]).p,
            words(call, "kept", vt_str_of(outcomes[i]), NULL));
    }
    return all;
}

static struct vt_str reason_of(struct vt_call *call, struct vt_value *row)
{
    struct vt_value *args = vt_object(call);
    struct vt_str outcome = vt_get_text(row, "outcome"), undone = vt_get_text(row, "undone");
    vt_set_int(call, args, "line", vt_get_int(row, "other_line", 0));
    if (vt_str_eq(vt_get_text(row, "kind"), VT("error")))
        return words(call, "reason", vt_get_text(row, "reason"), args);
    if (outcome.len && !vt_str_eq(outcome, VT("done")))
        return words(call, "left", outcome, NULL);
    if (undone.len && !vt_str_eq(undone, VT("done")))
        return words(call, "kept", undone, NULL);
    return VT_NULL;
}

static struct vt_str shown(struct vt_call *call, const char *field, struct vt_str value)
{
    if (value.len && vt_str_eq(vt_str_of(field), VT("gender")))
        return words(call, "gender", value, NULL);
    return value.p ? value : VT("");
}

static void add_change(
    struct vt_call *call, struct vt_value *list, struct vt_value *row, const char *field)
{
    struct vt_value *change = vt_object(call), *before = vt_get(row, "before");
    struct vt_str is = vt_get_text(row, field), was = vt_get_text(before, field);
    if (vt_str_eq(is, was) || (!is.len && !was.len))
        return;
    vt_set_text(call, change, "field", words(call, "field", vt_str_of(field), NULL));
    vt_set_text(call, change, "before", shown(call, field, was));
    vt_set_text(call, change, "after", shown(call, field, is));
    vt_append(call, list, change);
}

static void add_group(struct vt_call *call, struct vt_value *list, struct vt_value *row)
{
    struct vt_value *change = vt_object(call), *put = vt_get(row, "put"), *args = vt_object(call);
    struct vt_value *before = vt_get(row, "before");
    struct vt_str name = vt_get_text(put, "name"), until = vt_get_text(put, "until");
    if (!name.len)
        return;
    vt_set_text(call, args, "name", name);
    vt_set_text(call, args, "until", until.len ? until : VT(""));
    vt_set_text(call, change, "field", words(call, "field", VT("category_name"), NULL));
    vt_set_text(call, change, "after",
        vt_translate_text(call, until.len ? VT("group.until") : VT("group.always"), args));
    until = vt_get_text(before, "until");
    vt_set_text(call, args, "until", until.len ? until : VT(""));
    vt_set_text(call, change, "before",
        !vt_get_bool(before, "member", false)
            ? VT("")
            : vt_translate_text(call, until.len ? VT("group.until") : VT("group.always"), args));
    vt_append(call, list, change);
}

// Of a changed row what differs; of a new one all of it.
static struct vt_value *changes_of(struct vt_call *call, struct vt_value *row)
{
    static const char *const fields[] = {"first_name", "last_name", "phone", "gender", "birthdate"};
    struct vt_value *list = vt_list(call);
    bool new = vt_str_eq(vt_get_text(row, "kind"), VT("new"));
    bool changed = vt_str_eq(vt_get_text(row, "kind"), VT("changed"));
    for (size_t i = new ? 2 : 0; (new || changed) && i < sizeof fields / sizeof *fields; i++)
        add_change(call, list, row, fields[i]);
    if (new || changed)
        add_group(call, list, row);
    return list;
}

// Of a row with an error its cells stand for it.
static struct vt_str cells_of(struct vt_call *call, struct vt_value *row)
{
    struct vt_value *cells = vt_get(row, "cells");
    struct vt_str all = VT("");
    for (size_t i = 0; i < vt_count(cells) && all.len < 300; i++) {
        struct vt_str cell = vt_as_text(vt_at(cells, i));
        if (cell.len)
            all = vt_str_format(call, "%.*s%s%.*s", (int)all.len, all.p, all.len ? " · " : "",
                (int)cell.len, cell.p);
    }
    return all;
}

static struct vt_value *item_of(struct vt_call *call, struct vt_value *row)
{
    struct vt_value *item = vt_object(call);
    struct vt_str first = vt_get_text(row, "first_name"), last = vt_get_text(row, "last_name");
    struct vt_str kind = vt_get_text(row, "kind"), id = vt_get_text(row, "customer_id");
    bool error = vt_str_eq(kind, VT("error")), new = vt_str_eq(kind, VT("new"));
    bool there = !error && (!new || vt_str_eq(vt_get_text(row, "outcome"), VT("done"))) &&
                 !vt_str_eq(vt_get_text(row, "undone"), VT("done"));
    struct vt_value *changes = changes_of(call, row);
    vt_set(call, item, "number", vt_get(row, "number"));
    vt_set(call, item, "line", vt_get(row, "line"));
    vt_set_text(call, item, "kind", kind);
    vt_set_text(call, item, "kind_text", words(call, "kind", kind, NULL));
    struct vt_str email = vt_get_text(row, "email");
    struct vt_str name = vt_str_format(
        call, "%.*s%s%.*s", (int)first.len, first.p, last.len ? " " : "", (int)last.len, last.p);
    vt_set_text(call, item, "name", name.len ? name : VT_NULL);
    vt_set_text(call, item, "email", email.len ? email : VT_NULL);
    vt_set_text(call, item, "url",
        there ? vt_site_url(call, vt_str_format(call, "/manage/customers/%.*s", (int)id.len, id.p))
              : VT_NULL);
    vt_set_text(call, item, "reason", reason_of(call, row));
    vt_set_text(call, item, "cells", error ? cells_of(call, row) : VT_NULL);
    vt_set(call, item, "changes", changes);
    vt_set_bool(call, item, "has_changes", vt_count(changes) > 0);
    vt_set(call, item, "outcome", vt_get(row, "outcome"));
    vt_set(call, item, "undone", vt_get(row, "undone"));
    return item;
}

static bool is_kind(struct vt_str show)
{
    for (size_t i = 0; kinds[i]; i++)
        if (vt_str_eq(show, vt_str_of(kinds[i])))
            return true;
    return false;
}

static struct vt_value *read_rows(
    struct vt_call *call, struct vt_value *import, struct vt_str show, struct vt_value *after)
{
    struct vt_value *id = vt_get(import, "id");
    if (vt_str_eq(show, VT("left")))
        return vt_db_read(call, VT("rows_left"), vt_list_of(call, id, after, NULL));
    if (is_kind(show))
        return vt_db_read(
            call, VT("rows_of_kind"), vt_list_of(call, id, vt_text(call, show), after, NULL));
    return vt_db_read(call, VT("rows_all"), vt_list_of(call, id, after, NULL));
}

static struct vt_str list_url(
    struct vt_call *call, struct vt_value *import, struct vt_str show, int64_t after)
{
    struct vt_str id = vt_get_text(import, "id");
    struct vt_str path =
        vt_str_format(call, STORE_PATH "%.*s?show=%.*s", (int)id.len, id.p, (int)show.len, show.p);
    if (after)
        path = vt_str_format(call, "%.*s&after=%d", (int)path.len, path.p, (int)after);
    return vt_site_url(call, path);
}

static int64_t left_of(struct vt_value *counts)
{
    int64_t left = 0;
    for (size_t i = 0; i < vt_count(counts); i++) {
        struct vt_str outcome = vt_get_text(vt_at(counts, i), "outcome");
        struct vt_str undone = vt_get_text(vt_at(counts, i), "undone");
        bool odd = (outcome.len && !vt_str_eq(outcome, VT("done"))) ||
                   (undone.len && !vt_str_eq(undone, VT("done")));
        left += odd ? vt_get_int(vt_at(counts, i), "rows", 0) : 0;
    }
    return left;
}

static void add_tab(
    struct vt_call *call, struct vt_value *tabs, struct vt_value *import, struct vt_value *tab)
{
    struct vt_str value = vt_get_text(tab, "value");
    vt_set_text(call, tab, "text", words(call, "tab", value, NULL));
    vt_set_text(call, tab, "url", list_url(call, import, value, 0));
    vt_append(call, tabs, tab);
}

static struct vt_value *tabs_of(
    struct vt_call *call, struct vt_value *import, struct vt_value *counts, struct vt_str show)
{
    struct vt_value *tabs = vt_list(call);
    static const char *const all[] = {"all", "new", "changed", "same", "error", "left"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct vt_value *tab = vt_object(call);
        bool left = i == 5;
        int64_t count = left ? left_of(counts) : store_count(counts, i ? all[i] : NULL, NULL, NULL);
        if (left && !count)
            continue;
        vt_set_text(call, tab, "value", vt_str_of(all[i]));
        vt_set_int(call, tab, "count", count);
        vt_set_bool(call, tab, "chosen", vt_str_eq(show, vt_str_of(all[i])));
        add_tab(call, tabs, import, tab);
    }
    return tabs;
}

static void add_totals(
    struct vt_call *call, struct vt_value *view, struct vt_value *import, struct vt_value *counts)
{
    struct vt_value *args = vt_object(call);
    int64_t new = store_count(counts, "new", NULL, NULL);
    int64_t changed = store_count(counts, "changed", NULL, NULL);
    int64_t errors = store_count(counts, "error", NULL, NULL);
    bool kept = vt_count(counts) > 0, over = store_is(import, "done") || store_is(import, "undone");
    vt_set_int(call, args, "new", new);
    vt_set_int(call, args, "changed", changed);
    vt_set_int(call, args, "same", store_count(counts, "same", NULL, NULL));
    vt_set_int(call, args, "errors", errors);
    vt_set_int(call, view, "new", new);
    vt_set_int(call, view, "changed", changed);
    vt_set_int(call, view, "errors", errors);
    vt_set_int(call, view, "left", left_of(counts));
    vt_set_bool(call, view, "rows_gone", !kept && over);
    vt_set_text(call, view, "totals", vt_translate_text(call, VT("totals"), args));
    vt_set_bool(call, view, "has_work", new + changed > 0);
    vt_set_int(call, view, "work", new + changed);
    struct vt_str id = vt_get_text(import, "id");
    vt_set_text(call, view, "errors_url",
        errors + left_of(counts) > 0
            ? vt_site_url(call, vt_str_format(call, STORE_PATH "%.*s/errors", (int)id.len, id.p))
            : VT_NULL);
}

struct vt_value *row_view(struct vt_call *call, struct vt_value *import, struct vt_value *form)
{
    struct vt_value *view = vt_object(call), *items = vt_list(call);
    struct vt_str show = vt_get_text(form, "show");
    struct vt_value *counts =
        vt_db_read(call, VT("import_counts"), vt_list_of(call, vt_get(import, "id"), NULL));
    if (!show.len)
        show = VT("all");
    struct vt_value *rows =
        read_rows(call, import, show, vt_int(call, vt_get_int(form, "after", 0)));
    for (size_t i = 0; i < vt_count(rows) && i < ROWS_MAX; i++)
        vt_append(call, items, item_of(call, vt_at(rows, i)));
    int64_t last = vt_get_int(vt_at(items, ROWS_MAX - 1), "number", 0);
    vt_set(call, view, "id", vt_get(import, "id"));
    vt_set(call, view, "file_name", vt_get(import, "file_name"));
    vt_set(call, view, "state", vt_get(import, "state"));
    vt_set_text(call, view, "state_text", words(call, "state", vt_get_text(import, "state"), NULL));
    vt_set(call, view, "version", vt_get(import, "version"));
    vt_set_bool(
        call, view, "cut", vt_get_int(import, "position", 0) < vt_get_int(import, "size", 0));
    vt_set(call, view, "tabs", tabs_of(call, import, counts, show));
    vt_set(call, view, "items", items);
    vt_set_bool(call, view, "has_items", vt_count(items) > 0);
    vt_set_text(call, view, "next",
        vt_count(rows) > ROWS_MAX ? list_url(call, import, show, last) : VT_NULL);
    add_totals(call, view, import, counts);
    return view;
}
