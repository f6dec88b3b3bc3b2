#include "web/office/frame/nav.h"

#include "http/respond.h"

// In the order of the menu.
static struct office_page *pages;

static int order_of(const struct office_page *page)
{
    return page->nav ? (int)page->nav->section * 10000 + page->nav->rank : -1;
}

void office_page_add(struct office_page *page)
{
    struct office_page **at = &pages;
    while (*at && order_of(*at) <= order_of(page))
        at = &(*at)->next;
    page->next = *at;
    *at = page;
}

void office_pages_start(void)
{
    for (const struct office_page *page = pages; page; page = page->next)
        routes_add(SURFACE_OFFICE, page->routes, page->count);
}

static bool leads_to(const struct office_nav *nav, struct str path)
{
    struct str own = str_of(nav->path);
    return str_starts(path, own) && (path.len == own.len || path.p[own.len] == '/');
}

// The entry that fits best: /manage/offers/categories may have one of its own.
static const struct office_nav *current_of(struct str path)
{
    const struct office_nav *best = NULL;
    for (const struct office_page *page = pages; page; page = page->next)
        if (page->nav && leads_to(page->nav, path) &&
            (!best || strlen(page->nav->path) > strlen(best->path)))
            best = page->nav;
    // Every address of the office begins like that of its first page.
    return best && str_is(STR("/manage"), best->path) && !str_is(path, best->path) ? NULL : best;
}

void office_nav_view(struct request *r, struct value *office)
{
    struct arena *a = r->arena;
    struct value *work = value_list(a), *settings = value_list(a);
    const struct office_nav *current = current_of(r->path);
    enum role role = role_of(r->session.role);
    for (const struct office_page *page = pages; page; page = page->next) {
        const struct office_nav *nav = page->nav;
        if (!nav || !role_has(role, nav->permission))
            continue;
        struct value *item =
            value_append_object(a, nav->section == OFFICE_SETTINGS ? settings : work);
        value_set_str(a, item, KEY(nav_url), request_url(r, str_of(nav->path)));
        value_set_str(a, item, KEY(title), message(a, r->words, str_of(nav->label), NULL));
        value_set_str(a, item, KEY(nav_icon), str_of(nav->icon));
        value_set_bool(a, item, KEY(current), nav == current);
    }
    value_set(a, office, KEY(nav), work);
    value_set(a, office, KEY(settings_nav), settings);
    value_set_bool(a, office, KEY(has_settings_nav), value_count(settings) > 0);
}
