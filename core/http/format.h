// Money, dates, times and numbers as people read them, by ICU. A `struct format` is one language as
// it is written in one region (French in Canada, Spanish in Mexico); there are few, they are shared
// by the sites of a process and live until it ends. Results are remembered in bounded tables.
// Instants are microseconds since 1970; dates and times of day are the venue's. Used by a worker's
// loop thread only.
#pragma once

#include "base/buf.h"
#include "base/money.h"
#include "base/value.h"
#include "base/zone.h"

struct format;

// `region` is the venue's ("ES", see region.h) or absent: then Britain, Spain, France … by
// language.
struct format *format_for(struct str lang, struct str region);

// "12,50 €".
struct str format_money(struct arena *a, struct format *f, int64_t minor, struct currency currency);
// {"minor":1250,"currency":"EUR","text":"12,50 €"}.
struct value *format_money_value(
    struct arena *a, struct format *f, int64_t minor, struct currency currency);
// As it stands in a field to be typed over: "12,50", no sign of the currency.
struct str format_amount(
    struct arena *a, struct format *f, int64_t minor, struct currency currency);
// What was typed: "1 250,50 €" in French, "1,250.50" in English; false when it isn't an amount of
// the currency.
bool format_read_amount(
    struct format *f, struct str text, struct currency currency, int64_t *minor);

enum format_date {
    FORMAT_DATE_FULL,          // Saturday 21 November 2026
    FORMAT_DATE_LONG,          // 21 November 2026
    FORMAT_DATE_SHORT,         // Sat 21 Nov
    FORMAT_DATE_MONTH,         // November 2026
    FORMAT_DATE_MONTH_SHORT,   // Nov
    FORMAT_DATE_WEEKDAY,       // Saturday
    FORMAT_DATE_WEEKDAY_SHORT, // Sat
    FORMAT_DATE_DAY,           // 21
    FORMAT_DATE_DAY_MONTH,     // Saturday 21 November
    FORMAT_DATE_WEEKDAY_LEAST, // Sa, as little as columns of a calendar need
    FORMAT_DATE_NUMERIC,       // 21/11/2026
};

struct str format_date(struct arena *a, struct format *f, struct date date, enum format_date form);
// "18:00" or "6:00 pm", by the region's custom.
struct str format_time_of_day(struct arena *a, struct format *f, int minute);
// An instant at the venue: {"at":"2026-11-21T18:00:00+01:00","text":"Saturday 21 November 2026 at
// 18:00","date_text","time_text","zone":"CET"}. `date_text` is the full form.
struct value *format_time_value(
    struct arena *a, struct format *f, const struct zone *zone, int64_t at_us);
// "CET": told behind a time that a clock change repeats.
struct str format_zone_mark(
    struct arena *a, struct format *f, const struct zone *zone, int64_t at_us);
// From–to: "Sat 21 Nov, 18:00–19:30", both dates when the day differs.
struct str format_time_range(
    struct arena *a, struct format *f, const struct zone *zone, int64_t from_us, int64_t to_us);
struct str format_date_range(struct arena *a, struct format *f, struct date from, struct date to);
// "1 hr 30 min", "45 min", "2 days".
struct str format_duration(struct arena *a, struct format *f, int64_t minutes);
// "12,345".
struct str format_number(struct arena *a, struct format *f, int64_t n);
// A share of parts per million: "5.5 %".
struct str format_percent(struct arena *a, struct format *f, int64_t share_ppm);
// "Central European Time".
struct str format_zone_name(struct arena *a, struct format *f, const struct zone *zone);
// "français", each language in itself.
struct str format_language_name(struct arena *a, struct str lang);
// Ready for views that list them: "a, b and c".
struct str format_list(struct arena *a, struct format *f, const struct value *strings);
