#include "base/zone.h"

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

#include "base/check.h"

enum { NAME_MAX_LEN = 64, SECONDS_PER_DAY = 86400 };

// From `from_us` on, clocks there are `offset` seconds ahead of UTC.
struct change {
    int64_t from_us;
    int32_t offset;
    bool summer;
};

struct zone {
    struct zone *next;
    struct str name;
    size_t count;
    struct change changes[];
};

// Zones by a hash of their name. Few hundred exist, so the table never grows.
static struct zone *zones[256];

static unsigned bucket_of(struct str name)
{
    unsigned h = 5381;
    for (size_t i = 0; i < name.len; i++)
        h = h * 33 + (unsigned char)name.p[i];
    return h % (sizeof zones / sizeof *zones);
}

// Only what IANA lists as a place, and UTC: "EST" or "GMT+3" know no summer time.
static bool is_known(struct str name, UChar wide[NAME_MAX_LEN])
{
    if (!name.len || name.len >= NAME_MAX_LEN)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.p[i] >= 0x80 || !name.p[i])
            return false;
    u_charsToUChars(name.p, wide, (int32_t)name.len);
    wide[name.len] = 0;
    if (str_is(name, "UTC"))
        return true;
    if (str_index(name, '/') < 0 || str_starts(name, STR("Etc/")) ||
        str_starts(name, STR("SystemV/")))
        return false;
    UChar canonical[NAME_MAX_LEN * 2];
    UBool is_system = false;
    UErrorCode status = U_ZERO_ERROR;
    ucal_getCanonicalTimeZoneID(wide, -1, canonical, NAME_MAX_LEN * 2, &is_system, &status);
    return U_SUCCESS(status) && is_system;
}

static struct change change_at(UCalendar *calendar, double at_ms)
{
    UErrorCode status = U_ZERO_ERROR;
    ucal_setMillis(calendar, at_ms, &status);
    int32_t summer_ms = ucal_get(calendar, UCAL_DST_OFFSET, &status);
    int32_t base_ms = ucal_get(calendar, UCAL_ZONE_OFFSET, &status);
    check(U_SUCCESS(status));
    return (struct change){(int64_t)at_ms * 1000, (base_ms + summer_ms) / 1000, summer_ms != 0};
}

static size_t find_changes(UCalendar *calendar, struct change *out, size_t max)
{
    const double end_ms = 4102444800000.0; // 2100-01-01
    size_t count = 0;
    out[count++] = change_at(calendar, 0);
    out[0].from_us = INT64_MIN;
    UErrorCode status = U_ZERO_ERROR;
    UDate next;
    while (count < max &&
           ucal_getTimeZoneTransitionDate(calendar, UCAL_TZ_TRANSITION_NEXT, &next, &status) &&
           U_SUCCESS(status) && next < end_ms) {
        struct change c = change_at(calendar, next);
        if (c.offset != out[count - 1].offset || c.summer != out[count - 1].summer)
            out[count++] = c;
    }
    return count;
}

static struct zone *zone_make(struct str name, const UChar *wide)
{
    UErrorCode status = U_ZERO_ERROR;
    UCalendar *calendar = ucal_open(wide, -1, "en", UCAL_GREGORIAN, &status);
    check(U_SUCCESS(status));
    struct change changes[600];
    size_t count = find_changes(calendar, changes, 600);
    ucal_close(calendar);
    struct zone *z = malloc(sizeof *z + count * sizeof *changes + name.len);
    check(z);
    char *copy = (char *)(z->changes + count);
    memcpy(copy, name.p, name.len);
    memcpy(z->changes, changes, count * sizeof *changes);
    z->name = str_n(copy, name.len);
    z->count = count;
    return z;
}

const struct zone *zone_get(struct str name)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct zone **bucket = &zones[bucket_of(name)], *z;
    pthread_mutex_lock(&lock);
    for (z = *bucket; z && !str_eq(z->name, name); z = z->next)
        ;
    UChar wide[NAME_MAX_LEN];
    if (!z && is_known(name, wide)) {
        z = zone_make(name, wide);
        z->next = *bucket;
        *bucket = z;
    }
    pthread_mutex_unlock(&lock);
    return z;
}

bool zone_is_valid(struct str name)
{
    return zone_get(name) != NULL;
}

struct str zone_name(const struct zone *z)
{
    return z->name;
}

const struct zone *zone_utc(void)
{
    return zone_get(STR("UTC"));
}

static const struct change *change_of(const struct zone *z, int64_t at_us)
{
    size_t low = 0, high = z->count;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (z->changes[middle].from_us <= at_us)
            low = middle;
        else
            high = middle;
    }
    return &z->changes[low];
}

// Seconds east of UTC.
static int32_t zone_offset(const struct zone *z, int64_t at_us)
{
    return change_of(z, at_us)->offset;
}

bool zone_is_summer(const struct zone *z, int64_t at_us)
{
    return change_of(z, at_us)->summer;
}

static int64_t floor_div(int64_t n, int64_t by)
{
    return n / by - (n % by < 0);
}

struct local_time zone_local(const struct zone *z, int64_t at_us)
{
    int64_t seconds = floor_div(at_us, US_PER_SECOND) + zone_offset(z, at_us);
    int64_t days = floor_div(seconds, SECONDS_PER_DAY);
    return (struct local_time){
        date_from_days((int32_t)days), (int32_t)(seconds - days * SECONDS_PER_DAY)};
}

struct date zone_date(const struct zone *z, int64_t at_us)
{
    return zone_local(z, at_us).date;
}

// Where the wall shows `local_us` under `offset`, or INT64_MIN when another offset was on then.
static int64_t instant_under(const struct zone *z, int64_t local_us, int32_t offset)
{
    int64_t at_us = local_us - offset * US_PER_SECOND;
    return zone_offset(z, at_us) == offset ? at_us : INT64_MIN;
}

struct zone_instant zone_instant(const struct zone *z, struct local_time local)
{
    int64_t local_us = date_to_days(local.date) * US_PER_DAY + local.second * US_PER_SECOND;
    // No zone is 26 hours or more from UTC or changes twice within four days.
    const struct change *before = change_of(z, local_us - 2 * US_PER_DAY);
    const struct change *after = change_of(z, local_us + 2 * US_PER_DAY);
    int64_t first = instant_under(z, local_us, before->offset);
    int64_t second = instant_under(z, local_us, after->offset);
    if (first == INT64_MIN && second == INT64_MIN)
        return (struct zone_instant){ZONE_GAP, after->from_us, after->from_us};
    if (first == INT64_MIN)
        first = second;
    if (second == INT64_MIN)
        second = first;
    return (struct zone_instant){first == second ? ZONE_OK : ZONE_AMBIGUOUS, first, second};
}

int64_t zone_day_start(const struct zone *z, struct date date)
{
    return zone_instant(z, (struct local_time){date, 0}).first_us;
}

// "Z" or "+hh:mm" as seconds.
static bool parse_offset(struct str s, int32_t *offset)
{
    int minute;
    if (str_is(s, "Z") || str_is(s, "z")) {
        *offset = 0;
        return true;
    }
    if (s.len != 6 || (s.p[0] != '+' && s.p[0] != '-') ||
        !time_parse(str_sub(s, 1, s.len), &minute))
        return false;
    *offset = (s.p[0] == '-' ? -60 : 60) * minute;
    return true;
}

// ".123" up to any length; microseconds count. Cuts it off `*rest`.
static bool parse_fraction(struct str *rest, int32_t *us)
{
    *us = 0;
    if (!rest->len || rest->p[0] != '.')
        return true;
    size_t i = 1;
    for (int32_t unit = 100000; i < rest->len && isdigit((unsigned char)rest->p[i]); i++) {
        *us += (rest->p[i] - '0') * unit;
        unit /= 10;
    }
    *rest = str_sub(*rest, i, rest->len);
    return i > 1;
}

bool instant_parse(struct str s, int64_t *at_us)
{
    struct date date;
    int minute;
    int64_t second;
    int32_t us, offset;
    if (s.len < 20 || (s.p[10] != 'T' && s.p[10] != 't') || s.p[16] != ':' ||
        !date_parse(str_sub(s, 0, 10), &date) || !time_parse(str_sub(s, 11, 16), &minute) ||
        !isdigit((unsigned char)s.p[17]) || !str_to_i64(str_sub(s, 17, 19), &second) || second > 59)
        return false;
    struct str rest = str_sub(s, 19, s.len);
    if (!parse_fraction(&rest, &us) || !parse_offset(rest, &offset))
        return false;
    int64_t seconds = date_to_days(date) * INT64_C(86400) + minute * 60 + second - offset;
    *at_us = seconds * US_PER_SECOND + us;
    return true;
}

static char *clock_put(char *out, char before, int32_t second)
{
    const int parts[] = {second / 3600, second / 60 % 60, second % 60};
    for (int i = 0; i < 3; i++) {
        *out++ = i ? ':' : before;
        out = str_put_digits(out, (uint32_t)parts[i], 2);
    }
    return out;
}

struct str instant_text(struct arena *a, const struct zone *z, int64_t at_us)
{
    struct local_time t = zone_local(z, at_us);
    int32_t offset = zone_offset(z, at_us), minutes = (offset < 0 ? -offset : offset) / 60;
    char *text = arena_alloc(a, sizeof "2026-12-01T10:00:00+01:00"),
         *at = clock_put(date_put(text, t.date), 'T', t.second);
    *at++ = offset < 0 ? '-' : '+';
    at = str_put_digits(at, (uint32_t)minutes / 60, 2);
    *at++ = ':';
    at = str_put_digits(at, (uint32_t)minutes % 60, 2);
    *at = 0;
    return str_n(text, (size_t)(at - text));
}
