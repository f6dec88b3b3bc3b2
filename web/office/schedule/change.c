// Moving or cancelling what is booked: a slot, a day, a resource's day. Who is concerned is told
// first, with counts and amounts; a look says where everything would go and what is in the way.
#include "base/clock.h"
#include "domain/slot_shift.h"
#include "http/form.h"
#include "http/format.h"
#include "http/respond.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/schedule/change_scope.h"
#include "web/office/schedule/conflict.h"
#include "web/office/schedule/effect.h"

enum { MINUTES_MAX = 1440, DAY_S = 86400 };

static struct value *view_of(struct request *r, const struct change_scope *s)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r);
    struct office_object object = {
        .title = message(a, r->words, STR("office.schedule.change"), NULL),
        .list_path = "/manage/schedule",
        .list_label = "office.nav.schedule"};
    office_object_view(r, view, &object);
    value_set_str(a, view, KEY(action_url), request_url(r, STR("/manage/schedule/changes/new")));
    value_set_bool(a, view, KEY(has_steps), false);
    value_set_bool(a, view, KEY(has_targets), false);
    value_set_bool(a, view, KEY(may_anyway), false);
    value_set(a, view, KEY(steps), value_list(a));
    value_set(a, view, KEY(targets), value_list(a));
    change_scope_view(r, view, s);
    schedule_conflicts_view(r, view, NULL);
    if (s->too_many)
        office_notice(r, view, "warning",
            message(a, r->words, STR("office.schedule.too_many_day"), "count",
                value_int(a, SLOT_CHANGE_MAX), NULL));
    return view;
}

static void show(struct request *r, struct value *view, int status)
{
    if (form_refused(r))
        respond_invalid(r, "office/schedule/change_new", view);
    else
        respond_page(r, status, "office/schedule/change_new", view);
}

static void on_new(struct request *r)
{
    struct change_scope *s = arena_new_object(r->arena, struct change_scope);
    if (change_scope_read(r, s))
        show(r, view_of(r, s), 200);
}

static void answer(struct request *r, enum schedule_result result, int64_t change)
{
    struct arena *a = r->arena;
    if (result != SCHEDULE_DONE) {
        schedule_problem(r, result);
        return;
    }
    struct str id = str_of_i64(a, change);
    struct value *view = value_object(a);
    value_set_str(a, view, KEY(id), id);
    respond_done(r, 201, str_join(a, STR("/manage/schedule/changes/"), id, STR_NULL), view);
}

// Where `rebooks` and `asks` are false the money comes back.
static void cancel(struct request *r, const struct change_scope *s, bool rebooks, bool asks)
{
    struct audit who = schedule_who(r);
    struct schedule_ask ask = {.site = r->site, .who = &who};
    struct slot_cancelling what = {.remedy = {.slots = s->ids,
                                       .targets = rebooks ? s->targets : NULL,
                                       .count = s->count,
                                       .asks = asks,
                                       .choose_until_us = change_choose_until(r)},
        .reason = form_str(r, KEY(reason))};
    int64_t change = 0;
    enum schedule_result result = slot_cancel(r->arena, &ask, &what, &change);
    answer(r, result, change);
}

// Where everybody goes is looked at before it is done, and doesn't stop it: who finds no room is
// listed afterwards and settled otherwise.
static void rebook(struct request *r, struct change_scope *s, bool looks)
{
    if (!change_targets_read(r, s))
        return;
    if (!looks && !form_refused(r)) {
        cancel(r, s, true, false);
        return;
    }
    struct value *view = view_of(r, s);
    if (!form_refused(r))
        change_targets_view(r, view, s);
    show(r, view, 200);
}

static void take_time(struct request *r, struct slot_step *step)
{
    struct date day;
    int minute;
    if (!date_parse(form_str(r, KEY(date)), &day))
        form_refuse(r, "date", "date");
    else if (!time_parse(form_str(r, KEY(time)), &minute))
        form_refuse(r, "time", "time");
    else {
        struct zone_instant at = zone_instant(r->site->zone, (struct local_time){day, minute * 60});
        if (at.result == ZONE_GAP)
            form_refuse(r, "time", "time_gap");
        step->to_us = at.first_us;
    }
}

// The same times of another day, or of this one, so many minutes later.
static void take_day(struct request *r, const struct change_scope *s, struct slot_shift *shift)
{
    struct date day = s->day;
    struct str typed = form_str(r, KEY(date));
    int64_t minutes = form_int(r, KEY(by_min), 0);
    if (typed.len && !date_parse(typed, &day))
        form_refuse(r, "date", "date");
    else if (!minutes && date_cmp(day, s->day) == 0)
        form_refuse(r, "date", "not_moved");
    for (int i = 0; i < s->count && !form_refused(r); i++) {
        struct local_time at = zone_local(r->site->zone, rows_us(s->rows, i, KEY(starts_us)));
        int64_t second = at.second + minutes * 60;
        int64_t days = second < 0 ? -1 : second / DAY_S;
        struct zone_instant then = zone_instant(r->site->zone,
            (struct local_time){date_add_days(day, (int)days), (int32_t)(second - days * DAY_S)});
        shift->steps[i].to_us = then.first_us;
        shift->steps[i].gap = then.result == ZONE_GAP;
    }
}

static void add_steps(struct request *r, struct value *view, const struct change_scope *s,
    const struct slot_shift *shift)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a), *sum = value_object(a);
    value_set(a, view, KEY(steps), list);
    value_set_bool(a, view, KEY(has_steps), true);
    for (int i = 0; i < shift->count; i++) {
        const struct slot_step *step = &shift->steps[i];
        struct value *v = value_append_object(a, list);
        value_set(a, v, KEY(from),
            format_time_value(a, r->format, r->site->zone, step->stored->starts_us));
        value_set(a, v, KEY(to), format_time_value(a, r->format, r->site->zone, step->to_us));
        value_set_str(a, v, KEY(title), site_text_in(r->site, step->offer->title, r->language));
        value_set_int(a, v, KEY(places), rows_i64(s->rows, i, KEY(places)));
        value_set_bool(a, v, KEY(stays), step->blocked);
        value_set_str(a, v, KEY(note),
            step->has_conflict ? schedule_conflict_text(r, &step->conflict) : STR_NULL);
    }
    value_set(a, view, KEY(shift), sum);
    value_set_int(a, sum, KEY(moving), shift->moving);
    value_set_int(a, sum, KEY(blocked), shift->blocked);
    value_set_bool(a, view, KEY(may_anyway), shift->moving && (shift->blocked || shift->outside));
}

static void show_shift(
    struct request *r, const struct change_scope *s, const struct slot_shift *shift, int status)
{
    struct value *view = view_of(r, s);
    struct value *list = value_list(r->arena);
    add_steps(r, view, s, shift);
    for (int i = 0; i < shift->count; i++)
        if (shift->steps[i].has_conflict)
            value_set_str(r->arena, value_append_object(r->arena, list), KEY(text),
                schedule_conflict_text(r, &shift->steps[i].conflict));
    value_set(r->arena, view, KEY(conflicts), list);
    value_set_bool(r->arena, view, KEY(has_conflicts), value_count(list) > 0);
    value_set_bool(r->arena, view, KEY(is_free), !value_count(list));
    show(r, view, status);
}

static void move(struct request *r, const struct change_scope *s, bool looks)
{
    struct arena *a = r->arena;
    struct slot_shift shift = {.steps = arena_new_array(a, struct slot_step, (size_t)s->count),
        .count = s->count,
        .choose_until_us = change_choose_until(r)};
    for (int i = 0; i < s->count; i++)
        shift.steps[i] = (struct slot_step){.slot = s->ids[i]};
    if (s->count == 1)
        take_time(r, &shift.steps[0]);
    else
        take_day(r, s, &shift);
    if (form_refused(r)) {
        show(r, view_of(r, s), 422);
        return;
    }
    enum schedule_result result = slot_shift_look(a, r->site, &shift);
    bool asks = shift.blocked || shift.outside;
    if (result == SCHEDULE_DONE &&
        (looks || !shift.moving || (asks && !form_bool(r, KEY(anyway))))) {
        show_shift(r, s, &shift, looks ? 200 : 409);
        return;
    }
    struct audit who = schedule_who(r);
    struct schedule_ask ask = {.site = r->site, .who = &who};
    int64_t change = 0;
    if (result == SCHEDULE_DONE)
        result = slot_shift(a, &ask, &shift, form_str(r, KEY(reason)), &change);
    answer(r, result, change);
}

static void on_make(struct request *r)
{
    struct change_scope *s = arena_new_object(r->arena, struct change_scope);
    struct str what = form_str(r, KEY(do));
    if (!change_scope_read(r, s))
        return;
    int64_t version = form_int(r, KEY(version), 0);
    if (form_refused(r)) {
        show(r, view_of(r, s), 422);
    } else if (version && version != s->version) {
        struct value *view = view_of(r, s);
        office_notice(
            r, view, "warning", message(r->arena, r->words, STR("office.schedule.changed"), NULL));
        show(r, view, 409);
    } else if (s->too_many) {
        form_refuse(r, "reason", "too_many_day");
        show(r, view_of(r, s), 422);
    } else if (str_is(what, "cancel") || str_is(what, "ask")) {
        cancel(r, s, false, str_is(what, "ask"));
    } else if (str_is(what, "rebook") || str_is(what, "look_rebook")) {
        rebook(r, s, str_is(what, "look_rebook"));
    } else {
        move(r, s, str_is(what, "look_move"));
    }
}

static const char *const actions[] = {
    "cancel", "ask", "move", "look_move", "rebook", "look_rebook", NULL};
#define SCOPE_FIELDS                                                                      \
    {"slot", .kind = FIELD_TEXT, .max = 20}, {"resource", .kind = FIELD_TEXT, .max = 20}, \
    {                                                                                     \
        "day", .kind = FIELD_TEXT, .max = 10                                              \
    }
static const struct form form_new = FORM(SCOPE_FIELDS);
static const struct form form_make = FORM({"csrf", .kind = FIELD_TEXT}, SCOPE_FIELDS,
    {"do", .kind = FIELD_CHOICE, .required = true, .choices = actions},
    {"version", .kind = FIELD_INT}, {"date", .kind = FIELD_TEXT, .max = 10},
    {"time", .kind = FIELD_TEXT, .max = 5},
    {"by_min", .kind = FIELD_INT, .min = -MINUTES_MAX + 1, .max = MINUTES_MAX},
    {"to_slot", .kind = FIELD_TEXT, .max = 20}, {"to_day", .kind = FIELD_TEXT, .max = 10},
    {"choose_days", .kind = FIELD_INT, .min = 1, .max = SLOT_CHOOSE_DAYS_MAX},
    {"anyway", .kind = FIELD_BOOL}, {"reason", .kind = FIELD_TEXT, .max = SLOT_REASON_MAX});

static const struct route routes[] = {
    {HTTP_GET, "/manage/schedule/changes/new", PERMIT_SCHEDULE_CHANGE, on_new, &form_new, 0, 0},
    {HTTP_POST, "/manage/schedule/changes/new", PERMIT_SCHEDULE_CHANGE, on_make, &form_make, 0, 0},
};

OFFICE_PAGE(routes, NULL)
