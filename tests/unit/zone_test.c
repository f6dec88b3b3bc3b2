// Dates, zones and regions: clock changes in both directions, at midnight, by half an hour.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/region.h"
#include "base/zone.h"

#define assert_str(s, literal) assert_string_equal(str_z(a, (s)), literal)

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

static struct date date(const char *text)
{
    struct date d = {0};
    assert_true(date_parse(str_of(text), &d));
    return d;
}

static struct zone_instant at(const char *zone, const char *day, const char *time)
{
    int minute;
    assert_true(time_parse(str_of(time), &minute));
    return zone_instant(zone_get(str_of(zone)), (struct local_time){date(day), minute * 60});
}

static void assert_local(const char *zone, const char *day, const char *time, const char *expected)
{
    struct zone_instant t = at(zone, day, time);
    assert_int_equal(t.result, ZONE_OK);
    assert_int_equal(t.first_us, t.second_us);
    assert_str(instant_text(a, zone_get(str_of(zone)), t.first_us), expected);
}

static void assert_gap(const char *zone, const char *day, const char *time, const char *after)
{
    struct zone_instant t = at(zone, day, time);
    assert_int_equal(t.result, ZONE_GAP);
    assert_str(instant_text(a, zone_get(str_of(zone)), t.first_us), after);
}

static void assert_twice(
    const char *zone, const char *day, const char *time, const char *first, const char *second)
{
    struct zone_instant t = at(zone, day, time);
    assert_int_equal(t.result, ZONE_AMBIGUOUS);
    assert_str(instant_text(a, zone_get(str_of(zone)), t.first_us), first);
    assert_str(instant_text(a, zone_get(str_of(zone)), t.second_us), second);
}

static void assert_day_start(const char *zone, const char *day, const char *expected)
{
    const struct zone *z = zone_get(str_of(zone));
    assert_str(instant_text(a, z, zone_day_start(z, date(day))), expected);
}

static void wall_clock_times_become_instants(void **state)
{
    (void)state;
    assert_local("Europe/Madrid", "2026-11-21", "18:00", "2026-11-21T18:00:00+01:00");
    assert_local("Europe/Madrid", "2026-07-01", "18:00", "2026-07-01T18:00:00+02:00");
    assert_local("Asia/Tokyo", "2026-07-01", "09:30", "2026-07-01T09:30:00+09:00");
    assert_local("Asia/Kolkata", "2026-07-01", "09:30", "2026-07-01T09:30:00+05:30");
    assert_local("America/Sao_Paulo", "2026-01-15", "23:59", "2026-01-15T23:59:00-03:00");
    assert_local("UTC", "1970-01-01", "00:00", "1970-01-01T00:00:00+00:00");
    assert_local("Europe/London", "1969-06-01", "12:00", "1969-06-01T12:00:00+01:00");
}

static void skipped_times_are_found(void **state)
{
    (void)state;
    assert_gap("Europe/Madrid", "2026-03-29", "02:00", "2026-03-29T03:00:00+02:00");
    assert_gap("Europe/Madrid", "2026-03-29", "02:59", "2026-03-29T03:00:00+02:00");
    assert_local("Europe/Madrid", "2026-03-29", "01:59", "2026-03-29T01:59:00+01:00");
    assert_local("Europe/Madrid", "2026-03-29", "03:00", "2026-03-29T03:00:00+02:00");
    assert_gap("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-04T02:30:00+11:00");
    assert_gap("America/Sao_Paulo", "2018-11-04", "00:30", "2018-11-04T01:00:00-02:00");
    assert_gap("Pacific/Apia", "2011-12-30", "12:00", "2011-12-31T00:00:00+14:00");
}

static void repeated_times_are_found(void **state)
{
    (void)state;
    assert_twice("Europe/Madrid", "2026-10-25", "02:30", "2026-10-25T02:30:00+02:00",
        "2026-10-25T02:30:00+01:00");
    assert_local("Europe/Madrid", "2026-10-25", "03:00", "2026-10-25T03:00:00+01:00");
    assert_twice("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-05T01:45:00+11:00",
        "2026-04-05T01:45:00+10:30");
    assert_twice("America/Sao_Paulo", "2018-02-17", "23:15", "2018-02-17T23:15:00-02:00",
        "2018-02-17T23:15:00-03:00");
}

static void days_start_after_a_skipped_midnight(void **state)
{
    (void)state;
    assert_day_start("Europe/Madrid", "2026-03-29", "2026-03-29T00:00:00+01:00");
    assert_day_start("America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00");
    assert_day_start("America/Sao_Paulo", "2018-02-18", "2018-02-18T00:00:00-03:00");
    assert_day_start("America/Havana", "2026-11-01", "2026-11-01T00:00:00-04:00");
    assert_day_start("Asia/Beirut", "2022-03-27", "2022-03-27T01:00:00+03:00");
}

static void days_are_23_to_25_hours(void **state)
{
    (void)state;
    const struct zone *z = zone_get(STR("Europe/Madrid"));
    int64_t hours[2];
    const char *days[] = {"2026-03-29", "2026-10-25"};
    for (int i = 0; i < 2; i++) {
        struct date d = date(days[i]);
        hours[i] = (zone_day_start(z, date_add_days(d, 1)) - zone_day_start(z, d)) /
                   (3600 * US_PER_SECOND);
    }
    assert_int_equal(hours[0], 23);
    assert_int_equal(hours[1], 25);
}

static void every_hour_goes_there_and_back(void **state)
{
    (void)state;
    const char *names[] = {"Europe/Madrid", "Australia/Lord_Howe", "America/Sao_Paulo",
        "Africa/Casablanca", "Pacific/Apia"};
    for (int n = 0; n < 5; n++) {
        const struct zone *z = zone_get(str_of(names[n]));
        for (int64_t t = -US_PER_DAY * 400; t < US_PER_DAY * 24000; t += 5 * 3600 * US_PER_SECOND) {
            struct zone_instant i = zone_instant(z, zone_local(z, t));
            assert_int_not_equal(i.result, ZONE_GAP);
            assert_true(i.first_us == t || i.second_us == t);
        }
    }
}

static void only_iana_places_are_zones(void **state)
{
    (void)state;
    assert_true(zone_is_valid(STR("Europe/Madrid")));
    assert_true(zone_is_valid(STR("UTC")));
    assert_ptr_equal(zone_get(STR("Asia/Tokyo")), zone_get(STR("Asia/Tokyo")));
    const char *bad[] = {"", "EST", "GMT+3", "Europe/Atlantis", "europe/madrid ", "Etc/GMT+3",
        "Europe/Madrid\n", "../../etc/passwd"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(zone_is_valid(str_of(bad[i])));
}

static void dates_follow_the_calendar(void **state)
{
    (void)state;
    struct date d;
    const char *bad[] = {"2026-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "0000-01-01",
        "2026-01-32", "2026/01/01", " 2026-01-01", "2026-01-0x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(date_parse(str_of(bad[i]), &d));
    assert_true(date_parse(STR("2028-02-29"), &d));
    assert_str(date_text(a, date_add_days(d, 1)), "2028-03-01");
    assert_str(date_text(a, date_add_months(date("2026-01-31"), 1)), "2026-02-28");
    assert_str(date_text(a, date_add_months(date("2026-01-31"), -2)), "2025-11-30");
    assert_int_equal(date_weekday(date("1970-01-01")), 4);
    assert_int_equal(date_weekday(date("2026-11-21")), 6);
    assert_int_equal(date_weekday(date("1969-12-28")), 7);
    for (int32_t days = -700000; days < 2900000; days += 13)
        assert_int_equal(date_to_days(date_from_days(days)), days);
    int minute;
    assert_true(time_parse(STR("23:59"), &minute));
    assert_int_equal(minute, 1439);
    assert_str(time_text(a, minute), "23:59");
    assert_false(time_parse(STR("24:00"), &minute));
    assert_false(time_parse(STR("9:00"), &minute));
}

static void instants_are_read(void **state)
{
    (void)state;
    int64_t t, u;
    assert_true(instant_parse(STR("2026-11-21T18:00:00+01:00"), &t));
    assert_true(instant_parse(STR("2026-11-21T17:00:00.250Z"), &u));
    assert_int_equal(u - t, 250000);
    assert_int_equal(t, INT64_C(1795280400) * US_PER_SECOND);
    const char *bad[] = {"2026-11-21T18:00:00", "2026-11-21 18:00:00Z", "2026-11-21T18:00:60Z",
        "2026-11-21T18:00:00+1:00", "2026-11-21T18:00:00.Z", "2026-11-21T18:00:-1Z", ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(instant_parse(str_of(bad[i]), &t));
}

static void a_browser_suggests_defaults(void **state)
{
    (void)state;
    const struct str offered[] = {STR("en"), STR("fr"), STR("es")};
    assert_int_equal(region_language(STR("fr-CA,fr;q=0.9,en;q=0.8"), offered, 3), 1);
    assert_int_equal(region_language(STR("de, es;q=0.4, en;q=0.5"), offered, 3), 0);
    assert_int_equal(region_language(STR("de"), offered, 3), -1);
    assert_int_equal(region_language(STR_NULL, offered, 3), -1);
    assert_int_equal(region_language(STR("es;q=0"), offered, 3), -1);
    assert_int_equal(region_language(STR(",,;;q=,\x01;q=9.9.9"), offered, 3), -1);
    struct region_defaults d = region_guess(STR("es,en;q=0.5"));
    assert_str(d.region, "ES");
    assert_str(d.zone, "Europe/Madrid");
    assert_string_equal(d.currency.code, "EUR");
    d = region_guess(STR("en-US,en"));
    assert_str(d.zone, "America/New_York");
    assert_string_equal(d.currency.code, "USD");
    d = region_guess(STR("ja"));
    assert_str(d.zone, "Asia/Tokyo");
    assert_string_equal(d.currency.code, "JPY");
    d = region_guess(STR("x-nonsense"));
    assert_str(d.region, "GB");
    assert_string_equal(d.currency.code, "GBP");
    assert_str(region_of_zone(STR("Europe/Madrid")), "ES");
    assert_str(region_of_zone(STR("America/Sao_Paulo")), "BR");
    assert_null(region_of_zone(STR("UTC")).p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wall_clock_times_become_instants),
        cmocka_unit_test(skipped_times_are_found),
        cmocka_unit_test(repeated_times_are_found),
        cmocka_unit_test(days_start_after_a_skipped_midnight),
        cmocka_unit_test(days_are_23_to_25_hours),
        cmocka_unit_test(every_hour_goes_there_and_back),
        cmocka_unit_test(only_iana_places_are_zones),
        cmocka_unit_test(dates_follow_the_calendar),
        cmocka_unit_test(instants_are_read),
        cmocka_unit_test(a_browser_suggests_defaults),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
