#include <stdio.h>

#include "data/db.h"
#include "http/route.h"
#include "io/fiber.h"
#include "main/command.h"
#include "plug/plugin.h"

enum { ROUTES_MAX = 500 };

static const char *const surfaces[SURFACES] = {[SURFACE_PLATFORM] = "platform",
    [SURFACE_CONSOLE] = "console",
    [SURFACE_STOREFRONT] = "storefront",
    [SURFACE_OFFICE] = "office"};
static const char *const methods[] = {"GET", "POST", "PUT", "DELETE"};

static void add(struct arena *a, struct value *list, const char *surface, const struct route *route)
{
    struct value *v = value_append_object(a, list);
    value_set_str(a, v, KEY(surface), str_of(surface));
    value_set_str(a, v, KEY(method), str_of(methods[route->method]));
    value_set_str(a, v, KEY(path), str_of(route->path));
    value_set_str(a, v, KEY(permission), permission_name(route->permission));
}

static void add_plugins(struct arena *a, struct value *list)
{
    const struct plugins *all = plugins_loaded();
    for (size_t i = 0; i < all->count; i++)
        for (size_t k = 0; k < all->items[i]->manifest.route_count; k++) {
            const struct manifest_route *m = &all->items[i]->manifest.routes[k];
            add(a, list, surfaces[m->office ? SURFACE_OFFICE : SURFACE_STOREFRONT], &m->route);
        }
}

int command_routes(const struct config *c, int argc, char **argv)
{
    (void)c, (void)argc, (void)argv;
    struct arena *a = fiber_arena();
    struct value *list = value_list(a);
    const struct route *routes[ROUTES_MAX];
    for (int s = 0; s < SURFACES; s++) {
        size_t count = routes_of((enum surface)s, routes, ROUTES_MAX);
        for (size_t i = 0; i < count; i++)
            add(a, list, surfaces[s], routes[i]);
    }
    add_plugins(a, list);
    printf("%s\n", str_z(a, db_json(a, list)));
    return 0;
}
