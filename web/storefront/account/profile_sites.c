// The venues of a profile: linking one where the same address has an account, leaving one, leaving
// altogether.
#include "domain/person_link.h"
#include "web/storefront/account/profile.h"

static struct str site_path(struct request *r, const struct person_site *s, const char *end)
{
    return str_join(r->arena, STR("/account/profile/sites/"), s->slug, str_of(end), STR_NULL);
}

void profile_add_sites(struct request *r, struct value *view, const struct profile_page *p)
{
    struct value *panel = panel_add(r, view, "profile-sites", "storefront.profile.sites");
    panel_text(r, panel, panel_words(r, "storefront.profile.sites_line"));
    for (int i = 0; i < p->sites.count; i++) {
        const struct person_site *s = &p->sites.items[i];
        bool linked = s->person == p->person.id;
        struct value *item = panel_item(r, panel, s->name,
            panel_words(r, linked ? "storefront.profile.linked" : "storefront.profile.not_linked"));
        panel_item_button(r, item, linked ? "storefront.profile.leave" : "storefront.profile.link",
            site_path(r, s, linked ? "/unlink" : "/link"));
    }
    panel = panel_add(r, view, "profile-end", "storefront.profile.end");
    panel_text(r, panel, panel_words(r, "storefront.profile.end_line"));
    panel_form(r, panel, STR("/account/profile/end"), "storefront.profile.end_do");
}

// Where the same address was shown; any other site isn't found.
static const struct person_site *site_of_route(
    const struct request *r, const struct profile_page *p)
{
    for (int i = 0; i < p->sites.count; i++)
        if (str_eq(p->sites.items[i].slug, r->params[0]))
            return &p->sites.items[i];
    return NULL;
}

static const struct person_site *look(struct request *r, struct profile_page *p)
{
    if (!profile_read(r, p) || !profile_require_open(r, p))
        return NULL;
    const struct person_site *s = site_of_route(r, p);
    if (s && p->person.id)
        return s;
    respond_problem(r, PROBLEM_NOT_FOUND);
    return NULL;
}

static void on_link(struct request *r)
{
    struct profile_page p;
    const struct person_site *s = look(r, &p);
    if (!s)
        return;
    struct customer c = {.id = s->customer};
    enum customer_result result = person_link(r->arena, s->tenant, &c, &p.person);
    if (result == CUSTOMER_DONE)
        profile_done(r, "profile_linked");
    else
        customer_problem(r, result);
}

static void on_leave(struct request *r)
{
    struct profile_page p;
    const struct person_site *s = look(r, &p);
    if (!s)
        return;
    struct customer c = {.id = s->customer, .person = p.person.id};
    enum customer_result result = person_unlink(r->arena, s->tenant, &c);
    // The second of two clicks finds nothing to leave.
    if (result == CUSTOMER_DONE || result == CUSTOMER_GONE)
        profile_done(r, "profile_left");
    else
        customer_problem(r, result);
}

static void on_end(struct request *r)
{
    struct profile_page p;
    if (!profile_read(r, &p) || !profile_require_open(r, &p))
        return;
    if (p.person.id) {
        enum customer_result result = person_end(r->arena, p.person.id);
        if (result == CUSTOMER_DONE)
            result = person_follow(r->arena, r->site->tenant, p.person.id, r->session.id);
        if (result != CUSTOMER_DONE) {
            customer_problem(r, result);
            return;
        }
    }
    profile_done(r, "profile_ended");
}

static const struct form form_button = FORM({"csrf", .kind = FIELD_TEXT});

static const struct route routes[] = {
    {HTTP_POST, "/account/profile/sites/{slug}/link", PERMIT_ACCOUNT, on_link, &form_button,
        ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/profile/sites/{slug}/unlink", PERMIT_ACCOUNT, on_leave, &form_button,
        ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/profile/end", PERMIT_ACCOUNT, on_end, &form_button, ROUTE_LOGIN, 0},
};

void account_profile_sites_start(void)
{
    routes_add(SURFACE_STOREFRONT, routes, sizeof routes / sizeof *routes);
}
