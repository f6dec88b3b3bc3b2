#include "http/openapi.h"

#include "base/json.h"
#include "base/text.h"
#include "http/openapi_operation.h"

enum { HOSTS = 2, ROUTES_MAX = 600 };

static const enum surface surfaces[HOSTS][2] = {
    [OPENAPI_SITE] = {SURFACE_STOREFRONT, SURFACE_OFFICE},
    [OPENAPI_PLATFORM] = {SURFACE_PLATFORM, SURFACE_CONSOLE}};

static struct {
    struct {
        struct value *routes; // words by "GET /path"
        struct value *schemas;
        struct value *events; // words by name, of what the host tells others
    } hosts[HOSTS];
    struct value *fields, *skeleton, *event; // event: the operation that each of them is
    void (*add_plugins)(const struct site *site, struct openapi *o);
} all;

void openapi_set_plugins(void (*add)(const struct site *site, struct openapi *o))
{
    all.add_plugins = add;
}

// Words of the storefront and the office are the site's, others the platform's; what stands above
// the surfaces belongs to both.
static bool is_of(struct str file, enum openapi_host host)
{
    bool platform = str_starts(file, STR("console/")) || str_starts(file, STR("platform/"));
    return str_index(file, '/') < 0 || platform == (host == OPENAPI_PLATFORM);
}

static bool take_words(struct arena *a, struct str file, const struct value *words,
    struct value *to, struct source_error *e)
{
    struct str route = value_get_str(words, KEY(route));
    if (!route.p || !value_get_str(words, KEY(summary)).len)
        return source_refuse(a, e, file, 0, "each of routes has a route and a summary");
    value_key key = value_key_intern(route);
    if (value_get(to, key))
        return source_refuse(a, e, file, 0, "%.*s is described twice", STR_ARG(route));
    value_set(a, to, key, (struct value *)words);
    return true;
}

static bool take_all(struct arena *a, struct str file, const struct value *from, struct value *to,
    struct source_error *e)
{
    for (uint32_t i = 0; value_is(from, VALUE_OBJECT) && i < from->object.count; i++) {
        value_key key = from->object.fields[i].key;
        if (value_get(to, key))
            return source_refuse(
                a, e, file, 0, "%.*s is already there", STR_ARG(value_key_name(key)));
        value_set(a, to, key, from->object.fields[i].value);
    }
    return true;
}

static bool take_file(struct arena *a, struct str path, struct str file, struct source_error *e)
{
    struct str text = source_read(a, path.p, e);
    struct json_error bad = {0};
    struct value *v = text.p ? json_parse(a, text, JSON_ANY_KEYS, &bad) : NULL;
    if (!text.p)
        return false;
    if (!v)
        return source_refuse(a, e, path, bad.line, "%.*s", STR_ARG(bad.text));
    if (value_get(v, KEY(document)))
        all.skeleton = value_get(v, KEY(document));
    if (value_get(v, KEY(event)))
        all.event = value_get(v, KEY(event));
    if (!take_all(a, path, value_get(v, KEY(fields)), all.fields, e))
        return false;
    const struct value *routes = value_get(v, KEY(routes));
    for (int h = 0; h < HOSTS; h++) {
        if (!is_of(file, (enum openapi_host)h))
            continue;
        if (!take_all(a, path, value_get(v, KEY(schemas)), all.hosts[h].schemas, e))
            return false;
        for (size_t i = 0; i < value_count(routes); i++)
            if (!take_words(a, path, value_at(routes, i), all.hosts[h].routes, e))
                return false;
        if (!take_all(a, path, value_get(v, KEY(events)), all.hosts[h].events, e))
            return false;
    }
    return true;
}

bool openapi_load(struct arena *a, const char *dir, struct source_error *e)
{
    struct source_list files = source_walk(a, dir, STR("api.json"));
    all.fields = value_object(a);
    for (int h = 0; h < HOSTS; h++) {
        all.hosts[h].routes = value_object(a);
        all.hosts[h].events = value_object(a);
        all.hosts[h].schemas = value_object(a);
    }
    for (size_t i = 0; i < files.count; i++)
        if (!take_file(
                a, str_join(a, str_of(dir), STR("/"), files.paths[i], STR_NULL), files.paths[i], e))
            return false;
    return all.skeleton || source_refuse(a, e, str_of(dir), 0, "no api.json has a document");
}

static void file_operation(struct openapi *o, const struct route *route, struct value *operation)
{
    struct str path = str_of(route->path);
    // OpenAPI has no word for the rest of a path.
    if (str_ends(path, STR("*")))
        path = str_join(o->arena, str_sub(path, 0, path.len - 1), STR("{rest}"), STR_NULL);
    value_key key = value_key_intern(path);
    struct value *item = value_get(o->paths, key);
    if (!item)
        value_set(o->arena, o->paths, key, item = value_object(o->arena));
    value_set(o->arena, item, value_key_intern(str_of(openapi_method(route))), operation);
}

static void add_tag(struct openapi *o, const struct openapi_tag *tag)
{
    for (size_t i = 0; i < value_count(o->tags); i++)
        if (str_eq(value_get_str(value_at(o->tags, i), KEY(name)), tag->name))
            return;
    struct value *v = value_append_object(o->arena, o->tags);
    value_set_str(o->arena, v, KEY(name), tag->name);
    value_set_str(o->arena, v, KEY(description), tag->about);
}

static void add(struct openapi *o, enum surface surface, const struct route *route,
    const struct value *words, const struct openapi_tag *tag)
{
    add_tag(o, tag);
    file_operation(o, route, openapi_operation(o, surface, route, words, tag->name));
}

void openapi_add(struct openapi *o, const struct route *route, const struct value *words,
    const struct openapi_tag *tag)
{
    bool office = str_starts(str_of(route->path), STR("/manage/"));
    add(o, office ? SURFACE_OFFICE : SURFACE_STOREFRONT, route, words, tag);
}

// "Orders" for /manage/orders/{code}: the office and the console are filed by what they work on.
static struct str tag_of(struct arena *a, enum surface surface, const struct route *route)
{
    struct str rest = str_of(route->path);
    if (surface == SURFACE_STOREFRONT)
        return STR("Storefront");
    if (surface == SURFACE_PLATFORM)
        return STR("Platform");
    bool office = surface == SURFACE_OFFICE;
    rest = str_sub(rest, office ? strlen("/manage/") : strlen("/console/"), rest.len);
    struct str part = str_cut(&rest, '/');
    return str_join(
        a, office ? STR("Office: ") : STR("Console: "), part.len ? part : STR("home"), STR_NULL);
}

// NULL until somebody says what it does; then it is left out, which the tests don't let pass.
static const struct value *words_of(const struct openapi *o, const struct route *route)
{
    static const char *const methods[] = {"GET ", "POST ", "PUT ", "DELETE "};
    struct str name =
        str_join(o->arena, str_of(methods[route->method]), str_of(route->path), STR_NULL);
    value_key key = value_key_find(name);
    return key ? value_get(all.hosts[o->host].routes, key) : NULL;
}

static void add_own(struct openapi *o)
{
    const struct route *routes[ROUTES_MAX];
    for (int s = 0; s < 2; s++) {
        enum surface surface = surfaces[o->host][s];
        size_t count = routes_of(surface, routes, ROUTES_MAX);
        for (size_t i = 0; i < count; i++) {
            const struct value *words = words_of(o, routes[i]);
            // What the first one does says what the others are about.
            struct openapi_tag tag = {
                tag_of(o->arena, surface, routes[i]), value_get_str(words, KEY(summary))};
            if (words)
                add(o, surface, routes[i], words, &tag);
        }
    }
}

static struct value *servers(struct arena *a, const struct site *site)
{
    struct value *list = value_list(a);
    struct value *first = value_append_object(a, list);
    value_set_str(a, first, KEY(url), STR("/"));
    value_set_str(a, first, KEY(description), site ? site->languages[0] : STR("en"));
    for (int i = 1; site && i < site->language_count; i++) {
        struct value *other = value_append_object(a, list);
        value_set_str(a, other, KEY(url), str_join(a, STR("/"), site->languages[i], STR_NULL));
        value_set_str(a, other, KEY(description), site->languages[i]);
    }
    return list;
}

static void set(struct arena *a, struct value *v, const char *name, struct value *to)
{
    value_set(a, v, value_key_intern(str_of(name)), to);
}

static struct value *typed_reference(struct arena *a, struct str schema)
{
    struct value *v = value_object(a);
    set(a, v, "$ref", value_str(a, str_join(a, STR("#/components/schemas/"), schema, STR_NULL)));
    return v;
}

// What every event has, with this one's name and data.
static struct value *event_body(
    struct arena *a, enum openapi_host host, struct str event, struct str data)
{
    struct value *body = value_copy(a, value_get(all.hosts[host].schemas, KEY(Event)));
    struct value *fields = value_get(body, KEY(properties)), *type = value_object(a);
    set(a, type, "const", value_str(a, event));
    value_set(a, fields, KEY(type), type);
    value_set(a, fields, KEY(data), typed_reference(a, data));
    return body;
}

// An event is sent as the skeleton of all of them says, with the words of its own.
static void add_event(struct arena *a, enum openapi_host host, struct value *webhooks,
    const struct value_field *event)
{
    struct str name = value_key_name(event->key);
    struct value *item = value_object(a);
    struct value *operation = value_copy(a, all.event);
    struct value *json = value_object(a), *content = value_object(a), *body = value_object(a);
    value_set_str(
        a, operation, KEY(operationId), str_join(a, STR("event-"), text_slug(a, name), STR_NULL));
    value_set_str(a, operation, KEY(summary), value_get_str(event->value, KEY(summary)));
    set(a, operation, "requestBody", body);
    value_set(a, body, KEY(content), content);
    set(a, body, "required", value_bool(a, true));
    set(a, content, "application/json", json);
    set(a, json, "schema", event_body(a, host, name, value_get_str(event->value, KEY(data))));
    set(a, item, "post", operation);
    value_set(a, webhooks, event->key, item);
}

static void add_events(struct arena *a, enum openapi_host host, struct value *document)
{
    const struct value *events = all.hosts[host].events;
    struct value *webhooks = value_object(a);
    for (uint32_t i = 0; i < events->object.count; i++)
        add_event(a, host, webhooks, &events->object.fields[i]);
    if (events->object.count)
        set(a, document, "webhooks", webhooks);
}

struct value *openapi_document(struct arena *a, enum openapi_host host, const struct site *site)
{
    struct openapi o = {.arena = a,
        .host = host,
        .fields = all.fields,
        .paths = value_object(a),
        .tags = value_list(a)};
    struct value *document = value_copy(a, all.skeleton);
    struct value *components = value_get(document, KEY(components));
    add_own(&o);
    if (host == OPENAPI_SITE && all.add_plugins)
        all.add_plugins(site, &o);
    value_set(a, document, KEY(servers), servers(a, site));
    value_set(a, document, KEY(tags), o.tags);
    value_set(a, document, KEY(paths), o.paths);
    value_set(a, components, KEY(schemas), all.hosts[host].schemas);
    add_events(a, host, document);
    return document;
}
