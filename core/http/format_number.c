// Money, numbers, shares, durations and lists of words.
#include <stdio.h>
#include <unicode/ustring.h>

#include "base/check.h"
#include "http/format_locale.h"

enum { JOINED_MAX = 16, MINUTES_PER_HOUR = 60, MINUTES_PER_DAY = 1440 };

static UNumberFormatter *number_formatter(const struct format *f, const char *skeleton)
{
    struct wide w;
    UErrorCode status = U_ZERO_ERROR;
    wide_set(&w, str_of(skeleton));
    UNumberFormatter *formatter = unumf_openForSkeletonAndLocale(w.p, w.len, f->locale, &status);
    check(U_SUCCESS(status));
    return formatter;
}

// Languages differ in the sign that stands for minus; a hyphen is none, and one page has one sign.
static void write_minus(struct wide *w)
{
    for (int32_t i = 0; i < w->len; i++)
        if (w->p[i] == u'-')
            w->p[i] = u'\u2212';
}

static struct str formatted_number(
    struct arena *a, struct format *f, const UNumberFormatter *formatter, const char *decimal)
{
    struct wide w;
    UErrorCode status = U_ZERO_ERROR;
    unumf_formatDecimal(formatter, decimal, -1, f->result, &status);
    w.len = unumf_resultToString(f->result, w.p, FORMAT_TEXT_MAX, &status);
    check(U_SUCCESS(status));
    if (decimal[0] == '-')
        write_minus(&w);
    return wide_text(a, &w);
}

static UNumberFormatter *currency_formatter(struct format *f, struct currency currency)
{
    for (size_t i = 0; i < f->currency_count; i++)
        if (!memcmp(f->currencies[i].currency.code, currency.code, 3))
            return f->currencies[i].formatter;
    // A site has one currency; the last place is taken over when a process serves very many.
    size_t at = f->currency_count < CURRENCIES_MAX ? f->currency_count++ : CURRENCIES_MAX - 1;
    struct currency_format *c = &f->currencies[at];
    if (c->formatter)
        unumf_close(c->formatter);
    char skeleton[32];
    // A venue sells in one currency, so its plain sign is clear: 16,00 £, not 16,00 £GB.
    snprintf(skeleton, sizeof skeleton, "currency/%.3s unit-width-narrow", currency.code);
    *c = (struct currency_format){currency, number_formatter(f, skeleton)};
    return c->formatter;
}

// An exact decimal, so that no rounding can creep in: 1250 with two digits is "12.50".
static void decimal_of(int64_t n, int digits, char out[32])
{
    uint64_t magnitude = n < 0 ? -(uint64_t)n : (uint64_t)n, unit = 1;
    for (int i = 0; i < digits; i++)
        unit *= 10;
    const char *sign = n < 0 ? "-" : "";
    if (digits)
        snprintf(out, 32, "%s%llu.%0*llu", sign, (unsigned long long)(magnitude / unit), digits,
            (unsigned long long)(magnitude % unit));
    else
        snprintf(out, 32, "%s%llu", sign, (unsigned long long)magnitude);
}

struct str format_money(struct arena *a, struct format *f, int64_t minor, struct currency currency)
{
    uintptr_t code = 0;
    struct str text;
    char decimal[32];
    memcpy(&code, currency.code, 3);
    struct memo_key key = {f->currencies, (const void *)code, minor};
    if (memo_get(a, key, &text))
        return text;
    decimal_of(minor, currency_digits(currency), decimal);
    return memo_put(key, formatted_number(a, f, currency_formatter(f, currency), decimal));
}

struct value *format_money_value(
    struct arena *a, struct format *f, int64_t minor, struct currency currency)
{
    struct value *v = value_object(a);
    value_set_int(a, v, KEY(minor), minor);
    value_set_str(a, v, KEY(currency), str_dup(a, str_n(currency.code, 3)));
    value_set_str(a, v, KEY(text), format_money(a, f, minor, currency));
    return v;
}

struct str format_number(struct arena *a, struct format *f, int64_t n)
{
    char decimal[32];
    struct str text;
    struct memo_key key = {f, &f->number, n};
    if (memo_get(a, key, &text))
        return text;
    if (!f->number)
        f->number = number_formatter(f, "precision-integer");
    decimal_of(n, 0, decimal);
    return memo_put(key, formatted_number(a, f, f->number, decimal));
}

struct str format_percent(struct arena *a, struct format *f, int64_t share_ppm)
{
    char decimal[32];
    if (!f->percent)
        f->percent = number_formatter(f, "percent .####");
    decimal_of(share_ppm, 4, decimal);
    return formatted_number(a, f, f->percent, decimal);
}

static struct str formatted_unit(
    struct arena *a, struct format *f, enum format_unit unit, int64_t n)
{
    static const char *const skeletons[UNIT_COUNT] = {[UNIT_DAY] = "unit/day unit-width-full-name",
        [UNIT_HOUR] = "unit/hour unit-width-short",
        [UNIT_MINUTE] = "unit/minute unit-width-short"};
    char decimal[32];
    if (!f->units[unit])
        f->units[unit] = number_formatter(f, skeletons[unit]);
    decimal_of(n, 0, decimal);
    return formatted_number(a, f, f->units[unit], decimal);
}

static UListFormatter *joiner(struct format *f, enum format_joiner kind)
{
    UErrorCode status = U_ZERO_ERROR;
    if (!f->joiners[kind])
        f->joiners[kind] = ulistfmt_openForType(f->locale,
            kind == JOIN_UNITS ? ULISTFMT_TYPE_UNITS : ULISTFMT_TYPE_AND,
            kind == JOIN_UNITS ? ULISTFMT_WIDTH_NARROW : ULISTFMT_WIDTH_WIDE, &status);
    check(U_SUCCESS(status));
    return f->joiners[kind];
}

static struct str joined(struct arena *a, struct format *f, enum format_joiner kind,
    const struct str *items, int32_t count)
{
    const UChar *strings[JOINED_MAX];
    int32_t lengths[JOINED_MAX], room = 64;
    UErrorCode status = U_ZERO_ERROR;
    for (int32_t i = 0; i < count; i++) {
        UChar *p = arena_alloc(a, (items[i].len + 1) * sizeof *p);
        u_strFromUTF8(
            p, (int32_t)items[i].len + 1, &lengths[i], items[i].p, (int32_t)items[i].len, &status);
        strings[i] = p;
        room += lengths[i] + 16;
    }
    UChar *out = arena_alloc(a, (size_t)room * sizeof *out);
    int32_t len = ulistfmt_format(joiner(f, kind), strings, lengths, count, out, room, &status);
    check(U_SUCCESS(status));
    char *text = arena_alloc(a, (size_t)len * 3 + 1);
    u_strToUTF8(text, len * 3 + 1, &len, out, len, &status);
    check(U_SUCCESS(status));
    return str_n(text, (size_t)len);
}

struct str format_duration(struct arena *a, struct format *f, int64_t minutes)
{
    if (minutes >= MINUTES_PER_DAY && minutes % MINUTES_PER_DAY == 0)
        return formatted_unit(a, f, UNIT_DAY, minutes / MINUTES_PER_DAY);
    struct str parts[2];
    int32_t count = 0;
    if (minutes >= MINUTES_PER_HOUR)
        parts[count++] = formatted_unit(a, f, UNIT_HOUR, minutes / MINUTES_PER_HOUR);
    if (minutes < MINUTES_PER_HOUR || minutes % MINUTES_PER_HOUR)
        parts[count++] = formatted_unit(a, f, UNIT_MINUTE, minutes % MINUTES_PER_HOUR);
    return count == 1 ? parts[0] : joined(a, f, JOIN_UNITS, parts, count);
}

struct str format_list(struct arena *a, struct format *f, const struct value *strings)
{
    struct str items[JOINED_MAX];
    int32_t count = 0;
    for (size_t i = 0; i < value_count(strings) && count < JOINED_MAX; i++)
        if (value_is(value_at(strings, i), VALUE_STR))
            items[count++] = value_as_str(value_at(strings, i));
    return count ? joined(a, f, JOIN_WORDS, items, count) : STR("");
}
