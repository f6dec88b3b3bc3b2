// Webhooks: the list of endpoints, and the page of one: where it leads, which events it gets, its
// secret, a test, its latest deliveries, removing it.
#include "domain/webhook_send.h"

#include "base/clock.h"
#include "data/attempt.h"
#include "data/db.h"
#include "http/form.h"
#include "http/respond.h"
#include "io/target.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/settings/panel.h"
#include "web/office/settings/saving.h"
#include "web/office/webhooks/pages.h"
#include "web/office/webhooks/webhooks.sql.h"

// Tests, sending again, looking a host up: what one person of the staff may make the server do.
enum { CALLS_MAX = 60, CALLS_MS = 10 * 60 * 1000 };
// Who made a secret sees it on the page for so long.
#define SECRET_SHOWN_US (5 * 60 * US_PER_SECOND)

struct str webhooks_path(struct arena *a, int64_t id, const char *tail)
{
    return str_join(a, STR("/manage/webhooks/"), str_of_i64(a, id), str_of(tail), STR_NULL);
}

struct webhook_by webhooks_by(const struct request *r)
{
    return (struct webhook_by){.site = r->site, .actor = saving_actor(r)};
}

bool webhooks_of_route(struct request *r, struct unit *u, struct webhook *out)
{
    int64_t id = 0;
    str_to_i64(r->params[0], &id);
    int place = webhook_add(u, id ? id : -1);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    if (!unit_rows(u, place)->count) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return false;
    }
    *out = webhook_take(r->arena, unit_rows(u, place), 0);
    return true;
}

static bool find(struct request *r, struct webhook *out)
{
    return webhooks_of_route(r, unit_new(r->arena, DB_READ, r->site->tenant), out);
}

void webhooks_problem(struct request *r, enum webhook_result result)
{
    switch (result) {
    case WEBHOOK_GONE:
        respond_problem_code(r, PROBLEM_CONFLICT, "webhook_off");
        return;
    case WEBHOOK_TOO_MANY:
        respond_problem_code(r, PROBLEM_CONFLICT, "webhooks_full");
        return;
    case WEBHOOK_CHANGED:
        respond_problem(r, PROBLEM_CONFLICT);
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

bool webhooks_may_call(struct request *r)
{
    int64_t wait_s = 0;
    struct attempt calls = {r->site->tenant, STR("webhook"),
        str_of_i64(r->arena, r->session.person), CALLS_MAX, CALLS_MS};
    switch (attempt_take(r->arena, &calls, &wait_s)) {
    case ATTEMPT_ALLOWED:
        return true;
    case ATTEMPT_REFUSED:
        respond_retry_after(r, wait_s);
        respond_problem(r, PROBLEM_TOO_MANY);
        return false;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
}

static const char *state_of(const struct webhook *w)
{
    if (str_is(w->state, "on"))
        return w->failing_us ? "failing" : "on";
    return str_is(w->state, "failed") ? "failed" : "off";
}

static struct str state_words(struct request *r, const struct webhook *w)
{
    return message(r->arena, r->words, STR("office.webhook.state"), "state",
        value_str(r->arena, str_of(state_of(w))), NULL);
}

// How a state looks (panel.h).
static const char *look_of(const struct webhook *w)
{
    const char *state = state_of(w);
    return strcmp(state, "on") == 0 ? "on" : strcmp(state, "off") == 0 ? "off" : "bad";
}

static struct value *time_of(struct request *r, int64_t at_us)
{
    return at_us ? format_time_value(r->arena, r->format, r->site->zone, at_us) : NULL;
}

static struct value *json_of(struct request *r, const struct webhook *w)
{
    struct arena *a = r->arena;
    struct value *v = webhook_value(a, w), *events = value_object(a);
    value_set_str(a, v, KEY(id), str_of_i64(a, w->id));
    value_set_int(a, v, KEY(version), w->version);
    value_set_bool(a, v, KEY(on), str_is(w->state, "on"));
    for (int i = 0; i < EVENT_COUNT; i++)
        if (event_is_chosen((enum event)i))
            value_set_bool(a, events, value_key_intern(event_infos[i].name), w->events[i]);
    value_set(a, v, KEY(events), events);
    value_set(a, v, KEY(secret_made), time_of(r, w->secret_us));
    value_set(a, v, KEY(old_secret_until),
        w->old_until_us > clock_now_us() ? time_of(r, w->old_until_us) : NULL);
    value_set(a, v, KEY(failing_since), time_of(r, w->failing_us));
    return v;
}

static void show_list(struct request *r)
{
    struct arena *a = r->arena;
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int place = webhook_add(u, 0);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    const struct rows *rows = unit_rows(u, place);
    struct value *view = panel_page(r, "office.nav.webhooks"), *list = value_list(a);
    panel_page_line(r, view, panel_words(r, "office.webhook.line"));
    page_list(r, view, KEY(webhooks), list);
    struct value *panel = panel_add(r, view, "endpoints", "office.webhook.endpoints");
    struct str only = form_str(r, KEY(state));
    if (only.len)
        panel_text(r, panel, panel_words(r, "office.webhook.only_failed"));
    else if (!rows->count)
        panel_text(r, panel, panel_words(r, "office.webhook.none"));
    for (int i = 0; i < rows->count; i++) {
        struct webhook w = webhook_take(a, rows, i);
        if (only.len && !str_eq(only, w.state))
            continue;
        value_append(a, list, json_of(r, &w));
        struct value *item = panel_item(r, panel, w.url, w.description);
        panel_item_link(r, item, webhooks_path(a, w.id, ""));
        panel_item_state(r, item, look_of(&w), state_words(r, &w));
    }
    if (only.len && !value_count(list))
        panel_text(r, panel, panel_words(r, "office.webhook.none_failed"));
    if (only.len)
        panel_link(r, panel, "office.webhook.show_all", STR("/manage/webhooks"));
    else if (rows->count < WEBHOOK_ENDPOINTS_MAX)
        panel_link(r, panel, "office.webhook.new", STR("/manage/webhooks/new"));
    office_done(r, view, STR(""));
    panel_respond(r, view);
}

static void add_events(struct request *r, struct value *panel, const struct webhook *w)
{
    struct arena *a = r->arena;
    for (int i = 0; i < EVENT_COUNT; i++) {
        if (!event_is_chosen((enum event)i))
            continue;
        struct str name = event_infos[i].name;
        struct value *field = panel_field(r, panel,
            &(struct panel_field){
                .name = str_join(a, STR("events_"), event_infos[i].field, STR_NULL).p,
                .title = message(
                    a, r->words, str_join(a, STR("office.webhook.event."), name, STR_NULL), NULL),
                .kind = PANEL_TICK});
        value_set_bool(a, field, KEY(checked), w->events[i]);
        value_set_str(a, field, KEY(hint), name);
    }
}

static void add_form(struct request *r, struct value *view, const struct webhook *w)
{
    struct arena *a = r->arena;
    struct value *panel = panel_add(r, view, "endpoint", "office.webhook.endpoint");
    panel_form(r, panel, w->id ? webhooks_path(a, w->id, "") : STR("/manage/webhooks"),
        w->id ? "office.save" : "office.webhook.make");
    if (w->id)
        panel_hidden(r, panel, "version", str_of_i64(a, w->version));
    panel_field(r, panel,
        &(struct panel_field){.name = "url",
            .label = "office.webhook.url",
            .hint = "office.webhook.url_hint",
            .kind = PANEL_TEXT,
            .value = w->url,
            .len_max = TARGET_MAX,
            .required = true});
    panel_field(r, panel,
        &(struct panel_field){.name = "description",
            .label = "office.webhook.description",
            .hint = "office.webhook.description_hint",
            .kind = PANEL_TEXT,
            .value = w->description,
            .len_max = WEBHOOK_DESCRIPTION_MAX});
    panel_field(r, panel,
        &(struct panel_field){.name = "on",
            .label = "office.webhook.on",
            .hint = "office.webhook.on_hint",
            .kind = PANEL_TICK,
            .checked = str_is(w->state, "on")});
    add_events(r, panel, w);
}

static bool may_see_secret(const struct request *r, const struct webhook *w)
{
    int64_t now = clock_now_us();
    return w->secret_by == r->session.person && now < w->secret_us + SECRET_SHOWN_US;
}

static void add_secret(
    struct request *r, struct value *view, const struct webhook *w, struct str secret)
{
    struct arena *a = r->arena;
    struct value *panel = panel_add(r, view, "secret", "office.webhook.secret");
    struct value *item = panel_item(r, panel, STR("whsec_••••••••"),
        message(a, r->words, STR("office.webhook.secret_made"), "when",
            value_str(a, value_get_str(time_of(r, w->secret_us), KEY(text))), NULL));
    if (!secret.p)
        panel_item_button(r, item, "office.webhook.reveal", webhooks_path(a, w->id, "/secret"));
    panel_item_button(r, item, "office.webhook.rotate", webhooks_path(a, w->id, "/rotate"));
    panel_text(r, panel, panel_words(r, "office.webhook.secret_text"));
    if (w->old_until_us > clock_now_us())
        panel_text(r, panel,
            message(a, r->words, STR("office.webhook.old_until"), "when",
                value_str(a, value_get_str(time_of(r, w->old_until_us), KEY(text))), NULL));
    if (secret.p)
        panel_code(r, panel, secret);
}

static void add_latest(
    struct request *r, struct value *view, const struct webhook *w, const struct rows *latest)
{
    struct arena *a = r->arena;
    struct value *panel = panel_add(r, view, "deliveries", "office.webhook.deliveries");
    for (int i = 0; i < latest->count; i++) {
        struct str state = rows_str(latest, i, KEY(state));
        struct value *when = time_of(r, rows_us(latest, i, KEY(created_us)));
        struct value *item =
            panel_item(r, panel, rows_str(latest, i, KEY(type)), value_get_str(when, KEY(text)));
        panel_item_link(r, item,
            str_join(a, webhooks_path(a, w->id, "/deliveries/"),
                rows_str(latest, i, KEY(delivery_id)), STR_NULL));
        panel_item_state(r, item, webhooks_delivery_look(state),
            message(a, r->words, STR("office.webhook.delivery_state"), "state", value_str(a, state),
                NULL));
    }
    if (!latest->count)
        panel_text(r, panel, panel_words(r, "office.webhook.none_sent"));
    if (str_is(w->state, "on"))
        panel_form(r, panel, webhooks_path(a, w->id, "/test"), "office.webhook.test");
    if (latest->count)
        panel_link(r, panel, "office.webhook.all", webhooks_path(a, w->id, "/deliveries"));
}

// What is shown of one beside the form; the same after a refusal.
struct shown {
    const struct rows *latest, *history;
    struct str secret;
};

static bool read(struct request *r, struct webhook *w, struct shown *s)
{
    struct arena *a = r->arena;
    struct str tenant = db_i64(a, r->site->tenant);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int latest = unit_add(u, &SQL_webhook_latest, tenant, r->params[0]);
    int history = office_history_add(r, u, "webhook", r->params[0]);
    int64_t id;
    *s = (struct shown){.secret = STR_NULL};
    if (!str_to_i64(r->params[0], &id)) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return false;
    }
    if (!webhooks_of_route(r, u, w))
        return false;
    s->latest = unit_rows(u, latest);
    s->history = unit_rows(u, history);
    return true;
}

static struct value *view_of(struct request *r, const struct webhook *w, const struct shown *s)
{
    struct arena *a = r->arena;
    struct value *view = panel_page(r, "office.nav.webhooks"), *list = value_list(a);
    value_set_str(a, value_get(view, KEY(settings)), KEY(title), w->url);
    panel_page_back(r, view, "office.nav.webhooks", STR("/manage/webhooks"));
    panel_page_line(r, view, state_words(r, w));
    value_set(a, view, KEY(webhook), json_of(r, w));
    if (s->secret.p)
        value_set_str(a, view, KEY(secret), s->secret);
    for (int i = 0; i < s->latest->count; i++)
        value_append(a, list, rows_object(a, s->latest, i));
    value_set(a, view, KEY(deliveries), list);
    add_form(r, view, w);
    add_secret(r, view, w, s->secret);
    add_latest(r, view, w, s->latest);
    struct value *remove = panel_add(r, view, "remove", "office.webhook.remove");
    panel_text(r, remove, panel_words(r, "office.webhook.remove_text"));
    panel_link(r, remove, "office.webhook.remove", webhooks_path(a, w->id, "/remove"));
    office_history_view(r, view, s->history);
    return view;
}

static void respond_shown(struct request *r, const struct webhook *w, const struct shown *s)
{
    struct value *view = view_of(r, w, s);
    respond_header(r, "cache-control", STR("no-store"));
    office_done(r, view, w->url);
    panel_respond(r, view);
}

static void show(struct request *r)
{
    struct webhook w;
    struct shown s;
    if (!read(r, &w, &s))
        return;
    struct webhook_by by = webhooks_by(r);
    // Whoever has just made it needs it now.
    if (!r->wants_json && may_see_secret(r, &w) &&
        webhook_reveal(r->arena, &by, w.id, false, &s.secret) != WEBHOOK_DONE)
        s.secret = STR_NULL;
    respond_shown(r, &w, &s);
}

static void show_new(struct request *r)
{
    struct webhook w = {.state = STR("on")};
    struct value *view = panel_page(r, "office.webhook.new");
    panel_page_back(r, view, "office.nav.webhooks", STR("/manage/webhooks"));
    for (int i = 0; i < EVENT_COUNT; i++)
        w.events[i] = true;
    add_form(r, view, &w);
    panel_respond(r, view);
}

static bool is_ticked(const struct value *v)
{
    return value_is(v, VALUE_BOOL) ? v->boolean : value_as_str(v).len > 0;
}

// JSON names events as they are sent, a form as fields can be called.
static bool is_wanted(const struct value *events, enum event event)
{
    return event_is_chosen(event) &&
           (is_ticked(value_get(events, value_key_intern(event_infos[event].name))) ||
               is_ticked(value_get(events, value_key_intern(event_infos[event].field))));
}

static bool refuse_target(struct request *r, enum target_fault fault)
{
    static const char *const codes[] = {[TARGET_MALFORMED] = "malformed",
        [TARGET_PLAIN] = "plain",
        [TARGET_SECRETS] = "secrets",
        [TARGET_PORT] = "port",
        [TARGET_PRIVATE] = "private",
        [TARGET_UNKNOWN] = "unknown",
        [TARGET_BUSY] = "look_up"};
    if (fault == TARGET_GOOD)
        return false;
    form_refuse_text(r, "url", codes[fault],
        message(r->arena, r->words, STR("office.webhook.target"), "fault",
            value_str(r->arena, str_of(codes[fault])), NULL));
    return true;
}

// What the form sent; refusals stand beside their field.
static void take(struct request *r, const struct webhook *was, struct webhook *w)
{
    struct arena *a = r->arena;
    const struct value *events = value_get(r->form, KEY(events));
    bool any = false;
    *w = *was;
    w->description = form_str(r, KEY(description)).len ? form_str(r, KEY(description)) : STR("");
    w->state = form_bool(r, KEY(on))      ? STR("on")
               : str_is(was->state, "on") ? STR("off")
                                          : was->state;
    for (int i = 0; i < EVENT_COUNT; i++) {
        w->events[i] = is_wanted(events, (enum event)i);
        any |= w->events[i];
    }
    if (!any)
        panel_refuse(
            r, r->sent_json ? "events" : "events_order_placed", "none", "office.webhook.no_event");
    struct str typed = str_trim(form_str(r, KEY(url)));
    if (!typed.len)
        return; // refused as required
    if (!refuse_target(r, target_read(a, typed, webhook_own_allowed(), &w->url)) &&
        !str_eq(w->url, was->url) && !form_refused(r))
        refuse_target(r, target_resolve(a, w->url, webhook_own_allowed()));
    if (!w->url.p)
        w->url = was->url;
}

static void on_create(struct request *r)
{
    struct arena *a = r->arena;
    struct webhook none = {.state = STR("off")}, w;
    struct str secret;
    if (!webhooks_may_call(r))
        return;
    take(r, &none, &w);
    if (form_refused(r)) {
        struct value *view = panel_page(r, "office.webhook.new");
        panel_page_back(r, view, "office.nav.webhooks", STR("/manage/webhooks"));
        add_form(r, view, &w);
        panel_respond(r, view);
        return;
    }
    struct webhook_by by = webhooks_by(r);
    enum webhook_result result = webhook_create(a, &by, &w, &secret);
    if (result != WEBHOOK_DONE) {
        webhooks_problem(r, result);
        return;
    }
    w.version = 1;
    w.secret_us = clock_now_us();
    struct value *view = value_object(a);
    value_set(a, view, KEY(webhook), json_of(r, &w));
    value_set_str(a, view, KEY(secret), secret);
    respond_done(r, 201, webhooks_path(a, w.id, "?done=webhook_made#secret"), view);
}

static void on_save(struct request *r)
{
    struct arena *a = r->arena;
    struct webhook was, w;
    struct shown s;
    if (!read(r, &was, &s) || !webhooks_may_call(r))
        return;
    take(r, &was, &w);
    if (form_refused(r)) {
        w.url = was.url;
        panel_respond(r, view_of(r, &w, &s));
        return;
    }
    was.version = form_int(r, KEY(version), -1);
    struct webhook_by by = webhooks_by(r);
    enum webhook_result result = webhook_save(a, &by, &was, &w);
    if (result == WEBHOOK_CHANGED) {
        if (!read(r, &was, &s))
            return;
        w.version = was.version;
        struct office_conflict conflict = {
            .theirs = webhook_value(a, &was), .yours = webhook_value(a, &w)};
        office_conflict_respond(r, "office/settings/page", view_of(r, &w, &s), &conflict);
    } else if (result == WEBHOOK_DONE) {
        struct value *view = value_object(a);
        w.version = was.version + 1;
        value_set(a, view, KEY(webhook), json_of(r, &w));
        respond_done(r, 200, webhooks_path(a, w.id, "?done=saved"), view);
    } else {
        webhooks_problem(r, result);
    }
}

static void on_reveal(struct request *r)
{
    struct webhook w;
    struct shown s;
    if (!read(r, &w, &s))
        return;
    struct webhook_by by = webhooks_by(r);
    enum webhook_result result = webhook_reveal(r->arena, &by, w.id, true, &s.secret);
    if (result == WEBHOOK_DONE)
        respond_shown(r, &w, &s);
    else
        webhooks_problem(r, result);
}

static void on_rotate(struct request *r)
{
    struct webhook w;
    struct str secret;
    if (!find(r, &w))
        return;
    struct webhook_by by = webhooks_by(r);
    enum webhook_result result = webhook_rotate(r->arena, &by, w.id, &secret);
    if (result != WEBHOOK_DONE) {
        webhooks_problem(r, result);
        return;
    }
    struct value *view = value_object(r->arena);
    value_set_str(r->arena, view, KEY(secret), secret);
    respond_header(r, "cache-control", STR("no-store"));
    respond_done(r, 200, webhooks_path(r->arena, w.id, "?done=webhook_rotated#secret"), view);
}

static void on_test(struct request *r)
{
    struct arena *a = r->arena;
    struct webhook w;
    int64_t delivery;
    if (!find(r, &w) || !webhooks_may_call(r))
        return;
    struct webhook_by by = webhooks_by(r);
    enum webhook_result result = webhook_test(a, &by, w.id, &delivery);
    if (result != WEBHOOK_DONE) {
        webhooks_problem(r, result);
        return;
    }
    struct value *view = value_object(a);
    struct str id = str_of_i64(a, delivery);
    value_set_str(a, view, KEY(delivery), id);
    respond_done(r, 201, str_join(a, webhooks_path(a, w.id, "/deliveries/"), id, STR_NULL), view);
}

static void on_ask_to_remove(struct request *r)
{
    struct arena *a = r->arena;
    struct webhook w;
    if (!find(r, &w))
        return;
    office_confirm_respond(r,
        &(struct office_confirm){.title = message(a, r->words, STR("office.webhook.remove_title"),
                                     "url", value_str(a, w.url), NULL),
            .text = panel_words(r, "office.webhook.remove_text"),
            .button = panel_words(r, "office.webhook.remove_go"),
            .action_path = webhooks_path(a, w.id, "/remove"),
            .back_path = webhooks_path(a, w.id, "")});
}

static void on_remove(struct request *r)
{
    struct webhook w;
    if (!find(r, &w))
        return;
    struct webhook_by by = webhooks_by(r);
    enum webhook_result result = webhook_remove(r->arena, &by, &w);
    if (result == WEBHOOK_DONE)
        respond_done(r, 200, STR("/manage/webhooks?done=webhook_removed"), value_object(r->arena));
    else
        webhooks_problem(r, result);
}

static const char *const list_states[] = {"failed", NULL};
static const struct form form_list = FORM({"done", .kind = FIELD_TEXT, .max = 40},
    {"state", .kind = FIELD_CHOICE, .choices = list_states});
static const struct form form_show =
    FORM({"done", .kind = FIELD_TEXT, .max = 40}, OFFICE_HISTORY_FIELD);
static const struct form form_plain = FORM({"csrf", .kind = FIELD_TEXT});
#define WEBHOOK_FIELDS                                                                      \
    {"csrf", .kind = FIELD_TEXT}, {"url", FIELD_TEXT, .required = true, .max = TARGET_MAX}, \
        {"description", .kind = FIELD_TEXT, .max = WEBHOOK_DESCRIPTION_MAX},                \
        {"on", .kind = FIELD_BOOL},                                                         \
    {                                                                                       \
        "events", .kind = FIELD_OBJECT                                                      \
    }
static const struct form form_new = FORM(WEBHOOK_FIELDS);
static const struct form form_change = FORM(WEBHOOK_FIELDS, FORM_SEEN("version"));

static const struct route routes[] = {
    {HTTP_GET, "/manage/webhooks", PERMIT_WEBHOOKS_CHANGE, show_list, &form_list, 0, 0},
    {HTTP_GET, "/manage/webhooks/new", PERMIT_WEBHOOKS_CHANGE, show_new, NULL, 0, 0},
    {HTTP_POST, "/manage/webhooks", PERMIT_WEBHOOKS_CHANGE, on_create, &form_new, ROUTE_ONCE, 0},
    {HTTP_GET, "/manage/webhooks/{id}", PERMIT_WEBHOOKS_CHANGE, show, &form_show, 0, 0},
    {HTTP_POST, "/manage/webhooks/{id}", PERMIT_WEBHOOKS_CHANGE, on_save, &form_change, 0, 0},
    {HTTP_POST, "/manage/webhooks/{id}/secret", PERMIT_WEBHOOKS_CHANGE, on_reveal, &form_plain,
        ROUTE_ONCE, 0},
    {HTTP_POST, "/manage/webhooks/{id}/rotate", PERMIT_WEBHOOKS_CHANGE, on_rotate, &form_plain,
        ROUTE_ONCE, 0},
    {HTTP_POST, "/manage/webhooks/{id}/test", PERMIT_WEBHOOKS_CHANGE, on_test, &form_plain, 0, 0},
    {HTTP_GET, "/manage/webhooks/{id}/remove", PERMIT_WEBHOOKS_CHANGE, on_ask_to_remove, NULL, 0,
        0},
    {HTTP_POST, "/manage/webhooks/{id}/remove", PERMIT_WEBHOOKS_CHANGE, on_remove, &form_plain, 0,
        0},
};

static const struct office_nav nav = {.path = "/manage/webhooks",
    .label = "office.nav.webhooks",
    .icon = "webhook",
    .permission = PERMIT_WEBHOOKS_CHANGE,
    .section = OFFICE_SETTINGS,
    .rank = 82};

OFFICE_PAGE(routes, &nav)
