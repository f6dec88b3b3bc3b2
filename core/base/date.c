#include "base/date.h"

#include <ctype.h>

#include "base/check.h"

static int date_month_days(struct date d)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (d.year % 4 == 0 && d.year % 100 != 0) || d.year % 400 == 0;
    return days[d.month - 1] + (d.month == 2 && leap);
}

bool date_is_valid(struct date d)
{
    return d.year >= 1 && d.year <= 9999 && d.month >= 1 && d.month <= 12 && d.day >= 1 &&
           d.day <= date_month_days(d);
}

// Both ways through years that start in March, so that the leap day is the last (civil calendar
// arithmetic of 400-year eras of 146,097 days).
int32_t date_to_days(struct date d)
{
    int32_t year = d.year - (d.month <= 2);
    int32_t era = (year >= 0 ? year : year - 399) / 400;
    int32_t year_of_era = year - era * 400;
    int32_t day_of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
    int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct date date_from_days(int32_t days)
{
    int32_t shifted = days + 719468;
    int32_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int32_t day_of_era = shifted - era * 146097;
    int32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t month_from_march = (5 * day_of_year + 2) / 153;
    int32_t month = month_from_march + (month_from_march < 10 ? 3 : -9);
    return (struct date){(int16_t)(year_of_era + era * 400 + (month <= 2)), (int8_t)month,
        (int8_t)(day_of_year - (153 * month_from_march + 2) / 5 + 1)};
}

struct date date_add_days(struct date d, int32_t days)
{
    return date_from_days(date_to_days(d) + days);
}

struct date date_add_months(struct date d, int32_t months)
{
    int32_t n = d.year * 12 + d.month - 1 + months;
    check(n >= 12 && n < 120000);
    struct date moved = {(int16_t)(n / 12), (int8_t)(n % 12 + 1), d.day};
    int last = date_month_days(moved);
    if (moved.day > last)
        moved.day = (int8_t)last;
    return moved;
}

int date_weekday(struct date d)
{
    int32_t days = date_to_days(d);
    return (int)((days % 7 + 10) % 7) + 1; // 1970-01-01 was a Thursday
}

int date_cmp(struct date a, struct date b)
{
    int32_t x = date_to_days(a), y = date_to_days(b);
    return (x > y) - (x < y);
}

// Exactly `len` digits at `at`.
static bool digits(struct str s, size_t at, size_t len, int *out)
{
    int n = 0;
    if (at + len > s.len)
        return false;
    for (size_t i = at; i < at + len; i++) {
        if (!isdigit((unsigned char)s.p[i]))
            return false;
        n = n * 10 + s.p[i] - '0';
    }
    *out = n;
    return true;
}

bool date_parse(struct str s, struct date *out)
{
    int year, month, day;
    if (s.len != 10 || s.p[4] != '-' || s.p[7] != '-' || !digits(s, 0, 4, &year) ||
        !digits(s, 5, 2, &month) || !digits(s, 8, 2, &day))
        return false;
    struct date d = {(int16_t)year, (int8_t)month, (int8_t)day};
    if (!date_is_valid(d))
        return false;
    *out = d;
    return true;
}

char *date_put(char *out, struct date d)
{
    out = str_put_digits(out, (uint32_t)d.year, 4);
    *out++ = '-';
    out = str_put_digits(out, (uint32_t)d.month, 2);
    *out++ = '-';
    return str_put_digits(out, (uint32_t)d.day, 2);
}

struct str date_text(struct arena *a, struct date d)
{
    char *text = arena_alloc(a, DATE_TEXT_LEN + 1);
    *date_put(text, d) = 0;
    return str_n(text, DATE_TEXT_LEN);
}

bool time_parse(struct str s, int *minute)
{
    int h, m;
    if (s.len != 5 || s.p[2] != ':' || !digits(s, 0, 2, &h) || !digits(s, 3, 2, &m) || h > 23 ||
        m > 59)
        return false;
    *minute = h * 60 + m;
    return true;
}

struct str time_text(struct arena *a, int minute)
{
    char *text = arena_alloc(a, 6);
    char *at = str_put_digits(text, (uint32_t)minute / 60, 2);
    *at++ = ':';
    *str_put_digits(at, (uint32_t)minute % 60, 2) = 0;
    return str_n(text, 5);
}
