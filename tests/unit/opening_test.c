// Opening hours that go on past midnight: the evening before counts, weeks join, and both clock
// changes are as the clock on the wall shows them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/zone.h"
#include "domain/opening.h"

static struct opening_hours hours;
static struct opening opening = {.hours = &hours, .hours_count = 1};

static int64_t at(const char *text)
{
    int64_t us = 0;
    assert_true(instant_parse(str_of(text), &us));
    return us;
}

static bool covers(const char *from, const char *to)
{
    opening.zone = zone_get(STR("Europe/Paris"));
    assert_non_null(opening.zone);
    return opening_covers(&opening, 0, at(from), at(to));
}

// Fridays and Saturdays 18:00–02:00, Sundays 18:00–01:00, Mondays from midnight on to half past
// one.
static int nights(void **state)
{
    (void)state;
    hours = (struct opening_hours){
        .count = 4, .spans = {{5, 1080, 1560}, {6, 1080, 1560}, {7, 1080, 1500}, {1, 0, 90}}};
    return 0;
}

static void an_evening_goes_on_after_midnight(void **state)
{
    (void)state;
    // 2026-12-04 is a Friday.
    assert_true(covers("2026-12-04T18:00:00+01:00", "2026-12-04T20:00:00+01:00"));
    assert_true(covers("2026-12-04T23:00:00+01:00", "2026-12-05T02:00:00+01:00"));
    assert_true(covers("2026-12-05T00:00:00+01:00", "2026-12-05T01:00:00+01:00"));
    assert_true(covers("2026-12-05T01:00:00+01:00", "2026-12-05T02:00:00+01:00"));
    assert_false(covers("2026-12-05T01:30:00+01:00", "2026-12-05T02:15:00+01:00"));
    assert_false(covers("2026-12-05T02:00:00+01:00", "2026-12-05T03:00:00+01:00"));
    // Nobody was there on Thursday evening.
    assert_false(covers("2026-12-04T01:00:00+01:00", "2026-12-04T01:30:00+01:00"));
    assert_false(covers("2026-12-04T17:30:00+01:00", "2026-12-04T18:30:00+01:00"));
}

static void weeks_and_days_join(void **state)
{
    (void)state;
    // Sunday's hours end at one, Monday's at half past.
    assert_true(covers("2026-12-06T23:00:00+01:00", "2026-12-07T01:30:00+01:00"));
    assert_true(covers("2026-12-07T00:30:00+01:00", "2026-12-07T01:30:00+01:00"));
    assert_false(covers("2026-12-07T01:00:00+01:00", "2026-12-07T01:45:00+01:00"));
    assert_true(opening_hours_on(&hours, (struct date){2026, 12, 5}));
    assert_true(opening_hours_on(&hours, (struct date){2026, 12, 7}));
    assert_false(opening_hours_on(&hours, (struct date){2026, 12, 8}));
    hours.count = 3;
    assert_true(opening_hours_on(&hours, (struct date){2026, 12, 7})); // its first hour
    assert_false(covers("2026-12-06T23:00:00+01:00", "2026-12-07T01:30:00+01:00"));
}

static void clock_changes_count_as_they_show(void **state)
{
    (void)state;
    hours = (struct opening_hours){.count = 1, .spans = {{6, 1080, 1590}}}; // Saturdays until 02:30
    // 29 March 2026: after 01:59 comes 03:00, which is beyond half past two.
    assert_true(covers("2026-03-29T00:30:00+01:00", "2026-03-29T01:30:00+01:00"));
    assert_false(covers("2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"));
    assert_false(covers("2026-03-29T03:00:00+02:00", "2026-03-29T03:15:00+02:00"));
    // 25 October 2026: it is half past two twice.
    assert_true(covers("2026-10-24T23:00:00+02:00", "2026-10-25T02:30:00+02:00"));
    assert_true(covers("2026-10-25T02:00:00+01:00", "2026-10-25T02:30:00+01:00"));
    assert_false(covers("2026-10-25T02:15:00+01:00", "2026-10-25T02:45:00+01:00"));
}

static void all_day_every_day_has_no_end(void **state)
{
    (void)state;
    hours = (struct opening_hours){.count = 7};
    for (int i = 0; i < 7; i++)
        hours.spans[i] = (struct opening_span){i + 1, 0, 1440};
    assert_true(covers("2026-12-06T20:00:00+01:00", "2026-12-07T20:00:00+01:00"));
    assert_true(covers("2026-12-06T20:00:00+01:00", "2026-12-11T20:00:00+01:00"));
    hours.count = 0;
    assert_false(covers("2026-12-06T20:00:00+01:00", "2026-12-06T21:00:00+01:00"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_evening_goes_on_after_midnight, nights),
        cmocka_unit_test_setup(weeks_and_days_join, nights),
        cmocka_unit_test(clock_changes_count_as_they_show),
        cmocka_unit_test(all_day_every_day_has_no_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
