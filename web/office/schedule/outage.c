// A resource that can't be used for a time: where each booking on it goes is told before anything
// is saved, and what finds nothing else.
#include "domain/slot_outage.h"

#include "base/clock.h"
#include "http/form.h"
#include "http/format.h"
#include "http/respond.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/schedule/effect.h"
#include "web/office/schedule/hours.sql.h"

enum { DAYS_MAX = 31 };

static int64_t number_of(const struct request *r, value_key field)
{
    int64_t n;
    return str_to_i64(form_str(r, field), &n) && n > 0 ? n : 0;
}

static struct str given(struct request *r, value_key field)
{
    struct str text = form_str(r, field);
    return text.p ? text : STR("");
}

// Answers and gives NULL when the database is away.
static struct value *view_of(struct request *r)
{
    struct arena *a = r->arena;
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int place = unit_add(u, &SQL_office_resources, db_i64(a, r->site->tenant));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return NULL;
    }
    const struct rows *rows = unit_rows(u, place);
    struct value *view = page_view(r), *v = value_object(a), *resources = value_list(a);
    struct office_object object = {
        .title = message(a, r->words, STR("office.schedule.outage"), NULL),
        .list_path = "/manage/schedule",
        .list_label = "office.nav.schedule"};
    office_object_view(r, view, &object);
    for (int i = 0; i < rows->count; i++)
        schedule_option(a, resources, rows_str(rows, i, KEY(resource_id)),
            rows_str(rows, i, KEY(name)),
            str_eq(rows_str(rows, i, KEY(resource_id)), given(r, KEY(resource))));
    value_set(a, view, KEY(resources), resources);
    value_set(a, view, KEY(outage), v);
    static const char *const typed[] = {"from_date", "from_time", "to_date", "to_time", "reason"};
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        value_key key = value_key_intern(str_of(typed[i]));
        value_set_str(a, v, key, given(r, key));
    }
    if (r->method == HTTP_GET) {
        value_set_str(a, v, KEY(from_date), given(r, KEY(date)));
        value_set_str(a, v, KEY(to_date), given(r, KEY(date)));
    }
    value_set_bool(a, v, KEY(refunds), !str_is(form_str(r, KEY(otherwise)), "decide"));
    value_set_str(a, view, KEY(action_url), request_url(r, STR("/manage/schedule/changes/outage")));
    value_set_bool(a, view, KEY(has_uses), false);
    value_set_bool(a, view, KEY(looked), false);
    value_set_bool(a, view, KEY(asks), false);
    value_set(a, view, KEY(uses), value_list(a));
    return view;
}

static void show(struct request *r, struct value *view, int status)
{
    if (!view)
        return;
    if (form_refused(r))
        respond_invalid(r, "office/schedule/outage", view);
    else
        respond_page(r, status, "office/schedule/outage", view);
}

static void on_new(struct request *r)
{
    show(r, view_of(r), 200);
}

static void add_uses(struct request *r, struct value *view, const struct outage_look *look)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a), *sum = value_object(a);
    value_set(a, view, KEY(uses), list);
    value_set_bool(a, view, KEY(looked), true);
    value_set_bool(a, view, KEY(has_uses), look->count > 0);
    value_set_bool(a, view, KEY(asks), look->lost > 0);
    value_set(a, view, KEY(sum), sum);
    value_set_int(a, sum, KEY(placed), look->placed);
    value_set_int(a, sum, KEY(lost), look->lost);
    for (int i = 0; i < look->count; i++) {
        const struct outage_use *use = &look->uses[i];
        struct value *v = value_append_object(a, list);
        value_set(a, v, KEY(when), format_time_value(a, r->format, r->site->zone, use->starts_us));
        value_set_str(a, v, KEY(title), site_text_in(r->site, use->title, r->language));
        value_set_str(a, v, KEY(slot_url), request_url(r, schedule_slot_path(a, use->slot)));
        value_set_str(a, v, KEY(who),
            use->name.len ? use->name
            : use->basket ? message(a, r->words, STR("office.schedule.in_basket"), NULL)
                          : STR_NULL);
        value_set_int(a, v, KEY(places), use->places);
        value_set_str(a, v, KEY(instead), use->instead_name);
        value_set_bool(a, v, KEY(whole), !use->line);
    }
}

static bool take(struct request *r, struct slot_outage *what)
{
    struct arena *a = r->arena;
    *what = (struct slot_outage){.resource = number_of(r, KEY(resource)),
        .from_us = schedule_instant(r, "from_date", "from_time", false),
        .to_us = schedule_instant(r, "to_date", "to_time", true),
        .reason = form_str(r, KEY(reason)),
        .closure_reason = value_object(a),
        .refunds = !str_is(form_str(r, KEY(otherwise)), "decide")};
    if (what->reason.len)
        value_set_str(
            a, what->closure_reason, value_key_intern(r->site->languages[0]), what->reason);
    if (form_refused(r))
        return false;
    if (what->to_us <= what->from_us)
        form_refuse(r, "to_date", "end_first");
    else if (what->to_us <= clock_now_us())
        form_refuse(r, "to_date", "over_already");
    else if (what->to_us - what->from_us > DAYS_MAX * US_PER_DAY)
        form_refuse(r, "to_date", "outage_long");
    return !form_refused(r);
}

static void answer(struct request *r, enum schedule_result result, int64_t change)
{
    struct arena *a = r->arena;
    if (result == SCHEDULE_NOT_FOUND || result == SCHEDULE_TOO_MANY) {
        bool many = result == SCHEDULE_TOO_MANY;
        form_refuse(r, many ? "to_date" : "resource", many ? "outage_long" : "choice");
        show(r, view_of(r), 422);
    } else if (result != SCHEDULE_DONE) {
        schedule_problem(r, result);
    } else {
        struct str id = str_of_i64(a, change);
        struct value *view = value_object(a);
        value_set_str(a, view, KEY(id), id);
        respond_done(r, 201, str_join(a, STR("/manage/schedule/changes/"), id, STR_NULL), view);
    }
}

static void on_make(struct request *r)
{
    struct slot_outage what;
    if (!take(r, &what)) {
        show(r, view_of(r), 422);
        return;
    }
    struct outage_look look;
    enum schedule_result result = slot_outage_look(r->arena, r->site, &what, &look);
    bool looks = str_is(form_str(r, KEY(do)), "look"), agreed = form_bool(r, KEY(agreed));
    if (result == SCHEDULE_DONE && (looks || (look.lost && !agreed))) {
        struct value *view = view_of(r);
        if (view)
            add_uses(r, view, &look);
        show(r, view, looks ? 200 : 409);
        return;
    }
    struct audit who = schedule_who(r);
    struct schedule_ask ask = {.site = r->site, .who = &who};
    int64_t change = 0;
    if (result == SCHEDULE_DONE)
        result = slot_outage(r->arena, &ask, &what, &change);
    answer(r, result, change);
}

static const char *const actions[] = {"look", "save", NULL};
static const char *const remedies[] = {"refund", "decide", NULL};
static const struct form form_new =
    FORM({"resource", .kind = FIELD_ID}, {"date", .kind = FIELD_DATE});
static const struct form form_make = FORM({"csrf", .kind = FIELD_TEXT},
    {"do", .kind = FIELD_CHOICE, .required = true, .choices = actions},
    {"resource", .kind = FIELD_TEXT, .required = true, .max = 20},
    {"from_date", .kind = FIELD_DATE, .required = true},
    {"from_time", .kind = FIELD_TEXT, .max = 5}, {"to_date", .kind = FIELD_DATE, .required = true},
    {"to_time", .kind = FIELD_TEXT, .max = 5},
    {"otherwise", .kind = FIELD_CHOICE, .choices = remedies}, {"agreed", .kind = FIELD_BOOL},
    {"reason", .kind = FIELD_TEXT, .max = OPENING_REASON_MAX});

static const struct route routes[] = {
    {HTTP_GET, "/manage/schedule/changes/outage", PERMIT_SCHEDULE_CHANGE, on_new, &form_new, 0, 0},
    {HTTP_POST, "/manage/schedule/changes/outage", PERMIT_SCHEDULE_CHANGE, on_make, &form_make, 0,
        0},
};

OFFICE_PAGE(routes, NULL)
