// A sheet as CSV, cell by cell: every number as a spreadsheet reads it, nothing a formula.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "domain/sheet.h"

static struct arena *a;

static struct sheet sheet_of(const struct sheet_column *column, const char *currency, bool comma)
{
    struct sheet sheet = {.columns = column,
        .count = 1,
        .zone = zone_get(STR("Europe/Paris")),
        .decimal_comma = comma};
    assert_true(currency_parse(str_of(currency), &sheet.currency));
    return sheet;
}

static void assert_cell(const struct sheet *sheet, const struct sheet_cell *cell, const char *text)
{
    struct buf b;
    buf_init(&b, a, 4096);
    sheet_csv_row(&b, sheet, cell);
    assert_string_equal(str_z(a, str_trim(buf_str(&b))), text);
}

static void assert_number(
    enum sheet_type type, const char *currency, bool comma, int64_t number, const char *text)
{
    struct sheet_column column = {.type = type};
    struct sheet sheet = sheet_of(&column, currency, comma);
    assert_cell(&sheet, &(struct sheet_cell){.filled = true, .number = number}, text);
}

static void amounts_in_whole_units(void **state)
{
    (void)state;
    assert_number(SHEET_AMOUNT, "EUR", false, 1250, "12.50");
    assert_number(SHEET_AMOUNT, "EUR", true, 1250, "12,50");
    assert_number(SHEET_AMOUNT, "EUR", false, 5, "0.05");
    assert_number(SHEET_AMOUNT, "EUR", false, 0, "0.00");
    assert_number(SHEET_AMOUNT, "EUR", false, -199, "-1.99");
    assert_number(SHEET_AMOUNT, "JPY", false, 1400, "1400");
    assert_number(SHEET_AMOUNT, "JPY", false, 0, "0");
    assert_number(SHEET_AMOUNT, "KWD", true, 1234, "1,234");
    assert_number(SHEET_AMOUNT, "EUR", false, INT64_MIN, "-92233720368547758.08");
}

static void counts_and_shares(void **state)
{
    (void)state;
    assert_number(SHEET_COUNT, "EUR", true, 1234567, "1234567");
    assert_number(SHEET_SHARE, "EUR", false, 200000, "20");
    assert_number(SHEET_SHARE, "EUR", true, 55000, "5,5");
    assert_number(SHEET_SHARE, "EUR", false, 0, "0");
    assert_number(SHEET_SHARE, "EUR", false, 1, "0.0001");
    assert_number(SHEET_SHARE, "EUR", false, 1000000, "100");
}

static void times_by_the_clock_on_the_wall(void **state)
{
    (void)state;
    assert_number(
        SHEET_TIME, "EUR", false, INT64_C(1793494800) * US_PER_SECOND, "2026-11-01 02:00");
    // The hour that a change of clocks skips: from 02:00 to 03:00 of 29 March.
    assert_number(
        SHEET_TIME, "EUR", false, INT64_C(1774745999) * US_PER_SECOND, "2026-03-29 01:59");
    assert_number(
        SHEET_TIME, "EUR", false, INT64_C(1774746000) * US_PER_SECOND, "2026-03-29 03:00");
}

static void assert_text(bool comma, const char *given, const char *text)
{
    static const struct sheet_column column = {.type = SHEET_TEXT};
    struct sheet sheet = sheet_of(&column, "EUR", comma);
    assert_cell(&sheet, &(struct sheet_cell){.filled = true, .text = str_of(given)}, text);
}

static void texts_that_stay_texts(void **state)
{
    (void)state;
    assert_text(false, "plain", "plain");
    assert_text(false, "a,b", "\"a,b\"");
    assert_text(true, "a,b", "a,b");
    assert_text(true, "a;b", "\"a;b\"");
    assert_text(false, "say \"yes\"", "\"say \"\"yes\"\"\"");
    assert_text(false, "\"", "\"\"\"\"");
    assert_text(false, "two\nlines", "\"two\nlines\"");
    assert_text(false, "=1+1", "'=1+1");
    assert_text(false, "-1", "'-1");
    assert_text(false, "=\"a\",b", "\"'=\"\"a\"\",b\"");
    assert_text(false, "\tx", "'\tx");
    assert_text(false, "\rx", "\"'\rx\"");
    assert_text(false, "\xef\xbc\x9dx", "'\xef\xbc\x9dx");
    assert_text(false, "1=1", "1=1");
    assert_text(false, "", "");
}

static void what_is_not_there_is_empty(void **state)
{
    (void)state;
    static const struct sheet_column columns[] = {{.type = SHEET_AMOUNT}, {.type = SHEET_TEXT}};
    struct sheet sheet = sheet_of(columns, "EUR", false);
    sheet.count = 2;
    assert_cell(&sheet, (struct sheet_cell[]){{.filled = false}, {.filled = false}}, ",");
}

static int set_up(void **state)
{
    (void)state;
    a = arena_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_in_whole_units),
        cmocka_unit_test(counts_and_shares),
        cmocka_unit_test(times_by_the_clock_on_the_wall),
        cmocka_unit_test(texts_that_stay_texts),
        cmocka_unit_test(what_is_not_there_is_empty),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
