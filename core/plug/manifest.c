#include "plug/manifest.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/json.h"

enum { TEXT_MAX = 2000, NAMES_MAX = 32 };

const struct manifest_rule manifest_rules[] = {
    {"name", MANIFEST_TEXT, false, "that of the folder: a-z, 0-9 and '-', a letter first"},
    {"title", MANIFEST_TEXTS, false, "what the catalogue calls it"},
    {"section", MANIFEST_TEXT, false,
        "of the catalogue: selling, customers, memberships, business, door"},
    {"summary", MANIFEST_TEXTS, false, "what it does, in a sentence or two"},
    {"version", MANIFEST_TEXT, false, "three numbers: 1.0.0"},
    {"api", MANIFEST_INT, false, "1"},
    {"language", MANIFEST_TEXT, false, "lua or c"},
    {"requires", MANIFEST_LIST, true, "plugins that must be on"},
    {"conflicts", MANIFEST_LIST, true, "plugins that must be off"},
    {"needs", MANIFEST_LIST, true, "capabilities that some plugin must provide, such as payment"},
    {"provides", MANIFEST_LIST, true, "capabilities that it provides"},
    {"gated", MANIFEST_BOOL, true, "an account manager approves it, site by site"},
    {"test", MANIFEST_BOOL, true, "takes no real money: works on sites in practice mode only"},
    {"permissions", MANIFEST_LIST, true, "every permission that its routes name"},
    {"settings", MANIFEST_OBJECT, true, "its settings by name, see below"},
    {"hooks", MANIFEST_LIST, true, "the hooks that it answers"},
    {"routes", MANIFEST_LIST, true, "its addresses, see below"},
    {"office_tabs", MANIFEST_LIST, true, "entries of the back office's menu, see below"},
    {"jobs", MANIFEST_LIST, true, "names of its jobs"},
    {"notifications", MANIFEST_LIST, true, "mails that it sends, see below"},
    {"personal", MANIFEST_LIST, true,
        "every table of it with texts: what is about people, see below"},
    {0},
};

const struct manifest_rule manifest_tab_rules[] = {
    {"title", MANIFEST_TEXTS, false, "its words in the menu"},
    {"path", MANIFEST_TEXT, false, "of an office route of the plugin that answers GET"},
    {0},
};

static bool is_made_of(struct str s, char also)
{
    if (!s.len || s.p[0] < 'a' || s.p[0] > 'z')
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == also))
            return false;
    }
    return true;
}

bool manifest_is_name(struct str name)
{
    return name.len >= 2 && name.len <= FEATURE_NAME_MAX && is_made_of(name, '-');
}

bool manifest_is_word(struct str name)
{
    return name.len <= 63 && is_made_of(name, '_');
}

bool manifest_refuse(struct manifest_reader *r, struct str field, const char *format, ...)
{
    char text[300];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    return source_refuse(r->arena, r->e, r->file, 0, "%.*s: %s", STR_ARG(field), text);
}

struct str manifest_field(struct manifest_reader *r, struct str parent, struct str name)
{
    return parent.len ? str_join(r->arena, parent, STR("."), name, STR_NULL) : name;
}

static const struct manifest_rule *rule_of(const struct manifest_rule *all, struct str name)
{
    for (; all->name; all++)
        if (str_is(name, all->name))
            return all;
    return NULL;
}

static bool check_texts(struct manifest_reader *r, struct str at, const struct value *v)
{
    static const char *const languages[] = {"en", "fr", "es"};
    if (!value_is(v, VALUE_OBJECT))
        return manifest_refuse(r, at, "must be texts: {\"en\", \"fr\", \"es\"}");
    for (int i = 0; i < 3; i++) {
        struct str language = str_of(languages[i]);
        struct str text = value_get_str(v, value_key_intern(language));
        if (!str_trim(text).len)
            return manifest_refuse(r, manifest_field(r, at, language), "is missing");
        if (text.len > TEXT_MAX)
            return manifest_refuse(
                r, manifest_field(r, at, language), "is longer than %d bytes", TEXT_MAX);
    }
    return true;
}

static bool check_kind(
    struct manifest_reader *r, struct str at, const struct value *v, enum manifest_kind kind)
{
    static const struct {
        enum value_kind kind;
        const char *name;
    } kinds[] = {
        [MANIFEST_TEXT] = {VALUE_STR, "text"},
        [MANIFEST_BOOL] = {VALUE_BOOL, "true or false"},
        [MANIFEST_INT] = {VALUE_INT, "a whole number"},
        [MANIFEST_LIST] = {VALUE_LIST, "a list"},
        [MANIFEST_OBJECT] = {VALUE_OBJECT, "an object"},
    };
    if (kind == MANIFEST_ANY)
        return true;
    if (kind == MANIFEST_TEXTS)
        return check_texts(r, at, v);
    if (!value_is(v, kinds[kind].kind))
        return manifest_refuse(r, at, "must be %s", kinds[kind].name);
    if (kind == MANIFEST_TEXT && !str_trim(value_as_str(v)).len)
        return manifest_refuse(r, at, "is empty");
    return true;
}

bool manifest_check(struct manifest_reader *r, struct str at, const struct value *v,
    const struct manifest_rule *all)
{
    if (!value_is(v, VALUE_OBJECT))
        return manifest_refuse(r, at.len ? at : STR("(the file)"), "must be an object");
    for (uint32_t i = 0; i < v->object.count; i++) {
        struct str name = value_key_name(v->object.fields[i].key);
        const struct manifest_rule *rule = rule_of(all, name);
        struct str field = manifest_field(r, at, name);
        if (!rule)
            return manifest_refuse(r, field, "there is no such field");
        if (!check_kind(r, field, v->object.fields[i].value, rule->kind))
            return false;
    }
    for (; all->name; all++)
        if (!all->optional && !value_get(v, value_key_intern(str_of(all->name))))
            return manifest_refuse(r, manifest_field(r, at, str_of(all->name)), "is missing");
    return true;
}

// A list of names, each once; `allowed` says which may stand there.
static bool read_names(struct manifest_reader *r, const char *field, const struct value *v,
    bool (*allowed)(struct str), struct feature_names *out)
{
    size_t count = value_count(v);
    struct str *items = arena_new_array(r->arena, struct str, count + 1);
    *out = (struct feature_names){items, 0};
    if (count > NAMES_MAX)
        return manifest_refuse(r, str_of(field), "has more than %d names", NAMES_MAX);
    for (size_t i = 0; i < count; i++) {
        struct str name = value_as_str(value_at(v, i));
        if (!allowed(name))
            return manifest_refuse(r, str_of(field), "item %zu is no name", i + 1);
        if (feature_names_have(*out, name))
            return manifest_refuse(r, str_of(field), "%.*s stands twice", STR_ARG(name));
        items[out->count++] = name;
    }
    return true;
}

static bool read_relations(struct manifest_reader *r, const struct value *v, struct feature_info *f)
{
    if (!read_names(r, "requires", value_get(v, KEY(requires)), manifest_is_name, &f->requires) ||
        !read_names(
            r, "conflicts", value_get(v, KEY(conflicts)), manifest_is_name, &f->conflicts) ||
        !read_names(r, "needs", value_get(v, KEY(needs)), manifest_is_name, &f->needs) ||
        !read_names(r, "provides", value_get(v, KEY(provides)), manifest_is_name, &f->provides))
        return false;
    if (feature_names_have(f->requires, r->name))
        return manifest_refuse(r, STR("requires"), "names the plugin itself");
    if (feature_names_have(f->conflicts, r->name))
        return manifest_refuse(r, STR("conflicts"), "names the plugin itself");
    for (size_t i = 0; i < f->conflicts.count; i++)
        if (feature_names_have(f->requires, f->conflicts.items[i]))
            return manifest_refuse(
                r, STR("conflicts"), "%.*s is required", STR_ARG(f->conflicts.items[i]));
    return true;
}

static bool is_version(struct str s)
{
    int parts = 0;
    for (int64_t n; s.p; parts++)
        if (!str_to_i64(str_cut(&s, '.'), &n) || n < 0)
            return false;
    return parts == 3;
}

static bool read_section(struct manifest_reader *r, struct str name, enum feature_section *out)
{
    for (int i = 0; i < FEATURE_SECTION_COUNT; i++)
        if (str_is(name, feature_section_name((enum feature_section)i))) {
            *out = (enum feature_section)i;
            return true;
        }
    return manifest_refuse(
        r, STR("section"), "must be selling, customers, memberships, business or door");
}

static bool read_head(struct manifest_reader *r, const struct value *v, struct manifest *out)
{
    struct feature_info *f = &out->info;
    struct str language = value_get_str(v, KEY(language));
    f->name = value_get_str(v, KEY(name));
    f->version = value_get_str(v, KEY(version));
    f->title = value_get(v, KEY(title));
    f->summary = value_get(v, KEY(summary));
    f->gated = value_get_bool(v, KEY(gated), false);
    f->test = value_get_bool(v, KEY(test), false);
    if (!str_eq(f->name, r->name))
        return manifest_refuse(r, STR("name"), "must be %.*s like its folder", STR_ARG(r->name));
    if (!is_version(f->version))
        return manifest_refuse(r, STR("version"), "must be three numbers such as 1.0.0");
    if (value_get_int(v, KEY(api), 0) != MANIFEST_API)
        return manifest_refuse(r, STR("api"), "must be %d", MANIFEST_API);
    if (!str_is(language, "lua") && !str_is(language, "c"))
        return manifest_refuse(r, STR("language"), "must be lua or c");
    out->language = str_is(language, "c") ? MANIFEST_C : MANIFEST_LUA;
    return read_section(r, value_get_str(v, KEY(section)), &f->section) && read_relations(r, v, f);
}

static bool read_hooks(struct manifest_reader *r, const struct value *v, struct manifest *out)
{
    for (size_t i = 0; i < value_count(v); i++) {
        struct str name = value_as_str(value_at(v, i));
        enum hook hook = hook_find(name);
        if (hook == HOOK_COUNT)
            return manifest_refuse(r, STR("hooks"), "there is no hook %.*s", STR_ARG(name));
        if (out->hooks[hook])
            return manifest_refuse(r, STR("hooks"), "%.*s stands twice", STR_ARG(name));
        out->hooks[hook] = true;
    }
    out->info.owes = out->hooks[HOOK_obligations];
    return true;
}

static bool read_jobs(struct manifest_reader *r, const struct value *v, struct manifest *out)
{
    struct feature_names jobs;
    if (!read_names(r, "jobs", v, manifest_is_word, &jobs))
        return false;
    out->jobs = jobs.items;
    out->job_count = jobs.count;
    return true;
}

static bool read_tabs(struct manifest_reader *r, const struct value *v, struct manifest *out)
{
    struct feature_info *f = &out->info;
    struct feature_tab *tabs = arena_new_array(r->arena, struct feature_tab, value_count(v) + 1);
    for (f->tabs = tabs; f->tab_count < value_count(v); f->tab_count++) {
        const struct value *item = value_at(v, f->tab_count);
        struct str at = str_format(r->arena, "office_tabs[%zu]", f->tab_count);
        if (!manifest_check(r, at, item, manifest_tab_rules))
            return false;
        struct str path = value_get_str(item, KEY(path)), full = STR_NULL;
        for (size_t i = 0; i < out->route_count; i++) {
            const struct manifest_route *route = &out->routes[i];
            struct str own = str_join(r->arena, STR("/manage/x/"), r->name, path, STR_NULL);
            if (route->office && route->route.method == HTTP_GET && str_is(own, route->route.path))
                full = own;
        }
        if (!full.p)
            return manifest_refuse(r, manifest_field(r, at, STR("path")),
                "is no office route of this plugin that answers GET");
        tabs[f->tab_count] = (struct feature_tab){value_get(item, KEY(title)), full};
    }
    if (f->tab_count && out->hooks[HOOK_office_tabs])
        return manifest_refuse(r, STR("office_tabs"), "the hook office_tabs gives them already");
    return true;
}

// What its routes ask for, no more and no less.
static bool read_permissions(
    struct manifest_reader *r, const struct value *v, const struct manifest *m)
{
    bool asked[PERMISSION_COUNT] = {0}, used[PERMISSION_COUNT] = {0};
    for (size_t i = 0; i < value_count(v); i++) {
        struct str name = value_as_str(value_at(v, i));
        enum permission p = permission_find(name);
        if (p == PERMISSION_COUNT)
            return manifest_refuse(
                r, STR("permissions"), "there is no permission %.*s", STR_ARG(name));
        asked[p] = true;
    }
    for (size_t i = 0; i < m->route_count; i++)
        used[m->routes[i].route.permission] = true;
    for (int p = 0; p < PERMISSION_COUNT; p++)
        if (asked[p] != used[p])
            return manifest_refuse(r, STR("permissions"),
                used[p] ? "%s is missing: a route names it" : "no route names %s",
                str_lower(r->arena, permission_name((enum permission)p)).p);
    return true;
}

static bool read_all(struct manifest_reader *r, const struct value *v, struct manifest *out)
{
    return manifest_check(r, STR(""), v, manifest_rules) && read_head(r, v, out) &&
           manifest_settings(r, value_get(v, KEY(settings)), &out->info) &&
           read_hooks(r, value_get(v, KEY(hooks)), out) &&
           manifest_routes(r, value_get(v, KEY(routes)), out) &&
           read_permissions(r, value_get(v, KEY(permissions)), out) &&
           read_tabs(r, value_get(v, KEY(office_tabs)), out) &&
           read_jobs(r, value_get(v, KEY(jobs)), out) &&
           manifest_notifications(r, value_get(v, KEY(notifications)), &out->info) &&
           manifest_personal(r, value_get(v, KEY(personal)), &out->info);
}

bool manifest_read(struct arena *a, struct str folder, struct manifest *out, struct source_error *e)
{
    struct manifest_reader r = {.arena = a, .folder = folder, .e = e};
    struct json_error bad;
    for (r.name = folder; str_index(r.name, '/') >= 0;)
        str_cut(&r.name, '/');
    r.file = str_join(a, folder, STR("/plugin.json"), STR_NULL);
    *out = (struct manifest){0};
    if (!manifest_is_name(r.name))
        return source_refuse(a, e, folder, 0,
            "a plugin's name is 2 to %d characters a-z, 0-9 and '-', a letter first",
            FEATURE_NAME_MAX);
    struct str text = source_read(a, r.file.p, e);
    if (!text.p)
        return false;
    const struct value *v = json_parse(a, text, JSON_ANY_KEYS, &bad);
    if (!v)
        return source_refuse(a, e, r.file, bad.line, "%.*s", STR_ARG(bad.text));
    return read_all(&r, v, out);
}
