#include "web/console/console.h"

#include "http/page.h"
#include "web/office/frame/object.h"
#include "web/platform/platform.h"

// The menu.
static const struct {
    const char *path, *label, *icon;
} entries[] = {
    {.path = "/console", .label = "console.nav.sites", .icon = "store"},
    {.path = "/console/approvals", .label = "console.nav.approvals", .icon = "shield-check"},
    {.path = "/console/jobs", .label = "console.nav.jobs", .icon = "list-checks"},
    {.path = "/console/errors", .label = "console.nav.errors", .icon = "triangle-alert"},
    {.path = "/console/changes", .label = "console.nav.changes", .icon = "git-compare"},
    {.path = "/console/plans", .label = "console.nav.plans", .icon = "layers"},
    {.path = "/console/account", .label = "console.nav.account", .icon = "user-round"},
};

static bool leads_to(const char *path, const struct request *r)
{
    struct str own = str_of(path);
    if (str_is(own, "/console"))
        return str_eq(r->path, own) || str_starts(r->path, STR("/console/sites")) ||
               str_starts(r->path, STR("/console/create")) ||
               str_starts(r->path, STR("/console/import"));
    return str_starts(r->path, own) && (r->path.len == own.len || r->path.p[own.len] == '/');
}

static void add_nav(struct request *r, struct value *console)
{
    struct arena *a = r->arena;
    struct value *nav = value_list(a);
    value_set(a, console, KEY(nav), nav);
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        struct value *item = value_append_object(a, nav);
        value_set_str(a, item, KEY(title), message(a, r->words, str_of(entries[i].label), NULL));
        value_set_str(a, item, KEY(nav_url), request_url(r, str_of(entries[i].path)));
        value_set_str(a, item, KEY(nav_icon), str_of(entries[i].icon));
        value_set_bool(a, item, KEY(current), leads_to(entries[i].path, r));
    }
}

static void add_staff(struct request *r, struct value *console)
{
    struct arena *a = r->arena;
    // Nobody yet while the code is due.
    if (!r->session.id || r->session.due) {
        value_set(a, console, KEY(staff), NULL);
        return;
    }
    struct value *staff = value_object(a);
    value_set(a, console, KEY(staff), staff);
    value_set_str(a, staff, KEY(name), r->session.name);
    value_set_str(a, staff, KEY(email), r->session.email);
    value_set_str(a, staff, KEY(role), r->session.role);
}

static void add_console(struct request *r, struct value *view)
{
    struct arena *a = r->arena;
    struct value *console = value_object(a);
    value_set(a, view, KEY(console), console);
    value_set_str(a, console, KEY(home_url), request_url(r, STR("/console")));
    value_set_str(a, console, KEY(errors_url), request_url(r, STR("/console/errors")));
    value_set_str(a, console, KEY(logout_url), request_url(r, STR("/console/logout")));
    value_set_str(a, console, KEY(platform_url), request_url(r, STR("/")));
    value_set_str(a, view, KEY(oops_home_url), request_url(r, STR("/console")));
    add_nav(r, console);
    add_staff(r, console);
    if (r->about) {
        struct value *site = value_object(a);
        value_set(a, view, KEY(site), site);
        value_set_str(a, site, KEY(name), r->about->name);
        value_set_str(a, site, KEY(slug), r->about->slug);
        value_set_str(a, site, KEY(time_zone_name), format_zone_name(a, r->format, r->about->zone));
    }
}

struct str console_site_path(struct request *r, struct str slug, const char *tail)
{
    return str_join(r->arena, STR("/console/sites/"), slug, str_of(tail), STR_NULL);
}

struct str console_site_url(struct request *r, struct str slug, const char *tail)
{
    return request_url(r, console_site_path(r, slug, tail));
}

struct feature_actor console_actor(const struct request *r, struct str note)
{
    return (struct feature_actor){
        .kind = STR("operator"), .id = r->session.person, .name = r->session.name, .note = note};
}

struct site *console_site(struct request *r)
{
    switch (site_acquire(r->params[0], &r->about)) {
    case SITE_FOUND:
        if (r->about->state != SITE_CREATING)
            return r->about;
        break;
    case SITE_UNKNOWN:
        break;
    case SITE_UNAVAILABLE:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return NULL;
    }
    respond_problem(r, PROBLEM_NOT_FOUND);
    return NULL;
}

struct str console_dot(struct str state, bool practice)
{
    if (str_is(state, "suspended"))
        return STR("bad");
    if (str_is(state, "closed"))
        return STR("off");
    return practice ? STR("practice") : STR("on");
}

struct str console_state_text(struct request *r, struct str dot)
{
    return message(
        r->arena, r->words, STR("office.state"), "state", value_str(r->arena, dot), NULL);
}

static struct str words_of(const struct request *r, const struct value *texts)
{
    struct str text = value_get_str(texts, value_key_find(r->language));
    return text.len ? text : value_get_str(texts, KEY(en));
}

struct str console_feature_title(struct request *r, struct str name)
{
    const struct feature_info *info = feature_info_find(name);
    struct str title = info ? words_of(r, info->title) : STR_NULL;
    return title.len ? title : name;
}

struct value *console_feature_options(struct request *r)
{
    struct arena *a = r->arena;
    struct value *options = value_list(a);
    for (size_t i = 0; i < feature_info_count(); i++) {
        struct value *option = value_append_object(a, options);
        value_set_str(a, option, KEY(value), feature_info_at(i)->name);
        value_set_str(a, option, KEY(label), console_feature_title(r, feature_info_at(i)->name));
    }
    return options;
}

static const char *const state_names[] = {[SITE_CREATING] = "creating",
    [SITE_OPEN] = "open",
    [SITE_SUSPENDED] = "suspended",
    [SITE_CLOSED] = "closed"};

struct value *console_site_view(struct request *r)
{
    struct arena *a = r->arena;
    const struct site *s = r->about;
    struct value *view = page_view(r), *site = value_object(a);
    struct office_object object = {s->name, "/console", "console.nav.sites"};
    struct str dot = console_dot(str_of(state_names[s->state]), s->practice);
    office_object_view(r, view, &object);
    office_tab_add(r, view, "console.site.tab", console_site_path(r, s->slug, ""));
    office_tab_add(r, view, "console.setup.tab", console_site_path(r, s->slug, "/setup"));
    office_tab_add(r, view, "console.owner.tab", console_site_path(r, s->slug, "/owner"));
    office_tab_add(r, view, "console.sales.tab", console_site_path(r, s->slug, "/sales"));
    office_tab_add(r, view, "console.mails.tab", console_site_path(r, s->slug, "/mails"));
    value_set(a, view, KEY(about), site);
    value_set_str(a, site, KEY(slug), s->slug);
    value_set_str(a, site, KEY(name), s->name);
    value_set_str(a, site, KEY(dot), dot);
    value_set_str(a, site, KEY(state), str_of(state_names[s->state]));
    value_set_str(a, site, KEY(state_text), console_state_text(r, dot));
    value_set_str(a, site, KEY(site_url), platform_site_url(r, s->slug, "/"));
    value_set_str(a, site, KEY(page_url), console_site_url(r, s->slug, ""));
    return view;
}

void console_start(void)
{
    page_on_view(SURFACE_CONSOLE, add_console);
    console_login_start();
    console_home_start();
    console_create_start();
    console_ownership_start();
    console_errors_start();
    console_factor_start();
    console_site_start();
    console_site_change_start();
    console_support_start();
    console_jobs_start();
    console_approvals_start();
    console_setup_start();
    console_changes_start();
    console_plans_start();
    console_account_start();
    console_site_export_start();
    console_site_import_start();
}
