#include "web/console/console.h"

#include "http/page.h"

static void add_staff(struct request *r, struct value *console)
{
    struct arena *a = r->arena;
    if (!r->session.id) {
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
    value_set_bool(a, console, KEY(at_home), str_is(r->path, "/console"));
    value_set_bool(a, console, KEY(at_errors), str_is(r->path, "/console/errors"));
    value_set_str(a, view, KEY(oops_home_url), request_url(r, STR("/console")));
    add_staff(r, console);
}

void console_start(void)
{
    page_on_view(SURFACE_CONSOLE, add_console);
    console_login_start();
    console_home_start();
    console_errors_start();
}
