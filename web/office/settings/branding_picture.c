// The logo and the large picture of the front page: looked at, encoded again in three sizes, and
// part of the look like its colours, with the same versions to go back to.
#include "domain/media.h"
#include "http/page.h"
#include "http/respond.h"
#include "io/image.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/settings/panel.h"
#include "web/office/settings/saving.h"
#include "web/picture.h"

static const char *const kinds[] = {"logo", "hero", NULL};

static bool is_kind(struct request *r)
{
    for (int i = 0; kinds[i]; i++)
        if (str_is(r->params[0], kinds[i]))
            return true;
    respond_problem(r, PROBLEM_NOT_FOUND);
    return false;
}

static struct str path_of(struct request *r)
{
    return str_join(r->arena, STR("/manage/branding/pictures/"), r->params[0], STR_NULL);
}

static value_key key_of(struct request *r)
{
    return value_key_intern(r->params[0]);
}

static struct str title_key(struct request *r)
{
    return str_join(r->arena, STR("office.branding."), r->params[0], STR_NULL);
}

static void show(struct request *r)
{
    struct arena *a = r->arena;
    if (!is_kind(r))
        return;
    struct str now = value_get_str(r->site->branding, key_of(r));
    struct value *view = panel_page(r, title_key(r).p);
    panel_page_back(r, view, "office.nav.branding", STR("/manage/branding"));
    value_set_str(a, view, KEY(picture), now.len ? now : STR_NULL);
    struct value *panel = panel_add(r, view, "picture-panel", title_key(r).p);
    struct str url = now.len ? picture_url(r, now, PICTURE_MIDDLE) : STR_NULL;
    if (url.len) {
        struct buf b;
        buf_init(&b, a, 2048);
        buf_add(&b, STR("<img src=\""));
        buf_add_html(&b, url);
        buf_add(&b, STR("\" alt=\"\">"));
        value_set_str(a, panel, KEY(picture_html), buf_str(&b));
    }
    panel_form(r, panel, path_of(r), "office.picture.send");
    panel_field(r, panel,
        &(struct panel_field){.name = "picture",
            .label = "office.picture.choose",
            .hint = "office.branding.picture_hint",
            .kind = PANEL_FILE,
            .required = true});
    office_done(r, view, STR(""));
    panel_respond(r, view);
}

static void refuse(struct request *r, const char *code)
{
    struct str key = str_join(r->arena, STR("office.picture.refused."), str_of(code), STR_NULL);
    panel_refuse(r, "picture", code, key.p);
}

// Its name, or absent: refused or answered.
static struct str taken(struct request *r)
{
    static const char *const codes[] = {[IMAGE_SVG] = "svg",
        [IMAGE_HEIC] = "heic",
        [IMAGE_FOREIGN] = "foreign",
        [IMAGE_LARGE] = "large",
        [IMAGE_SMALL] = "small",
        [IMAGE_BROKEN] = "broken",
        [IMAGE_BUSY] = "busy"};
    struct image image;
    struct str name = STR_NULL, bytes = form_str(r, KEY(picture));
    if (!bytes.len) {
        refuse(r, "none");
        return STR_NULL;
    }
    enum image_result result = image_encode(r->arena, bytes, &image);
    if (result != IMAGE_DONE) {
        refuse(r, codes[result]);
        return STR_NULL;
    }
    switch (media_save_picture(r->arena, r->site->tenant, image.bytes, &name)) {
    case MEDIA_DONE:
        return name;
    case MEDIA_FULL:
        refuse(r, "full");
        return STR_NULL;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return STR_NULL;
    }
}

static struct value *whole(struct request *r, const struct value *branding)
{
    struct value *v = value_object(r->arena);
    value_set(r->arena, v, KEY(branding), (struct value *)branding);
    value_set(r->arena, v, KEY(texts), r->site->texts);
    return v;
}

static void on_send(struct request *r)
{
    struct arena *a = r->arena;
    struct edition_row now;
    if (!is_kind(r))
        return;
    struct str name = taken(r);
    if (!name.p) {
        if (form_refused(r))
            show(r);
        return;
    }
    if (!edition_newest(a, r->site->tenant, STR("branding"), &now)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *branding = value_copy(a, r->site->branding);
    value_set_str(a, branding, key_of(r), name);
    struct site_change c = {.site = r->site,
        .actor = saving_actor(r),
        .action = "branding.save",
        .subject = STR("branding"),
        .seen = now.version,
        .before = whole(r, r->site->branding),
        .after = whole(r, branding)};
    enum site_change_result result = site_change_look(a, &c, branding, r->site->texts);
    if (!saving_finish(r, result, path_of(r)))
        respond_problem(r, PROBLEM_CONFLICT);
}

static const struct form form_show = FORM({"done", .kind = FIELD_TEXT, .max = 40});
static const struct form form_send =
    FORM({"csrf", .kind = FIELD_TEXT}, {"picture", .kind = FIELD_FILE});

static const struct route routes[] = {
    {HTTP_GET, "/manage/branding/pictures/{kind}", PERMIT_SETTINGS_CHANGE, show, &form_show, 0, 0},
    {HTTP_POST, "/manage/branding/pictures/{kind}", PERMIT_SETTINGS_CHANGE, on_send, &form_send, 0,
        0},
};

OFFICE_PAGE(routes, NULL)
