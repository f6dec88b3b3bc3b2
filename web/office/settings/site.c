// The site's own facts: its name, the languages it is offered in, its currency, its time zone. What
// a language needs before it can be the main one is named; what another zone does to the schedule
// shows before it is saved.
#include "base/clock.h"
#include "base/region.h"
#include "domain/site_facts.h"
#include "http/format.h"
#include "http/respond.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/schedule/effect.h"
#include "web/office/settings/panel.h"
#include "web/office/settings/saving.h"

enum { ZONES_MAX = 700 };

static const char path[] = "/manage/site";
static const char *const languages[] = {"en", "fr", "es", NULL};

struct page {
    struct site_facts facts;
    struct str zone;
    int64_t seen;
    bool sold;
    const struct rows *history;
};

// False, and answered, when the database is away.
static bool read_page(struct request *r, struct page *p)
{
    struct edition_row now;
    struct unit *u = unit_new(r->arena, DB_READ, r->site->tenant);
    int sold = site_facts_add_sold(u);
    int history = office_history_add(r, u, "site", SITE_FACTS_SUBJECT);
    if (unit_run(u) != DB_OK ||
        !edition_newest(r->arena, r->site->tenant, SITE_FACTS_SUBJECT, &now)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    *p = (struct page){.facts = site_facts_of(r->site),
        .zone = zone_name(r->site->zone),
        .seen = now.version,
        .sold = rows_bool(unit_rows(u, sold), 0, KEY(sold)),
        .history = unit_rows(u, history)};
    return true;
}

static bool offers_language(const struct site_facts *facts, struct str language)
{
    for (int i = 0; i < facts->language_count; i++)
        if (str_eq(facts->languages[i], language))
            return true;
    return false;
}

static void add_languages(struct request *r, struct value *panel, const struct site_facts *facts)
{
    struct value *main_one = panel_field(r, panel,
        &(struct panel_field){.name = "main_language",
            .label = "office.site.main_language",
            .hint = "office.site.main_language_hint",
            .kind = PANEL_CHOICE});
    for (int i = 0; languages[i]; i++) {
        struct str language = str_of(languages[i]);
        panel_option(r, main_one, language, format_language_name(r->arena, language),
            str_eq(language, facts->languages[0]));
    }
    for (int i = 0; languages[i]; i++) {
        struct str language = str_of(languages[i]);
        struct str label = message(r->arena, r->words, STR("office.site.in_language"), "language",
            value_str(r->arena, format_language_name(r->arena, language)), NULL);
        panel_field(r, panel,
            &(struct panel_field){
                .name = str_join(r->arena, STR("language_"), language, STR_NULL).p,
                .title = label,
                .hint = i == 0 ? "office.site.languages_hint" : NULL,
                .kind = PANEL_TICK,
                .checked = offers_language(facts, language)});
    }
}

static void add_facts(struct request *r, struct value *view, const struct page *p)
{
    struct value *panel = panel_add(r, view, "facts", "office.site.facts");
    panel_form(r, panel, str_of(path), "office.save");
    panel_hidden(r, panel, "seen", str_of_i64(r->arena, p->seen));
    panel_field(r, panel,
        &(struct panel_field){.name = "name",
            .label = "office.site.name",
            .kind = PANEL_TEXT,
            .len_max = SITE_NAME_MAX,
            .required = true,
            .value = p->facts.name});
    add_languages(r, panel, &p->facts);
    panel_field(r, panel,
        &(struct panel_field){.name = "currency",
            .label = "office.site.currency",
            .hint = p->sold ? "office.site.currency_sold" : "office.site.currency_hint",
            .kind = PANEL_TEXT,
            .len_max = 3,
            .fixed = p->sold,
            .value = p->facts.currency});
}

static void add_zone(struct request *r, struct value *view, const struct page *p)
{
    struct arena *a = r->arena;
    struct value *panel = panel_add(r, view, "zone", "office.site.zone");
    panel_form(r, panel, STR("/manage/site/zone"), "office.site.zone_look");
    panel_hidden(r, panel, "seen", str_of_i64(a, p->seen));
    struct value *field = panel_field(r, panel,
        &(struct panel_field){.name = "time_zone",
            .label = "office.site.zone",
            .hint = "office.site.zone_hint",
            .kind = PANEL_CHOICE});
    struct str *zones = arena_new_array(a, struct str, ZONES_MAX);
    size_t count = region_zones(a, zones, ZONES_MAX);
    bool listed = false;
    for (size_t i = 0; i < count; i++) {
        listed |= str_eq(zones[i], p->zone);
        panel_option(r, field, zones[i], zones[i], str_eq(zones[i], p->zone));
    }
    if (!listed)
        panel_option(r, field, p->zone, p->zone, true);
}

static struct value *view_of(struct request *r, const struct page *p)
{
    struct arena *a = r->arena;
    struct value *view = panel_page(r, "office.nav.site");
    panel_page_line(r, view, panel_words(r, "office.site.line"));
    value_set(a, view, KEY(facts), site_facts_value(a, &p->facts, p->zone));
    value_set_bool(a, view, KEY(sold), p->sold);
    value_set_int(a, view, KEY(seen), p->seen);
    add_facts(r, view, p);
    add_zone(r, view, p);
    struct value *contact = panel_add(r, view, "contact", "office.site.contact");
    panel_text(r, contact, panel_words(r, "office.site.contact_text"));
    panel_link(r, contact, "office.nav.legal", STR("/manage/legal"));
    office_history_view(r, view, p->history);
    schedule_done(r, view, STR(""));
    return view;
}

static void on_site(struct request *r)
{
    struct page p;
    if (read_page(r, &p))
        panel_respond(r, view_of(r, &p));
}

// The main one first, the others in our order.
static void take_languages(struct request *r, struct site_facts *facts)
{
    const struct value *sent = value_get(r->form, KEY(language));
    struct str first = form_str(r, KEY(main_language));
    facts->language_count = 0;
    facts->languages[facts->language_count++] = first;
    for (int i = 0; languages[i]; i++)
        for (size_t k = 0; k < value_count(sent); k++) {
            struct str key = value_get_str(value_at(sent, k), KEY(key));
            if (str_is(key, languages[i]) && !str_eq(key, first))
                facts->languages[facts->language_count++] = str_of(languages[i]);
        }
}

static void take_currency(struct request *r, const struct page *p, struct site_facts *facts)
{
    struct currency currency;
    struct str typed = form_str(r, KEY(currency));
    if (!typed.len)
        return;
    if (!currency_parse(typed, &currency))
        panel_refuse(r, "currency", "choice", "office.site.currency_unknown");
    else if (p->sold && !str_eq(typed, p->facts.currency))
        panel_refuse(r, "currency", "sold", "office.site.currency_sold");
    else
        facts->currency = typed;
}

// What has no words in the language that is to be the main one, a few by name.
static struct str lacking(struct request *r, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *names = value_list(a);
    for (int i = 0; i < rows->count; i++) {
        const struct value *texts = rows_json(a, rows, i, KEY(texts));
        int64_t others = rows_i64(rows, i, KEY(missing)) - (int64_t)value_count(texts);
        for (size_t k = 0; k < value_count(texts); k++)
            value_append(
                a, names, value_str(a, site_text_in(r->site, value_at(texts, k), r->language)));
        if (others > 0)
            value_append(a, names,
                value_str(a, message(a, r->words, STR("office.tax.others"), "count",
                                 value_int(a, others), NULL)));
    }
    return value_count(names) ? format_list(a, r->format, names) : STR("");
}

// False, and answered, when the database is away.
static bool check_words(struct request *r, struct str language)
{
    struct arena *a = r->arena;
    if (!language.len || str_eq(language, r->site->languages[0]))
        return true;
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int place = site_facts_add_missing(u, language);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    struct str names = lacking(r, unit_rows(u, place));
    if (names.len)
        form_refuse_text(r, "main_language", "words_missing",
            message(a, r->words, STR("office.site.words_missing"), "language",
                value_str(a, format_language_name(a, language)), "names", value_str(a, names),
                NULL));
    return true;
}

static void say_changed(struct request *r, const struct site_facts *yours)
{
    struct page p;
    if (!read_page(r, &p))
        return;
    struct value *typed = site_facts_value(r->arena, yours, p.zone);
    p.facts = *yours;
    saving_conflict(r, view_of(r, &p), SITE_FACTS_SUBJECT, typed);
}

static void answer_save(struct request *r, const struct page *p, const struct site_facts *f,
    enum site_facts_result done)
{
    switch (done) {
    case SITE_FACTS_DONE:
        respond_done(r, 200, str_join(r->arena, str_of(path), STR("?done=saved"), STR_NULL),
            value_object(r->arena));
        break;
    case SITE_FACTS_STALE:
        say_changed(r, f);
        break;
    case SITE_FACTS_CURRENCY:
        panel_refuse(r, "currency", "sold", "office.site.currency_sold");
        panel_respond(r, view_of(r, p));
        break;
    case SITE_FACTS_WORDS:
        respond_problem(r, PROBLEM_CONFLICT);
        break;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static void on_save(struct request *r)
{
    struct page p;
    if (!read_page(r, &p))
        return;
    struct site_facts facts = p.facts;
    facts.name = form_str(r, KEY(name));
    take_languages(r, &facts);
    take_currency(r, &p, &facts);
    if (!check_words(r, form_str(r, KEY(main_language))))
        return;
    if (form_refused(r)) {
        panel_respond(r, view_of(r, &p));
        return;
    }
    struct site_facts_change c = {
        .site = r->site, .actor = saving_actor(r), .seen = form_int(r, KEY(seen), -1)};
    answer_save(r, &p, &facts, site_facts_save(r->arena, &c, &facts));
}

static void show_zone(
    struct request *r, const struct site_zone_change *change, const struct schedule_outcome *o)
{
    struct arena *a = r->arena;
    int64_t now_us = clock_now_us();
    struct value *view = page_view(r), *zone = value_object(a);
    office_object_view(r, view,
        &(struct office_object){
            panel_words(r, "office.site.zone_change"), path, "office.nav.site"});
    value_set(a, view, KEY(zone), zone);
    value_set_str(a, zone, KEY(old), zone_name(r->site->zone));
    value_set_str(a, zone, KEY(new), zone_name(change->zone));
    value_set_str(a, zone, KEY(now_old),
        value_get_str(format_time_value(a, r->format, r->site->zone, now_us), KEY(text)));
    value_set_str(a, zone, KEY(now_new),
        value_get_str(format_time_value(a, r->format, change->zone, now_us), KEY(text)));
    value_set_int(a, zone, KEY(seen), change->seen);
    value_set_str(a, zone, KEY(save_url), request_url(r, STR("/manage/site/zone")));
    schedule_effect_view(r, view, o->facts, o->plan);
    respond_page(r, 200, "office/settings/zone", view);
}

static void refuse_zone(struct request *r, const struct page *p, const char *code, const char *key)
{
    panel_refuse(r, "time_zone", code, key);
    panel_respond(r, view_of(r, p));
}

static void zone_conflict(struct request *r, const struct site_zone_change *change)
{
    struct page p;
    if (!read_page(r, &p))
        return;
    struct value *yours = site_facts_value(r->arena, &p.facts, zone_name(change->zone));
    saving_conflict(r, view_of(r, &p), SITE_FACTS_SUBJECT, yours);
}

static void on_zone(struct request *r)
{
    struct page p;
    struct str typed = form_str(r, KEY(time_zone));
    if (!read_page(r, &p))
        return;
    if (form_refused(r) || !zone_is_valid(typed)) {
        refuse_zone(r, &p, "choice", "office.site.zone_unknown");
        return;
    }
    struct audit who = schedule_who(r);
    struct schedule_ask ask = {.site = r->site, .who = &who, .looks = !form_bool(r, KEY(agreed))};
    struct site_zone_change change = {zone_get(typed), form_int(r, KEY(seen), -1)};
    struct schedule_outcome o = site_zone_save(r->arena, &ask, &change);
    if (o.result == SCHEDULE_DONE && ask.looks)
        show_zone(r, &change, &o);
    else if (o.result == SCHEDULE_DONE)
        respond_done(r, 200,
            schedule_done_path(
                r, str_join(r->arena, str_of(path), STR("?done=saved"), STR_NULL), o.plan),
            value_object(r->arena));
    else if (o.result == SCHEDULE_CHANGED)
        zone_conflict(r, &change);
    else if (o.result == SCHEDULE_TOO_MANY)
        refuse_zone(r, &p, "too_many", "office.site.zone_many");
    else
        schedule_problem(r, o.result);
}

static const struct form form_show = FORM(SCHEDULE_DONE_FIELDS, OFFICE_HISTORY_FIELD);
static const struct form form_save = FORM({"csrf", .kind = FIELD_TEXT}, FORM_SEEN("seen"),
    {"name", FIELD_TEXT, .required = true, .max = SITE_NAME_MAX},
    {"main_language", FIELD_CHOICE, .required = true, .choices = languages},
    {"language", .kind = FIELD_COUNTS, .max = 1}, {"currency", FIELD_TEXT, .max = 3});
static const struct form form_zone = FORM({"csrf", .kind = FIELD_TEXT}, FORM_SEEN("seen"),
    {"time_zone", FIELD_TEXT, .required = true, .max = 64}, {"agreed", .kind = FIELD_BOOL});

static const struct route routes[] = {
    {HTTP_GET, "/manage/site", PERMIT_SETTINGS_CHANGE, on_site, &form_show, 0, 0},
    {HTTP_POST, "/manage/site", PERMIT_SETTINGS_CHANGE, on_save, &form_save, 0, 0},
    {HTTP_POST, "/manage/site/zone", PERMIT_SETTINGS_CHANGE, on_zone, &form_zone, 0, 0},
};

static const struct office_nav nav = {.path = path,
    .label = "office.nav.site",
    .icon = "globe",
    .permission = PERMIT_SETTINGS_CHANGE,
    .section = OFFICE_SETTINGS,
    .rank = 15};

OFFICE_PAGE(routes, &nav)
