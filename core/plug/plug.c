#include "plug/plug.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "plug/dispatch.h"
#include "plug/plugin.h"

static struct plugins loaded;

const struct plugins *plugins_loaded(void)
{
    return &loaded;
}

void plugins_forget(void)
{
    for (size_t i = 0; i < loaded.count; i++)
        lua_chunk_free(loaded.items[i]->chunk);
    loaded.count = 0;
}

const struct plugin *plugin_find(struct str name)
{
    for (size_t i = 0; i < loaded.count; i++)
        if (str_eq(loaded.items[i]->name, name))
            return loaded.items[i];
    return NULL;
}

const struct str *plug_roots(struct arena *a, struct str home)
{
    struct str *roots = arena_new_array(a, struct str, PLUG_ROOTS_MAX + 1);
    int count = 0;
    roots[count++] = str_join(a, home, STR("/plugins"), STR_NULL);
#ifdef VITRINE_TESTS
    struct str more = str_of(getenv("VITRINE_TEST_PLUGINS"));
    while (more.len && count < PLUG_ROOTS_MAX)
        roots[count++] = str_dup(a, str_cut(&more, ':'));
#endif
    return roots;
}

static bool load_texts(
    struct arena *a, const struct plug_parts *parts, const struct plugin *p, struct source_error *e)
{
    struct str prefix = str_join(a, STR("x."), p->name, STR("."), STR_NULL);
    struct str templates = str_join(a, STR("x/"), p->name, STR("/"), STR_NULL);
    return messages_add_dir(
               parts->messages, str_join(a, p->folder, STR("/locales"), STR_NULL).p, prefix, e) &&
           template_set_add_tree(parts->templates,
               str_join(a, p->folder, STR("/templates"), STR_NULL).p, templates, e);
}

static bool load_plugin(
    struct arena *a, const struct plug_parts *parts, struct str folder, struct source_error *e)
{
    struct plugin *p = arena_new_object(a, struct plugin);
    if (loaded.count == PLUGINS_MAX)
        return source_refuse(a, e, folder, 0, "more than %d plugins", PLUGINS_MAX);
    p->folder = folder;
    if (!manifest_read(a, folder, &p->manifest, e))
        return false;
    p->name = p->manifest.info.name;
    if (plugin_find(p->name))
        return source_refuse(a, e, folder, 0, "there is another plugin of this name");
    loaded.items[loaded.count++] = p;
    return plugin_read_sql(a, p, e) &&
           (p->manifest.language == MANIFEST_C ? plugin_link_c(a, p, e)
                                               : plugin_link_lua(a, p, e)) &&
           load_texts(a, parts, p, e);
}

static bool load_root(
    struct arena *a, const struct plug_parts *parts, struct str root, struct source_error *e)
{
    struct str *names;
    size_t count = file_list(a, root, &names);
    for (size_t i = 0; i < count; i++) {
        struct str folder = str_join(a, root, STR("/"), names[i], STR_NULL);
        if (names[i].p[0] != '.' && file_is_folder(folder) && !load_plugin(a, parts, folder, e))
            return false;
    }
    return true;
}

static bool requires_are_placed(const struct plugin *p, struct plugin **placed, size_t count)
{
    const struct feature_names *wanted = &p->manifest.info.requires;
    for (size_t i = 0; i < wanted->count; i++) {
        size_t k = 0;
        while (k < count && !str_eq(placed[k]->name, wanted->items[i]))
            k++;
        if (k == count)
            return false;
    }
    return true;
}

static int by_name(const void *a, const void *b)
{
    return str_cmp((*(struct plugin *const *)a)->name, (*(struct plugin *const *)b)->name);
}

static bool check_requires(struct arena *a, const struct plugin *p, struct source_error *e)
{
    const struct feature_names *wanted = &p->manifest.info.requires;
    for (size_t i = 0; i < wanted->count; i++)
        if (!plugin_find(wanted->items[i]))
            return source_refuse(a, e, str_join(a, p->folder, STR("/plugin.json"), STR_NULL), 0,
                "requires: there is no plugin %.*s", STR_ARG(wanted->items[i]));
    return true;
}

static bool is_placed(const struct plugin *p, struct plugin **placed, size_t count)
{
    return p->number < count && placed[p->number] == p;
}

static bool refuse_circle(
    struct arena *a, struct plugin **placed, size_t count, struct source_error *e)
{
    size_t i = 0;
    while (is_placed(loaded.items[i], placed, count))
        i++;
    struct str file = str_join(a, loaded.items[i]->folder, STR("/plugin.json"), STR_NULL);
    return source_refuse(a, e, file, 0, "requires: the plugins require each other in a circle");
}

// Requirements first, then by name: the first by name of those whose requirements stand already.
static bool put_in_order(struct arena *a, struct source_error *e)
{
    struct plugin **placed = arena_new_array(a, struct plugin *, loaded.count + 1);
    size_t count = 0;
    qsort(loaded.items, loaded.count, sizeof *loaded.items, by_name);
    for (size_t i = 0; i < loaded.count; i++)
        if (!check_requires(a, loaded.items[i], e))
            return false;
    while (count < loaded.count) {
        size_t i = 0;
        while (i < loaded.count && (is_placed(loaded.items[i], placed, count) ||
                                       !requires_are_placed(loaded.items[i], placed, count)))
            i++;
        if (i == loaded.count)
            return refuse_circle(a, placed, count, e);
        loaded.items[i]->number = (uint32_t)count;
        placed[count++] = loaded.items[i];
    }
    loaded.items = placed;
    return true;
}

static void tell_domain(struct arena *a)
{
    const struct feature_info **infos =
        arena_new_array(a, const struct feature_info *, loaded.count + 1);
    for (size_t i = 0; i < loaded.count; i++)
        infos[i] = &loaded.items[i]->manifest.info;
    feature_infos_set(infos, loaded.count);
}

static bool load_all(struct arena *a, const struct plug_parts *parts, struct source_error *e)
{
    for (const struct str *root = plug_roots(a, parts->home); root->p; root++)
        if (!load_root(a, parts, *root, e))
            return false;
    return put_in_order(a, e);
}

void plug_start(void)
{
    dispatch_start();
    plug_routes_start();
    plug_jobs_start();
}

bool plug_load(struct arena *a, const struct plug_parts *parts, struct source_error *e)
{
    loaded = (struct plugins){.items = arena_new_array(a, struct plugin *, PLUGINS_MAX)};
    if (load_all(a, parts, e)) {
        tell_domain(a);
        return true;
    }
    plugins_forget();
    return false;
}
