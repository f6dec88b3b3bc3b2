#include "http/route.h"

#include "base/check.h"

enum { TABLES_MAX = 64 };

static struct {
    struct {
        const struct route *routes;
        size_t count;
    } tables[SURFACES][TABLES_MAX];
    int table_count[SURFACES];
    const struct route *(*find_plugin)(struct request *r, bool *other_method);
} all;

void routes_add(enum surface surface, const struct route *routes, size_t count)
{
    int n = all.table_count[surface]++;
    check(n < TABLES_MAX);
    all.tables[surface][n].routes = routes;
    all.tables[surface][n].count = count;
}

void routes_set_plugin_finder(const struct route *(*find)(struct request *r, bool *other_method))
{
    all.find_plugin = find;
}

// Segment by segment.
bool route_matches(const char *pattern, struct str path, struct str *params)
{
    struct str want = str_of(pattern), have = path;
    int count = 0;
    want = str_sub(want, 1, want.len);
    have = str_sub(have, 1, have.len);
    while (want.p && have.p) {
        if (str_is(want, "*")) {
            params[count] = have;
            return true;
        }
        struct str w = str_cut(&want, '/'), h = str_cut(&have, '/');
        if (w.len && w.p[0] == '{') {
            if (!h.len)
                return false;
            check(count < ROUTE_PARAMS_MAX);
            params[count++] = h;
        } else if (!str_eq(w, h)) {
            return false;
        }
    }
    return !want.p && !have.p;
}

static const char *const method_names[] = {"GET, HEAD", "POST", "PUT", "DELETE", ""};

static void allow_also(struct request *r, struct str *allow, enum http_method method)
{
    struct str name = str_of(method_names[method]);
    if (str_find(*allow, name) < 0)
        *allow = allow->len ? str_join(r->arena, *allow, STR(", "), name, STR_NULL) : name;
}

// How much of a pattern is left open: what says more wins, wherever it was added.
static int openness(const char *pattern)
{
    int open = 0;
    for (; *pattern; pattern++)
        open += *pattern == '{' ? 1 : *pattern == '*' ? ROUTE_PARAMS_MAX + 1 : 0;
    return open;
}

static const struct route *find_own(struct request *r, struct str *allow)
{
    const struct route *best = NULL;
    for (int t = 0; t < all.table_count[r->surface]; t++)
        for (size_t i = 0; i < all.tables[r->surface][t].count; i++) {
            const struct route *route = &all.tables[r->surface][t].routes[i];
            struct str params[ROUTE_PARAMS_MAX] = {0};
            if (!route_matches(route->path, r->path, params))
                continue;
            if (route->method != r->method) {
                allow_also(r, allow, route->method);
            } else if (!best || openness(route->path) < openness(best->path)) {
                memcpy(r->params, params, sizeof params);
                best = route;
            }
        }
    return best;
}

enum route_result route_find(struct request *r, struct str *allow)
{
    bool other_method = false;
    *allow = STR("");
    r->route = find_own(r, allow);
    if (!r->route && all.find_plugin && r->site)
        r->route = all.find_plugin(r, &other_method);
    if (r->route)
        return ROUTE_FOUND;
    return allow->len || other_method ? ROUTE_OTHER_METHOD : ROUTE_UNKNOWN;
}

size_t routes_of(enum surface surface, const struct route **routes, size_t max)
{
    size_t count = 0;
    for (int t = 0; t < all.table_count[surface]; t++)
        for (size_t i = 0; i < all.tables[surface][t].count && count < max; i++)
            routes[count++] = &all.tables[surface][t].routes[i];
    return count;
}
