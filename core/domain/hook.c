#include "domain/hook.h"

#include "base/check.h"
#include "base/clock.h"
#include "data/db.h"
#include "data/jobs.h"
#include "domain/site.h"

const struct hook_info hook_infos[HOOK_COUNT] = {
#define HOOK_INFO(name, kind, in, out) {#name, kind, in, out},
    HOOKS(HOOK_INFO)
#undef HOOK_INFO
};

bool (*hook_add_guard)(struct unit *u, struct str plugin, const struct value *guard);

enum hook hook_find(struct str name)
{
    for (int i = 0; i < HOOK_COUNT; i++)
        if (str_is(name, hook_infos[i].name))
            return (enum hook)i;
    return HOOK_COUNT;
}

static bool run(const struct hook_entry *entry, struct hook_call *call)
{
    call->out = NULL;
    return entry->run(entry, call);
}

struct value *hook_filter(
    struct arena *a, const struct site *site, enum hook hook, struct value *in)
{
    const struct hook_list *list = hook_list(site, hook);
    struct hook_call call = {site, a, hook, in, NULL};
    for (uint32_t i = 0; i < list->count; i++)
        if (run(&list->entries[i], &call) && value_is(call.out, VALUE_OBJECT))
            call.in = call.out;
    return call.in;
}

static void append_all(
    struct arena *a, struct value *all, const struct hook_entry *entry, struct value *out)
{
    for (size_t i = 0; i < value_count(out); i++) {
        struct value *item = value_at(out, i);
        if (!value_is(item, VALUE_OBJECT))
            continue;
        value_set_str(a, item, KEY(plugin), entry->plugin);
        value_append(a, all, item);
    }
}

struct value *hook_collect(
    struct arena *a, const struct site *site, enum hook hook, struct value *in)
{
    const struct hook_list *list = hook_list(site, hook);
    struct hook_call call = {site, a, hook, in, NULL};
    struct value *all = value_list(a);
    for (uint32_t i = 0; i < list->count; i++)
        if (run(&list->entries[i], &call))
            append_all(a, all, &list->entries[i], call.out);
    return all;
}

static struct hook_refusal refuse(const struct hook_entry *entry, struct str code, struct str text)
{
    return (struct hook_refusal){entry->plugin, code, text};
}

struct hook_refusal hook_check(
    struct unit *u, struct arena *a, const struct site *site, enum hook hook, struct value *in)
{
    const struct hook_list *list = hook_list(site, hook);
    struct hook_call call = {site, a, hook, in, NULL};
    for (uint32_t i = 0; i < list->count; i++) {
        const struct hook_entry *entry = &list->entries[i];
        if (!run(entry, &call))
            return refuse(entry, STR("plugin_failed"), STR_NULL);
        const struct value *refused = value_get(call.out, KEY(refuse));
        if (refused)
            return refuse(
                entry, value_get_str(refused, KEY(code)), value_get_str(refused, KEY(text)));
        const struct value *guards = value_get(call.out, KEY(guards));
        for (size_t g = 0; g < value_count(guards); g++)
            if (!hook_add_guard(u, entry->plugin, value_at(guards, g)))
                return refuse(entry, STR("plugin_failed"), STR_NULL);
    }
    return (struct hook_refusal){0};
}

struct hook_refusal hook_guard_refusal(struct str code)
{
    struct str rest = code, plugin = str_cut(&rest, '.');
    return (struct hook_refusal){plugin, rest.p ? rest : code, STR_NULL};
}

void hook_notify(
    struct unit *u, struct arena *a, const struct site *site, enum hook hook, struct value *in)
{
    const struct hook_list *list = hook_list(site, hook);
    for (uint32_t i = 0; i < list->count; i++) {
        struct value *payload = value_object(a);
        value_set_str(a, payload, KEY(plugin), list->entries[i].plugin);
        value_set_str(a, payload, KEY(hook), str_of(hook_infos[hook].name));
        value_set(a, payload, KEY(data), in);
        job_add(u, STR("plugin.hook"), payload, clock_now_us(), STR_NULL);
    }
}

struct value *hook_ask(
    struct arena *a, const struct site *site, enum hook hook, struct str plugin, struct value *in)
{
    const struct hook_list *list = hook_list(site, hook);
    struct hook_call call = {site, a, hook, in, NULL};
    for (uint32_t i = 0; i < list->count; i++)
        if (str_eq(list->entries[i].plugin, plugin))
            return run(&list->entries[i], &call) ? call.out : NULL;
    return NULL;
}
