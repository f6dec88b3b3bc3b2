#include "web/api.h"

#include "http/openapi.h"
#include "http/respond.h"
#include "http/route.h"

static void on_site(struct request *r)
{
    respond_json(r, 200, openapi_document(r->arena, OPENAPI_SITE, r->site));
}

static void on_platform(struct request *r)
{
    respond_json(r, 200, openapi_document(r->arena, OPENAPI_PLATFORM, NULL));
}

static const struct route of_site[] = {
    {HTTP_GET, "/api/openapi.json", PERMIT_PUBLIC, on_site, NULL, ROUTE_CACHED | ROUTE_CLOSED_TOO,
        0},
};
static const struct route of_platform[] = {
    {HTTP_GET, "/api/openapi.json", PERMIT_PUBLIC, on_platform, NULL, 0, 0},
};

void api_start(void)
{
    routes_add(SURFACE_STOREFRONT, of_site, sizeof of_site / sizeof *of_site);
    routes_add(SURFACE_PLATFORM, of_platform, sizeof of_platform / sizeof *of_platform);
}
