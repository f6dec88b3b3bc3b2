#include "plug/dispatch.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "domain/site.h"
#include "plug/api.h"
#include "plug/bindings.h"
#include "plug/lua_cache.h"
#include "plug/plugin_error.h"
#include "plug/trip.h"

enum { LUA_BYTES = 64 << 20 };

static struct lua_cache *states;

static const char *const groups[] = {
    [PLUG_HOOK] = "hooks", [PLUG_ROUTE] = "routes", [PLUG_JOB] = "jobs"};

struct site_plugin *site_plugin_find(const struct site *site, struct str plugin)
{
    const struct site_plug *plug = site->plug;
    for (size_t i = 0; plug && i < plug->count; i++)
        if (str_eq(plug->items[i].plugin->name, plugin))
            return &plug->items[i];
    return NULL;
}

static struct str part_name(const struct plugin *p, const struct plug_run *run)
{
    switch (run->part) {
    case PLUG_HOOK:
        return str_of(hook_infos[run->number].name);
    case PLUG_ROUTE:
        return p->manifest.routes[run->number].handler;
    case PLUG_JOB:
        return p->manifest.jobs[run->number];
    }
    unreachable();
}

static void run_c(const struct plugin *p, struct vt_call *c, struct plug_run *run)
{
    struct vt_value *in = (struct vt_value *)run->in;
    switch (run->part) {
    case PLUG_HOOK:
        run->out = (struct value *)p->hooks[run->number](c, in);
        return;
    case PLUG_ROUTE:
        p->routes[run->number](c, in);
        return;
    case PLUG_JOB:
        run->ended = p->jobs[run->number](c, in);
        return;
    }
}

static struct lua_sandbox *make_state(const struct site_plug *plug)
{
    struct lua_sandbox_config config = {.limits = lua_limits_default,
        .chunks = plug->chunks,
        .chunk_count = plug->chunk_count,
        .bindings = plug_bindings};
    return lua_sandbox_new(&config);
}

static struct lua_sandbox *acquire_state(const struct site *site)
{
    const struct site_plug *plug = site->plug;
    struct lua_sandbox *box = lua_cache_acquire(states, site->tenant, plug->chunk_set);
    return box ? box : lua_cache_put(states, site->tenant, plug->chunk_set, make_state(plug));
}

// A job's last word: nothing is done, "retry" and "failed" are themselves.
static enum vt_job_result job_result_of(const struct value *said)
{
    struct str word = value_as_str(said);
    return str_is(word, "retry")    ? VT_JOB_RETRY
           : str_is(word, "failed") ? VT_JOB_FAILED
                                    : VT_JOB_DONE;
}

// A chunk gives the same functions each time it is run, unless it wants to be clever.
static int find_hook(
    const struct lua_sandbox *box, uint32_t chunk, const struct plugin *p, int hook)
{
    struct str name = p->lua_hooks[hook].name;
    int guess = p->lua_hooks[hook].number;
    if ((size_t)guess < lua_sandbox_function_count(box, chunk) &&
        str_eq(lua_sandbox_function_name(box, chunk, (size_t)guess), name))
        return guess;
    return lua_sandbox_function_find(box, chunk, name);
}

static int find_function(
    struct lua_sandbox *box, uint32_t chunk, struct vt_call *c, const struct plug_run *run)
{
    if (run->part == PLUG_HOOK)
        return find_hook(box, chunk, c->plugin, run->number);
    struct str part = part_name(c->plugin, run);
    return lua_sandbox_function_find(
        box, chunk, plugin_function_name(c->arena, groups[run->part], part));
}

static enum lua_call_result call_lua(
    struct lua_sandbox *box, uint32_t chunk, struct vt_call *c, struct plug_run *run)
{
    const struct value *args[] = {run->in};
    int function = find_function(box, chunk, c, run);
    if (function < 0) {
        const struct lua_failure *failure = lua_sandbox_failure(box, chunk);
        c->failure = str_dup(c->arena, failure ? failure->message : STR("it has no such function"));
        return LUA_CALL_ERROR;
    }
    struct lua_call call = {.arena = c->arena,
        .plugin = chunk,
        .function = function,
        .args = args,
        .arg_count = 1,
        .host = c};
    enum lua_call_result result = lua_sandbox_call(box, &call);
    if (result != LUA_CALL_OK) {
        c->failure = call.failure.message;
        c->detail = call.failure.traceback;
        return result;
    }
    // What a binding said was told to the plugin, which went on.
    c->failure = STR_NULL;
    run->out = call.result_count ? call.results[0] : NULL;
    run->ended = job_result_of(run->out);
    return result;
}

static void run_lua(struct vt_call *c, const struct site_plugin *on, struct plug_run *run)
{
    if (!on) {
        struct lua_chunk *chunk = c->plugin->chunk;
        struct site_plug alone = {.chunks = &chunk, .chunk_count = 1};
        struct lua_sandbox *box = make_state(&alone);
        call_lua(box, 0, c, run);
        lua_sandbox_free(box);
        return;
    }
    struct lua_sandbox *box = acquire_state(c->site);
    enum lua_call_result result = call_lua(box, on->lua_number, c, run);
    lua_cache_release(states, box);
    // A state that is full would fail the site's other plugins too.
    if (result == LUA_CALL_MEMORY)
        lua_cache_drop(states, c->site->tenant);
}

static void failed(const struct vt_call *c, struct site_plugin *on, const struct plug_run *run)
{
    struct arena *a = c->arena;
    struct plugin_error error = {.tenant = c->site->tenant,
        .plugin = c->plugin->name,
        .place = plugin_function_name(a, groups[run->part], part_name(c->plugin, run)),
        .message = run->failure,
        .detail = c->detail};
    if (on && !on->trip)
        on->trip = trip_acquire(c->site->tenant, c->plugin->number, true);
    error.tripped = on && on->trip && trip_count(on->trip, clock_mono_ms());
    log_warn("a plugin failed", "plugin", error.plugin, "place", error.place, "error",
        error.message, "where", error.detail.p ? error.detail : STR(""));
    if (error.tripped)
        log_error("a plugin keeps failing and is skipped for a while", "plugin", error.plugin,
            "site", c->site->slug);
    plugin_error_add(&error);
}

bool plug_run(struct arena *a, const struct site *site, const struct plugin *p,
    struct site_plugin *on, struct plug_run *run)
{
    struct vt_call c = {.arena = a,
        .site = site,
        .plugin = p,
        .settings = on ? on->settings : NULL,
        .request = request_of_fiber(),
        .frame = run->frame,
        .is_route = run->part == PLUG_ROUTE};
    int64_t since = clock_mono_ns();
    run->out = NULL;
    run->ended = VT_JOB_DONE;
    if (p->manifest.language == MANIFEST_C)
        run_c(p, &c, run);
    else
        run_lua(&c, on, run);
    if (c.is_route && !c.answered && !c.failure.p)
        c.failure = STR("it answered nothing");
    run->failure = c.failure;
    bool ok = !c.failure.p;
    metric_plugin(site->slug, p->name, clock_mono_ns() - since, !ok);
    if (!ok)
        failed(&c, on, run);
    return ok;
}

bool dispatch_hook(const struct hook_entry *entry, struct hook_call *call)
{
    struct site_plugin *on = entry->data;
    struct plug_run run = {.part = PLUG_HOOK, .number = call->hook, .in = call->in};
    if (on->trip && trip_is_tripped(on->trip, clock_mono_ms()))
        return false;
    bool ok = plug_run(call->arena, call->site, on->plugin, on, &run);
    call->out = run.out;
    return ok;
}

static bool add_guard(struct unit *u, struct str plugin, const struct value *guard)
{
    const struct plugin *p = plugin_find(plugin);
    return p && plug_add_statement(u, p, guard, NULL);
}

void dispatch_start(void)
{
    states = lua_cache_new(LUA_BYTES);
    hook_add_guard = add_guard;
    site_on_load(dispatch_compile, dispatch_forget);
    plugin_error_start();
}
