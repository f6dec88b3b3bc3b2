// What the link of an invitation leads to: a venue asks to use somebody's profile for all venues.
// The link was sent to the confirmed address; nothing of the profile is shown, and only the button
// links. The venue may have no accounts at all.
#include "domain/person_invite.h"
#include "web/storefront/account/account.h"

static struct person_invitation shown(const struct request *r)
{
    return (struct person_invitation){.person = form_int(r, KEY(p), 0),
        .until_us = form_int(r, KEY(until), 0),
        .token = form_str(r, KEY(t))};
}

static struct str words(struct request *r, const char *key)
{
    return message(
        r->arena, r->words, str_of(key), "venue", value_str(r->arena, r->site->name), NULL);
}

// The person, or an answer.
static bool find(struct request *r, struct person *p)
{
    struct person_invitation invitation = shown(r);
    switch (person_invited(r->arena, r->site, &invitation, p)) {
    case CUSTOMER_DONE:
        return true;
    case CUSTOMER_GONE:
        break;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    if (r->wants_json || r->sent_json) {
        respond_problem(r, PROBLEM_GONE);
        return false;
    }
    struct value *view = panel_page(r, "storefront.profile.invitation_ended");
    struct value *panel = panel_add(r, view, "ended", "storefront.profile.invitation_ended");
    panel_text(r, panel, words(r, "storefront.profile.invitation_ended_line"));
    panel_link(r, panel, "storefront.home.all", STR("/offers"));
    respond_header(r, "cache-control", STR("no-store"));
    respond_page(r, 410, "storefront/account/entry", view);
    return false;
}

static void show(struct request *r)
{
    struct person p;
    if (!find(r, &p))
        return;
    struct value *view = panel_page(r, "storefront.profile.invitation");
    struct value *panel = panel_add(r, view, "invitation", "storefront.profile.invitation");
    panel_page_line(r, view, words(r, "storefront.profile.invitation_line"));
    panel_form(r, panel, STR("/profile/invitation"), "storefront.profile.invitation_do");
    panel_hidden(r, panel, "p", str_of_i64(r->arena, p.id));
    panel_hidden(r, panel, "until", str_of_i64(r->arena, form_int(r, KEY(until), 0)));
    panel_hidden(r, panel, "t", form_str(r, KEY(t)));
    panel_link(r, panel, "storefront.home.all", STR("/offers"));
    account_respond_entry(r, view);
}

static void on_accept(struct request *r)
{
    struct person p;
    if (!find(r, &p))
        return;
    enum customer_result result = person_accept(r->arena, r->site, &p);
    // Two at once: the other one did it.
    if (result == CUSTOMER_DONE || result == CUSTOMER_CHANGED)
        respond_done(r, 200, STR("/profile/invitation/accepted"), value_object(r->arena));
    else
        respond_problem(r, PROBLEM_UNAVAILABLE);
}

static void show_accepted(struct request *r)
{
    struct value *view = panel_page(r, "storefront.profile.accepted");
    struct value *panel = panel_add(r, view, "accepted", "storefront.profile.accepted");
    panel_page_line(r, view, words(r, "storefront.profile.accepted_line"));
    panel_link(r, panel, "storefront.home.all", STR("/offers"));
    account_respond_entry(r, view);
}

#define INVITATION_FIELDS                                                       \
    {"csrf", .kind = FIELD_TEXT}, {"p", FIELD_INT, .min = 1, .max = INT64_MAX}, \
        {"until", FIELD_INT, .min = 1, .max = INT64_MAX},                       \
    {                                                                           \
        "t", FIELD_TEXT, .max = 40                                              \
    }
static const struct form form_invitation = FORM(INVITATION_FIELDS);

static const struct route routes[] = {
    {HTTP_GET, "/profile/invitation", PERMIT_PUBLIC, show, &form_invitation, 0, 0},
    {HTTP_POST, "/profile/invitation", PERMIT_PUBLIC, on_accept, &form_invitation,
        ROUTE_ANONYMOUS_FORM, 0},
    {HTTP_GET, "/profile/invitation/accepted", PERMIT_PUBLIC, show_accepted, NULL, 0, 0},
};

void account_invitation_start(void)
{
    routes_add(SURFACE_STOREFRONT, routes, sizeof routes / sizeof *routes);
}
