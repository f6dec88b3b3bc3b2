#include "web/office/schedule/rule_form.h"

#include "http/format.h"

enum { DAYS = 7, EVERY_WEEKS_MAX = 8, STEP_MAX = 1440 };

#define RULE_DAY(n)                   \
    {                                 \
        "day_" #n, .kind = FIELD_BOOL \
    }
static const char *const actions[] = {"save", "look", NULL};
#define RULE_FIELDS                                                                            \
    {"csrf", .kind = FIELD_TEXT},                                                              \
        {"do", .kind = FIELD_CHOICE, .required = true, .choices = actions},                    \
        {"agreed", .kind = FIELD_BOOL}, {"offer", .kind = FIELD_TEXT, .max = 20}, RULE_DAY(1), \
        RULE_DAY(2), RULE_DAY(3), RULE_DAY(4), RULE_DAY(5), RULE_DAY(6), RULE_DAY(7),          \
        {"times", .kind = FIELD_TEXT, .max = 2000}, {"first", .kind = FIELD_TEXT, .max = 5},   \
        {"last", .kind = FIELD_TEXT, .max = 5},                                                \
        {"every_min", .kind = FIELD_INT, .min = 5, .max = STEP_MAX},                           \
        {"from_date", .kind = FIELD_DATE}, {"to_date", .kind = FIELD_DATE},                    \
    {                                                                                          \
        "every_weeks", .kind = FIELD_INT, .min = 1, .max = EVERY_WEEKS_MAX                     \
    }
const struct form rule_form_new = FORM(RULE_FIELDS);
const struct form rule_form_change = FORM(RULE_FIELDS, FORM_SEEN("version"));

static value_key day_key(struct arena *a, int day)
{
    return value_key_intern(str_format(a, "day_%d", day));
}

static int by_minute(const int *a, const int *b)
{
    return *a - *b;
}

static void sort_times(struct schedule_rule *rule)
{
    for (int i = 1; i < rule->count; i++)
        for (int k = i; k && by_minute(&rule->minutes[k - 1], &rule->minutes[k]) > 0; k--) {
            int other = rule->minutes[k];
            rule->minutes[k] = rule->minutes[k - 1];
            rule->minutes[k - 1] = other;
        }
}

// "09:00, 10:30"
static void take_list(struct request *r, struct schedule_rule *rule, struct str text)
{
    rule->count = 0;
    while (text.p) {
        struct str one = str_trim(str_cut(&text, ','));
        int minute;
        if (!one.len)
            continue;
        if (!time_parse(one, &minute)) {
            form_refuse(r, "times", "time_list");
            return;
        }
        if (rule->count == SCHEDULE_TIMES_MAX) {
            form_refuse(r, "times", "too_many_slots");
            return;
        }
        rule->minutes[rule->count++] = minute;
    }
    sort_times(rule);
}

static void take_steps(struct request *r, struct schedule_rule *rule)
{
    int first, last;
    int64_t every = form_int(r, KEY(every_min), 0);
    if (!time_parse(form_str(r, KEY(first)), &first)) {
        form_refuse(r, "first", "time");
        return;
    }
    if (!time_parse(form_str(r, KEY(last)), &last))
        form_refuse(r, "last", "time");
    else if (last < first)
        form_refuse(r, "last", "after_midnight");
    else if (!every)
        form_refuse(r, "every_min", "number");
    else if (!schedule_fill_times(rule, first, last, (int)every))
        form_refuse(r, "every_min", "too_many_slots");
}

void rule_form_take(struct request *r, struct schedule_rule *rule)
{
    struct str times = form_str(r, KEY(times));
    rule->days = 0;
    for (int d = 1; d <= DAYS; d++)
        if (form_bool(r, day_key(r->arena, d)))
            rule->days |= 1u << d;
    if (!rule->days)
        form_refuse(r, "day_1", "no_days");
    if (times.len)
        take_list(r, rule, times);
    else if (form_str(r, KEY(first)).len)
        take_steps(r, rule);
    else
        form_refuse(r, "times", "no_times");
    rule->has_from = date_parse(form_str(r, KEY(from_date)), &rule->from);
    rule->has_to = date_parse(form_str(r, KEY(to_date)), &rule->to);
    if (rule->has_from && rule->has_to && date_cmp(rule->to, rule->from) < 0)
        form_refuse(r, "to_date", "end_first");
    rule->every = form_int(r, KEY(every_weeks), 1);
    // The first week that it holds in has its turn.
    struct date from = rule->has_from ? rule->from : date_from_days(4);
    rule->week = (date_to_days(from) + 3) / 7 % rule->every;
    rule->version = rule->id ? form_int(r, KEY(version), -1) : 0;
}

static struct str shown(struct request *r, value_key field, struct str stored)
{
    if (r->method != HTTP_POST)
        return stored.p ? stored : STR("");
    struct str typed = value_get_str(value_get(r->typed, field), KEY(value));
    return typed.p ? typed : STR("");
}

static void add_days(struct request *r, struct value *view, const struct schedule_rule *rule)
{
    struct arena *a = r->arena;
    struct value *days = value_list(a);
    value_set(a, view, KEY(days), days);
    for (int d = 1; d <= DAYS; d++) {
        struct value *v = value_append_object(a, days);
        struct date date = date_from_days(3 + d);
        value_set_str(a, v, KEY(field), str_format(a, "day_%d", d));
        value_set_str(a, v, KEY(name), format_date(a, r->format, date, FORMAT_DATE_WEEKDAY));
        value_set_bool(a, v, KEY(on), rule->days >> d & 1);
    }
}

void rule_form_view(struct request *r, struct value *view, const struct schedule_rule *rule)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    value_set(a, view, KEY(rule), v);
    value_set(a, v, KEY(id), rule->id ? value_str(a, str_of_i64(a, rule->id)) : NULL);
    value_set_int(a, v, KEY(version), rule->version);
    value_set_str(a, v, KEY(times), shown(r, KEY(times), schedule_times_text(a, rule)));
    value_set_str(a, v, KEY(first), shown(r, KEY(first), STR("")));
    value_set_str(a, v, KEY(last), shown(r, KEY(last), STR("")));
    value_set_str(a, v, KEY(every_min), shown(r, KEY(every_min), STR("")));
    value_set_str(a, v, KEY(from_date),
        shown(r, KEY(from_date), rule->has_from ? date_text(a, rule->from) : STR("")));
    value_set_str(a, v, KEY(to_date),
        shown(r, KEY(to_date), rule->has_to ? date_text(a, rule->to) : STR("")));
    value_set_int(a, v, KEY(every_weeks), rule->every ? rule->every : 1);
    add_days(r, view, rule);
}

struct str rule_form_summary(struct request *r, const struct schedule_rule *rule)
{
    struct arena *a = r->arena;
    struct value *days = value_list(a);
    for (int d = 1; d <= DAYS; d++)
        if (rule->days >> d & 1)
            value_append(a, days,
                value_str(a,
                    format_date(a, r->format, date_from_days(3 + d), FORMAT_DATE_WEEKDAY_SHORT)));
    struct str times = schedule_times_text(a, rule);
    if (rule->count > 6)
        times = str_join(a, time_text(a, rule->minutes[0]), STR("\xe2\x80\x93"),
            time_text(a, rule->minutes[rule->count - 1]), STR(" ("), str_of_i64(a, rule->count),
            STR(")"), STR_NULL);
    return str_join(a, format_list(a, r->format, days), STR(" · "), times, STR_NULL);
}
