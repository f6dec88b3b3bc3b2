// vitrine.h: the rows of a statement as a file for spreadsheets, sent while they are read, so that
// neither a plugin's memory nor its budget grows with them.
#include "base/check.h"
#include "data/db.h"
#include "domain/sheet.h"
#include "http/respond.h"
#include "http/stream.h"
#include "plug/api.h"

enum { COLUMNS_MAX = 40, PAGE_ROWS = 500, PAGE_BYTES = 4 << 20 };

struct sheet_run {
    struct vt_call *call;
    struct sheet sheet;
    value_key names[COLUMNS_MAX];
    const struct value *step; // the statement with its own parameters
    struct str after;         // the last row's key; absent: from the beginning
};

static enum sheet_type type_of(struct str name)
{
    static const struct {
        const char *name;
        enum sheet_type type;
    } types[] = {{"count", SHEET_COUNT}, {"amount", SHEET_AMOUNT}, {"share", SHEET_SHARE},
        {"time", SHEET_TIME}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_is(name, types[i].name))
            return types[i].type;
    return SHEET_TEXT;
}

// As the reader's programs expect it: "12,50" in French, "12.50" in Mexico.
static bool has_decimal_comma(const struct vt_call *c)
{
    static const struct currency euro = {"EUR"};
    return str_index(format_amount(c->arena, c->format, 150, euro), ',') >= 0;
}

static bool begin(struct sheet_run *run, const struct value *columns)
{
    struct vt_call *c = run->call;
    size_t count = value_count(columns);
    if (!count || count > COLUMNS_MAX)
        return api_fail(c, "give 1 to %d columns", COLUMNS_MAX);
    struct sheet_column *all = arena_new_array(c->arena, struct sheet_column, count);
    for (size_t i = 0; i < count; i++) {
        const struct value *v = value_at(columns, i);
        struct str name = value_get_str(v, KEY(name));
        if (!name.len)
            return api_fail(c, "a column is {name =, label =, type =}");
        run->names[i] = value_key_intern(name);
        all[i] = (struct sheet_column){
            value_get_str(v, KEY(label)), type_of(value_get_str(v, KEY(type))), 0};
    }
    api_speak(c);
    run->sheet = (struct sheet){.columns = all,
        .count = (int)count,
        .currency = c->site->currency,
        .zone = c->site->zone,
        .decimal_comma = has_decimal_comma(c)};
    return true;
}

// The statement's own parameters, then the key to go on from and how many.
static const struct rows *read_page(struct sheet_run *run, struct arena *a)
{
    struct unit *u = unit_new(a, DB_READ, run->call->site->tenant);
    struct value *step = value_copy(a, run->step);
    struct str why;
    value_append(a, step, run->after.p ? value_str(a, run->after) : value_null());
    value_append(a, step, value_int(a, PAGE_ROWS));
    if (!plug_add_statement(u, run->call->plugin, step, &why)) {
        api_fail(run->call, "%.*s", STR_ARG(why));
        return NULL;
    }
    return unit_run(u) == DB_OK ? unit_rows(u, 0) : NULL;
}

static struct sheet_cell cell_of(
    const struct sheet_run *run, const struct rows *rows, int row, int i)
{
    struct sheet_cell cell = {0};
    if (rows_is_null(rows, row, run->names[i]))
        return cell;
    cell.filled = true;
    cell.text = rows_str(rows, row, run->names[i]);
    if (run->sheet.columns[i].type != SHEET_TEXT)
        cell.filled = str_to_i64(cell.text, &cell.number);
    return cell;
}

static void add_rows(struct buf *b, struct sheet_run *run, const struct rows *rows)
{
    struct sheet_cell cells[COLUMNS_MAX];
    for (int row = 0; row < rows->count; row++) {
        for (int i = 0; i < run->sheet.count; i++)
            cells[i] = cell_of(run, rows, row, i);
        sheet_csv_row(b, &run->sheet, cells);
    }
    if (rows->count)
        run->after = str_dup(run->call->arena, rows_str(rows, rows->count - 1, KEY(key)));
}

// A page of rows at a time, in memory that the next one takes again.
static bool send(struct sheet_run *run)
{
    struct arena *a = arena_new();
    bool ok = true;
    for (int count = PAGE_ROWS; ok && count == PAGE_ROWS; arena_reset(a)) {
        struct buf b;
        bool head = !run->after.p;
        buf_init(&b, a, PAGE_BYTES);
        const struct rows *rows = read_page(run, a);
        ok = rows != NULL;
        count = ok ? rows->count : 0;
        if (head)
            sheet_csv_head(&b, &run->sheet);
        if (ok)
            add_rows(&b, run, rows);
        ok = ok && !b.full && stream_send(run->call->request, buf_str(&b));
    }
    arena_free(a);
    return ok;
}

void vt_response_sheet(struct vt_call *c, struct vt_str file_name, struct vt_value *columns,
    struct vt_value *statement)
{
    struct sheet_run run = {.call = c, .step = api_value(statement)};
    if (c->failure.p || !begin(&run, api_value(columns)) || !api_may_attach(c, file_name))
        return;
    if (stream_begin(c->request, STR("text/csv; charset=utf-8; header=present"), -1))
        stream_end(c->request, send(&run));
}
