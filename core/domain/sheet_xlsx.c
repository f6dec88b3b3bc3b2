#include "domain/sheet_xlsx.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <xlsxwriter.h>

#include "base/check.h"

// Of the format: rows of a page, its head included, and characters of a cell.
enum { PAGE_ROWS_MAX = LXW_ROW_MAX, CELL_MAX = 32767, TITLE_MAX = 25 };

struct sheet_xlsx {
    struct arena *row; // emptied after each
    const struct sheet *sheet;
    lxw_workbook *book;
    lxw_worksheet *page;
    lxw_format *head, *amount, *share, *time;
    uint32_t at;
    int pages, fd;
    char name[32]; // of the file, as this process sees it
};

// Open and already without a name, so that it goes with the process.
static int nameless_file(void)
{
    const char *folder = getenv("TMPDIR");
    char path[256];
    int len = snprintf(path, sizeof path, "%s/vitrine-XXXXXX", folder && *folder ? folder : "/tmp");
    if (len < 0 || (size_t)len >= sizeof path)
        return -1;
    int fd = mkstemp(path);
    if (fd >= 0)
        unlink(path);
    return fd;
}

static lxw_format *format_of(lxw_workbook *book, const char *number)
{
    lxw_format *f = workbook_add_format(book);
    if (number)
        format_set_num_format(f, number);
    return f;
}

static const char *amount_format(struct currency currency)
{
    int digits = currency_digits(currency);
    return digits == 0 ? "#,##0" : digits == 3 ? "#,##0.000" : "#,##0.00";
}

// Labels and titles of pages may not hold these, and no more than 31 characters.
static const char *page_title(struct sheet_xlsx *x)
{
    char *title = (char *)str_z(x->row, str_utf8_clip(x->sheet->title, TITLE_MAX));
    for (char *c = title; *c; c++)
        if (strchr("[]:*?/\\'", *c))
            *c = ' ';
    return x->pages == 1 ? title : str_format(x->row, "%s %d", title, x->pages).p;
}

static bool add_page(struct sheet_xlsx *x)
{
    x->pages++;
    x->page = workbook_add_worksheet(x->book, page_title(x));
    x->at = 1;
    if (!x->page)
        return false;
    for (int i = 0; i < x->sheet->count; i++) {
        const struct sheet_column *c = &x->sheet->columns[i];
        lxw_col_t at = (lxw_col_t)i;
        worksheet_set_column(x->page, at, at, c->width, NULL);
        worksheet_write_string(x->page, 0, at, str_z(x->row, c->label), x->head);
    }
    worksheet_freeze_panes(x->page, 1, 0);
    arena_reset(x->row);
    return true;
}

struct sheet_xlsx *sheet_xlsx_new(struct arena *a, const struct sheet *sheet)
{
    struct sheet_xlsx *x = arena_new_object(a, struct sheet_xlsx);
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .use_zip64 = LXW_FALSE};
    *x = (struct sheet_xlsx){.sheet = sheet, .fd = nameless_file()};
    if (x->fd < 0)
        return NULL;
    // The library opens its file by name.
    snprintf(x->name, sizeof x->name, "/proc/self/fd/%d", x->fd);
    x->book = workbook_new_opt(x->name, &options);
    check(x->book);
    x->row = arena_new();
    x->head = format_of(x->book, NULL);
    format_set_bold(x->head);
    format_set_text_wrap(x->head);
    x->amount = format_of(x->book, amount_format(sheet->currency));
    x->share = format_of(x->book, "0.0%");
    x->time = format_of(x->book, "yyyy-mm-dd hh:mm");
    if (add_page(x))
        return x;
    sheet_xlsx_drop(x);
    return NULL;
}

static double amount_of(const struct sheet *sheet, int64_t minor)
{
    double whole = (double)minor;
    for (int i = currency_digits(sheet->currency); i > 0; i--)
        whole /= 10;
    return whole;
}

static lxw_error write_time(struct sheet_xlsx *x, lxw_col_t at, int64_t at_us)
{
    struct local_time local = zone_local(x->sheet->zone, at_us);
    lxw_datetime time = {.year = local.date.year,
        .month = local.date.month,
        .day = local.date.day,
        .hour = local.second / 3600,
        .min = local.second / 60 % 60};
    return worksheet_write_datetime(x->page, x->at, at, &time, x->time);
}

// A string is text whatever it begins with.
static lxw_error write_text(struct sheet_xlsx *x, lxw_col_t at, struct str text)
{
    struct str fits = str_utf8_clip(text, CELL_MAX);
    return fits.len ? worksheet_write_string(x->page, x->at, at, str_z(x->row, fits), NULL)
                    : LXW_NO_ERROR;
}

static lxw_error write_cell(struct sheet_xlsx *x, int i, const struct sheet_cell *cell)
{
    lxw_col_t at = (lxw_col_t)i;
    if (!cell->filled)
        return LXW_NO_ERROR;
    switch (x->sheet->columns[i].type) {
    case SHEET_TEXT:
        return write_text(x, at, cell->text);
    case SHEET_COUNT:
        return worksheet_write_number(x->page, x->at, at, (double)cell->number, NULL);
    case SHEET_AMOUNT:
        return worksheet_write_number(
            x->page, x->at, at, amount_of(x->sheet, cell->number), x->amount);
    case SHEET_SHARE:
        return worksheet_write_number(x->page, x->at, at, (double)cell->number / 1e6, x->share);
    case SHEET_TIME:
        return write_time(x, at, cell->number);
    }
    unreachable();
}

bool sheet_xlsx_row(struct sheet_xlsx *x, const struct sheet_cell *cells)
{
    bool ok = x->at < PAGE_ROWS_MAX || add_page(x);
    for (int i = 0; ok && i < x->sheet->count; i++)
        ok = write_cell(x, i, &cells[i]) == LXW_NO_ERROR;
    x->at++;
    arena_reset(x->row);
    return ok;
}

int sheet_xlsx_finish(struct sheet_xlsx *x, int64_t *size)
{
    lxw_error error = workbook_close(x->book);
    arena_free(x->row);
    *size = lseek(x->fd, 0, SEEK_END);
    if (error == LXW_NO_ERROR && *size > 0 && lseek(x->fd, 0, SEEK_SET) == 0)
        return x->fd;
    close(x->fd);
    return -1;
}

void sheet_xlsx_drop(struct sheet_xlsx *x)
{
    int64_t size;
    int fd = sheet_xlsx_finish(x, &size);
    if (fd >= 0)
        close(fd);
}
