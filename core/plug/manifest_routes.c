// The routes of a manifest and the fields they take.
#include "plug/manifest.h"

enum { ROUTES_MAX = 100, FIELDS_MAX = 60, OWN_FIELDS = 3, HISTORY_MAX = 20 };

const struct manifest_rule manifest_route_rules[] = {
    {"summary", MANIFEST_TEXT, false, "what it does, in a few words: /api/openapi.json says it"},
    {"method", MANIFEST_TEXT, false, "GET, POST, PUT or DELETE"},
    {"surface", MANIFEST_TEXT, false,
        "storefront (below /x/NAME) or office (below /manage/x/NAME)"},
    {"path", MANIFEST_TEXT, false, "/, /codes or /codes/{code}; a last * takes the rest"},
    {"handler", MANIFEST_TEXT, false, "the function's name"},
    {"permission", MANIFEST_TEXT, false,
        "public or account on the storefront; in the office see below"},
    {"fields", MANIFEST_LIST, true, "what the form or query may have, see below"},
    {"flags", MANIFEST_LIST, true,
        "foreign (posted by a machine: no origin check, no session), raw_body (the handler reads "
        "it), closed_too (also while the site is suspended), cached (the same for everybody)"},
    {"history", MANIFEST_BOOL, true,
        "of office pages: `history` is in the view, what db.write's `audit` recorded of the object "
        "that the address names, or of all when it names none; {{>office/frame/history}} shows it"},
    {"customer", MANIFEST_BOOL, true,
        "of office pages: about the customer whose id is the address's first parameter, who has to "
        "be there; see below"},
    {"answer", MANIFEST_OBJECT, true,
        "the JSON Schema of what it answers as JSON; an empty object if absent"},
    {"created", MANIFEST_OBJECT, true, "the same, of an answer with status 201"},
    {"page", MANIFEST_BOOL, true, "of what isn't GET: answers 200 with a page"},
    {"type", MANIFEST_TEXT, true, "the media type, when it isn't a page and JSON"},
    {"problems", MANIFEST_LIST, true, "statuses that it answers besides those of every route"},
    {0},
};

const struct manifest_rule manifest_field_rules[] = {
    {"name", MANIFEST_TEXT, false, "a-z, 0-9 and '_', a letter first"},
    {"kind", MANIFEST_TEXT, false,
        "text, long, email, phone, password, int, bool, choice, date, counts, texts, object, or "
        "file (in C, of multipart/form-data; what it is called is NAME_name)"},
    {"required", MANIFEST_BOOL, true, "false if absent"},
    {"min", MANIFEST_INT, true, "least length or number"},
    {"max", MANIFEST_INT, true, "greatest length or number"},
    {"choices", MANIFEST_LIST, true, "of choice: the texts that are allowed"},
    {0},
};

static const struct {
    const char *name;
    enum http_method method;
} methods[] = {{"GET", HTTP_GET}, {"POST", HTTP_POST}, {"PUT", HTTP_PUT}, {"DELETE", HTTP_DELETE}};

static const struct {
    const char *name;
    unsigned flag;
} flags[] = {{"foreign", ROUTE_FOREIGN}, {"closed_too", ROUTE_CLOSED_TOO},
    {"raw_body", ROUTE_RAW_BODY}, {"cached", ROUTE_CACHED}};

static const struct {
    const char *name;
    enum field_kind kind;
} kinds[] = {{"text", FIELD_TEXT}, {"long", FIELD_LONG}, {"email", FIELD_EMAIL},
    {"phone", FIELD_PHONE}, {"password", FIELD_PASSWORD}, {"int", FIELD_INT}, {"bool", FIELD_BOOL},
    {"choice", FIELD_CHOICE}, {"date", FIELD_DATE}, {"counts", FIELD_COUNTS},
    {"texts", FIELD_TEXTS}, {"object", FIELD_OBJECT}, {"file", FIELD_FILE}};

static bool read_method(
    struct manifest_reader *r, struct str at, const struct value *v, struct manifest_route *out)
{
    struct str name = value_get_str(v, KEY(method));
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (str_is(name, methods[i].name)) {
            out->route.method = methods[i].method;
            return true;
        }
    return manifest_refuse(
        r, manifest_field(r, at, STR("method")), "must be GET, POST, PUT or DELETE");
}

static bool read_flags(
    struct manifest_reader *r, struct str at, const struct value *v, struct manifest_route *out)
{
    const struct value *list = value_get(v, KEY(flags));
    for (size_t i = 0; i < value_count(list); i++) {
        struct str name = value_as_str(value_at(list, i));
        size_t n = 0;
        while (n < sizeof flags / sizeof *flags && !str_is(name, flags[n].name))
            n++;
        if (n == sizeof flags / sizeof *flags)
            return manifest_refuse(
                r, manifest_field(r, at, STR("flags")), "there is no flag %.*s", STR_ARG(name));
        out->route.flags |= flags[n].flag;
    }
    bool machine = out->route.flags & ROUTE_FOREIGN;
    if (machine && (out->office || out->route.permission != PERMIT_PUBLIC))
        return manifest_refuse(r, manifest_field(r, at, STR("flags")),
            "foreign routes are public ones of the storefront");
    return true;
}

static bool read_path(
    struct manifest_reader *r, struct str at, const struct value *v, struct manifest_route *out)
{
    struct str surface = value_get_str(v, KEY(surface)), path = value_get_str(v, KEY(path));
    out->office = str_is(surface, "office");
    if (!out->office && !str_is(surface, "storefront"))
        return manifest_refuse(
            r, manifest_field(r, at, STR("surface")), "must be storefront or office");
    int params = 0;
    for (size_t i = 0; i < path.len; i++) {
        char c = path.p[i];
        params += c == '{' || c == '*';
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr("/-_.{}*", c)))
            params = ROUTE_PARAMS_MAX + 1;
    }
    if (path.p[0] != '/' || params > ROUTE_PARAMS_MAX)
        return manifest_refuse(r, manifest_field(r, at, STR("path")),
            "must begin with / and have a-z, 0-9, - and at most %d {parameters}", ROUTE_PARAMS_MAX);
    out->route.path =
        str_join(r->arena, out->office ? STR("/manage/x/") : STR("/x/"), r->name, path, STR_NULL).p;
    return true;
}

static bool read_permission(
    struct manifest_reader *r, struct str at, const struct value *v, struct manifest_route *out)
{
    struct str name = value_get_str(v, KEY(permission));
    out->route.permission = permission_find(name);
    struct str field = manifest_field(r, at, STR("permission"));
    if (out->route.permission == PERMISSION_COUNT)
        return manifest_refuse(r, field, "there is no permission %.*s", STR_ARG(name));
    bool account = out->route.permission == PERMIT_ACCOUNT;
    if (out->office == (account || out->route.permission == PERMIT_PUBLIC))
        return manifest_refuse(r, field,
            out->office ? "office routes are for staff"
                        : "storefront routes are public, or for the account");
    if (account)
        out->route.flags |= ROUTE_LOGIN;
    return true;
}

static bool read_choices(
    struct manifest_reader *r, struct str at, const struct value *v, struct field *out)
{
    const struct value *list = value_get(v, KEY(choices));
    size_t count = value_count(list);
    if ((out->kind == FIELD_CHOICE) != (count > 0))
        return manifest_refuse(
            r, manifest_field(r, at, STR("choices")), "belong to the kind choice, which has them");
    const char **choices = arena_new_array(r->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct str choice = value_as_str(value_at(list, i));
        if (!choice.p)
            return manifest_refuse(
                r, manifest_field(r, at, STR("choices")), "item %zu is no text", i + 1);
        choices[i] = str_z(r->arena, choice);
    }
    out->choices = count ? choices : NULL;
    return true;
}

static bool read_field(
    struct manifest_reader *r, struct str at, const struct value *v, struct field *out)
{
    if (!manifest_check(r, at, v, manifest_field_rules))
        return false;
    struct str name = value_get_str(v, KEY(name)), kind = value_get_str(v, KEY(kind));
    size_t n = 0;
    while (n < sizeof kinds / sizeof *kinds && !str_is(kind, kinds[n].name))
        n++;
    if (n == sizeof kinds / sizeof *kinds)
        return manifest_refuse(
            r, manifest_field(r, at, STR("kind")), "there is no kind %.*s", STR_ARG(kind));
    if (!manifest_is_word(name))
        return manifest_refuse(
            r, manifest_field(r, at, STR("name")), "must be a-z, 0-9 and '_', a letter first");
    value_key_intern(name);
    *out = (struct field){.name = str_z(r->arena, name),
        .kind = kinds[n].kind,
        .required = value_get_bool(v, KEY(required), false),
        .min = value_get_int(v, KEY(min), 0),
        .max = value_get_int(v, KEY(max), 0)};
    return read_choices(r, at, v, out);
}

// What every form of ours carries; the plugin doesn't see it.
static void add_own_field(struct field *fields, size_t *count, const char *name)
{
    for (size_t i = 0; i < *count; i++)
        if (str_is(str_of(name), fields[i].name))
            return;
    fields[(*count)++] = (struct field){.name = name, .kind = FIELD_TEXT};
}

static bool read_history(
    struct manifest_reader *r, struct str at, const struct value *v, struct manifest_route *out)
{
    out->history = value_get_bool(v, KEY(history), false);
    return !out->history || out->office ||
           manifest_refuse(r, manifest_field(r, at, STR("history")), "is for pages of the office");
}

static bool read_customer(
    struct manifest_reader *r, struct str at, const struct value *v, struct manifest_route *out)
{
    out->customer = value_get_bool(v, KEY(customer), false);
    return !out->customer || (out->office && strchr(out->route.path, '{')) ||
           manifest_refuse(r, manifest_field(r, at, STR("customer")),
               "is for pages of the office with a {parameter} in their address");
}

static bool read_fields(
    struct manifest_reader *r, struct str at, const struct value *v, struct manifest_route *out)
{
    const struct value *list = value_get(v, KEY(fields));
    size_t count = value_count(list);
    if (count > FIELDS_MAX)
        return manifest_refuse(
            r, manifest_field(r, at, STR("fields")), "has more than %d fields", FIELDS_MAX);
    struct field *fields = arena_new_array(r->arena, struct field, count + OWN_FIELDS);
    for (size_t i = 0; i < count; i++)
        if (!read_field(r, str_format(r->arena, "%.*s.fields[%zu]", STR_ARG(at), i),
                value_at(list, i), &fields[i]))
            return false;
    if (out->history && out->route.method == HTTP_GET)
        fields[count++] = (struct field){.name = "history", .kind = FIELD_TEXT, .max = HISTORY_MAX};
    if (out->route.method != HTTP_GET && !(out->route.flags & (ROUTE_FOREIGN | ROUTE_RAW_BODY))) {
        add_own_field(fields, &count, "csrf");
        add_own_field(fields, &count, "idempotency_key");
    }
    struct form *form = arena_new_object(r->arena, struct form);
    *form = (struct form){fields, count};
    out->route.form = form;
    return true;
}

static bool read_route(
    struct manifest_reader *r, struct str at, const struct value *v, struct manifest_route *out)
{
    if (!manifest_check(r, at, v, manifest_route_rules) || !read_method(r, at, v, out) ||
        !read_path(r, at, v, out) || !read_permission(r, at, v, out) ||
        !read_flags(r, at, v, out) || !read_history(r, at, v, out) ||
        !read_customer(r, at, v, out) || !read_fields(r, at, v, out))
        return false;
    out->handler = value_get_str(v, KEY(handler));
    out->words = v;
    return manifest_is_word(out->handler) ||
           manifest_refuse(r, manifest_field(r, at, STR("handler")),
               "must be a-z, 0-9 and '_', a letter first");
}

bool manifest_routes(struct manifest_reader *r, const struct value *v, struct manifest *out)
{
    size_t count = value_count(v);
    if (count > ROUTES_MAX)
        return manifest_refuse(r, STR("routes"), "has more than %d routes", ROUTES_MAX);
    out->routes = arena_new_array(r->arena, struct manifest_route, count + 1);
    for (; out->route_count < count; out->route_count++) {
        struct manifest_route *route = &out->routes[out->route_count];
        struct str at = str_format(r->arena, "routes[%zu]", out->route_count);
        if (!read_route(r, at, value_at(v, out->route_count), route))
            return false;
        for (size_t i = 0; i < out->route_count; i++)
            if (out->routes[i].route.method == route->route.method &&
                str_is(str_of(route->route.path), out->routes[i].route.path))
                return manifest_refuse(r, at, "stands twice");
    }
    return true;
}
