// Sales channels: what each sells, and for which dates. A channel's page lists its profiles; a
// profile's page is a form with a tick for every offer.
#include "base/date.h"
#include "data/db.h"
#include "domain/channel.h"
#include "http/respond.h"
#include "web/office/frame/fields.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/settings/channels.sql.h"
#include "web/office/settings/panel.h"
#include "web/office/settings/saving.h"

static const char *const modes[] = {"sale", "reservation", NULL};
static const char *const registrations[] = {"guest", "both", "login", NULL};

static struct str kind_words(struct request *r, struct str kind)
{
    return message(
        r->arena, r->words, STR("office.channel.kind"), "kind", value_str(r->arena, kind), NULL);
}

static struct str channel_path(struct request *r)
{
    return str_join(r->arena, STR("/manage/channels/"), r->params[0], STR_NULL);
}

static struct str profile_path(struct request *r, struct str id)
{
    return str_join(r->arena, channel_path(r), STR("/profiles/"), id, STR_NULL);
}

static void show_list(struct request *r)
{
    struct arena *a = r->arena;
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int place = unit_add(u, &SQL_office_channels, db_i64(a, r->site->tenant));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    const struct rows *rows = unit_rows(u, place);
    struct value *view = panel_page(r, "office.nav.channels");
    panel_page_line(r, view, panel_words(r, "office.channel.line"));
    page_list(r, view, KEY(channels), rows_list(a, rows));
    struct value *panel = panel_add(r, view, "channels", "office.channel.own");
    for (int i = 0; i < rows->count; i++) {
        int64_t profiles = rows_i64(rows, i, KEY(profiles));
        struct value *item = panel_item(r, panel, kind_words(r, rows_str(rows, i, KEY(kind))),
            message(a, r->words, STR("office.channel.profiles"), "count", value_int(a, profiles),
                NULL));
        panel_item_link(r, item,
            str_join(a, STR("/manage/channels/"), rows_str(rows, i, KEY(channel_id)), STR_NULL));
        panel_item_state(r, item, profiles ? "on" : "off",
            panel_words(r, profiles ? "office.channel.sells" : "office.channel.sells_not"));
    }
    panel_respond(r, view);
}

struct found {
    int64_t channel, version;
    struct str kind, registration;
    const struct rows *profiles, *offers, *history;
    int profile; // its row, or -1
};

// Reads the channel, its profiles, and the offers as the profile of the route has them. False, and
// answered, when one of them isn't there.
static bool find(struct request *r, int64_t profile, struct found *out)
{
    struct arena *a = r->arena;
    *out = (struct found){.profile = -1};
    str_to_i64(r->params[0], &out->channel);
    struct str tenant = db_i64(a, r->site->tenant), channel = db_i64(a, out->channel);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int one = unit_add(u, &SQL_office_channel, tenant, channel);
    int profiles = unit_add(u, &SQL_office_profiles, tenant, channel);
    int offers = unit_add(u, &SQL_office_profile_offers, tenant, db_i64(a, profile));
    int history = office_history_add(r, u, "channel", channel);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    out->profiles = unit_rows(u, profiles);
    out->offers = unit_rows(u, offers);
    out->history = unit_rows(u, history);
    for (int i = 0; i < out->profiles->count; i++)
        if (rows_i64(out->profiles, i, KEY(profile_id)) == profile)
            out->profile = i;
    if (!unit_rows(u, one)->count || (profile && out->profile < 0)) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return false;
    }
    out->version = rows_i64(unit_rows(u, one), 0, KEY(version));
    out->kind = rows_str(unit_rows(u, one), 0, KEY(kind));
    out->registration = rows_str(unit_rows(u, one), 0, KEY(registration));
    return true;
}

// The profile of the route as it is, as the audit says it.
static struct value *before_of(struct request *r, const struct found *f)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a), *offers = value_list(a);
    const struct rows *p = f->profiles;
    if (f->profile < 0)
        return NULL;
    value_set_str(a, v, KEY(name), rows_str(p, f->profile, KEY(name)));
    value_set_str(a, v, KEY(mode), rows_str(p, f->profile, KEY(mode)));
    value_set_str(a, v, KEY(from_date), rows_str(p, f->profile, KEY(from_date)));
    value_set_str(a, v, KEY(to_date), rows_str(p, f->profile, KEY(to_date)));
    value_set_bool(a, v, KEY(every_offer), rows_bool(p, f->profile, KEY(every_offer)));
    for (int i = 0; i < f->offers->count; i++)
        if (rows_bool(f->offers, i, KEY(chosen)))
            value_append(a, offers, value_str(a, rows_str(f->offers, i, KEY(offer_id))));
    value_set(a, v, KEY(offers), offers);
    return v;
}

// Offers by their titles.
static struct value *names_of(struct request *r, const struct rows *offers)
{
    struct arena *a = r->arena;
    struct value *names = value_object(a), *list = value_list(a);
    for (int i = 0; i < offers->count; i++)
        office_choice_add(r, list, rows_str(offers, i, KEY(offer_id)),
            site_text_in(r->site, rows_json(a, offers, i, KEY(title)), r->language));
    value_set(a, names, KEY(offers), list);
    return names;
}

static struct str dates_of(struct request *r, const struct rows *rows, int i)
{
    struct arena *a = r->arena;
    struct str text[2];
    struct date date;
    for (int k = 0; k < 2; k++) {
        struct str cell = rows_str(rows, i, k ? KEY(to_date) : KEY(from_date));
        text[k] = cell.p && date_parse(cell, &date)
                      ? format_date(a, r->format, date, FORMAT_DATE_LONG)
                      : STR("");
    }
    const char *range =
        text[0].len ? (text[1].len ? "both" : "since") : (text[1].len ? "until" : "none");
    return message(a, r->words, STR("office.channel.dates"), "range", value_str(a, str_of(range)),
        "from", value_str(a, text[0]), "to", value_str(a, text[1]), NULL);
}

// Who may log in where: of the web, and only while a feature brings logins.
static bool has_options(const struct request *r, const struct found *f)
{
    return str_is(f->kind, "web") && site_provides(r->site, STR("login"));
}

static void add_options(struct request *r, struct value *view, const struct found *f)
{
    struct arena *a = r->arena;
    struct value *panel = panel_add(r, view, "options", "office.channel.options");
    panel_form(r, panel, str_join(a, channel_path(r), STR("/options"), STR_NULL), "office.save");
    panel_hidden(r, panel, "version", str_of_i64(a, f->version));
    struct value *field = panel_field(r, panel,
        &(struct panel_field){.name = "registration",
            .label = "office.channel.registration",
            .hint = "office.channel.registration_hint",
            .kind = PANEL_CHOICE});
    for (int i = 0; registrations[i]; i++) {
        struct str key =
            str_join(a, STR("office.channel.registration."), str_of(registrations[i]), STR_NULL);
        panel_option(r, field, str_of(registrations[i]), panel_words(r, key.p),
            str_is(f->registration, registrations[i]));
    }
}

static struct value *channel_view(struct request *r, const struct found *found)
{
    struct arena *a = r->arena;
    struct found f = *found;
    struct value *view = panel_page(r, "office.nav.channels");
    value_set_str(a, value_get(view, KEY(settings)), KEY(title), kind_words(r, f.kind));
    panel_page_back(r, view, "office.nav.channels", STR("/manage/channels"));
    value_set(a, view, KEY(profiles), rows_list(a, f.profiles));
    value_set_int(a, view, KEY(version), f.version);
    struct value *panel = panel_add(r, view, "profiles", "office.channel.profiles_title");
    if (!f.profiles->count)
        panel_text(r, panel, panel_words(r, "office.channel.none"));
    for (int i = 0; i < f.profiles->count; i++) {
        struct str what = rows_bool(f.profiles, i, KEY(every_offer))
                              ? panel_words(r, "office.channel.every")
                              : message(a, r->words, STR("office.channel.some"), "count",
                                    value_int(a, rows_i64(f.profiles, i, KEY(offers))), NULL);
        struct value *item = panel_item(r, panel, rows_str(f.profiles, i, KEY(name)),
            str_join(a, what, STR(" · "), dates_of(r, f.profiles, i), STR_NULL));
        panel_item_link(r, item, profile_path(r, rows_str(f.profiles, i, KEY(profile_id))));
        bool sale = str_is(rows_str(f.profiles, i, KEY(mode)), "sale");
        panel_item_state(r, item, sale ? "on" : "waiting",
            panel_words(r, sale ? "office.channel.mode.sale" : "office.channel.mode.reservation"));
    }
    panel_link(r, panel, "office.channel.new", profile_path(r, STR("new")));
    value_set_str(a, view, KEY(registration), f.registration);
    if (has_options(r, &f))
        add_options(r, view, &f);
    office_history_view_with(
        r, view, f.history, &(struct history_words){.names = names_of(r, f.offers)});
    office_done(r, view, STR(""));
    return view;
}

static void show_channel(struct request *r)
{
    struct found f;
    if (find(r, 0, &f))
        panel_respond(r, channel_view(r, &f));
}

static void on_options(struct request *r)
{
    struct arena *a = r->arena;
    struct found f;
    if (!find(r, 0, &f))
        return;
    if (!has_options(r, &f)) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    if (form_refused(r)) {
        panel_respond(r, channel_view(r, &f));
        return;
    }
    struct value *before = value_object(a);
    value_set_str(a, before, KEY(registration), f.registration);
    struct channel_change c = {.site = r->site,
        .actor = saving_actor(r),
        .seen = form_int(r, KEY(version), -1),
        .before = before};
    switch (channel_set_registration(a, &c, f.channel, form_str(r, KEY(registration)))) {
    case CHANNEL_DONE:
        respond_done(
            r, 200, str_join(a, channel_path(r), STR("?done=saved"), STR_NULL), value_object(a));
        break;
    case CHANNEL_CHANGED: {
        struct value *yours = value_object(a);
        value_set_str(a, yours, KEY(registration), form_str(r, KEY(registration)));
        if (!find(r, 0, &f))
            return;
        value_set_str(a, before, KEY(registration), f.registration);
        office_conflict_respond(r, "office/settings/page", channel_view(r, &f),
            &(struct office_conflict){.theirs = before, .yours = yours, .kind = STR("channel")});
        break;
    }
    case CHANNEL_GONE:
        respond_problem(r, PROBLEM_NOT_FOUND);
        break;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static int64_t profile_of(const struct request *r)
{
    int64_t id = 0;
    if (!str_is(r->params[1], "new") && !str_to_i64(r->params[1], &id))
        id = -1;
    return id;
}

static struct str cell(const struct found *f, value_key key)
{
    return f->profile < 0 ? STR_NULL : rows_str(f->profiles, f->profile, key);
}

static bool is_ticked(const struct value *typed, struct str id)
{
    for (size_t i = 0; i < value_count(typed); i++)
        if (str_eq(value_get_str(value_at(typed, i), KEY(key)), id))
            return true;
    return false;
}

static void add_offers(struct request *r, struct value *panel, const struct found *f)
{
    struct arena *a = r->arena;
    const struct value *typed = value_get(r->form, KEY(offer));
    for (int i = 0; i < f->offers->count; i++) {
        struct str id = rows_str(f->offers, i, KEY(offer_id));
        struct value *field = panel_field(r, panel,
            &(struct panel_field){.name = str_join(a, STR("offer_"), id, STR_NULL).p,
                .title = site_text_in(r->site, rows_json(a, f->offers, i, KEY(title)), r->language),
                .kind = PANEL_TICK});
        value_set_bool(a, field, KEY(checked),
            typed ? is_ticked(typed, id) : rows_bool(f->offers, i, KEY(chosen)));
    }
}

static struct value *profile_view(struct request *r, const struct found *f)
{
    struct arena *a = r->arena;
    struct value *view = panel_page(r, "office.channel.profile");
    panel_page_back(r, view, "office.channel.profiles_title", channel_path(r));
    value_set_int(a, view, KEY(version), f->version);
    struct value *panel = panel_add(r, view, "profile", "office.channel.profile");
    panel_form(r, panel, profile_path(r, r->params[1]), "office.save");
    panel_hidden(r, panel, "version", str_of_i64(a, f->version));
    panel_field(r, panel,
        &(struct panel_field){.name = "name",
            .label = "office.channel.name",
            .kind = PANEL_TEXT,
            .value = cell(f, KEY(name)),
            .len_max = 100,
            .required = true});
    struct value *mode = panel_field(r, panel,
        &(struct panel_field){
            .name = "mode", .label = "office.channel.mode", .kind = PANEL_CHOICE});
    for (int i = 0; modes[i]; i++) {
        struct str key = str_join(a, STR("office.channel.mode."), str_of(modes[i]), STR_NULL);
        panel_option(
            r, mode, str_of(modes[i]), panel_words(r, key.p), str_is(cell(f, KEY(mode)), modes[i]));
    }
    panel_field(r, panel,
        &(struct panel_field){.name = "from",
            .label = "office.channel.from",
            .hint = "office.channel.dates_hint",
            .kind = PANEL_DATE,
            .value = cell(f, KEY(from_date))});
    panel_field(r, panel,
        &(struct panel_field){.name = "to",
            .label = "office.channel.to",
            .kind = PANEL_DATE,
            .value = cell(f, KEY(to_date))});
    panel_field(r, panel,
        &(struct panel_field){.name = "every_offer",
            .label = "office.channel.every_offer",
            .hint = "office.channel.every_hint",
            .kind = PANEL_TICK,
            .checked = f->profile < 0 || str_is(cell(f, KEY(every_offer)), "t")});
    add_offers(r, panel, f);
    if (f->profile >= 0) {
        struct value *remove = panel_add(r, view, "remove", "office.channel.remove");
        panel_text(r, remove, panel_words(r, "office.channel.remove_text"));
        panel_form(r, remove, str_join(a, profile_path(r, r->params[1]), STR("/remove"), STR_NULL),
            "office.channel.remove");
        panel_hidden(r, remove, "version", str_of_i64(a, f->version));
    }
    return view;
}

static void show_profile(struct request *r)
{
    struct found f;
    if (find(r, profile_of(r), &f))
        panel_respond(r, profile_view(r, &f));
}

static size_t take_offers(struct request *r, int64_t *offers)
{
    const struct value *typed = value_get(r->form, KEY(offer));
    size_t count = 0;
    for (size_t i = 0; i < value_count(typed) && count < CHANNEL_OFFERS_MAX; i++)
        if (str_to_i64(value_get_str(value_at(typed, i), KEY(key)), &offers[count]))
            count++;
    return count;
}

static void answer(
    struct request *r, enum channel_result result, const struct channel_profile *typed)
{
    struct arena *a = r->arena;
    struct found f;
    switch (result) {
    case CHANNEL_DONE:
        respond_done(
            r, 200, str_join(a, channel_path(r), STR("?done=saved"), STR_NULL), value_object(a));
        return;
    case CHANNEL_GONE:
    case CHANNEL_FOREIGN:
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    case CHANNEL_BUSY:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    case CHANNEL_CHANGED:
        break;
    }
    if (!find(r, typed->id, &f))
        return;
    struct value *theirs = value_object(a), *yours = value_object(a);
    value_set_str(a, theirs, KEY(name), cell(&f, KEY(name)));
    value_set_str(a, theirs, KEY(from_date), cell(&f, KEY(from_date)));
    value_set_str(a, theirs, KEY(to_date), cell(&f, KEY(to_date)));
    value_set_str(a, yours, KEY(name), typed->name);
    value_set_str(a, yours, KEY(from_date), typed->from);
    value_set_str(a, yours, KEY(to_date), typed->to);
    office_conflict_respond(r, "office/settings/page", profile_view(r, &f),
        &(struct office_conflict){.theirs = theirs, .yours = yours});
}

static void on_save(struct request *r)
{
    struct found f;
    if (!find(r, profile_of(r), &f))
        return;
    int64_t *offers = arena_new_array(r->arena, int64_t, CHANNEL_OFFERS_MAX);
    struct channel_profile p = {.id = profile_of(r),
        .channel = f.channel,
        .name = form_str(r, KEY(name)),
        .mode = form_str(r, KEY(mode)),
        .from = form_str(r, KEY(from)),
        .to = form_str(r, KEY(to)),
        .every_offer = form_bool(r, KEY(every_offer)),
        .offers = offers};
    p.offer_count = p.every_offer ? 0 : take_offers(r, offers);
    if (p.from.len && p.to.len && str_cmp(p.to, p.from) < 0)
        panel_refuse(r, "to", "before", "office.channel.before");
    if (!p.every_offer && !p.offer_count && !form_refused(r))
        panel_refuse(r, "every_offer", "none", "office.channel.nothing");
    if (form_refused(r)) {
        panel_respond(r, profile_view(r, &f));
        return;
    }
    struct channel_change c = {.site = r->site,
        .actor = saving_actor(r),
        .seen = form_int(r, KEY(version), -1),
        .before = before_of(r, &f)};
    answer(r, channel_save_profile(r->arena, &c, &p), &p);
}

static void on_remove(struct request *r)
{
    struct found f;
    struct channel_profile p = {.id = profile_of(r)};
    if (!p.id || !find(r, p.id, &f)) {
        if (!p.id)
            respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    if (form_refused(r)) {
        panel_respond(r, profile_view(r, &f));
        return;
    }
    p.channel = f.channel;
    struct channel_change c = {.site = r->site,
        .actor = saving_actor(r),
        .seen = form_int(r, KEY(version), -1),
        .before = before_of(r, &f)};
    answer(r, channel_remove_profile(r->arena, &c, &p), &p);
}

static const struct form form_show =
    FORM({"done", .kind = FIELD_TEXT, .max = 40}, OFFICE_HISTORY_FIELD);
static const struct form form_remove = FORM({"csrf", .kind = FIELD_TEXT}, FORM_SEEN("version"));
static const struct form form_save = FORM({"csrf", .kind = FIELD_TEXT}, FORM_SEEN("version"),
    {"name", FIELD_TEXT, .required = true, .max = 100},
    {"mode", FIELD_CHOICE, .required = true, .choices = modes}, {"from", .kind = FIELD_DATE},
    {"to", .kind = FIELD_DATE}, {"every_offer", .kind = FIELD_BOOL},
    {"offer", .kind = FIELD_COUNTS, .max = 1});

static const struct form form_options = FORM({"csrf", .kind = FIELD_TEXT}, FORM_SEEN("version"),
    {"registration", FIELD_CHOICE, .required = true, .choices = registrations});

static const struct route routes[] = {
    {HTTP_GET, "/manage/channels", PERMIT_SETTINGS_CHANGE, show_list, NULL, 0, 0},
    {HTTP_GET, "/manage/channels/{id}", PERMIT_SETTINGS_CHANGE, show_channel, &form_show, 0, 0},
    {HTTP_POST, "/manage/channels/{id}/options", PERMIT_SETTINGS_CHANGE, on_options, &form_options,
        0, 0},
    {HTTP_GET, "/manage/channels/{id}/profiles/{profile}", PERMIT_SETTINGS_CHANGE, show_profile,
        NULL, 0, 0},
    {HTTP_POST, "/manage/channels/{id}/profiles/{profile}", PERMIT_SETTINGS_CHANGE, on_save,
        &form_save, 0, 0},
    {HTTP_POST, "/manage/channels/{id}/profiles/{profile}/remove", PERMIT_SETTINGS_CHANGE,
        on_remove, &form_remove, 0, 0},
};

static const struct office_nav nav = {.path = "/manage/channels",
    .label = "office.nav.channels",
    .icon = "share-2",
    .permission = PERMIT_SETTINGS_CHANGE,
    .section = OFFICE_SETTINGS,
    .rank = 60};

OFFICE_PAGE(routes, &nav)
