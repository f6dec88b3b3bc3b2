// The catalogue of features (P2), and turning their switches. What a switch would bring along, or
// what stands in its way, is shown before anything changes.
#include "base/clock.h"
#include "data/db.h"
#include "domain/notification.h"
#include "http/respond.h"
#include "web/office/feature_view.h"
#include "web/office/features.sql.h"
#include "web/office/frame/nav.h"
#include "web/office/office.h"

// What has just been done, told on the page that one comes back to, with the way back.
void office_add_notice(struct request *r, struct value *view)
{
    struct arena *a = r->arena;
    struct str done = form_str(r, KEY(done));
    const struct feature_info *info = notification_sender(form_str(r, KEY(feature)));
    if (!info || !done.len || r->wants_json)
        return;
    struct value *notice = value_append_object(a, value_get(view, KEY(notices)));
    struct str key = str_join(a, STR("office.done."), done, STR_NULL);
    value_set_str(a, notice, KEY(kind), STR("success"));
    value_set_str(a, notice, KEY(text),
        message(a, r->words, key, "title", value_str(a, feature_words(r, info->title)), NULL));
    bool on = str_is(done, "on");
    if (!on && !str_is(done, "off"))
        return;
    struct value *undo = value_object(a);
    value_set(a, notice, KEY(undo), undo);
    value_set_str(a, undo, KEY(undo_url), feature_url(r, info->name, on ? "/off" : "/on"));
}

static const char *const catalogue_states[] = {"paused", "waiting", NULL};

// What of the catalogue is asked for: everything, or what Today has counted.
struct catalogue {
    struct str state;
    const struct rows *paused;
};

static bool catalogue_read(struct request *r, struct catalogue *c)
{
    struct arena *a = r->arena;
    *c = (struct catalogue){.state = form_str(r, KEY(state))};
    if (!str_is(c->state, "paused"))
        return true;
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int place =
        unit_add(u, &SQL_features_paused, db_i64(a, r->site->tenant), db_time(a, clock_now_us()));
    bool read = unit_run(u) == DB_OK;
    c->paused = read ? unit_rows(u, place) : NULL;
    return read;
}

static bool catalogue_has(
    const struct request *r, const struct catalogue *c, const struct feature_info *info)
{
    if (str_is(c->state, "waiting"))
        return site_feature_state(r->site, info->name) == FEATURE_WAITING;
    for (int i = 0; c->paused && i < c->paused->count; i++)
        if (str_eq(rows_str(c->paused, i, KEY(plugin)), info->name))
            return true;
    return !c->paused;
}

static struct value *features_of(
    struct request *r, const struct catalogue *c, enum feature_section section)
{
    struct value *features = value_list(r->arena);
    for (size_t i = 0; i < feature_info_count(); i++) {
        const struct feature_info *info = feature_info_at(i);
        if (info->section == section && catalogue_has(r, c, info))
            value_append(r->arena, features, feature_item(r, info));
    }
    return features;
}

static int64_t count_on(const struct request *r)
{
    int64_t on = 0;
    for (size_t i = 0; i < feature_info_count(); i++)
        on += site_feature_state(r->site, feature_info_at(i)->name) == FEATURE_ON;
    return on;
}

static void on_catalogue(struct request *r)
{
    struct arena *a = r->arena;
    struct catalogue c;
    if (!catalogue_read(r, &c)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = page_view(r), *sections = value_list(a);
    value_set(a, view, KEY(sections), sections);
    for (int s = 0; s < FEATURE_SECTION_COUNT; s++) {
        struct value *features = features_of(r, &c, (enum feature_section)s);
        if (!value_count(features))
            continue;
        struct value *section = value_append_object(a, sections);
        value_set_str(
            a, section, KEY(section_name), str_of(feature_section_name((enum feature_section)s)));
        value_set(a, section, KEY(features), features);
    }
    value_set_int(a, view, KEY(on_count), count_on(r));
    value_set_int(a, view, KEY(all_count), (int64_t)feature_info_count());
    value_set_str(a, view, KEY(only), c.state.len ? c.state : STR_NULL);
    value_set_str(a, view, KEY(from), STR("catalogue"));
    value_set_bool(
        a, view, KEY(may_change), role_has(role_of(r->session.role), PERMIT_FEATURES_CHANGE));
    office_add_notice(r, view);
    respond_page(r, 200, "office/features", view);
}

static struct str way_back(struct request *r, struct str name, const char *done)
{
    bool page = str_is(form_str(r, KEY(from)), "feature");
    struct str path = page ? feature_path(r, name, "") : STR("/manage/features");
    return str_join(r->arena, path, STR("?done="), str_of(done), STR("&feature="), name, STR_NULL);
}

static void add_others(
    struct request *r, struct value *view, const struct feature_info *const *others, int count)
{
    struct value *list = value_list(r->arena);
    value_set(r->arena, view, KEY(others), list);
    for (int i = 0; i < count; i++)
        value_append(r->arena, list, feature_item(r, others[i]));
}

// Why it isn't done yet: what it needs, what it clashes with, who needs it.
static void explain(
    struct request *r, const char *code, const struct feature_look *look, const char *why)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r);
    bool needs = str_is(str_of(why), "needs");
    if (str_is(str_of(why), "needed"))
        add_others(r, view, look->needed_by, look->needed_count);
    else if (needs)
        add_others(r, view, look->also_on, look->also_count);
    else if (look->outside)
        add_others(r, view, &look->outside, 1);
    else
        add_others(r, view, look->conflicts, look->conflict_count);
    value_set(a, view, KEY(feature), feature_item(r, look->info));
    value_set_str(a, view, KEY(why), str_of(why));
    value_set_str(a, view, KEY(code), str_of(code));
    value_set_bool(a, view, KEY(can_agree), needs);
    value_set_str(a, view, KEY(lacks), look->lacks);
    value_set_str(a, view, KEY(note), form_str(r, KEY(note)));
    if (r->wants_json || r->sent_json) {
        respond_problem_document(r, PROBLEM_CONFLICT, code, view);
        return;
    }
    struct str from = form_str(r, KEY(from));
    value_set_str(a, view, KEY(from), from.len ? from : STR("catalogue"));
    respond_page(r, 409, "office/feature_switch", view);
}

static void answer(struct request *r, const struct feature_outcome *o, const char *done)
{
    struct arena *a = r->arena;
    struct value *view = value_object(a);
    switch (o->result) {
    case FEATURE_DONE:
    case FEATURE_UNCHANGED:
    case FEATURE_WAITS:
    case FEATURE_CLOSES: {
        const char *word = o->result == FEATURE_WAITS    ? "waits"
                           : o->result == FEATURE_CLOSES ? "closes"
                                                         : done;
        value_set_str(a, view, KEY(feature), o->look.info->name);
        value_set_str(a, view, KEY(result), str_of(word));
        value_set(a, view, KEY(owed), o->owed);
        respond_done(r, 200, way_back(r, o->look.info->name, word), view);
        return;
    }
    case FEATURE_NEEDS:
        explain(r, "feature_needs", &o->look, "needs");
        return;
    case FEATURE_CONFLICTS:
        explain(r, "feature_conflicts", &o->look, "conflicts");
        return;
    case FEATURE_LACKS:
        explain(r, "feature_lacks", &o->look, "lacks");
        return;
    case FEATURE_NEEDED:
        explain(r, "feature_needed", &o->look, "needed");
        return;
    case FEATURE_NOT_IN_PLAN:
        explain(r, "feature_not_in_plan", &o->look, "plan");
        return;
    case FEATURE_UNKNOWN:
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    case FEATURE_BUSY:
        respond_problem(r, PROBLEM_CONFLICT);
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static void on_switch_on(struct request *r)
{
    struct feature_actor actor = feature_actor_of(r);
    actor.note = form_str(r, KEY(note));
    struct feature_outcome o =
        feature_switch_on(r->arena, r->site, r->params[0], &actor, form_bool(r, KEY(consent)));
    answer(r, &o, "on");
}

static void on_switch_off(struct request *r)
{
    struct feature_actor actor = feature_actor_of(r);
    struct feature_outcome o = feature_switch_off(r->arena, r->site, r->params[0], &actor);
    answer(r, &o, "off");
}

static void on_switch_off_now(struct request *r)
{
    struct feature_actor actor = feature_actor_of(r);
    const struct feature_info *info = feature_of_route(r);
    if (!info)
        return;
    struct feature_outcome o =
        feature_switch_off_now(r->arena, r->site, info->name, &actor, form_str(r, KEY(typed)));
    if (o.result != FEATURE_UNCONFIRMED) {
        answer(r, &o, "off");
        return;
    }
    form_refuse_text(r, "typed", "unconfirmed",
        message(r->arena, r->words, STR("office.feature.unconfirmed"), "name",
            value_str(r->arena, info->name), NULL));
    office_feature_again(r, info);
}

static const struct form form_notice =
    FORM({"done", .kind = FIELD_TEXT, .max = 20}, {"feature", .kind = FIELD_TEXT, .max = 40},
        {"state", .kind = FIELD_CHOICE, .choices = catalogue_states});
static const struct form form_on =
    FORM({"csrf", .kind = FIELD_TEXT}, {"from", .kind = FIELD_TEXT, .max = 20},
        {"consent", .kind = FIELD_BOOL}, {"note", .kind = FIELD_LONG, .max = 1000});
static const struct form form_off =
    FORM({"csrf", .kind = FIELD_TEXT}, {"from", .kind = FIELD_TEXT, .max = 20});
static const struct form form_off_now = FORM({"csrf", .kind = FIELD_TEXT},
    {"from", .kind = FIELD_TEXT, .max = 20}, {"typed", .kind = FIELD_TEXT, .max = 60});

static const struct route routes[] = {
    {HTTP_GET, "/manage/features", PERMIT_FEATURES_READ, on_catalogue, &form_notice, 0, 0},
    {HTTP_POST, "/manage/features/{name}/on", PERMIT_FEATURES_CHANGE, on_switch_on, &form_on, 0, 0},
    {HTTP_POST, "/manage/features/{name}/off", PERMIT_FEATURES_CHANGE, on_switch_off, &form_off, 0,
        0},
    {HTTP_POST, "/manage/features/{name}/off-now", PERMIT_FEATURES_CHANGE, on_switch_off_now,
        &form_off_now, 0, 0},
};

static const struct office_nav nav = {.path = "/manage/features",
    .label = "office.nav.features",
    .icon = "toggle-right",
    .permission = PERMIT_FEATURES_READ,
    .section = OFFICE_SETTINGS,
    .rank = 10};

OFFICE_PAGE(routes, &nav)
