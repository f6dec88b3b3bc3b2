// What an account manager decides about a site: suspended with a reason, on sale again, closed, on
// another plan. Closing asks for the site's address, since nobody closes a venue by a slip.
#include "domain/site_state.h"
#include "http/respond.h"
#include "web/console/console.h"
#include "web/office/frame/object.h"

static void refuse(struct request *r)
{
    struct value *view = console_site_page(r);
    if (view)
        respond_invalid(r, "console/site", view);
}

static void answer(struct request *r, enum site_state_result result, const char *done)
{
    struct arena *a = r->arena;
    struct value *view = value_object(a);
    struct str page = console_site_path(r, r->about->slug, "");
    switch (result) {
    case SITE_STATE_DONE:
        value_set_str(a, view, KEY(slug), r->about->slug);
        value_set_str(a, view, KEY(result), str_of(done));
        respond_done(r, 200, str_join(a, page, STR("?done="), str_of(done), STR_NULL), view);
        return;
    case SITE_STATE_CHANGED:
        respond_problem(r, PROBLEM_CONFLICT);
        return;
    case SITE_STATE_UNKNOWN:
        form_refuse(r, "plan", "choice");
        refuse(r);
        return;
    case SITE_STATE_UNAVAILABLE:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static void set_state(struct request *r, enum site_state state, const char *done)
{
    struct feature_actor actor = console_actor(r, form_str(r, KEY(reason)));
    if (r->about->state == state)
        answer(r, SITE_STATE_CHANGED, done);
    else
        answer(r, site_set_state(r->arena, r->about, state, &actor), done);
}

static void on_suspend(struct request *r)
{
    if (!console_site(r))
        return;
    if (form_refused(r))
        refuse(r);
    else if (r->about->state != SITE_OPEN)
        answer(r, SITE_STATE_CHANGED, "suspended");
    else
        set_state(r, SITE_SUSPENDED, "suspended");
}

static void on_resume(struct request *r)
{
    if (console_site(r))
        set_state(r, SITE_OPEN, "resumed");
}

static void ask_to_close(struct request *r)
{
    struct arena *a = r->arena;
    struct value *name = value_str(a, r->about->name);
    struct office_confirm confirm = {
        .title = message(a, r->words, STR("console.close.title"), "name", name, NULL),
        .text = message(a, r->words, STR("console.close.text"), NULL),
        .button = message(a, r->words, STR("console.close.go"), NULL),
        .action_path = console_site_path(r, r->about->slug, "/close"),
        .back_path = console_site_path(r, r->about->slug, ""),
        .typed = r->about->slug};
    office_confirm_respond(r, &confirm);
}

static void on_close_ask(struct request *r)
{
    if (console_site(r))
        ask_to_close(r);
}

static void on_close(struct request *r)
{
    if (!console_site(r))
        return;
    if (office_confirmed(r, r->about->slug))
        set_state(r, SITE_CLOSED, "closed");
    else
        ask_to_close(r);
}

static void on_plan(struct request *r)
{
    if (!console_site(r))
        return;
    struct feature_actor actor = console_actor(r, STR_NULL);
    if (form_refused(r))
        refuse(r);
    else
        answer(r, site_set_plan(r->arena, r->about, form_str(r, KEY(plan)), &actor), "plan");
}

static const struct form form_suspend = FORM(
    {"csrf", .kind = FIELD_TEXT}, {"reason", FIELD_LONG, .required = true, .min = 5, .max = 500});
static const struct form form_resume =
    FORM({"csrf", .kind = FIELD_TEXT}, {"reason", FIELD_LONG, .max = 500});
static const struct form form_close = FORM({"csrf", .kind = FIELD_TEXT},
    {"typed", FIELD_TEXT, .max = 63}, {"reason", FIELD_LONG, .max = 500});
static const struct form form_plan =
    FORM({"csrf", .kind = FIELD_TEXT}, {"plan", FIELD_TEXT, .required = true, .max = 31});

static const struct route routes[] = {
    {HTTP_POST, "/console/sites/{slug}/suspend", PERMIT_SITES_CHANGE, on_suspend, &form_suspend, 0,
        0},
    {HTTP_POST, "/console/sites/{slug}/resume", PERMIT_SITES_CHANGE, on_resume, &form_resume, 0, 0},
    {HTTP_GET, "/console/sites/{slug}/close", PERMIT_SITES_CHANGE, on_close_ask, NULL, 0, 0},
    {HTTP_POST, "/console/sites/{slug}/close", PERMIT_SITES_CHANGE, on_close, &form_close, 0, 0},
    {HTTP_POST, "/console/sites/{slug}/plan", PERMIT_SITES_CHANGE, on_plan, &form_plan, 0, 0},
};

void console_site_change_start(void)
{
    routes_add(SURFACE_CONSOLE, routes, sizeof routes / sizeof *routes);
}
