#include "web/office/schedule/change_scope.h"

#include "base/clock.h"
#include "http/form.h"
#include "http/format.h"
#include "http/respond.h"
#include "web/office/schedule/change.sql.h"
#include "web/office/schedule/day.h"
#include "web/office/schedule/effect.h"

static int64_t number_of(const struct request *r, value_key field)
{
    int64_t n;
    return str_to_i64(form_str(r, field), &n) && n > 0 ? n : 0;
}

static bool read_day(struct request *r, struct date day, int64_t resource, struct schedule_days *d)
{
    *d = (struct schedule_days){.first = day,
        .count = 1,
        .now_us = clock_now_us(),
        .resource = resource,
        .from_us = zone_day_start(r->site->zone, day),
        .to_us = zone_day_start(r->site->zone, date_add_days(day, 1))};
    return schedule_days_read(r, d);
}

static bool is_to_come(const struct schedule_days *d, const struct day_slot *s)
{
    return s->starts_us > d->now_us && !str_is(s->state, "cancelled");
}

// Any of them changed, one more or one fewer: another number, exact also in JavaScript.
static int64_t version_of(const struct rows *rows)
{
    if (rows->count == 1)
        return rows_i64(rows, 0, KEY(version));
    uint64_t sum = (uint64_t)rows->count;
    for (int i = 0; i < rows->count; i++)
        sum = (sum * 31 + (uint64_t)rows_i64(rows, i, KEY(slot_id))) * 31 +
              (uint64_t)rows_i64(rows, i, KEY(version));
    return (int64_t)(sum >> 12);
}

bool change_scope_of(struct request *r, const int64_t *slots, int count, struct change_scope *s)
{
    struct arena *a = r->arena;
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    struct str tenant = db_i64(a, r->site->tenant), one = db_i64(a, count == 1 ? slots[0] : 0);
    int rows = unit_add(u, &SQL_office_change_slots, tenant, db_i64_array(a, slots, (size_t)count));
    int choices = unit_add(u, &SQL_office_change_choices, tenant, one, db_time(a, clock_now_us()));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    s->rows = unit_rows(u, rows);
    s->choices = unit_rows(u, choices);
    s->count = s->rows->count;
    for (int i = 0; i < s->count; i++)
        s->ids[i] = rows_i64(s->rows, i, KEY(slot_id));
    s->version = version_of(s->rows);
    if (!s->count)
        respond_problem(r, PROBLEM_NOT_FOUND);
    return s->count > 0;
}

bool change_scope_read(struct request *r, struct change_scope *s)
{
    *s = (struct change_scope){
        .slot = number_of(r, KEY(slot)), .resource = number_of(r, KEY(resource))};
    if (s->slot)
        return change_scope_of(r, &s->slot, 1, s);
    struct schedule_days d;
    if (!date_parse(form_str(r, KEY(day)), &s->day)) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return false;
    }
    if (!read_day(r, s->day, s->resource, &d))
        return false;
    int64_t ids[SLOT_CHANGE_MAX];
    int count = 0;
    for (int i = 0; i < d.resources->count; i++)
        if (rows_i64(d.resources, i, KEY(resource_id)) == s->resource)
            s->resource_name = rows_str(d.resources, i, KEY(name));
    for (int i = 0; i < d.slot_count; i++) {
        if (!is_to_come(&d, &d.slots[i]))
            continue;
        s->too_many = count == SLOT_CHANGE_MAX;
        if (s->too_many)
            break;
        ids[count++] = d.slots[i].id;
    }
    return change_scope_of(r, ids, count, s);
}

static int32_t second_of(const struct request *r, int64_t at_us)
{
    return zone_local(r->site->zone, at_us).second;
}

// At the same time of that day.
static void find_targets(struct request *r, struct change_scope *s, const struct schedule_days *d)
{
    for (int i = 0; i < s->count; i++) {
        int64_t offer = rows_i64(s->rows, i, KEY(offer_id));
        int32_t second = second_of(r, rows_us(s->rows, i, KEY(starts_us)));
        for (int k = 0; k < d->slot_count; k++) {
            const struct day_slot *t = &d->slots[k];
            if (t->offer == offer && t->id != s->ids[i] && str_is(t->state, "open") &&
                t->starts_us > d->now_us && second_of(r, t->starts_us) == second)
                s->targets[i] = t->id;
        }
    }
    s->target_rows = d->slots;
    s->target_count = d->slot_count;
}

static bool is_choice(const struct change_scope *s, int64_t slot)
{
    for (int i = 0; i < s->choices->count; i++)
        if (rows_i64(s->choices, i, KEY(slot_id)) == slot)
            return true;
    return false;
}

bool change_targets_read(struct request *r, struct change_scope *s)
{
    struct date day;
    if (s->count == 1) {
        s->targets[0] = number_of(r, KEY(to_slot));
        if (!is_choice(s, s->targets[0]))
            form_refuse(r, "to_slot", "choice");
        return true;
    }
    if (!date_parse(form_str(r, KEY(to_day)), &day)) {
        form_refuse(r, "to_day", "date");
        return true;
    }
    struct schedule_days d;
    if (!read_day(r, day, 0, &d))
        return false;
    find_targets(r, s, &d);
    bool any = false;
    for (int i = 0; i < s->count; i++)
        any |= s->targets[i] != 0;
    if (!any)
        form_refuse(r, "to_day", "no_times_then");
    return true;
}

static void add_slots(struct request *r, struct value *view, const struct change_scope *s)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a), *sum = value_object(a);
    int64_t orders = 0, places = 0, total = 0;
    value_set(a, view, KEY(slots), list);
    value_set(a, view, KEY(concerned), sum);
    for (int i = 0; i < s->count; i++) {
        struct value *v = value_append_object(a, list);
        int64_t minor = rows_i64(s->rows, i, KEY(total_minor));
        value_set_str(a, v, KEY(id), str_of_i64(a, s->ids[i]));
        value_set_str(a, v, KEY(title),
            site_text_in(r->site, rows_json(a, s->rows, i, KEY(title)), r->language));
        value_set(a, v, KEY(when),
            format_time_value(a, r->format, r->site->zone, rows_us(s->rows, i, KEY(starts_us))));
        value_set_str(a, v, KEY(slot_url), request_url(r, schedule_slot_path(a, s->ids[i])));
        value_set_int(a, v, KEY(orders), rows_i64(s->rows, i, KEY(orders)));
        value_set_int(a, v, KEY(places), rows_i64(s->rows, i, KEY(places)));
        value_set(a, v, KEY(total), format_money_value(a, r->format, minor, r->site->currency));
        orders += rows_i64(s->rows, i, KEY(orders));
        places += rows_i64(s->rows, i, KEY(places));
        total += minor;
    }
    value_set_int(a, sum, KEY(slots), s->count);
    value_set_int(a, sum, KEY(orders), orders);
    value_set_int(a, sum, KEY(places), places);
    value_set(a, sum, KEY(total), format_money_value(a, r->format, total, r->site->currency));
}

static struct str choice_label(struct request *r, const struct rows *rows, int i)
{
    struct arena *a = r->arena;
    struct value *when =
        format_time_value(a, r->format, r->site->zone, rows_us(rows, i, KEY(starts_us)));
    return message(a, r->words, STR("office.schedule.choice"), "when",
        value_str(a, value_get_str(when, KEY(text))), "left",
        value_int(a, rows_i64(rows, i, KEY(places_left))), NULL);
}

int64_t change_choose_until(const struct request *r)
{
    int64_t days = form_int(r, KEY(choose_days), 0);
    return days ? clock_now_us() + days * US_PER_DAY : 0;
}

static struct str given(struct request *r, value_key field)
{
    struct str text = form_str(r, field);
    return text.p ? text : STR("");
}

void change_scope_view(struct request *r, struct value *view, const struct change_scope *s)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a), *choices = value_list(a);
    value_set(a, view, KEY(change), v);
    value_set_str(a, v, KEY(slot), s->slot ? str_of_i64(a, s->slot) : STR(""));
    value_set_str(a, v, KEY(resource), s->resource ? str_of_i64(a, s->resource) : STR(""));
    value_set_str(a, v, KEY(day), s->slot ? STR("") : date_text(a, s->day));
    value_set_bool(a, v, KEY(is_one), s->count == 1);
    value_set_bool(a, v, KEY(is_day), !s->slot);
    value_set_int(a, v, KEY(version), s->version);
    static const char *const typed[] = {"date", "time", "to_day", "reason"};
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        value_key key = value_key_intern(str_of(typed[i]));
        value_set_str(a, v, key, given(r, key));
    }
    int64_t minutes = form_int(r, KEY(by_min), 0), days = form_int(r, KEY(choose_days), 0);
    value_set_str(a, v, KEY(choose_days), days ? str_of_i64(a, days) : STR(""));
    value_set_str(a, v, KEY(by_min), minutes ? str_of_i64(a, minutes) : STR(""));
    struct str outage = str_join(a, STR("/manage/schedule/changes/outage?date="),
        s->slot ? STR("") : date_text(a, s->day), STR("&resource="), str_of_i64(a, s->resource),
        STR_NULL);
    bool of_resource = s->resource && s->resource_name.p;
    value_set_str(a, view, KEY(outage_url), of_resource ? request_url(r, outage) : STR_NULL);
    value_set_str(a, view, KEY(resource_name), s->resource_name);
    value_set(a, view, KEY(choices), choices);
    value_set_bool(a, view, KEY(has_choices), s->count == 1 && s->choices->count > 0);
    for (int i = 0; s->count == 1 && i < s->choices->count; i++)
        schedule_option(a, choices, rows_str(s->choices, i, KEY(slot_id)),
            choice_label(r, s->choices, i),
            rows_i64(s->choices, i, KEY(slot_id)) == number_of(r, KEY(to_slot)));
    add_slots(r, view, s);
}

// What is left of a target, and when it begins.
static bool find_target(
    const struct change_scope *s, int64_t target, int64_t *starts_us, int64_t *left)
{
    for (int i = 0; s->count == 1 && i < s->choices->count; i++)
        if (rows_i64(s->choices, i, KEY(slot_id)) == target) {
            *starts_us = rows_us(s->choices, i, KEY(starts_us));
            *left = rows_i64(s->choices, i, KEY(places_left));
            return true;
        }
    for (int i = 0; i < s->target_count; i++)
        if (s->target_rows[i].id == target) {
            *starts_us = s->target_rows[i].starts_us;
            *left = s->target_rows[i].capacity - s->target_rows[i].taken;
            return true;
        }
    return false;
}

void change_targets_view(struct request *r, struct value *view, const struct change_scope *s)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    value_set(a, view, KEY(targets), list);
    value_set_bool(a, view, KEY(has_targets), true);
    for (int i = 0; i < s->count; i++) {
        struct value *v = value_append_object(a, list);
        int64_t at = 0, left = 0, places = rows_i64(s->rows, i, KEY(places));
        bool there = find_target(s, s->targets[i], &at, &left);
        value_set(a, v, KEY(from),
            format_time_value(a, r->format, r->site->zone, rows_us(s->rows, i, KEY(starts_us))));
        value_set_str(a, v, KEY(title),
            site_text_in(r->site, rows_json(a, s->rows, i, KEY(title)), r->language));
        value_set_int(a, v, KEY(places), places);
        value_set(a, v, KEY(to), there ? format_time_value(a, r->format, r->site->zone, at) : NULL);
        value_set_int(a, v, KEY(left), left);
        value_set_str(a, v, KEY(fits),
            !places          ? STR("nobody")
            : !there         ? STR("none")
            : left >= places ? STR("all")
                             : STR("some"));
    }
}
