// Going live: a list that checks itself, and one button for the owner (P8).
#include "domain/golive.h"

#include "data/db.h"
#include "http/respond.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/settings/panel.h"
#include "web/office/settings/saving.h"

static void add_checks(struct request *r, struct value *view, const struct golive_look *look)
{
    struct arena *a = r->arena;
    struct value *panel = panel_add(r, view, "checks", "office.golive.checks");
    struct value *checks = value_list(a);
    value_set(a, view, KEY(checks), checks);
    for (int i = 0; i < GOLIVE_CHECK_COUNT; i++) {
        struct str name = str_of(golive_name((enum golive_check)i));
        struct str key = str_join(a, STR("office.golive.check."), name, STR_NULL);
        struct value *item = panel_item(r, panel, panel_words(r, key.p),
            panel_words(r, str_join(a, key, STR("_text"), STR_NULL).p));
        panel_item_link(r, item, str_of(golive_path((enum golive_check)i)));
        panel_item_state(r, item, look->done[i] ? "on" : "waiting",
            panel_words(r, look->done[i] ? "office.golive.done" : "office.golive.todo"));
        struct value *check = value_append_object(a, checks);
        value_set_str(a, check, KEY(name), name);
        value_set_bool(a, check, KEY(done), look->done[i]);
    }
}

static void add_button(struct request *r, struct value *view, const struct golive_look *look)
{
    struct arena *a = r->arena;
    struct value *panel = panel_add(r, view, "go", "office.golive.title");
    if (!look->ready) {
        panel_text(r, panel, panel_words(r, "office.golive.not_yet"));
        return;
    }
    panel_text(r, panel,
        message(a, r->words, STR("office.golive.what"), "samples", value_int(a, look->samples),
            "bookings", value_int(a, look->bookings), NULL));
    panel_link(r, panel, "office.golive.go", STR("/manage/go-live/confirm"));
}

static void show(struct request *r)
{
    struct golive_look look;
    struct unit *u = unit_new(r->arena, DB_READ, r->site->tenant);
    int history = office_history_add(r, u, "site", STR("practice"));
    if (!golive_look(r->arena, r->site, &look) || unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = panel_page(r, "office.nav.golive");
    bool practice = r->site->practice;
    panel_page_line(
        r, view, panel_words(r, practice ? "office.golive.line" : "office.golive.is_live"));
    value_set_bool(r->arena, view, KEY(practice), practice);
    value_set_bool(r->arena, view, KEY(ready), look.ready);
    add_checks(r, view, &look);
    if (practice)
        add_button(r, view, &look);
    office_history_view(r, view, unit_rows(u, history));
    office_done(r, view, r->site->name);
    panel_respond(r, view);
}

enum { SAMPLES_NAMED = 10 };

// The samples that go, by name: one of them may be somebody's work by now.
static struct value *samples_view(struct request *r, const struct rows *rows, int64_t count)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a), *items = value_list(a);
    value_set_str(a, v, KEY(text),
        message(a, r->words, STR("office.golive.samples"), "samples", value_int(a, count), NULL));
    value_set(a, v, KEY(items), items);
    for (int i = 0; i < rows->count; i++) {
        struct value *item = value_append_object(a, items);
        struct str path =
            str_join(a, STR("/manage/offers/"), rows_str(rows, i, KEY(offer_id)), STR_NULL);
        value_set_str(a, item, KEY(title),
            site_text_in(r->site, rows_json(a, rows, i, KEY(title)), r->language));
        value_set_str(a, item, KEY(page_url), request_url(r, path));
    }
    int64_t more = count - rows->count;
    value_set_str(a, v, KEY(more),
        more > 0 ? message(a, r->words, STR("office.golive.samples_more"), "count",
                       value_int(a, more), NULL)
                 : STR_NULL);
    return v;
}

static void ask(struct request *r)
{
    struct golive_look look;
    struct unit *u = unit_new(r->arena, DB_READ, r->site->tenant);
    int samples = golive_add_samples(u, SAMPLES_NAMED);
    if (!golive_look(r->arena, r->site, &look) || unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    const struct rows *rows = unit_rows(u, samples);
    office_confirm_respond(
        r, &(struct office_confirm){.title = panel_words(r, "office.golive.title"),
               .text = panel_words(r, "office.golive.no_way_back"),
               .button = panel_words(r, "office.golive.go"),
               .action_path = STR("/manage/go-live"),
               .back_path = STR("/manage/go-live"),
               .typed = r->site->name,
               .concerned = rows->count ? samples_view(r, rows, look.samples) : NULL});
}

static void on_go(struct request *r)
{
    struct feature_actor actor = saving_actor(r);
    if (!office_confirmed(r, r->site->name)) {
        ask(r);
        return;
    }
    switch (golive_go(r->arena, r->site, &actor)) {
    case GOLIVE_DONE:
        respond_done(r, 200, STR("/manage/go-live?done=live"), value_object(r->arena));
        return;
    case GOLIVE_NOT_READY:
        respond_problem_code(r, PROBLEM_CONFLICT, "not_ready_for_live");
        return;
    case GOLIVE_ALREADY:
        respond_problem_code(r, PROBLEM_CONFLICT, "already_done");
        return;
    case GOLIVE_BUSY:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static const struct form form_show =
    FORM({"done", .kind = FIELD_TEXT, .max = 40}, OFFICE_HISTORY_FIELD);
static const struct form form_go =
    FORM({"csrf", .kind = FIELD_TEXT}, {"typed", .kind = FIELD_TEXT, .max = 200});

static const struct route routes[] = {
    {HTTP_GET, "/manage/go-live", PERMIT_GO_LIVE, show, &form_show, 0, 0},
    {HTTP_GET, "/manage/go-live/confirm", PERMIT_GO_LIVE, ask, NULL, 0, 0},
    {HTTP_POST, "/manage/go-live", PERMIT_GO_LIVE, on_go, &form_go, 0, 0},
};

static const struct office_nav nav = {.path = "/manage/go-live",
    .label = "office.nav.golive",
    .icon = "rocket",
    .permission = PERMIT_GO_LIVE,
    .section = OFFICE_SETTINGS,
    .rank = 90};

OFFICE_PAGE(routes, &nav)
