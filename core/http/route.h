// Routes: every address of the product, with the permission it needs and the fields it takes.
// A route without a permission doesn't compile; a test walks all routes × roles × sites. What it
// does and answers stands in the api.json of its folder (http/openapi.h); a test fails without.
#pragma once

#include "http/form.h"
#include "http/permission.h"
#include "http/request.h"

enum route_flags {
    ROUTE_CACHED = 1,     // an anonymous GET's answer is the same for everybody
    ROUTE_FOREIGN = 2,    // posted by a machine (a payment provider): no origin check, no session
    ROUTE_CLOSED_TOO = 4, // also answers while the site is suspended
    ROUTE_RAW_BODY = 8,   // the handler reads the body itself
    // Its form also stands on pages made before there was a session, which carry no token; where it
    // comes from is enough when the browser says so.
    ROUTE_ANONYMOUS_FORM = 16,
    ROUTE_ONCE = 32,  // its answer has a secret that is shown once: it is kept nowhere
    ROUTE_LOGIN = 64, // there only while customers may log in
    // Of a GET: it answers itself what its address can't ask for, as a file does.
    ROUTE_REFUSES = 128,
};

struct route {
    enum http_method method;
    // Segments in braces match one segment: "/offers/{slug}"; a last "{rest…}" is written "*".
    const char *path;
    enum permission permission;
    void (*handle)(struct request *r);
    const struct form *form; // NULL: takes no fields
    unsigned flags;
    // Cached answers with availability may be this old; 0: until the site's revision rises.
    int fresh_ms;
};

// At start, before the first request. The array is kept.
void routes_add(enum surface surface, const struct route *routes, size_t count);
// Plugins' routes are found by the plugin host: it is asked for /x/… and /manage/x/….
void routes_set_plugin_finder(const struct route *(*find)(struct request *r, bool *other_method));

// Whether the path fits the pattern; what stands in its braces goes to `params`.
bool route_matches(const char *pattern, struct str path, struct str *params);

enum route_result { ROUTE_FOUND, ROUTE_UNKNOWN, ROUTE_OTHER_METHOD };
// Sets r->route and r->params; with ROUTE_OTHER_METHOD `allow` lists what would do.
enum route_result route_find(struct request *r, struct str *allow);

// For the test that walks them.
size_t routes_of(enum surface surface, const struct route **routes, size_t max);
