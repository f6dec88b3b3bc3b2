// A site's set-up as data (P9): what it has, each value with the way to change it, and copying it
// to another site. Every change goes through a draft that shows what differs.
#include "domain/rollout.h"
#include "http/respond.h"
#include "web/console/console.h"
#include "web/office/frame/object.h"
#include "web/setup_text.h"

static const char *const parts[] = {"plan", "features", "branding", "channels"};
enum { PARTS = sizeof parts / sizeof *parts };

static struct str section_of(struct str path)
{
    return str_cut(&path, '/');
}

static void add_line(const struct field_words *w, struct value *lines, const struct value_field *f)
{
    struct request *r = w->r;
    struct arena *a = r->arena;
    struct value *line = value_append_object(a, lines);
    struct str path = value_key_name(f->key);
    struct buf b;
    buf_init(&b, a, 1024);
    buf_add(&b, request_url(r, STR("/console/changes/new")));
    buf_add(&b, STR("?path="));
    buf_add_url(&b, path);
    buf_add(&b, STR("&site="));
    buf_add_url(&b, r->about->slug);
    value_set_str(a, line, KEY(path), path);
    value_set_str(a, line, KEY(path_text), setup_path_text(r, path));
    value_set_str(a, line, KEY(will), setup_value_text(w, path, f->value));
    value_set(a, line, KEY(value), f->value);
    value_set_str(a, line, KEY(change_url), buf_str(&b));
}

static struct value *setup_view(struct request *r, const struct value *all)
{
    struct arena *a = r->arena;
    struct value *view = console_site_view(r), *sections = value_list(a), *ticks = value_list(a);
    struct field_words words = {.r = r, .names = setup_names(r)};
    for (int p = 0; p < PARTS; p++) {
        struct value *section = value_append_object(a, sections), *lines = value_list(a);
        value_set_str(a, section, KEY(section), str_of(parts[p]));
        value_set(a, section, KEY(lines), lines);
        value_set_str(a, value_append_object(a, ticks), KEY(part), str_of(parts[p]));
        for (size_t i = 0; i < all->object.count; i++)
            if (str_is(section_of(value_key_name(all->object.fields[i].key)), parts[p]))
                add_line(&words, lines, &all->object.fields[i]);
    }
    value_set(a, view, KEY(sections), sections);
    value_set(a, view, KEY(parts), ticks);
    value_set_bool(
        a, view, KEY(may_setup), role_has(role_of(r->session.role), PERMIT_SETUPS_CHANGE));
    value_set_str(a, view, KEY(copy_url), console_site_url(r, r->about->slug, "/copy"));
    return view;
}

static void on_setup(struct request *r)
{
    if (!console_site(r))
        return;
    const struct value *all = setup_read(r->arena, r->about);
    if (all)
        respond_page(r, 200, "console/setup", setup_view(r, all));
    else
        respond_problem(r, PROBLEM_UNAVAILABLE);
}

static bool is_wanted(struct request *r, struct str path)
{
    struct str section = section_of(path);
    for (int p = 0; p < PARTS; p++)
        if (str_is(section, parts[p]))
            return form_bool(r, value_key_intern(str_of(parts[p])));
    return false;
}

static bool target_exists(struct request *r, struct str slug)
{
    struct site *target;
    if (str_eq(slug, r->about->slug) || site_acquire(slug, &target) != SITE_FOUND)
        return false;
    bool there = target->state != SITE_CREATING && target->state != SITE_CLOSED;
    site_release(target);
    return there;
}

static void on_copy(struct request *r)
{
    struct arena *a = r->arena;
    if (!console_site(r))
        return;
    struct str target = str_lower(a, form_str(r, KEY(target)));
    const struct value *all = setup_read(a, r->about);
    if (!all) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    if (!form_refused(r) && !target_exists(r, target))
        form_refuse_text(r, "target", "unknown",
            message(a, r->words, STR("console.setup.target_unknown"), NULL));
    if (form_refused(r)) {
        respond_invalid(r, "console/setup", setup_view(r, all));
        return;
    }
    struct value *changes = value_object(a);
    for (size_t i = 0; i < all->object.count; i++) {
        const struct value_field *f = &all->object.fields[i];
        bool empty = value_is(f->value, VALUE_STR) && !f->value->str.len;
        // Which offers a channel sells is one venue's own choice.
        bool own = str_ends(value_key_name(f->key), STR("/sells")) &&
                   str_is(value_as_str(f->value), "chosen");
        if (!empty && !own && is_wanted(r, value_key_name(f->key)))
            value_set(a, changes, f->key, f->value);
    }
    struct rollout_sites sites = {.slug = target};
    console_draft(r, changes, &sites,
        message(
            a, r->words, STR("console.setup.copy_of"), "name", value_str(a, r->about->name), NULL));
}

static const struct form form_copy =
    FORM({"csrf", .kind = FIELD_TEXT}, {"target", FIELD_TEXT, .required = true, .max = 63},
        {"plan", .kind = FIELD_BOOL}, {"features", .kind = FIELD_BOOL},
        {"branding", .kind = FIELD_BOOL}, {"channels", .kind = FIELD_BOOL});

static const struct route routes[] = {
    {HTTP_GET, "/console/sites/{slug}/setup", PERMIT_CONSOLE_USE, on_setup, NULL, 0, 0},
    {HTTP_POST, "/console/sites/{slug}/copy", PERMIT_SETUPS_CHANGE, on_copy, &form_copy, 0, 0},
};

void console_setup_start(void)
{
    routes_add(SURFACE_CONSOLE, routes, sizeof routes / sizeof *routes);
}
