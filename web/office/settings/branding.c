// The site's look and its own words, with the storefront as it would be beside them; every save is
// a version to go back to (P3). Colours without enough contrast are corrected, and it says how.
#include "base/colour.h"
#include "data/db.h"
#include "domain/palette.h"
#include "http/respond.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/settings/look.h"
#include "web/office/settings/panel.h"
#include "web/office/settings/saving.h"

static const char *const text_names[] = {"tagline", "intro"};

// Both parts together, as the editions keep them.
static struct value *whole(struct arena *a, const struct value *branding, const struct value *texts)
{
    struct value *v = value_object(a);
    value_set(a, v, KEY(branding), (struct value *)branding);
    value_set(a, v, KEY(texts), (struct value *)texts);
    return v;
}

// What was typed over what there is; a language left empty has no words of its own.
static struct value *texts_of_form(struct request *r)
{
    struct arena *a = r->arena;
    struct value *texts = value_copy(a, r->site->texts);
    for (int t = 0; t < 2; t++) {
        value_key name = value_key_intern(str_of(text_names[t]));
        const struct value *typed = value_get(r->form, name);
        if (!typed)
            continue;
        struct value *words = value_object(a);
        for (int i = 0; i < r->site->language_count; i++) {
            value_key language = value_key_intern(r->site->languages[i]);
            struct str text = str_trim(value_get_str(typed, language));
            if (text.len)
                value_set_str(a, words, language, str_utf8_clip(text, 2000));
        }
        value_set(a, texts, name, words);
    }
    return texts;
}

static void add_choice(struct request *r, struct value *panel, const char *name,
    const char *const *values, struct str now)
{
    struct arena *a = r->arena;
    struct str key = str_join(a, STR("office.branding."), str_of(name), STR_NULL);
    struct value *field = panel_field(
        r, panel, &(struct panel_field){.name = name, .label = key.p, .kind = PANEL_CHOICE});
    for (int i = 0; values[i]; i++) {
        struct str words = str_join(a, key, STR("."), str_of(values[i]), STR_NULL);
        panel_option(r, field, str_of(values[i]), panel_words(r, words.p), str_is(now, values[i]));
    }
}

static struct str or_else(struct str s, const char *otherwise)
{
    return s.len ? s : str_of(otherwise);
}

static void add_texts(struct request *r, struct value *panel)
{
    struct arena *a = r->arena;
    for (int t = 0; t < 2; t++)
        for (int i = 0; i < r->site->language_count; i++) {
            struct str language = r->site->languages[i], name = str_of(text_names[t]);
            value_key text = value_key_intern(name), code = value_key_intern(language);
            struct str typed = value_get_str(value_get(r->form, text), code);
            struct str key = str_join(a, STR("office.branding."), name, STR_NULL);
            struct str title = message(a, r->words, key, "language",
                value_str(a, format_language_name(a, language)), NULL);
            panel_field(r, panel,
                &(struct panel_field){.name = str_join(a, name, STR("_"), language, STR_NULL).p,
                    .title = title,
                    .kind = t ? PANEL_LONG : PANEL_TEXT,
                    .rows = 3,
                    .language = language,
                    .len_max = t ? 600 : 120,
                    .value =
                        typed.p ? typed : value_get_str(value_get(r->site->texts, text), code)});
        }
}

static void add_form(
    struct request *r, struct value *view, const struct value *branding, int64_t seen)
{
    struct value *panel = panel_add(r, view, "look", "office.branding.look");
    panel_form(r, panel, STR("/manage/branding"), "office.save");
    panel_button(r, panel, "office.notification.look", "preview");
    panel_hidden(r, panel, "seen", str_of_i64(r->arena, seen));
    panel_field(r, panel,
        &(struct panel_field){.name = "brand",
            .label = "office.branding.brand",
            .hint = "office.branding.brand_hint",
            .kind = PANEL_COLOUR,
            .value = or_else(value_get_str(branding, KEY(brand)), "#0f766e")});
    panel_field(r, panel,
        &(struct panel_field){.name = "accent",
            .label = "office.branding.accent",
            .hint = "office.branding.accent_hint",
            .kind = PANEL_COLOUR,
            .value = or_else(value_get_str(branding, KEY(accent)), "#b45309")});
    add_choice(
        r, panel, "fonts", look_fonts, or_else(value_get_str(branding, KEY(fonts)), "grotesk"));
    add_choice(
        r, panel, "corners", look_corners, or_else(value_get_str(branding, KEY(corners)), "soft"));
    add_choice(
        r, panel, "header", look_headers, or_else(value_get_str(branding, KEY(header)), "light"));
    add_texts(r, panel);
}

static void add_pictures(struct request *r, struct value *view)
{
    static const char *const names[][3] = {
        {"office.branding.logo", "/manage/branding/pictures/logo", "office.branding.logo_text"},
        {"office.branding.hero", "/manage/branding/pictures/hero", "office.branding.hero_text"}};
    struct value *panel = panel_add(r, view, "pictures", "office.branding.pictures");
    for (int i = 0; i < 2; i++) {
        struct value *item =
            panel_item(r, panel, panel_words(r, names[i][0]), panel_words(r, names[i][2]));
        panel_item_link(r, item, str_of(names[i][1]));
    }
}

// "#ffee00 is too bright for text on white: #7a7000 is used there." The fields whose colour was
// corrected: [{field, given, used, text}].
static struct value *corrections(struct request *r, const struct value *branding)
{
    static const char *const names[] = {"brand", "accent"};
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    for (int i = 0; i < 2; i++) {
        struct colour colour;
        struct str given = value_get_str(branding, value_key_intern(str_of(names[i])));
        if (!colour_parse(given, &colour))
            continue;
        struct str used = colour_text(a, palette_of(colour).light.ground);
        if (str_eq(used, colour_text(a, colour)))
            continue;
        struct value *v = value_append_object(a, list);
        value_set_str(a, v, KEY(field), str_of(names[i]));
        value_set_str(a, v, KEY(given), given);
        value_set_str(a, v, KEY(used), used);
        value_set_str(a, v, KEY(text),
            message(a, r->words, STR("office.branding.corrected"), "given", value_str(a, given),
                "used", value_str(a, used), NULL));
    }
    return list;
}

static void say_corrected(struct request *r, struct value *view, const struct value *branding)
{
    struct value *list = corrections(r, branding);
    value_set(r->arena, view, KEY(corrected), list);
    for (size_t i = 0; i < value_count(list); i++)
        office_notice(r, view, "info", value_get_str(value_at(list, i), KEY(text)));
}

// The preview's address for this look.
static struct str preview_path(struct request *r, const struct value *branding)
{
    static const char *const names[] = {"brand", "accent", "fonts", "corners", "header"};
    struct buf b;
    buf_init(&b, r->arena, 1024);
    buf_add(&b, STR("/manage/branding/preview"));
    for (int i = 0; i < 5; i++) {
        struct str value = value_get_str(branding, value_key_intern(str_of(names[i])));
        if (!value.len)
            continue;
        buf_add_char(&b, i ? '&' : '?');
        buf_add(&b, str_of(names[i]));
        buf_add_char(&b, '=');
        buf_add_url(&b, value);
    }
    return buf_str(&b);
}

// NULL, and answered, when the database is away.
static struct value *view_of(struct request *r, const struct value *branding)
{
    struct arena *a = r->arena;
    struct edition_row now;
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int history = office_history_add(r, u, "site", STR("branding"));
    if (unit_run(u) != DB_OK || !edition_newest(a, r->site->tenant, STR("branding"), &now)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return NULL;
    }
    struct value *view = panel_page(r, "office.nav.branding");
    panel_page_line(r, view, panel_words(r, "office.branding.line"));
    value_set(a, view, KEY(branding), (struct value *)branding);
    value_set(a, view, KEY(texts), r->site->texts);
    value_set_int(a, view, KEY(seen), now.version);
    add_form(r, view, branding, now.version);
    add_pictures(r, view);
    value_set_str(a, value_get(view, KEY(settings)), KEY(frame_url),
        request_url(r, preview_path(r, branding)));
    if (!saving_versions(r, view, STR("branding"), STR("/manage/branding")))
        return NULL;
    office_history_view(r, view, unit_rows(u, history));
    office_done(r, view, STR(""));
    say_corrected(r, view, branding);
    return view;
}

static void show(struct request *r)
{
    struct value *view = view_of(r, r->site->branding);
    if (view)
        panel_respond(r, view);
}

static enum site_change_result save(
    struct request *r, const struct value *branding, const struct value *texts, int64_t seen)
{
    struct arena *a = r->arena;
    struct site_change c = {.site = r->site,
        .actor = saving_actor(r),
        .action = "branding.save",
        .subject = STR("branding"),
        .seen = seen,
        .before = whole(a, r->site->branding, r->site->texts),
        .after = whole(a, branding, texts)};
    return site_change_look(a, &c, branding, texts);
}

// As saving_finish; a program is told what was corrected.
static bool finish(struct request *r, enum site_change_result result, const struct value *branding)
{
    if (result != SITE_CHANGE_DONE)
        return saving_finish(r, result, STR("/manage/branding"));
    struct value *answer = value_object(r->arena);
    value_set(r->arena, answer, KEY(corrected), corrections(r, branding));
    respond_done(r, 200, STR("/manage/branding?done=saved"), answer);
    return true;
}

static void on_save(struct request *r)
{
    struct value *branding = look_of_form(r), *texts = texts_of_form(r);
    bool look = str_is(form_str(r, KEY(do)), "preview");
    if (form_refused(r) || look) {
        struct value *view = view_of(r, branding);
        if (view)
            panel_respond(r, view);
        return;
    }
    enum site_change_result result = save(r, branding, texts, form_int(r, KEY(seen), -1));
    if (finish(r, result, branding))
        return;
    struct value *view = view_of(r, branding);
    if (view)
        saving_conflict(r, view, STR("branding"), whole(r->arena, branding, texts));
}

static void on_restore(struct request *r)
{
    struct edition_row now, old;
    int64_t version = -1;
    str_to_i64(r->params[0], &version);
    if (!edition_newest(r->arena, r->site->tenant, STR("branding"), &now) ||
        !edition_load(r->arena, r->site->tenant, STR("branding"), version, &old)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    if (!old.value) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    const struct value *branding = value_get(old.value, KEY(branding));
    enum site_change_result result =
        save(r, branding, value_get(old.value, KEY(texts)), now.version);
    if (!finish(r, result, branding))
        respond_problem(r, PROBLEM_CONFLICT);
}

static const char *const actions[] = {"save", "preview", NULL};
static const struct form form_show =
    FORM({"done", .kind = FIELD_TEXT, .max = 40}, OFFICE_HISTORY_FIELD);
static const struct form form_plain = FORM({"csrf", .kind = FIELD_TEXT});
static const struct form form_save = FORM({"csrf", .kind = FIELD_TEXT},
    {"do", .kind = FIELD_CHOICE, .choices = actions}, FORM_SEEN("seen"), LOOK_FIELDS,
    {"tagline", .kind = FIELD_OBJECT}, {"intro", .kind = FIELD_OBJECT});

static const struct route routes[] = {
    {HTTP_GET, "/manage/branding", PERMIT_SETTINGS_CHANGE, show, &form_show, 0, 0},
    {HTTP_POST, "/manage/branding", PERMIT_SETTINGS_CHANGE, on_save, &form_save, 0, 0},
    {HTTP_POST, "/manage/branding/restore/{version}", PERMIT_SETTINGS_CHANGE, on_restore,
        &form_plain, 0, 0},
};

static const struct office_nav nav = {.path = "/manage/branding",
    .label = "office.nav.branding",
    .icon = "palette",
    .permission = PERMIT_SETTINGS_CHANGE,
    .section = OFFICE_SETTINGS,
    .rank = 20};

OFFICE_PAGE(routes, &nav)
