#include "http/openapi_operation.h"

#include "http/permission.h"

static void set(const struct openapi *o, struct value *v, const char *name, struct value *to)
{
    value_set(o->arena, v, value_key_intern(str_of(name)), to);
}

static void set_str(const struct openapi *o, struct value *v, const char *name, struct str to)
{
    set(o, v, name, value_str(o->arena, to));
}

static struct value *inner(const struct openapi *o, struct value *v, const char *name)
{
    struct value *found = value_get(v, value_key_intern(str_of(name)));
    if (!found)
        set(o, v, name, found = value_object(o->arena));
    return found;
}

static struct value *reference(const struct openapi *o, const char *kind, struct str name)
{
    struct value *v = value_object(o->arena);
    set_str(o, v, "$ref",
        str_join(o->arena, STR("#/components/"), str_of(kind), STR("/"), name, STR_NULL));
    return v;
}

static const char *const method_names[] = {"get", "post", "put", "delete"};

const char *openapi_method(const struct route *route)
{
    return method_names[route->method];
}

// "get_manage_orders_by_code" for GET /manage/orders/{code}.
static struct str operation_id(const struct openapi *o, const struct route *route)
{
    struct buf b;
    struct str rest = str_of(route->path);
    buf_init(&b, o->arena, 400);
    buf_add(&b, str_of(openapi_method(route)));
    while (rest.p) {
        struct str part = str_cut(&rest, '/');
        bool open = part.len && part.p[0] == '{';
        if (!part.len)
            continue;
        buf_add(&b, open ? STR("_by_") : STR("_"));
        if (str_is(part, "*"))
            part = STR("rest");
        for (size_t i = 0; i < part.len; i++)
            if (!strchr("{}", part.p[i]))
                buf_add_char(&b, strchr("-.", part.p[i]) ? '_' : part.p[i]);
    }
    return buf_str(&b);
}

static void say_what_for(const struct openapi *o, struct value *v, struct str name)
{
    value_key key = value_key_find(name);
    struct str text = key ? value_get_str(o->fields, key) : STR_NULL;
    if (text.p)
        set_str(o, v, "description", text);
}

static struct value *add_parameter(const struct openapi *o, struct value *list, struct str name,
    const char *in, struct value *schema)
{
    struct value *p = value_append_object(o->arena, list);
    set_str(o, p, "name", name);
    set_str(o, p, "in", str_of(in));
    say_what_for(o, p, name);
    set(o, p, "schema", schema);
    return p;
}

static void add_path_parameters(
    const struct openapi *o, struct value *list, const struct route *route)
{
    for (struct str rest = str_of(route->path); rest.p;) {
        struct str part = str_cut(&rest, '/');
        bool all = str_is(part, "*");
        if (!all && (!part.len || part.p[0] != '{'))
            continue;
        struct value *schema = value_object(o->arena);
        set_str(o, schema, "type", STR("string"));
        set(o, schema, "minLength", value_int(o->arena, all ? 0 : 1));
        struct value *p = add_parameter(
            o, list, all ? STR("rest") : str_sub(part, 1, part.len - 1), "path", schema);
        set(o, p, "required", value_bool(o->arena, true));
    }
}

static bool is_keyed(const struct field *f)
{
    return f->kind == FIELD_COUNTS || f->kind == FIELD_TEXTS || f->kind == FIELD_OBJECT;
}

static void add_query(const struct openapi *o, struct value *list, const struct form *form)
{
    for (size_t i = 0; form && i < form->count; i++) {
        const struct field *f = &form->fields[i];
        struct value *p =
            add_parameter(o, list, str_of(f->name), "query", openapi_field(o->arena, f, true));
        if (f->required)
            set(o, p, "required", value_bool(o->arena, true));
        if (!is_keyed(f))
            continue;
        set_str(o, p, "style", STR("form"));
        set(o, p, "explode", value_bool(o->arena, true));
    }
}

static bool takes_body(const struct route *route)
{
    return route->method == HTTP_POST || route->method == HTTP_PUT;
}

static void add_parameters(const struct openapi *o, struct value *op, const struct route *route)
{
    struct value *list = value_list(o->arena);
    add_path_parameters(o, list, route);
    if (route->method == HTTP_GET)
        add_query(o, list, route->form);
    else if (o->host == OPENAPI_SITE && !(route->flags & (ROUTE_FOREIGN | ROUTE_ONCE)))
        value_append(o->arena, list, reference(o, "parameters", STR("IdempotencyKey")));
    if (value_count(list))
        set(o, op, "parameters", list);
}

static bool has_kind(const struct form *form, enum field_kind kind)
{
    for (size_t i = 0; form && i < form->count; i++)
        if (form->fields[i].kind == kind)
            return true;
    return false;
}

enum body { BODY_JSON, BODY_FORM, BODY_MULTIPART };

static struct value *body_schema(const struct openapi *o, const struct form *form, enum body body)
{
    struct arena *a = o->arena;
    struct value *schema = value_object(a), *fields = value_object(a), *required = value_list(a);
    set_str(o, schema, "type", STR("object"));
    for (size_t i = 0; form && i < form->count; i++) {
        const struct field *f = &form->fields[i];
        if (f->kind == FIELD_FILE && body != BODY_MULTIPART)
            continue;
        struct value *field = openapi_field(a, f, body != BODY_JSON);
        if (body != BODY_JSON && is_keyed(f)) {
            struct value *patterns = value_get(field, value_key_intern(STR("patternProperties")));
            set(o, inner(o, schema, "patternProperties"),
                value_key_name(patterns->object.fields[0].key).p, patterns->object.fields[0].value);
            continue;
        }
        say_what_for(o, field, str_of(f->name));
        value_set(a, fields, value_key_intern(str_of(f->name)), field);
        if (f->required)
            value_append(a, required, value_str(a, str_of(f->name)));
    }
    if (value_count(fields))
        set(o, schema, "properties", fields);
    if (value_count(required))
        set(o, schema, "required", required);
    if (body == BODY_JSON)
        set(o, schema, "additionalProperties", value_bool(a, false));
    return schema;
}

static void add_body(const struct openapi *o, struct value *op, const struct route *route)
{
    struct value *body = value_object(o->arena), *content = value_object(o->arena);
    if (!takes_body(route))
        return;
    set(o, op, "requestBody", body);
    set(o, body, "content", content);
    if (route->flags & ROUTE_RAW_BODY) {
        set(o, inner(o, content, "application/octet-stream"), "schema", value_object(o->arena));
        return;
    }
    if (has_kind(route->form, FIELD_FILE)) {
        set(o, inner(o, content, "multipart/form-data"), "schema",
            body_schema(o, route->form, BODY_MULTIPART));
        return;
    }
    set(o, inner(o, content, "application/json"), "schema", body_schema(o, route->form, BODY_JSON));
    set(o, inner(o, content, "application/x-www-form-urlencoded"), "schema",
        body_schema(o, route->form, BODY_FORM));
}

static const struct {
    int status;
    const char *name;
} problems[] = {{400, "BadRequest"}, {401, "Unauthorized"}, {403, "Forbidden"}, {404, "NotFound"},
    {409, "Conflict"}, {410, "Gone"}, {413, "TooLarge"}, {415, "UnsupportedMediaType"},
    {422, "Invalid"}, {429, "TooManyRequests"}, {500, "InternalError"}, {503, "Unavailable"}};

// Which problems every route of its kind may have; its words name what it has besides.
static bool may_give(enum surface surface, const struct route *route, int status)
{
    bool writes = route->method != HTTP_GET;
    bool foreign = route->flags & ROUTE_FOREIGN;
    switch (status) {
    case 401:
    case 403:
        return !foreign;
    case 409:
        return writes && !foreign;
    case 410:
        return surface == SURFACE_STOREFRONT && !(route->flags & ROUTE_CLOSED_TOO);
    case 413:
        return writes;
    case 415:
        return writes && !(route->flags & ROUTE_RAW_BODY);
    case 422:
        return writes || (route->form && route->form->count);
    default:
        return true;
    }
}

static bool names(const struct value *words, int status)
{
    const struct value *list = value_get(words, KEY(problems));
    for (size_t i = 0; i < value_count(list); i++)
        if (value_is(value_at(list, i), VALUE_INT) && value_at(list, i)->integer == status)
            return true;
    return false;
}

static struct value *add_response(
    const struct openapi *o, struct value *responses, const char *status, const char *text)
{
    struct value *response = inner(o, responses, status);
    set_str(o, response, "description", str_of(text));
    return response;
}

static void add_answer(const struct openapi *o, struct value *responses, const char *status,
    const struct value *answer)
{
    struct value *response =
        add_response(o, responses, status, str_is(str_of(status), "201") ? "Made" : "Done");
    struct value *content = inner(o, response, "content");
    set(o, inner(o, content, "application/json"), "schema",
        value_is(answer, VALUE_STR) ? reference(o, "schemas", answer->str)
                                    : (struct value *)answer);
}

static void add_page(const struct openapi *o, struct value *responses)
{
    struct value *response = add_response(o, responses, "200", "Done");
    struct value *schema = value_object(o->arena);
    set_str(o, schema, "type", STR("string"));
    set(o, inner(o, inner(o, response, "content"), "text/html"), "schema", schema);
}

static void add_typed(const struct openapi *o, struct value *responses, struct str types)
{
    struct value *content = inner(o, add_response(o, responses, "200", "Done"), "content");
    while (types.p) {
        struct value *schema = value_object(o->arena);
        struct str type = str_trim(str_cut(&types, ','));
        set_str(o, schema, "type", str_ends(type, STR("json")) ? STR("object") : STR("string"));
        set(o, inner(o, content, str_z(o->arena, type)), "schema", schema);
    }
}

static void add_redirect(const struct openapi *o, struct value *responses, bool writes)
{
    struct value *response =
        add_response(o, responses, writes ? "303" : "302", "Leads on to another page");
    set(o, inner(o, response, "headers"), "Location", reference(o, "headers", STR("Location")));
}

static void add_responses(const struct openapi *o, struct value *op, enum surface surface,
    const struct route *route, const struct value *words)
{
    struct value *responses = value_object(o->arena);
    bool writes = route->method != HTTP_GET;
    struct str type = value_get_str(words, KEY(type));
    const struct value *answer = value_get(words, KEY(answer));
    const struct value *created = value_get(words, KEY(created));
    set(o, op, "responses", responses);
    if (type.p)
        add_typed(o, responses, type);
    else if (!writes || value_get_bool(words, KEY(page), false))
        add_page(o, responses);
    if (answer)
        add_answer(o, responses, "200", answer);
    if (created)
        add_answer(o, responses, "201", created);
    if (!type.p && !answer && !created)
        add_answer(o, responses, "200", value_str(o->arena, writes ? STR("Nothing") : STR("Any")));
    bool asks_login = route->permission != PERMIT_PUBLIC;
    if (writes ? !(route->flags & ROUTE_FOREIGN)
               : asks_login || value_get_bool(words, KEY(leads_on), false))
        add_redirect(o, responses, writes);
    if (route->flags & ROUTE_CACHED)
        add_response(o, responses, "304", "As the client has it");
    for (size_t i = 0; i < sizeof problems / sizeof *problems; i++)
        if (may_give(surface, route, problems[i].status) || names(words, problems[i].status))
            set(o, responses, str_of_i64(o->arena, problems[i].status).p,
                reference(o, "responses", str_of(problems[i].name)));
}

static void add_way_in(
    const struct openapi *o, struct value *list, const char *scheme, struct str permission)
{
    struct value *need = value_append_object(o->arena, list), *scopes = value_list(o->arena);
    if (permission.p)
        value_append(o->arena, scopes, value_str(o->arena, str_lower(o->arena, permission)));
    set(o, need, scheme, scopes);
}

// Who may: a person's session with a role that has the permission, or a site's token with it.
static void add_security(
    const struct openapi *o, struct value *op, enum surface surface, const struct route *route)
{
    static const char *const sessions[SURFACES] = {[SURFACE_PLATFORM] = NULL,
        [SURFACE_CONSOLE] = "console_session",
        [SURFACE_STOREFRONT] = "visit",
        [SURFACE_OFFICE] = "office_session"};
    struct value *list = value_list(o->arena);
    struct str permission = permission_name(route->permission);
    set(o, op, "security", list);
    if (route->permission == PERMIT_PUBLIC)
        value_append_object(o->arena, list);
    if (sessions[surface] && !(route->flags & ROUTE_FOREIGN))
        add_way_in(o, list, sessions[surface], STR_NULL);
    if (surface == SURFACE_OFFICE && permission_is_scope(route->permission))
        add_way_in(o, list, "token", permission);
}

struct value *openapi_operation(struct openapi *o, enum surface surface, const struct route *route,
    const struct value *words, struct str tag)
{
    struct value *op = value_object(o->arena), *tags = value_list(o->arena);
    value_append(o->arena, tags, value_str(o->arena, tag));
    set(o, op, "tags", tags);
    set_str(o, op, "operationId", operation_id(o, route));
    set_str(o, op, "summary", value_get_str(words, KEY(summary)));
    if (value_get_str(words, KEY(about)).p)
        set_str(o, op, "description", value_get_str(words, KEY(about)));
    add_security(o, op, surface, route);
    add_parameters(o, op, route);
    add_body(o, op, route);
    add_responses(o, op, surface, route, words);
    return op;
}
