// Calendar files and QR codes as other programs read them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <libical/ical.h>

#include "domain/calendar.h"
#include "domain/qr.h"

static struct arena *a;

static int setup(void **state)
{
    (void)state;
    a = arena_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(a);
    return 0;
}

static bool has(struct str text, const char *part)
{
    return str_find(text, str_of(part)) >= 0;
}

static struct calendar_event concert(void)
{
    return (struct calendar_event){
        .uid = STR("line-7@teatro.example"),
        .start_us = 1795294800000000,
        .end_us = 1795302000000000,
        .summary =
            STR("Réservation ; Le Médecin, malgré lui\\ 日本語の題名はとても長いので折り返す"),
        .location = STR("Teatro Central, C/ Mayor 1"),
        .description = STR("Sat 21 Nov, 22:00 (Madrid)\nCode: ABCD EFGH\r\n\x01"
                           "BEGIN:VEVENT"),
        .url = STR("https://teatro.example/orders/ABCD?t=x"),
    };
}

static void events_are_exact_and_escaped(void **state)
{
    (void)state;
    struct calendar_event e = concert();
    struct calendar c = {
        .name = STR("Teatro Central"), .stamp_us = 1795290000000000, .events = &e, .count = 1};
    struct str ics = calendar_ics(a, &c);
    assert_true(str_starts(ics, STR("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:")));
    assert_true(has(ics, "METHOD:PUBLISH\r\n") && has(ics, "STATUS:CONFIRMED\r\n"));
    assert_true(has(ics, "DTSTART:20261121T210000Z\r\n") && has(ics, "DTEND:20261121T230000Z\r\n"));
    assert_true(has(ics, "DTSTAMP:20261121T194000Z\r\n") && has(ics, "SEQUENCE:0\r\n"));
    assert_true(has(ics, "X-WR-CALNAME:Teatro Central\r\n"));
    assert_true(has(ics, "LOCATION:Teatro Central\\, C/ Mayor 1\r\n"));
    assert_false(has(ics, "\r\nBEGIN:VEVENT\r\nBEGIN:VEVENT") || has(ics, "\x01"));
    for (struct str rest = ics; rest.len;) {
        struct str line = str_cut(&rest, '\n');
        assert_true(line.len <= 76 && line.p[line.len - 1] == '\r');
        assert_true(str_utf8_valid(line));
    }
    icalcomponent *parsed = icalparser_parse_string(str_z(a, ics));
    assert_non_null(parsed);
    icalcomponent *event = icalcomponent_get_first_component(parsed, ICAL_VEVENT_COMPONENT);
    assert_string_equal(icalcomponent_get_summary(event), str_z(a, e.summary));
    assert_string_equal(icalcomponent_get_description(event),
        "Sat 21 Nov, 22:00 (Madrid)\nCode: ABCD EFGH\nBEGIN:VEVENT");
    icalcomponent_free(parsed);
}

static void cancellations_replace_events(void **state)
{
    (void)state;
    struct calendar_event events[2] = {concert(), concert()};
    events[0].cancelled = true;
    events[0].sequence = 2;
    events[1].location = events[1].url = events[1].description = STR_NULL;
    struct calendar c = {.events = events, .count = 2};
    struct str ics = calendar_ics(a, &c);
    assert_true(
        has(ics, "METHOD:PUBLISH") && has(ics, "STATUS:CANCELLED") && has(ics, "SEQUENCE:2"));
    c.count = 1;
    ics = calendar_ics(a, &c);
    assert_true(has(ics, "METHOD:CANCEL\r\n") && has(ics, "UID:line-7@teatro.example\r\n"));
}

static void qr_codes_have_their_shape(void **state)
{
    (void)state;
    struct qr q;
    assert_false(qr_make(a, STR(""), &q));
    assert_false(qr_make(a, STR("a\0b"), &q));
    assert_false(qr_make(a, str_n(arena_zalloc(a, 1, QR_TEXT_MAX + 1), QR_TEXT_MAX + 1), &q));
    assert_true(qr_make(a, STR("ABCDEFGH"), &q));
    assert_int_equal(q.size, 21);
    for (int i = 0; i < 7; i++)
        assert_true(
            qr_dark(&q, i, 0) && qr_dark(&q, 0, i) && qr_dark(&q, 20 - i, 0) && qr_dark(&q, i, 20));
    assert_true(!qr_dark(&q, 7, 0) && !qr_dark(&q, 1, 1));
    struct str svg = qr_svg(a, &q, STR("Ticket \"ABCD\""));
    assert_true(str_starts(svg, STR("<svg ")) && str_ends(svg, STR("\"/></svg>")));
    assert_true(has(svg, "viewBox=\"0 0 29 29\"") && has(svg, "Ticket &quot;ABCD&quot;"));
    assert_true(has(svg, "d=\"M4 4h7v1h-7z"));
    char *most = arena_alloc(a, QR_TEXT_MAX);
    memset(most, 0xe9, QR_TEXT_MAX);
    assert_true(qr_make(a, str_n(most, QR_TEXT_MAX), &q));
    assert_true(str_ends(qr_svg(a, &q, STR("")), STR("</svg>")));
}

int main(void)
{
#define with_arena(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        with_arena(events_are_exact_and_escaped),
        with_arena(cancellations_replace_events),
        with_arena(qr_codes_have_their_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
