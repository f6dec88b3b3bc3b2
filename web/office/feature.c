// One feature: its switch, its settings (a form made from its schema), the mails it sends, what it
// still owes while it closes, and what went wrong in it (P7).
#include "base/clock.h"
#include "data/db.h"
#include "http/respond.h"
#include "web/fault.h"
#include "web/office/feature.sql.h"
#include "web/office/feature_settings.h"
#include "web/office/feature_view.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/office.h"

static void add_errors(struct request *r, struct value *view, const struct rows *rows)
{
    struct value *list = value_list(r->arena);
    value_set(r->arena, view, KEY(plugin_errors), list);
    value_set_bool(r->arena, view, KEY(has_errors), rows->count > 0);
    for (int i = 0; i < rows->count; i++)
        fault_append(r, list, rows, i, r->site->zone);
}

static void add_notifications(
    struct request *r, struct value *view, const struct feature_info *info, const struct rows *own)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    value_set(a, view, KEY(notifications), list);
    value_set_bool(a, view, KEY(has_notifications), info->notification_count > 0);
    for (size_t i = 0; i < info->notification_count; i++) {
        const struct feature_notification *n = &info->notifications[i];
        struct value *item = value_append_object(a, list);
        bool enabled = true, changed = false;
        for (int k = 0; k < own->count; k++)
            if (str_eq(rows_str(own, k, KEY(key)), n->key)) {
                enabled = rows_bool(own, k, KEY(enabled));
                changed = rows_bool(own, k, KEY(own));
            }
        struct str tail = str_join(a, STR("/notifications/"), n->key, STR_NULL);
        value_set_str(a, item, KEY(key), n->key);
        value_set_str(a, item, KEY(title), feature_words(r, n->title));
        value_set_bool(a, item, KEY(enabled), enabled);
        value_set_bool(a, item, KEY(own_words), changed);
        value_set_str(a, item, KEY(notification_url), feature_url(r, info->name, tail.p));
    }
}

static void add_tabs(struct request *r, struct value *view, const struct feature_info *info)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    bool on = site_feature_state(r->site, info->name) == FEATURE_ON ||
              site_feature_state(r->site, info->name) == FEATURE_CLOSING;
    value_set(a, view, KEY(pages), list);
    for (size_t i = 0; on && i < info->tab_count; i++) {
        struct value *item = value_append_object(a, list);
        value_set_str(a, item, KEY(title), feature_words(r, info->tabs[i].title));
        value_set_str(a, item, KEY(page_url), request_url(r, info->tabs[i].path));
    }
}

static void add_closing(struct request *r, struct value *view, const struct feature_info *info)
{
    struct arena *a = r->arena;
    if (site_feature_state(r->site, info->name) != FEATURE_CLOSING) {
        value_set(a, view, KEY(closing), NULL);
        return;
    }
    struct value *closing = value_object(a), *owed = feature_owed_list(r, info);
    value_set(a, view, KEY(closing), closing);
    value_set_bool(a, closing, KEY(unknown), !owed);
    value_set(a, closing, KEY(owed), owed ? owed : value_list(a));
    value_set_str(a, closing, KEY(off_now_url), feature_url(r, info->name, "/off-now"));
}

// A gated one that is off is asked for with a note; the last answer stands beside it.
static void add_approval(
    struct request *r, struct value *view, const struct feature_info *info, const struct rows *rows)
{
    struct arena *a = r->arena;
    bool off = site_feature_state(r->site, info->name) == FEATURE_OFF;
    struct str state = rows->count ? rows_str(rows, 0, KEY(state)) : STR("");
    bool approved = str_is(state, "approved");
    bool answered = str_is(state, "refused") || str_is(state, "withdrawn");
    struct value *last = value_object(a);
    value_set_bool(a, view, KEY(can_ask),
        info->gated && off && !approved && value_get_bool(view, KEY(may_change), false));
    value_set(a, view, KEY(last_answer), off && answered ? last : value_null());
    if (!answered)
        return;
    value_set_str(a, last, KEY(state), state);
    value_set_str(a, last, KEY(answer), rows_str(rows, 0, KEY(answer)));
    value_set_str(a, last, KEY(decided_by), rows_str(rows, 0, KEY(decided_by)));
}

// NULL, and answered, when the database is away.
static struct value *feature_view(struct request *r, const struct feature_info *info)
{
    struct arena *a = r->arena;
    struct str tenant = db_i64(a, r->site->tenant);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int errors =
        unit_add(u, &SQL_office_plugin_errors, tenant, info->name, db_time(a, clock_now_us()));
    int notifications = unit_add(u, &SQL_office_notifications, tenant, info->name);
    int approval = unit_add(u, &SQL_office_feature_approval, tenant, info->name);
    int version = unit_add(u, &SQL_office_feature_version, tenant, info->name);
    int history = office_history_add(r, u, "feature", info->name);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return NULL;
    }
    struct value *view = page_view(r);
    value_set(a, view, KEY(feature), feature_item(r, info));
    value_set_str(a, view, KEY(from), STR("feature"));
    value_set_str(a, view, KEY(version), info->version);
    value_set_int(a, view, KEY(settings_version), rows_i64(unit_rows(u, version), 0, KEY(version)));
    value_set_bool(
        a, view, KEY(may_change), role_has(role_of(r->session.role), PERMIT_FEATURES_CHANGE));
    add_errors(r, view, unit_rows(u, errors));
    add_notifications(r, view, info, unit_rows(u, notifications));
    add_tabs(r, view, info);
    add_closing(r, view, info);
    add_approval(r, view, info, unit_rows(u, approval));
    office_history_view(r, view, unit_rows(u, history));
    return view;
}

static void on_feature(struct request *r)
{
    const struct feature_info *info = feature_of_route(r);
    struct value *view = info ? feature_view(r, info) : NULL;
    if (!view)
        return;
    feature_settings_view(r, view, info, NULL, NULL);
    office_add_notice(r, view);
    respond_page(r, 200, "office/feature", view);
}

void office_feature_again(struct request *r, const struct feature_info *info)
{
    struct value *view = feature_view(r, info);
    if (!view)
        return;
    feature_settings_view(r, view, info, NULL, NULL);
    respond_invalid(r, "office/feature", view);
}

static void refuse_settings(
    struct request *r, const struct feature_info *info, const struct feature_outcome *o)
{
    // Refusals first: the view shows them in its summary.
    feature_settings_refuse(r, info, o->errors);
    struct value *view = feature_view(r, info);
    if (!view)
        return;
    feature_settings_view(r, view, info, value_get(r->form, KEY(setting)), o->errors);
    respond_invalid(r, "office/feature", view);
}

// Somebody else saved since the form was made: both versions, and the form with what was typed.
static void say_conflict(
    struct request *r, const struct feature_info *info, const struct value *given)
{
    struct arena *a = r->arena;
    struct site *newest;
    // What this worker knows may be a second old.
    if (site_acquire_by_tenant(r->site->tenant, &newest) != SITE_FOUND) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct office_conflict conflict = {
        .theirs = value_copy(a, feature_settings_stored(a, newest, info)), .feature = info};
    conflict.yours = feature_settings_merged(a, info, conflict.theirs, given);
    site_release(newest);
    struct value *view = feature_view(r, info);
    if (!view)
        return;
    feature_settings_view(r, view, info, given, NULL);
    office_conflict_respond(r, "office/feature", view, &conflict);
}

static void on_settings(struct request *r)
{
    const struct feature_info *info = feature_of_route(r);
    if (!info)
        return;
    if (form_refused(r)) {
        refuse_settings(r, info, &(struct feature_outcome){.errors = NULL});
        return;
    }
    struct feature_actor actor = feature_actor_of(r);
    struct feature_given given = {
        info->name, feature_settings_sent(r, info), form_int(r, KEY(settings_version), -1)};
    struct feature_outcome o = feature_save_settings(r->arena, r->site, &actor, &given);
    struct value *view = value_object(r->arena);
    switch (o.result) {
    case FEATURE_DONE:
    case FEATURE_UNCHANGED:
        value_set_str(r->arena, view, KEY(feature), info->name);
        respond_done(r, 200,
            str_join(r->arena, feature_path(r, info->name, ""), STR("?done=saved&feature="),
                info->name, STR_NULL),
            view);
        return;
    case FEATURE_INVALID:
        refuse_settings(r, info, &o);
        return;
    case FEATURE_EDITED:
        say_conflict(r, info, given.settings);
        return;
    case FEATURE_BUSY:
        respond_problem(r, PROBLEM_CONFLICT);
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static const struct form form_notice = FORM({"done", .kind = FIELD_TEXT, .max = 20},
    {"feature", .kind = FIELD_TEXT, .max = 40}, OFFICE_HISTORY_FIELD);
static const struct form form_settings = FORM(
    {"csrf", .kind = FIELD_TEXT}, FORM_SEEN("settings_version"), {"setting", .kind = FIELD_OBJECT});

static const struct route routes[] = {
    {HTTP_GET, "/manage/features/{name}", PERMIT_FEATURES_READ, on_feature, &form_notice, 0, 0},
    {HTTP_POST, "/manage/features/{name}/settings", PERMIT_FEATURES_CHANGE, on_settings,
        &form_settings, 0, 0},
};

OFFICE_PAGE(routes, NULL)
