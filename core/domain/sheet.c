#include "domain/sheet.h"

static const struct str byte_order_mark = {"\xef\xbb\xbf", 3};

// What a spreadsheet takes for the beginning of a formula: = + - @, in full width too, and the
// white space that some of them skip.
static bool begins_formula(struct str text)
{
    static const char *const wide[] = {
        "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
    if (!text.len)
        return false;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (str_starts(text, str_of(wide[i])))
            return true;
    return memchr("=+-@\t\r\n", text.p[0], 7) != NULL;
}

static bool needs_quotes(struct str text, char separator)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.p[i] == separator || text.p[i] == '"' || text.p[i] == '\r' || text.p[i] == '\n')
            return true;
    return false;
}

static void add_text(struct buf *b, struct str text, char separator)
{
    bool formula = begins_formula(text);
    if (!needs_quotes(text, separator)) {
        if (formula)
            buf_add_char(b, '\'');
        buf_add(b, text);
        return;
    }
    buf_add_char(b, '"');
    if (formula)
        buf_add_char(b, '\'');
    for (struct str rest = text; rest.len;) {
        ptrdiff_t quote = str_index(rest, '"');
        size_t end = quote < 0 ? rest.len : (size_t)quote + 1;
        buf_add(b, str_sub(rest, 0, end));
        if (quote >= 0)
            buf_add_char(b, '"');
        rest = str_sub(rest, end, rest.len);
    }
    buf_add_char(b, '"');
}

// A number with `digits` places behind the sign: 1250 is 12.50.
static void add_decimal(struct buf *b, int64_t number, int digits, char sign)
{
    char text[32], *at = text + sizeof text;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    for (int i = 0; left || i <= digits; i++, left /= 10) {
        if (i && i == digits)
            *--at = sign;
        *--at = (char)('0' + left % 10);
    }
    if (number < 0)
        *--at = '-';
    buf_add(b, str_n(at, (size_t)(text + sizeof text - at)));
}

// 200000 is 20, 55000 is 5.5.
static void add_share(struct buf *b, int64_t ppm, char sign)
{
    int digits = 4;
    for (; digits && ppm % 10 == 0; digits--)
        ppm /= 10;
    add_decimal(b, ppm, digits, sign);
}

static void add_time(struct buf *b, const struct zone *zone, int64_t at_us)
{
    struct local_time local = zone_local(zone, at_us);
    char text[] = "2026-11-21 18:00";
    date_put(text, local.date);
    str_put_digits(text + DATE_TEXT_LEN + 1, (uint32_t)(local.second / 3600), 2);
    str_put_digits(text + DATE_TEXT_LEN + 4, (uint32_t)(local.second / 60 % 60), 2);
    buf_add(b, str_n(text, sizeof text - 1));
}

static void add_cell(
    struct buf *b, const struct sheet *sheet, enum sheet_type type, const struct sheet_cell *cell)
{
    char sign = sheet->decimal_comma ? ',' : '.';
    if (!cell->filled)
        return;
    switch (type) {
    case SHEET_TEXT:
        add_text(b, cell->text, sheet->decimal_comma ? ';' : ',');
        return;
    case SHEET_COUNT:
        buf_add_i64(b, cell->number);
        return;
    case SHEET_AMOUNT:
        add_decimal(b, cell->number, currency_digits(sheet->currency), sign);
        return;
    case SHEET_SHARE:
        add_share(b, cell->number, sign);
        return;
    case SHEET_TIME:
        add_time(b, sheet->zone, cell->number);
        return;
    }
}

static void add_separator(struct buf *b, const struct sheet *sheet, int i)
{
    if (i)
        buf_add_char(b, sheet->decimal_comma ? ';' : ',');
}

void sheet_csv_head(struct buf *b, const struct sheet *sheet)
{
    buf_add(b, byte_order_mark);
    for (int i = 0; i < sheet->count; i++) {
        add_separator(b, sheet, i);
        add_text(b, sheet->columns[i].label, sheet->decimal_comma ? ';' : ',');
    }
    buf_add(b, STR("\r\n"));
}

void sheet_csv_row(struct buf *b, const struct sheet *sheet, const struct sheet_cell *cells)
{
    for (int i = 0; i < sheet->count; i++) {
        add_separator(b, sheet, i);
        add_cell(b, sheet, sheet->columns[i].type, &cells[i]);
    }
    buf_add(b, STR("\r\n"));
}
