// Where a request goes: host, cookies, path and the languages that a browser asks for. Lines of
// the input are, in order: host, path, cookie, Accept-Language.
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/region.h"
#include "http/host.h"
#include "http/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct route routes[] = {
    {HTTP_GET, "/", PERMIT_PUBLIC, NULL, NULL, 0, 0},
    {HTTP_GET, "/offers/{slug}", PERMIT_PUBLIC, NULL, NULL, 0, 0},
    {HTTP_POST, "/offers/{slug}", PERMIT_PUBLIC, NULL, NULL, 0, 0},
    {HTTP_GET, "/orders/{code}/tickets/{file}", PERMIT_PUBLIC, NULL, NULL, 0, 0},
    {HTTP_GET, "/files/*", PERMIT_PUBLIC, NULL, NULL, 0, 0},
};

static void set_up(void)
{
    static bool done;
    if (done)
        return;
    done = true;
    host_init(STR("vitrine.localhost"), STR(":8080"), false);
    routes_add(SURFACE_STOREFRONT, routes, sizeof routes / sizeof *routes);
}

static void check_host(struct str host)
{
    struct str slug = host_slug(host);
    check(!slug.p || (slug.len > 0 && slug.len <= 63 && slug.p == host.p));
    check(!(slug.p && host_is_platform(host)));
}

static void check_route(struct arena *a, struct str path)
{
    struct request r = {.arena = a, .surface = SURFACE_STOREFRONT, .path = path};
    struct str allow;
    if (!path.len || path.p[0] != '/')
        return;
    if (route_find(&r, &allow) != ROUTE_FOUND)
        return;
    check(r.route->method == HTTP_GET);
    for (int i = 0; i < ROUTE_PARAMS_MAX; i++)
        check(!r.params[i].p ||
              (r.params[i].p > path.p && r.params[i].p + r.params[i].len <= path.p + path.len));
}

static void check_cookie(struct str header)
{
    struct request r = {.cookie = header};
    struct str value = request_cookie(&r, STR("__Host-vt"));
    check(str_index(value, ';') < 0);
    check(!value.len || (value.p >= header.p && value.p + value.len <= header.p + header.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct str offered[] = {{"en", 2}, {"fr", 2}, {"pt-BR", 5}};
    struct arena *a = arena_new();
    struct str rest = str_dup(a, str_n(data, size));
    set_up();
    check_host(str_cut(&rest, '\n'));
    check_route(a, str_cut(&rest, '\n'));
    check_cookie(str_cut(&rest, '\n'));
    int which = region_language(rest, offered, 3);
    check(which >= -1 && which < 3);
    check(region_guess(rest).zone.len);
    arena_free(a);
    return 0;
}
