#include "web/login.h"
#include "web/office/frame/nav.h"
#include "web/office/office.h"

const struct login_place office_login_place = {.template = "office/login",
    .path = {"/manage/login", 13},
    .within = {"/manage", 7},
    .kind = SESSION_STAFF};

static void on_form(struct request *r)
{
    login_show(r, &office_login_place);
}

static void on_login(struct request *r)
{
    login_submit(r, &office_login_place);
}

static void on_logout(struct request *r)
{
    login_end(r, &office_login_place);
}

static const struct route routes[] = {
    {HTTP_GET, "/manage/login", PERMIT_PUBLIC, on_form, &login_query, 0, 0},
    {HTTP_POST, "/manage/login", PERMIT_PUBLIC, on_login, &login_form, 0, 0},
    {HTTP_POST, "/manage/logout", PERMIT_PUBLIC, on_logout, &logout_form, 0, 0},
};

OFFICE_PAGE(routes, NULL)
