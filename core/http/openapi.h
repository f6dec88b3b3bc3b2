// What the product answers, described as OpenAPI 3.1: made from the route tables and their forms,
// so that it can't differ from what the server does, and from words that stand beside the pages.
// A file web/…/api.json says for each route of its folder what it does and what it answers, and
// holds the JSON Schemas (2020-12) of those answers:
//   {"routes": [{"route": "GET /manage/orders", "summary": "Orders, newest first",
//                "answer": "OrderList"}],
//    "schemas": {"OrderList": {…}}}
// Optional beside `answer` (a schema's name: as JSON 200): `created` (201), `type` (a media type
// that it answers instead of a page), `problems` (statuses besides those that every such route may
// give), `leads_on` (it may redirect). What is told to others without being asked stands there too:
// {"events": {"order.placed": {"summary": "…", "data": "OrderEvent"}}}, with the schema of its
// data. Plugins say the same in their manifests. A test fails when a route has no words, and when
// the tests' traffic isn't as described.
#pragma once

#include "http/route.h"
#include "io/source.h"

// Reads every api.json below `dir`, before the first request; the words are kept in the arena.
bool openapi_load(struct arena *a, const char *dir, struct source_error *e);

struct openapi;
// Who knows the routes of plugins: of those that are on for the site, of all when it is NULL.
void openapi_set_plugins(void (*add)(const struct site *site, struct openapi *o));
// `words` as in api.json, `answer` being a schema itself; the tag is what it is filed under.
struct openapi_tag {
    struct str name, about;
};
void openapi_add(struct openapi *o, const struct route *route, const struct value *words,
    const struct openapi_tag *tag);

// The description for a site's host, or for the platform's. `site` NULL: as if all plugins were on.
enum openapi_host { OPENAPI_SITE, OPENAPI_PLATFORM };
struct value *openapi_document(struct arena *a, enum openapi_host host, const struct site *site);

// A field's JSON Schema, as it is sent in JSON.
struct value *openapi_field(struct arena *a, const struct field *f, bool as_text);
