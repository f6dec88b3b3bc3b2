// Reading a list's rows as cells of a sheet.
#include "base/check.h"
#include "domain/export.h"
#include "http/format.h"
#include "http/message.h"
#include "http/respond.h"
#include "http/route.h"
#include "web/office/exports/exports.h"

enum { KINDS_MAX = 16 };

static const struct export_kind *kinds[KINDS_MAX];
static int kind_count;

void export_kind_add(const struct export_kind *kind)
{
    check(kind_count < KINDS_MAX);
    kinds[kind_count++] = kind;
}

const struct export_kind *export_kind_of(const struct route *route)
{
    struct str path = str_of(route->path);
    int i = 0;
    while (i < kind_count &&
           !(str_starts(path, str_of(kinds[i]->list_path)) &&
               str_starts(str_sub(path, strlen(kinds[i]->list_path), path.len), STR("/export"))))
        i++;
    check(i < kind_count);
    return kinds[i];
}

const struct export_kind *export_kind_find(struct str name)
{
    for (int i = 0; i < kind_count; i++)
        if (str_is(name, kinds[i]->name))
            return kinds[i];
    return NULL;
}

static struct str label_of(struct export_run *run, const struct export_column *c)
{
    struct arena *a = run->arena;
    struct str key = str_join(
        a, STR("office.export."), str_of(run->kind->name), STR("."), str_of(c->name), STR_NULL);
    struct str label = message(a, run->words, key, NULL);
    // Whose clock it is.
    return c->type == SHEET_TIME
               ? str_join(a, label, STR(" ("), zone_name(run->site->zone), STR(")"), STR_NULL)
               : label;
}

// As the reader's programs expect it: "12,50" in French, "12.50" in Mexico.
static bool has_decimal_comma(struct arena *a, const struct site *site, struct str language)
{
    static const struct currency euro = {"EUR"};
    struct format *f = format_for(language, site->region);
    return str_index(format_amount(a, f, 150, euro), ',') >= 0;
}

struct export_run *export_run_new(struct arena *a, const struct export_kind *kind,
    struct site *site, struct str language, const struct value *fields)
{
    struct export_run *run = arena_new_object(a, struct export_run);
    struct sheet_column *columns = arena_new_array(a, struct sheet_column, kind->count);
    *run = (struct export_run){.arena = a,
        .kind = kind,
        .site = site,
        .fields = fields,
        .words = messages_language(respond_parts()->messages, language)};
    for (int i = 0; i < kind->count; i++)
        columns[i] = (struct sheet_column){
            label_of(run, &kind->columns[i]), kind->columns[i].type, kind->columns[i].width};
    run->sheet = (struct sheet){.columns = columns,
        .count = kind->count,
        .title = message(a, run->words, str_of(kind->list_label), NULL),
        .currency = site->currency,
        .zone = site->zone,
        .decimal_comma = has_decimal_comma(a, site, language)};
    return run;
}

static void bind_columns(struct export_run *run, const struct rows *rows)
{
    run->columns = arena_new_array(run->arena, int, run->sheet.count);
    for (int i = 0; i < run->sheet.count; i++) {
        value_key key = value_key_intern(str_of(run->kind->columns[i].name));
        int at = 0;
        while (at < rows->columns && rows->keys[at] != key)
            at++;
        check(at < rows->columns);
        run->columns[i] = at;
    }
}

static struct sheet_cell cell_of(
    struct arena *a, const struct export_run *run, int i, struct str text)
{
    const struct export_column *c = &run->kind->columns[i];
    struct sheet_cell cell = {.filled = text.p != NULL, .text = text};
    if (!cell.filled)
        return cell;
    if (c->flags & EXPORT_WORD)
        cell.text = run->kind->word(a, run, c->name, text);
    else if (c->type != SHEET_TEXT)
        check(str_to_i64(text, &cell.number));
    return cell;
}

static void take_row(
    struct arena *a, struct export_run *run, const struct str *row, struct sheet_cell *cells)
{
    struct str group = row[run->columns[0]];
    bool first = !str_eq(group, run->group);
    run->group = group;
    run->things += first;
    for (int i = 0; i < run->sheet.count; i++)
        if (first || !(run->kind->columns[i].flags & EXPORT_ONCE))
            cells[i] = cell_of(a, run, i, row[run->columns[i]]);
}

bool export_run_next(struct arena *a, struct export_run *run, struct export_rows *out)
{
    const struct rows *rows = run->kind->read(a, run);
    if (!rows)
        return false;
    if (!run->columns && rows->count)
        bind_columns(run, rows);
    struct sheet_cell *cells =
        arena_new_array(a, struct sheet_cell, (size_t)rows->count * (size_t)run->sheet.count + 1);
    for (int i = 0; i < rows->count; i++)
        take_row(a, run, rows->cells + i * rows->columns, cells + i * run->sheet.count);
    // The page's memory goes; a page ends with a whole group.
    run->group = STR_NULL;
    *out = (struct export_rows){cells, rows->count};
    return true;
}

struct str export_file_name(struct arena *a, const struct site *site, const struct export *e)
{
    struct str day = date_text(a, zone_date(site->zone, e->created_us));
    return str_join(a, str_of(e->practice ? "practice-" : ""), e->kind, STR("-"), site->slug,
        STR("-"), day, STR("."), e->format, STR_NULL);
}
