#include "web/office/office.h"

#include "base/text.h"
#include "domain/site.h"
#include "http/page.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"

static const char *state_of(const struct site *site)
{
    switch (site->state) {
    case SITE_SUSPENDED:
        return "bad";
    case SITE_OPEN:
        return site->practice ? "practice" : "on";
    default:
        return "off";
    }
}

static void add_staff(struct request *r, struct value *office)
{
    struct arena *a = r->arena;
    if (!r->session.id || r->session.due) {
        value_set(a, office, KEY(staff), NULL);
        return;
    }
    struct value *staff = value_object(a);
    value_set(a, office, KEY(staff), staff);
    value_set_str(a, staff, KEY(name), r->session.name);
    // Who signed up is called by the e-mail address until they say their name; nobody is greeted
    // so.
    bool named = str_index(r->session.name, '@') < 0;
    value_set_str(a, staff, KEY(called), named ? r->session.name : STR_NULL);
    value_set_str(a, staff, KEY(email), r->session.email);
    value_set_str(a, staff, KEY(role), r->session.role);
    value_set_str(a, staff, KEY(account_url),
        r->session.support_until_us ? STR_NULL : request_url(r, STR("/manage/account")));
}

static bool below(const struct request *r, struct str path)
{
    return str_starts(r->path, path) &&
           (r->path.len == path.len || r->path.p[path.len] == '/' || str_ends(path, STR("/")));
}

// Entries that the site's features add, for who may open them.
static void add_tabs(struct request *r, struct value *office)
{
    struct arena *a = r->arena;
    struct value *tabs = value_list(a);
    value_set(a, office, KEY(tabs), tabs);
    bool may = r->session.id && role_has(role_of(r->session.role), PERMIT_PLUGIN_PAGES);
    struct value *found =
        may ? hook_collect(a, r->site, HOOK_office_tabs, value_object(a)) : value_list(a);
    for (size_t i = 0; i < value_count(found); i++) {
        const struct value *title = value_get(value_at(found, i), KEY(title));
        struct str path = value_get_str(value_at(found, i), KEY(path));
        if (!str_starts(path, STR("/manage/x/")))
            continue;
        struct value *tab = value_append_object(a, tabs);
        value_set_str(a, tab, KEY(title),
            value_is(title, VALUE_STR) ? value_as_str(title)
                                       : site_text_in(r->site, title, r->language));
        value_set_str(a, tab, KEY(tab_url), request_url(r, path));
        value_set_bool(a, tab, KEY(current), below(r, path));
    }
    value_set_bool(a, office, KEY(has_tabs), value_count(tabs) > 0);
}

// The first letter of the name, for sites without a logo.
static struct str letter_of(struct request *r)
{
    struct str name = r->site->name;
    for (size_t len = 1; len <= name.len; len++)
        if (str_utf8_valid(str_sub(name, 0, len)))
            return str_sub(name, 0, len);
    return STR("V");
}

static void add_office(struct request *r, struct value *view)
{
    struct arena *a = r->arena;
    struct value *office = value_object(a);
    value_set(a, view, KEY(office), office);
    value_set_str(a, office, KEY(home_url), request_url(r, STR("/manage")));
    value_set_str(a, office, KEY(features_url), request_url(r, STR("/manage/features")));
    value_set_str(a, office, KEY(logout_url), request_url(r, STR("/manage/logout")));
    value_set_str(a, office, KEY(storefront_url), request_url(r, STR("/")));
    value_set_str(a, office, KEY(letter), letter_of(r));
    value_set_str(a, office, KEY(state), str_of(state_of(r->site)));
    value_set_bool(
        a, office, KEY(may_features), role_has(role_of(r->session.role), PERMIT_FEATURES_READ));
    value_set_str(a, view, KEY(oops_home_url), request_url(r, STR("/manage")));
    value_set_bool(a, office, KEY(suspended), r->session.id && r->site->state != SITE_OPEN);
    office_support_view(r, office);
    add_staff(r, office);
    office_nav_view(r, office);
    add_tabs(r, office);
}

void office_start(void)
{
    page_on_view(SURFACE_OFFICE, add_office);
    office_pages_start();
    office_history_start();
}
