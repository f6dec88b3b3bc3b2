// Into a site's back office as support (P4): a reason first, then the way over to the site's host.
#include "domain/support.h"
#include "http/respond.h"
#include "web/console/console.h"
#include "web/platform/platform.h"

static void lead_in(struct request *r, struct str ticket)
{
    struct arena *a = r->arena;
    struct str url = str_join(a, platform_site_url(r, r->about->slug, "/manage/support/enter"),
        STR("?ticket="), ticket, STR_NULL);
    if (!r->wants_json && !r->sent_json) {
        respond_redirect(r, url);
        return;
    }
    struct value *view = value_object(a);
    value_set_str(a, view, KEY(enter_url), url);
    respond_json(r, 201, view);
}

static void on_open(struct request *r)
{
    struct str ticket;
    if (!console_site(r))
        return;
    if (form_refused(r)) {
        struct value *view = console_site_page(r);
        if (view)
            respond_invalid(r, "console/site", view);
        return;
    }
    struct feature_actor actor = console_actor(r, form_str(r, KEY(why)));
    if (support_open(r->arena, r->about, &actor, r->session.email, &ticket) == SUPPORT_DONE)
        lead_in(r, ticket);
    else
        respond_problem(r, PROBLEM_UNAVAILABLE);
}

static const struct form form_open = FORM({"csrf", .kind = FIELD_TEXT},
    {"why", FIELD_LONG, .required = true, .min = SUPPORT_REASON_MIN, .max = SUPPORT_REASON_MAX});

static const struct route routes[] = {
    {HTTP_POST, "/console/sites/{slug}/support", PERMIT_SUPPORT_OPEN, on_open, &form_open, 0, 0},
};

void console_support_start(void)
{
    routes_add(SURFACE_CONSOLE, routes, sizeof routes / sizeof *routes);
}
