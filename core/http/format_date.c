// Dates, times, ranges and names of zones and languages.
#include <unicode/ucal.h>
#include <unicode/udatpg.h>
#include <unicode/uldnames.h>
#include <unicode/uloc.h>

#include "base/check.h"
#include "base/clock.h"
#include "http/format_locale.h"

// Zone-free: dates and times are formatted as if the venue's wall clock ran in UTC, so a few
// formatters serve all zones.
static UDateFormat *date_formatter(struct format *f, enum format_pattern pattern)
{
    static const char *const skeletons[PATTERN_COUNT] = {[FORMAT_DATE_FULL] = "yMMMMEEEEd",
        [FORMAT_DATE_LONG] = "yMMMMd",
        [FORMAT_DATE_SHORT] = "MMMEd",
        [FORMAT_DATE_MONTH] = "yMMMM",
        [FORMAT_DATE_WEEKDAY] = "cccc",
        [FORMAT_DATE_MONTH_SHORT] = "LLL",
        [FORMAT_DATE_WEEKDAY_SHORT] = "ccc",
        [FORMAT_DATE_DAY] = "d",
        [FORMAT_DATE_DAY_MONTH] = "MMMMEEEEd",
        [FORMAT_DATE_WEEKDAY_LEAST] = "cccccc",
        [FORMAT_DATE_NUMERIC] = "yMMdd",
        [PATTERN_TIME] = "jmm",
        [PATTERN_FULL_TIME] = "yMMMMEEEEdjmm"};
    if (f->dates[pattern])
        return f->dates[pattern];
    UErrorCode status = U_ZERO_ERROR;
    struct wide skeleton, best, utc;
    wide_set(&skeleton, str_of(skeletons[pattern]));
    wide_set(&utc, STR("UTC"));
    UDateTimePatternGenerator *generator = udatpg_open(f->locale, &status);
    best.len = udatpg_getBestPattern(
        generator, skeleton.p, skeleton.len, best.p, FORMAT_TEXT_MAX, &status);
    // A bare day in French would get its number sign; calendars want the number.
    if (pattern == (enum format_pattern)FORMAT_DATE_DAY)
        wide_set(&best, STR("d"));
    udatpg_close(generator);
    f->dates[pattern] =
        udat_open(UDAT_PATTERN, UDAT_PATTERN, f->locale, utc.p, utc.len, best.p, best.len, &status);
    check(U_SUCCESS(status));
    return f->dates[pattern];
}

static bool is_digit(UChar c)
{
    return c >= u'0' && c <= u'9';
}

// The first day of a month is "1er" in French, which ICU leaves to whoever writes: a 1 that stands
// alone and isn't all there is.
static void write_first(const struct format *f, struct wide *w)
{
    if (strncmp(f->locale, "fr", 2) != 0 || w->len < 3 || w->len > FORMAT_TEXT_MAX - 6)
        return;
    for (int32_t i = 0; i + 1 < w->len; i++) {
        bool alone = (i == 0 || !is_digit(w->p[i - 1])) && !is_digit(w->p[i + 1]);
        if (w->p[i] != u'1' || !alone)
            continue;
        memmove(&w->p[i + 3], &w->p[i + 1], (size_t)(w->len - i - 1) * sizeof *w->p);
        w->p[i + 1] = u'e';
        w->p[i + 2] = u'r';
        w->len += 2;
        i += 2;
    }
}

static struct str wall_clock_text(
    struct arena *a, struct format *f, enum format_pattern pattern, int64_t second)
{
    struct str text;
    struct wide w;
    UErrorCode status = U_ZERO_ERROR;
    UDateFormat *formatter = date_formatter(f, pattern);
    struct memo_key key = {formatter, NULL, second};
    if (memo_get(a, key, &text))
        return text;
    w.len = udat_format(formatter, (double)second * 1000, w.p, FORMAT_TEXT_MAX, NULL, &status);
    check(U_SUCCESS(status));
    write_first(f, &w);
    return memo_put(key, wide_text(a, &w));
}

struct str format_date(struct arena *a, struct format *f, struct date date, enum format_date form)
{
    return wall_clock_text(a, f, (enum format_pattern)form, date_to_days(date) * INT64_C(86400));
}

struct str format_time_of_day(struct arena *a, struct format *f, int minute)
{
    return wall_clock_text(a, f, PATTERN_TIME, minute * 60);
}

static int64_t wall_second(const struct zone *zone, int64_t at_us)
{
    struct local_time t = zone_local(zone, at_us);
    return date_to_days(t.date) * INT64_C(86400) + t.second;
}

// "CET", "GMT+9": short enough to stand behind a time, different on both sides of a clock change.
static struct str zone_mark(struct arena *a, struct format *f, const struct zone *zone, bool summer)
{
    struct str text;
    struct memo_key key = {f->dates, zone, summer};
    if (memo_get(a, key, &text))
        return text;
    struct wide w;
    UErrorCode status = U_ZERO_ERROR;
    wide_set(&w, zone_name(zone));
    UCalendar *calendar = ucal_open(w.p, w.len, f->locale, UCAL_GREGORIAN, &status);
    w.len = ucal_getTimeZoneDisplayName(calendar, summer ? UCAL_SHORT_DST : UCAL_SHORT_STANDARD,
        f->locale, w.p, FORMAT_TEXT_MAX, &status);
    ucal_close(calendar);
    check(U_SUCCESS(status));
    return memo_put(key, wide_text(a, &w));
}

struct str format_zone_mark(
    struct arena *a, struct format *f, const struct zone *zone, int64_t at_us)
{
    return zone_mark(a, f, zone, zone_is_summer(zone, at_us));
}

// Whether a zone's name says "standard" depends on the year, so it is asked for now.
static struct str zone_text(
    struct arena *a, struct format *f, const struct zone *zone, const UChar *pattern)
{
    struct wide name, w;
    UErrorCode status = U_ZERO_ERROR;
    wide_set(&name, zone_name(zone));
    UDateFormat *formatter =
        udat_open(UDAT_PATTERN, UDAT_PATTERN, f->locale, name.p, name.len, pattern, -1, &status);
    w.len =
        udat_format(formatter, (double)clock_now_us() / 1000, w.p, FORMAT_TEXT_MAX, NULL, &status);
    udat_close(formatter);
    check(U_SUCCESS(status));
    return wide_text(a, &w);
}

struct str format_zone_name(struct arena *a, struct format *f, const struct zone *zone)
{
    struct str text;
    struct memo_key key = {f->dates, zone, -1};
    if (memo_get(a, key, &text))
        return text;
    text = zone_text(a, f, zone, u"vvvv");
    // Where a language has no name for it, "heure : Royaume-Uni" stands there: the city says more.
    if (str_index(text, ':') >= 0)
        text = zone_text(a, f, zone, u"VVV");
    return memo_put(key, text);
}

struct value *format_time_value(
    struct arena *a, struct format *f, const struct zone *zone, int64_t at_us)
{
    struct value *v = value_object(a);
    int64_t second = wall_second(zone, at_us);
    value_set_str(a, v, KEY(at), instant_text(a, zone, at_us));
    value_set_str(a, v, KEY(text), wall_clock_text(a, f, PATTERN_FULL_TIME, second));
    value_set_str(
        a, v, KEY(date_text), format_date(a, f, zone_date(zone, at_us), FORMAT_DATE_FULL));
    // The time of day alone is remembered for all dates.
    value_set_str(a, v, KEY(time_text), format_time_of_day(a, f, (int)(second % 86400 / 60)));
    value_set_str(a, v, KEY(zone), zone_mark(a, f, zone, zone_is_summer(zone, at_us)));
    return v;
}

static struct str range_text(
    struct arena *a, struct format *f, UDateIntervalFormat **formatter, const int64_t seconds[2])
{
    static const char *const skeletons[] = {"MMMEdjmm", "yMMMd"};
    struct wide skeleton, utc, w;
    UErrorCode status = U_ZERO_ERROR;
    if (!*formatter) {
        wide_set(&skeleton, str_of(skeletons[formatter == &f->date_range]));
        wide_set(&utc, STR("UTC"));
        *formatter = udtitvfmt_open(f->locale, skeleton.p, skeleton.len, utc.p, utc.len, &status);
    }
    w.len = udtitvfmt_format(*formatter, (double)seconds[0] * 1000, (double)seconds[1] * 1000, w.p,
        FORMAT_TEXT_MAX, NULL, &status);
    check(U_SUCCESS(status));
    write_first(f, &w);
    return wide_text(a, &w);
}

struct str format_time_range(
    struct arena *a, struct format *f, const struct zone *zone, int64_t from_us, int64_t to_us)
{
    struct str text;
    int64_t seconds[2] = {wall_second(zone, from_us), wall_second(zone, to_us)};
    int64_t length = seconds[1] - seconds[0];
    // Both ends fit one number when the range is shorter than twelve days.
    if (length < 0 || length >= 1 << 20)
        return range_text(a, f, &f->time_range, seconds);
    struct memo_key key = {&f->time_range, NULL, seconds[0] * (1 << 20) + length};
    if (memo_get(a, key, &text))
        return text;
    return memo_put(key, range_text(a, f, &f->time_range, seconds));
}

struct str format_date_range(struct arena *a, struct format *f, struct date from, struct date to)
{
    int64_t seconds[2] = {date_to_days(from) * INT64_C(86400), date_to_days(to) * INT64_C(86400)};
    return range_text(a, f, &f->date_range, seconds);
}

struct str format_language_name(struct arena *a, struct str lang)
{
    static const char what[] = "language";
    struct wide w;
    struct str text;
    UErrorCode status = U_ZERO_ERROR;
    // Codes are two or three letters: they are their own number.
    struct memo_key key = {what, NULL, 0};
    if (lang.len <= sizeof key.number)
        memcpy(&key.number, lang.p, lang.len);
    if (key.number && memo_get(a, key, &text))
        return text;
    const char *name = str_z(a, lang);
    w.len = uloc_getDisplayLanguage(name, name, w.p, FORMAT_TEXT_MAX, &status);
    if (U_FAILURE(status))
        return lang;
    text = wide_text(a, &w);
    return key.number ? memo_put(key, text) : text;
}
