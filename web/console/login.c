#include "web/login.h"
#include "web/console/console.h"

const struct login_place console_login_place = {.template = "console/login",
    .path = {"/console/login", 14},
    .within = {"/console", 8},
    .kind = SESSION_OPERATOR};

static void on_form(struct request *r)
{
    login_show(r, &console_login_place);
}

static void on_login(struct request *r)
{
    login_submit(r, &console_login_place);
}

static void on_logout(struct request *r)
{
    login_end(r, &console_login_place);
}

static const struct route routes[] = {
    {HTTP_GET, "/console/login", PERMIT_PUBLIC, on_form, &login_query, 0, 0},
    {HTTP_POST, "/console/login", PERMIT_PUBLIC, on_login, &login_form, 0, 0},
    {HTTP_POST, "/console/logout", PERMIT_PUBLIC, on_logout, &logout_form, 0, 0},
};

void console_login_start(void)
{
    routes_add(SURFACE_CONSOLE, routes, sizeof routes / sizeof *routes);
}
