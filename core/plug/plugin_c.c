// Plugins in C: shared objects that stay loaded, compared with their manifest.
#include <dlfcn.h>
#include <limits.h>
#include <unistd.h>

#include "base/file.h"
#include "plug/plugin.h"

struct link {
    struct arena *arena;
    struct plugin *plugin;
    struct source_error *e;
    struct str manifest; // its file
};

// Beside the program (build/plugins/<name>/), else in the plugin's own folder.
static struct str find_object(struct arena *a, const struct plugin *p)
{
    char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path);
    struct str folder = str_n(path, len > 0 ? (size_t)len : 0);
    while (folder.len && folder.p[folder.len - 1] != '/')
        folder.len--;
    struct str built = str_join(a, folder, STR("plugins/"), p->name, STR("/plugin.so"), STR_NULL);
    return file_exists(built) ? built : str_join(a, p->folder, STR("/plugin.so"), STR_NULL);
}

static const struct vt_plugin *open_object(struct link *l, struct str file)
{
    const struct plugin *p = l->plugin;
    void *object = dlopen(file.p, RTLD_NOW | RTLD_LOCAL);
    if (!object) {
        source_refuse(l->arena, l->e, file, 0, "%s", dlerror());
        return NULL;
    }
    const struct vt_plugin *code = dlsym(object, "vitrine_plugin");
    if (!code) {
        source_refuse(l->arena, l->e, file, 0, "exports no vitrine_plugin");
        return NULL;
    }
    if (code->abi != VT_ABI || code->size < sizeof *code) {
        source_refuse(l->arena, l->e, file, 0,
            "was built for version %u of the plugin API, this program has version %d: build it "
            "again",
            code->abi, VT_ABI);
        return NULL;
    }
    if (!str_is(p->name, code->name)) {
        source_refuse(l->arena, l->e, file, 0, "names itself %s, its folder is %.*s", code->name,
            STR_ARG(p->name));
        return NULL;
    }
    return code;
}

static bool missing(struct link *l, const char *field, struct str name)
{
    return source_refuse(
        l->arena, l->e, l->manifest, 0, "%s: the code has no %.*s", field, STR_ARG(name));
}

static bool undeclared(struct link *l, const char *field, const char *name)
{
    return source_refuse(
        l->arena, l->e, l->manifest, 0, "%s: the code has %s, which isn't declared", field, name);
}

static bool link_hooks(struct link *l, const struct vt_hook *row)
{
    struct plugin *p = l->plugin;
    for (; row && row->name; row++) {
        enum hook hook = hook_find(str_of(row->name));
        if (hook == HOOK_COUNT || !p->manifest.hooks[hook])
            return undeclared(l, "hooks", row->name);
        p->hooks[hook] = row->run;
    }
    for (int i = 0; i < HOOK_COUNT; i++)
        if (p->manifest.hooks[i] && !p->hooks[i])
            return missing(l, "hooks", str_of(hook_infos[i].name));
    return true;
}

static bool link_routes(struct link *l, const struct vt_route *table)
{
    struct plugin *p = l->plugin;
    struct manifest *m = &p->manifest;
    p->routes = arena_new_array(l->arena, vt_route_fn *, m->route_count + 1);
    for (const struct vt_route *row = table; row && row->handler; row++) {
        bool used = false;
        for (size_t i = 0; i < m->route_count; i++)
            if (str_is(m->routes[i].handler, row->handler)) {
                p->routes[i] = row->run;
                used = true;
            }
        if (!used)
            return undeclared(l, "routes", row->handler);
    }
    for (size_t i = 0; i < m->route_count; i++)
        if (!p->routes[i])
            return missing(l, "routes", m->routes[i].handler);
    return true;
}

static bool link_jobs(struct link *l, const struct vt_job *table)
{
    struct plugin *p = l->plugin;
    struct manifest *m = &p->manifest;
    p->jobs = arena_new_array(l->arena, vt_job_fn *, m->job_count + 1);
    for (const struct vt_job *row = table; row && row->name; row++) {
        size_t i = 0;
        while (i < m->job_count && !str_is(m->jobs[i], row->name))
            i++;
        if (i == m->job_count)
            return undeclared(l, "jobs", row->name);
        p->jobs[i] = row->run;
    }
    for (size_t i = 0; i < m->job_count; i++)
        if (!p->jobs[i])
            return missing(l, "jobs", m->jobs[i]);
    return true;
}

bool plugin_link_c(struct arena *a, struct plugin *p, struct source_error *e)
{
    struct link l = {a, p, e, str_join(a, p->folder, STR("/plugin.json"), STR_NULL)};
    const struct vt_plugin *code = open_object(&l, find_object(a, p));
    return code && link_hooks(&l, code->hooks) && link_routes(&l, code->routes) &&
           link_jobs(&l, code->jobs);
}
