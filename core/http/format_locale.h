// What the files of format.h share: one language in one region with its ICU formatters, each opened
// at first use, and the table of results. Included by format*.c only.
#pragma once

#include <unicode/udat.h>
#include <unicode/udateintervalformat.h>
#include <unicode/ulistformatter.h>
#include <unicode/unumberformatter.h>

#include "http/format.h"

enum {
    LOCALE_LEN = 16,
    CURRENCIES_MAX = 16,
    FORMAT_TEXT_MAX = 256, // UTF-16 units of one result
};

enum format_pattern { // the forms of enum format_date come first
    PATTERN_TIME = FORMAT_DATE_NUMERIC + 1,
    PATTERN_FULL_TIME,
    PATTERN_COUNT,
};

enum format_unit { UNIT_DAY, UNIT_HOUR, UNIT_MINUTE, UNIT_COUNT };
enum format_joiner { JOIN_WORDS, JOIN_UNITS, JOINER_COUNT };

struct currency_format {
    struct currency currency;
    UNumberFormatter *formatter;
};

struct format {
    char locale[LOCALE_LEN];
    struct currency_format currencies[CURRENCIES_MAX];
    size_t currency_count;
    UNumberFormatter *number, *percent, *units[UNIT_COUNT];
    UListFormatter *joiners[JOINER_COUNT];
    UFormattedNumber *result;
    UDateFormat *dates[PATTERN_COUNT]; // of wall clocks as if they ran in UTC
    UDateIntervalFormat *time_range, *date_range;
};

struct wide {
    UChar p[FORMAT_TEXT_MAX];
    int32_t len;
};

void wide_set(struct wide *w, struct str ascii);
struct str wide_text(struct arena *a, const struct wide *w);

// Results by what went in; whoever comes to the same place overwrites. Objects named in a key live
// as long as the process.
struct memo_key {
    const void *what, *of;
    int64_t number;
};

bool memo_get(struct arena *a, struct memo_key key, struct str *out);
// Returns `text`.
struct str memo_put(struct memo_key key, struct str text);
