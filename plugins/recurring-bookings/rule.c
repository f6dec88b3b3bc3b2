#include "rule.h"

#include <stdio.h>
#include <string.h>

#include <libical/ical.h>

static const char *const repeats[] = {"day", "week", "month_day", "month_weekday", "year"};
static const char *const codes[] = {"", "MO", "TU", "WE", "TH", "FR", "SA", "SU"};

enum { REPEATS = sizeof repeats / sizeof *repeats, LAST = -1, TEXT_MAX = 200 };

// -1 when it isn't one.
static int digits(struct vt_str s, size_t from, size_t count)
{
    int n = 0;
    if (from + count > s.len)
        return -1;
    for (size_t i = from; i < from + count; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return -1;
        n = n * 10 + s.p[i] - '0';
    }
    return n;
}

static struct rule_day day_of(struct vt_str s)
{
    if (s.len != 10)
        return (struct rule_day){0};
    return (struct rule_day){digits(s, 0, 4), digits(s, 5, 2), digits(s, 8, 2)};
}

static int day_cmp(struct rule_day a, struct rule_day b)
{
    return a.year != b.year     ? a.year - b.year
           : a.month != b.month ? a.month - b.month
                                : a.day - b.day;
}

// A number typed or stored as text, or `last`.
static int number_of(struct vt_value *v)
{
    struct vt_str s = vt_as_text(v);
    if (vt_str_eq(s, VT("last")))
        return LAST;
    return s.len && s.len <= 2 ? digits(s, 0, s.len) : (int)vt_as_int(v, 0);
}

static enum rule_repeat repeat_of(struct vt_str name)
{
    for (int i = 0; i < REPEATS; i++)
        if (vt_str_eq(name, vt_str_of(repeats[i])))
            return (enum rule_repeat)i;
    return RULE_WEEK;
}

// [{key: "1", count: 1}].
static unsigned weekdays_of(struct vt_value *days)
{
    unsigned set = 0;
    for (size_t i = 0; i < vt_count(days); i++) {
        int day = number_of(vt_get(vt_at(days, i), "key"));
        if (day >= 1 && day <= 7 && vt_get_int(vt_at(days, i), "count", 0) > 0)
            set |= 1u << day;
    }
    return set;
}

struct rule rule_read(struct vt_value *f)
{
    int64_t count = vt_get_int(f, "count", 0);
    struct rule r = {.repeat = repeat_of(vt_get_text(f, "repeat")),
        .every = (int)vt_get_int(f, "every", 1),
        .weekdays = weekdays_of(vt_get(f, "days")),
        .month_day = number_of(vt_get(f, "month_day")),
        .nth = number_of(vt_get(f, "nth")),
        .weekday = number_of(vt_get(f, "weekday")),
        .first_text = vt_get_text(f, "first"),
        .time_text = vt_get_text(f, "time"),
        .until_text = vt_get_text(f, "until"),
        .by_date = vt_str_eq(vt_get_text(f, "ends"), VT("until")),
        .count = (int)(count > RULE_DATES_MAX ? RULE_DATES_MAX + 1 : count)};
    r.first = day_of(r.first_text);
    r.until = day_of(r.until_text);
    r.hour = digits(r.time_text, 0, 2);
    r.minute = digits(r.time_text, 3, 2);
    return r;
}

// 1–7, Monday first.
static int weekday_of(struct rule_day d)
{
    struct icaltimetype t = icaltime_null_date();
    t.year = d.year;
    t.month = d.month;
    t.day = d.day;
    return (icaltime_day_of_week(t) + 5) % 7 + 1;
}

void rule_complete(struct rule *r)
{
    if (!r->first.year)
        return;
    int weekday = weekday_of(r->first);
    if (!r->weekdays)
        r->weekdays = 1u << weekday;
    if (!r->month_day)
        r->month_day = r->first.day;
    if (!r->nth)
        r->nth = (r->first.day - 1) / 7 + 1;
    if (!r->weekday)
        r->weekday = weekday;
}

static bool refuse(struct vt_call *call, const char *field, const char *key)
{
    struct vt_value *args = vt_object(call);
    vt_set_int(call, args, "most", RULE_DATES_MAX);
    vt_set_int(call, args, "years", RULE_YEARS_MAX);
    vt_form_refuse(call, vt_str_of(field), vt_translate_text(call, vt_str_of(key), args));
    return false;
}

static bool check_end(struct vt_call *call, const struct rule *r)
{
    if (r->by_date) {
        if (!r->until.year)
            return refuse(call, "until", "error.until");
        return day_cmp(r->until, r->first) >= 0 || refuse(call, "until", "error.until_before");
    }
    if (r->count < 1)
        return refuse(call, "count", "error.count");
    return r->count <= RULE_DATES_MAX || refuse(call, "count", "error.too_many");
}

bool rule_check(struct vt_call *call, const struct rule *r)
{
    bool good = true;
    if (r->time_text.len != 5 || r->time_text.p[2] != ':' || r->hour < 0 || r->hour > 23 ||
        r->minute < 0 || r->minute > 59)
        good = refuse(call, "time", "error.time");
    if (!r->first.year)
        return refuse(call, "first", "error.first");
    return check_end(call, r) && good;
}

struct vt_value *rule_value(struct vt_call *call, const struct rule *r)
{
    struct vt_value *v = vt_object(call), *days = vt_list(call);
    for (int day = 1; day <= 7; day++)
        if (r->weekdays & 1u << day) {
            struct vt_value *one = vt_object(call);
            vt_set_text(call, one, "key", vt_str_format(call, "%d", day));
            vt_set_int(call, one, "count", 1);
            vt_append(call, days, one);
        }
    vt_set_text(call, v, "repeat", vt_str_of(repeats[r->repeat]));
    vt_set_int(call, v, "every", r->every);
    vt_set(call, v, "days", days);
    vt_set_text(call, v, "month_day",
        r->month_day == LAST ? VT("last") : vt_str_format(call, "%d", r->month_day));
    vt_set_text(call, v, "nth", r->nth == LAST ? VT("last") : vt_str_format(call, "%d", r->nth));
    vt_set_text(call, v, "weekday", vt_str_format(call, "%d", r->weekday));
    vt_set_text(call, v, "first", r->first_text);
    vt_set_text(call, v, "time", r->time_text);
    vt_set_text(call, v, "ends", r->by_date ? VT("until") : VT("count"));
    vt_set_int(call, v, "count", r->count);
    vt_set_text(call, v, "until", r->until_text);
    return v;
}

static struct vt_str weekday_codes(struct vt_call *call, unsigned set)
{
    struct vt_str s = VT("");
    for (int day = 1; day <= 7; day++)
        if (set & 1u << day)
            s = vt_str_format(call, "%.*s%s%s", (int)s.len, s.p, s.len ? "," : "", codes[day]);
    return s;
}

static struct vt_str what(struct vt_call *call, const struct rule *r)
{
    struct vt_str days;
    switch (r->repeat) {
    case RULE_DAY:
        return vt_str_format(call, "FREQ=DAILY;INTERVAL=%d", r->every);
    case RULE_WEEK:
        days = weekday_codes(call, r->weekdays);
        return vt_str_format(
            call, "FREQ=WEEKLY;INTERVAL=%d;BYDAY=%.*s", r->every, (int)days.len, days.p);
    case RULE_MONTH_DAY:
        return vt_str_format(
            call, "FREQ=MONTHLY;INTERVAL=%d;BYMONTHDAY=%d", r->every, r->month_day);
    case RULE_MONTH_WEEKDAY:
        return vt_str_format(
            call, "FREQ=MONTHLY;INTERVAL=%d;BYDAY=%d%s", r->every, r->nth, codes[r->weekday]);
    case RULE_YEAR:
        return vt_str_format(call, "FREQ=YEARLY;INTERVAL=%d;BYMONTH=%d;BYMONTHDAY=%d", r->every,
            r->first.month, r->first.day);
    }
    return VT_NULL;
}

struct vt_str rule_text(struct vt_call *call, const struct rule *r)
{
    struct vt_str s = what(call, r);
    if (!r->by_date)
        return vt_str_format(call, "%.*s;COUNT=%d", (int)s.len, s.p, r->count);
    return vt_str_format(call, "%.*s;UNTIL=%04d%02d%02dT235959", (int)s.len, s.p, r->until.year,
        r->until.month, r->until.day);
}

struct vt_value *rule_times(struct vt_call *call, const struct rule *r)
{
    struct vt_value *times = vt_list(call);
    const char *end = r->by_date ? "until" : "count";
    struct icaltimetype start = icaltime_null_time();
    start.year = r->first.year;
    start.month = r->first.month;
    start.day = r->first.day;
    start.hour = r->hour;
    start.minute = r->minute;
    char text[TEXT_MAX];
    struct vt_str rule = rule_text(call, r);
    snprintf(text, sizeof text, "%.*s", (int)rule.len, rule.p);
    icalrecur_iterator *i = icalrecur_iterator_new(icalrecurrencetype_from_string(text), start);
    bool good = true;
    while (i && good) {
        struct icaltimetype t = icalrecur_iterator_next(i);
        if (icaltime_is_null_time(t))
            break;
        struct rule_day last = {r->first.year + RULE_YEARS_MAX, r->first.month, r->first.day};
        if (day_cmp((struct rule_day){t.year, t.month, t.day}, last) > 0)
            good = refuse(call, end, "error.too_long");
        else if (vt_count(times) == RULE_DATES_MAX)
            good = refuse(call, end, "error.too_many");
        else
            vt_append(call, times,
                vt_text(call, vt_str_format(call, "%04d-%02d-%02dT%02d:%02d", t.year, t.month,
                                  t.day, r->hour, r->minute)));
    }
    if (i)
        icalrecur_iterator_free(i);
    if (good && !vt_count(times))
        good = refuse(call, end, "error.none");
    return good ? times : NULL;
}

struct vt_str rule_weekday(struct vt_call *call, int weekday)
{
    struct vt_value *args = vt_object(call);
    vt_set_text(call, args, "day", vt_str_format(call, "%d", weekday));
    return vt_translate_text(call, VT("weekday"), args);
}

// "Monday, Wednesday and Friday".
static struct vt_str weekday_list(struct vt_call *call, unsigned set)
{
    struct vt_str before = VT_NULL, last = VT_NULL;
    for (int day = 1; day <= 7; day++) {
        if (!(set & 1u << day))
            continue;
        if (last.p)
            before = before.p ? vt_str_format(call, "%.*s, %.*s", (int)before.len, before.p,
                                    (int)last.len, last.p)
                              : last;
        last = rule_weekday(call, day);
    }
    if (!before.p)
        return last;
    struct vt_value *args = vt_object(call);
    vt_set_text(call, args, "before", before);
    vt_set_text(call, args, "last", last);
    return vt_translate_text(call, VT("list"), args);
}

struct vt_str rule_words(
    struct vt_call *call, const struct rule *r, struct vt_str first, struct vt_str until)
{
    static const char *const keys[] = {
        "rule.day", "rule.week", "rule.month_day", "rule.month_weekday", "rule.year"};
    struct vt_value *args = vt_object(call), *ends = vt_object(call);
    bool last_day = r->repeat == RULE_MONTH_DAY && r->month_day == LAST;
    vt_set_int(call, args, "every", r->every);
    vt_set_text(call, args, "days", weekday_list(call, r->weekdays));
    vt_set_int(call, args, "day", r->month_day);
    vt_set_text(call, args, "nth", r->nth == LAST ? VT("last") : vt_str_format(call, "%d", r->nth));
    vt_set_text(call, args, "weekday", rule_weekday(call, r->weekday));
    vt_set_text(call, args, "date", first);
    vt_set_int(call, ends, "count", r->count);
    vt_set_text(call, ends, "date", until);
    struct vt_str what =
        vt_translate_text(call, vt_str_of(last_day ? "rule.month_last" : keys[r->repeat]), args);
    vt_set_text(call, ends, "rule", what);
    return vt_translate_text(call, r->by_date ? VT("rule.until") : VT("rule.counted"), ends);
}
