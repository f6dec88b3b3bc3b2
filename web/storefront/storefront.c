#include "web/storefront/storefront.h"

#include "web/icon.h"
#include "web/storefront/common.h"
#include "web/storefront/pages.h"

// Places left may be this old; the sale decides.
enum { FRESH_MS = 2000 };

static const struct route routes[] = {
    {HTTP_GET, "/", PERMIT_PUBLIC, on_home, NULL, ROUTE_CACHED, FRESH_MS},
    {HTTP_GET, "/offers", PERMIT_PUBLIC, on_offers, &offers_form, ROUTE_CACHED, FRESH_MS},
    {HTTP_GET, "/offers/{slug}", PERMIT_PUBLIC, on_offer, &offer_form, ROUTE_CACHED, FRESH_MS},
    {HTTP_GET, "/site.css", PERMIT_PUBLIC, on_brand, &brand_form, ROUTE_CACHED | ROUTE_CLOSED_TOO,
        0},
    {HTTP_GET, "/favicon.ico", PERMIT_PUBLIC, on_icon, NULL, ROUTE_CLOSED_TOO, 0},
    {HTTP_GET, "/files/{name}", PERMIT_PUBLIC, on_file, NULL, ROUTE_CLOSED_TOO, 0},
    {HTTP_GET, "/legal/{page}", PERMIT_PUBLIC, on_legal, NULL, ROUTE_CACHED | ROUTE_CLOSED_TOO, 0},
    {HTTP_GET, "/help", PERMIT_PUBLIC, on_help, NULL, ROUTE_CACHED | ROUTE_CLOSED_TOO, 0},
    {HTTP_GET, "/sitemap.xml", PERMIT_PUBLIC, on_sitemap, NULL, ROUTE_CACHED, 0},
    {HTTP_GET, "/robots.txt", PERMIT_PUBLIC, on_robots, NULL, ROUTE_CACHED | ROUTE_CLOSED_TOO, 0},
};

void storefront_start(void)
{
    routes_add(SURFACE_STOREFRONT, routes, sizeof routes / sizeof *routes);
    common_start();
}
