// Legal notice, terms or privacy: the words in each language of the site, Markdown, in versions.
#include "http/markdown.h"
#include "http/respond.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/settings/panel.h"
#include "web/office/settings/saving.h"
#include "web/storefront/pages.h"

enum { PAGE_LEN_MAX = 40000 };

static bool is_page(struct request *r)
{
    for (int i = 0; common_pages[i]; i++)
        if (str_is(r->params[0], common_pages[i]))
            return true;
    respond_problem(r, PROBLEM_NOT_FOUND);
    return false;
}

static struct str subject_of(struct request *r)
{
    return str_join(r->arena, STR("page/"), r->params[0], STR_NULL);
}

static struct str path_of(struct request *r)
{
    return str_join(r->arena, STR("/manage/legal/pages/"), r->params[0], STR_NULL);
}

// What was typed for a language, else what holds.
static struct str text_in(struct request *r, const struct edition_row *now, value_key language)
{
    struct str typed = value_get_str(value_get(r->form, KEY(body)), language);
    return typed.p ? typed : value_get_str(now->value, language);
}

static void add_texts(struct request *r, struct value *panel, const struct edition_row *now)
{
    struct arena *a = r->arena;
    for (int i = 0; i < r->site->language_count; i++) {
        struct str language = r->site->languages[i];
        struct str name = str_join(a, STR("body_"), language, STR_NULL);
        panel_field(r, panel,
            &(struct panel_field){.name = name.p,
                .kind = PANEL_LONG,
                .title = format_language_name(a, language),
                .value = text_in(r, now, value_key_intern(language)),
                .len_max = PAGE_LEN_MAX,
                .rows = 14,
                .language = language});
    }
}

static void add_previews(struct request *r, struct value *view, const struct edition_row *now)
{
    struct arena *a = r->arena;
    for (int i = 0; i < r->site->language_count; i++) {
        struct str language = r->site->languages[i];
        struct str text = text_in(r, now, value_key_intern(language));
        if (!text.len)
            continue;
        struct str id = str_join(a, STR("look-"), language, STR_NULL);
        struct value *panel = panel_add(r, view, id.p, "office.branding.preview");
        value_set_str(a, panel, KEY(title), format_language_name(a, language));
        value_set_str(a, panel, KEY(picture_html), markdown_html(a, text));
    }
}

// NULL, and answered, when the database is away.
static struct value *view_of(struct request *r, bool look)
{
    struct arena *a = r->arena;
    struct edition_row now;
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int history = office_history_add(r, u, "site", subject_of(r));
    if (unit_run(u) != DB_OK || !edition_newest(a, r->site->tenant, subject_of(r), &now)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return NULL;
    }
    struct value *view = panel_page(r, "office.nav.legal");
    value_set_str(a, value_get(view, KEY(settings)), KEY(title),
        message(
            a, r->words, STR("storefront.legal.title"), "page", value_str(a, r->params[0]), NULL));
    panel_page_back(r, view, "office.nav.legal", STR("/manage/legal"));
    panel_page_line(r, view, panel_words(r, "office.legal.page_line"));
    value_set(a, view, KEY(texts), now.value);
    value_set_int(a, view, KEY(seen), now.version);
    struct value *panel = panel_add(r, view, "words", "office.legal.words");
    panel_form(r, panel, path_of(r), "office.save");
    panel_button(r, panel, "office.notification.look", "preview");
    panel_hidden(r, panel, "seen", str_of_i64(a, now.version));
    add_texts(r, panel, &now);
    if (look)
        add_previews(r, view, &now);
    if (!saving_versions(r, view, subject_of(r), path_of(r)))
        return NULL;
    office_history_view(r, view, unit_rows(u, history));
    office_done(r, view, STR(""));
    return view;
}

static void on_page(struct request *r)
{
    struct value *view = is_page(r) ? view_of(r, false) : NULL;
    if (view)
        panel_respond(r, view);
}

static bool has_words(const struct value *texts)
{
    for (uint32_t i = 0; value_is(texts, VALUE_OBJECT) && i < texts->object.count; i++)
        if (value_as_str(texts->object.fields[i].value).len)
            return true;
    return false;
}

// The settings know which pages there are, and in which version; none when all words are gone.
static enum site_change_result save(
    struct request *r, struct value *texts, const struct value *before, int64_t seen)
{
    struct arena *a = r->arena;
    const struct value *written = value_get(r->site->settings, KEY(pages));
    struct value *settings = value_object(a);
    struct value *pages = written ? value_copy(a, written) : value_object(a);
    value_set_int(a, pages, value_key_intern(r->params[0]), has_words(texts) ? seen + 1 : 0);
    value_set(a, settings, KEY(pages), pages);
    struct site_change c = {.site = r->site,
        .actor = saving_actor(r),
        .action = "legal.page",
        .subject = subject_of(r),
        .seen = seen,
        .before = before,
        .after = texts};
    return site_change_settings(a, &c, settings);
}

static struct value *typed_texts(struct request *r)
{
    struct arena *a = r->arena;
    struct value *texts = value_object(a);
    const struct value *typed = value_get(r->form, KEY(body));
    for (int i = 0; i < r->site->language_count; i++) {
        value_key language = value_key_intern(r->site->languages[i]);
        struct str text = str_trim(value_get_str(typed, language));
        struct str field = str_join(a, STR("body_"), r->site->languages[i], STR_NULL);
        if (str_utf8_count(text) > PAGE_LEN_MAX)
            panel_refuse(r, field.p, "too_long", "office.legal.too_long");
        if (text.len)
            value_set_str(a, texts, language, text);
    }
    return texts;
}

static void on_save(struct request *r)
{
    struct edition_row now;
    if (!is_page(r))
        return;
    struct value *texts = typed_texts(r);
    bool look = str_is(form_str(r, KEY(do)), "preview");
    if (form_refused(r) || look) {
        struct value *view = view_of(r, look);
        if (view)
            panel_respond(r, view);
        return;
    }
    if (!edition_newest(r->arena, r->site->tenant, subject_of(r), &now)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    enum site_change_result result = save(r, texts, now.value, form_int(r, KEY(seen), -1));
    if (saving_finish(r, result, path_of(r)))
        return;
    struct value *view = view_of(r, false);
    if (view)
        saving_conflict(r, view, subject_of(r), texts);
}

static void on_restore(struct request *r)
{
    struct edition_row now, old;
    int64_t version = -1;
    str_to_i64(r->params[1], &version);
    if (!is_page(r))
        return;
    if (!edition_newest(r->arena, r->site->tenant, subject_of(r), &now) ||
        !edition_load(r->arena, r->site->tenant, subject_of(r), version, &old)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    if (!old.value)
        respond_problem(r, PROBLEM_NOT_FOUND);
    else if (!saving_finish(r, save(r, old.value, now.value, now.version), path_of(r)))
        respond_problem(r, PROBLEM_CONFLICT);
}

static const char *const actions[] = {"save", "preview", NULL};
static const struct form form_show =
    FORM({"done", .kind = FIELD_TEXT, .max = 40}, OFFICE_HISTORY_FIELD);
static const struct form form_plain = FORM({"csrf", .kind = FIELD_TEXT});
static const struct form form_save =
    FORM({"csrf", .kind = FIELD_TEXT}, {"do", .kind = FIELD_CHOICE, .choices = actions},
        FORM_SEEN("seen"), {"body", .kind = FIELD_OBJECT});

static const struct route routes[] = {
    {HTTP_GET, "/manage/legal/pages/{page}", PERMIT_SETTINGS_CHANGE, on_page, &form_show, 0, 0},
    {HTTP_POST, "/manage/legal/pages/{page}", PERMIT_SETTINGS_CHANGE, on_save, &form_save, 0, 0},
    {HTTP_POST, "/manage/legal/pages/{page}/restore/{version}", PERMIT_SETTINGS_CHANGE, on_restore,
        &form_plain, 0, 0},
};

OFFICE_PAGE(routes, NULL)
