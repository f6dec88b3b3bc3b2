// The storefront in a look that isn't saved: the site's own home page, made of a copy of the site
// with the look of the address. Nobody but staff sees it.
#include "http/respond.h"
#include "web/office/frame/nav.h"
#include "web/office/settings/look.h"
#include "web/storefront/pages.h"

static void on_preview(struct request *r)
{
    struct site *own = r->site, tried = *own;
    tried.branding = look_of_form(r);
    // A look that can't be is shown as far as it can.
    r->errors = NULL;
    r->preview_css =
        str_join(r->arena, STR("/manage/branding/preview.css"), request_query(r), STR_NULL);
    r->site = &tried;
    r->surface = SURFACE_STOREFRONT;
    on_home(r);
    r->surface = SURFACE_OFFICE;
    r->site = own;
}

static void on_css(struct request *r)
{
    respond_bytes(r, STR("text/css; charset=utf-8"), brand_css(r->arena, look_of_form(r)));
}

static const struct form form_look = FORM(LOOK_FIELDS);

static const struct route routes[] = {
    {HTTP_GET, "/manage/branding/preview", PERMIT_SETTINGS_CHANGE, on_preview, &form_look, 0, 0},
    {HTTP_GET, "/manage/branding/preview.css", PERMIT_SETTINGS_CHANGE, on_css, &form_look, 0, 0},
};

OFFICE_PAGE(routes, NULL)
