// Plugins in Lua: compiled once, run once in a throw-away state to see what they return, and
// compared with their manifest.
#include "plug/bindings.h"
#include "plug/plugin.h"

struct str plugin_function_name(struct arena *a, const char *group, struct str name)
{
    return str_join(a, str_of(group), STR("."), name, STR_NULL);
}

static bool has_hook(const struct manifest *m, struct str name)
{
    enum hook hook = hook_find(name);
    return hook != HOOK_COUNT && m->hooks[hook];
}

static bool has_route(const struct manifest *m, struct str name)
{
    for (size_t i = 0; i < m->route_count; i++)
        if (str_eq(m->routes[i].handler, name))
            return true;
    return false;
}

static bool has_job(const struct manifest *m, struct str name)
{
    for (size_t i = 0; i < m->job_count; i++)
        if (str_eq(m->jobs[i], name))
            return true;
    return false;
}

static const struct {
    const char *group;
    bool (*declared)(const struct manifest *m, struct str name);
} groups[] = {{"hooks", has_hook}, {"routes", has_route}, {"jobs", has_job}};

// NULL or what is wrong with a function that the plugin returned.
static bool is_declared(const struct manifest *m, struct str function)
{
    struct str name = function, group = str_cut(&name, '.');
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (str_is(group, groups[i].group))
            return groups[i].declared(m, name);
    return false;
}

static bool missing(
    struct arena *a, const struct plugin *p, struct source_error *e, struct str function)
{
    struct str file = str_join(a, p->folder, STR("/plugin.json"), STR_NULL), name = function;
    struct str group = str_cut(&name, '.');
    return source_refuse(a, e, file, 0, "%.*s: plugin.lua returns no function %.*s", STR_ARG(group),
        STR_ARG(function));
}

static bool has_function(const struct lua_sandbox *box, struct arena *a, const char *group,
    struct str name, struct str *full)
{
    *full = plugin_function_name(a, group, name);
    return lua_sandbox_function_find(box, 0, *full) >= 0;
}

static bool take_hooks(
    struct arena *a, struct plugin *p, const struct lua_sandbox *box, struct source_error *e)
{
    for (int i = 0; i < HOOK_COUNT; i++) {
        struct str full = plugin_function_name(a, "hooks", str_of(hook_infos[i].name));
        p->lua_hooks[i].name = full;
        p->lua_hooks[i].number = lua_sandbox_function_find(box, 0, full);
        if (p->manifest.hooks[i] && p->lua_hooks[i].number < 0)
            return missing(a, p, e, full);
    }
    return true;
}

static bool has_all(
    struct arena *a, struct plugin *p, const struct lua_sandbox *box, struct source_error *e)
{
    const struct manifest *m = &p->manifest;
    struct str full;
    if (!take_hooks(a, p, box, e))
        return false;
    for (size_t i = 0; i < m->route_count; i++)
        if (!has_function(box, a, "routes", m->routes[i].handler, &full))
            return missing(a, p, e, full);
    for (size_t i = 0; i < m->job_count; i++)
        if (!has_function(box, a, "jobs", m->jobs[i], &full))
            return missing(a, p, e, full);
    return true;
}

static bool compare(
    struct arena *a, struct plugin *p, const struct lua_sandbox *box, struct source_error *e)
{
    struct str source = str_join(a, p->folder, STR("/plugin.lua"), STR_NULL);
    const struct lua_failure *failure = lua_sandbox_failure(box, 0);
    if (failure)
        return source_refuse(a, e, source, 0, "%.*s", STR_ARG(failure->message));
    for (size_t i = 0; i < lua_sandbox_function_count(box, 0); i++) {
        struct str name = lua_sandbox_function_name(box, 0, i);
        if (!is_declared(&p->manifest, name))
            return source_refuse(a, e, source, 0,
                "returns the function %.*s, which plugin.json doesn't declare", STR_ARG(name));
    }
    return has_all(a, p, box, e);
}

bool plugin_link_lua(struct arena *a, struct plugin *p, struct source_error *e)
{
    struct str path = str_join(a, p->folder, STR("/plugin.lua"), STR_NULL), error = STR_NULL;
    struct str source = source_read(a, path.p, e);
    if (!source.p)
        return false;
    p->chunk = lua_chunk_new(a, p->name, source, &error);
    if (!p->chunk)
        return source_refuse(a, e, path, 0, "%.*s", STR_ARG(error));
    struct lua_sandbox_config config = {.limits = lua_limits_default,
        .chunks = &p->chunk,
        .chunk_count = 1,
        .bindings = plug_bindings};
    struct lua_sandbox *box = lua_sandbox_new(&config);
    bool ok = compare(a, p, box, e);
    lua_sandbox_free(box);
    return ok;
}
