// A site's dispatch lists, compiled when the site's object is made.
#include "base/check.h"
#include "base/hash.h"
#include "base/log.h"
#include "domain/feature.h"
#include "domain/site.h"
#include "plug/dispatch.h"
#include "plug/trip.h"

// A feature that closes honours what exists and starts nothing new: it isn't asked for more.
static bool starts_something(enum hook hook)
{
    return hook == HOOK_tenders || hook == HOOK_basket_fields || hook == HOOK_basket_apply;
}

static bool reaches(const struct site_plugin *on, enum hook hook)
{
    return on->plugin->manifest.hooks[hook] && !(on->closing && starts_something(hook));
}

static const struct site_feature *find_feature(const struct site *site, struct str plugin)
{
    for (int i = 0; i < site->feature_count; i++)
        if (str_eq(site->features[i].plugin, plugin))
            return &site->features[i];
    return NULL;
}

static void add_plugin(struct site *site, const struct plugin *p, const struct site_feature *f)
{
    struct site_plug *plug = site->plug;
    struct site_plugin *on = &plug->items[plug->count++];
    *on = (struct site_plugin){.plugin = p,
        .settings = feature_settings_read(
            site->arena, &p->manifest.info, f->settings, site->currency, NULL),
        .closing = f->state == FEATURE_CLOSING,
        .lua_number = (uint32_t)plug->chunk_count,
        .trip = trip_acquire(site->tenant, p->number, false)};
    if (p->manifest.language == MANIFEST_LUA) {
        plug->chunks[plug->chunk_count++] = p->chunk;
        plug->chunk_set = (int64_t)((uint64_t)plug->chunk_set * 1099511628211u + p->number + 1);
    }
}

// The tabs of its manifest, as the hook office_tabs would give them.
static bool give_tabs(const struct hook_entry *entry, struct hook_call *call)
{
    const struct site_plugin *on = entry->data;
    const struct feature_info *info = &on->plugin->manifest.info;
    call->out = value_list(call->arena);
    for (size_t i = 0; i < info->tab_count; i++) {
        struct value *tab = value_append_object(call->arena, call->out);
        value_set(call->arena, tab, KEY(title), value_copy(call->arena, info->tabs[i].title));
        value_set_str(call->arena, tab, KEY(path), info->tabs[i].path);
    }
    return true;
}

static hook_run_fn *runner_of(const struct site_plugin *on, enum hook hook)
{
    if (hook == HOOK_office_tabs && on->plugin->manifest.info.tab_count)
        return give_tabs;
    return reaches(on, hook) ? dispatch_hook : NULL;
}

static void list_hook(struct site *site, enum hook hook)
{
    const struct site_plug *plug = site->plug;
    uint32_t count = 0;
    for (size_t i = 0; i < plug->count; i++)
        count += runner_of(&plug->items[i], hook) != NULL;
    if (!count)
        return;
    struct hook_entry *entries = arena_new_array(site->arena, struct hook_entry, count);
    site->hooks[hook] = (struct hook_list){0, entries};
    for (size_t i = 0; i < plug->count; i++) {
        hook_run_fn *run = runner_of(&plug->items[i], hook);
        if (run)
            entries[site->hooks[hook].count++] =
                (struct hook_entry){plug->items[i].plugin->name, run, &plug->items[i]};
    }
}

void dispatch_compile(struct site *site)
{
    const struct plugins *all = plugins_loaded();
    struct site_plug *plug = arena_new_object(site->arena, struct site_plug);
    size_t room = (size_t)site->feature_count + 1;
    plug->items = arena_new_array(site->arena, struct site_plugin, room);
    plug->chunks = arena_new_array(site->arena, struct lua_chunk *, room);
    site->plug = plug;
    for (size_t i = 0; i < all->count; i++) {
        const struct site_feature *f = find_feature(site, all->items[i]->name);
        if (f && (f->state == FEATURE_ON || f->state == FEATURE_CLOSING))
            add_plugin(site, all->items[i], f);
    }
    for (int hook = 0; hook < HOOK_COUNT; hook++)
        list_hook(site, (enum hook)hook);
}

void dispatch_forget(struct site *site)
{
    struct site_plug *plug = site->plug;
    for (size_t i = 0; plug && i < plug->count; i++)
        trip_release(plug->items[i].trip);
}
