// When a series takes place: a rule of RFC 5545 in the words of the form, its dates by the clock on
// the venue's wall (libical works them out), and how people read it. All of it lives for the call.
#pragma once

#include <vitrine.h>

enum { RULE_DATES_MAX = 366, RULE_YEARS_MAX = 5 };

enum rule_repeat {
    RULE_DAY,
    RULE_WEEK,
    RULE_MONTH_DAY,
    RULE_MONTH_WEEKDAY,
    RULE_YEAR,
};

struct rule_day {
    int year, month, day; // 0: none
};

struct rule {
    enum rule_repeat repeat;
    int every;
    unsigned weekdays; // bit 1 is Monday
    int month_day;     // -1: the last one
    int nth, weekday;  // nth -1: the last one
    struct rule_day first, until;
    bool by_date; // ends with a day, otherwise after so many
    int count;
    int hour, minute;
    struct vt_str first_text, until_text, time_text;
};

// From a form or from what rule_value gave.
struct rule rule_read(struct vt_value *fields);
// What was left open is as on the first day: its weekday, its day of the month, its place in it.
void rule_complete(struct rule *r);
// Beside the form's fields what is wrong with it; false when something is.
bool rule_check(struct vt_call *call, const struct rule *r);
// As it is kept.
struct vt_value *rule_value(struct vt_call *call, const struct rule *r);
// "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=10".
struct vt_str rule_text(struct vt_call *call, const struct rule *r);
// Its dates as "2026-03-29T18:00", in order; refused beside the field that ends it when there are
// none, or more than RULE_DATES_MAX, or they go on for more than RULE_YEARS_MAX years.
struct vt_value *rule_times(struct vt_call *call, const struct rule *r);
// "Every second week on Monday and Wednesday, 10 times". `first` and `until` are the dates' words.
struct vt_str rule_words(
    struct vt_call *call, const struct rule *r, struct vt_str first, struct vt_str until);
// Weekday 1–7 in the reader's language.
struct vt_str rule_weekday(struct vt_call *call, int weekday);
