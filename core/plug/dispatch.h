// Calls of plugins in a process: a site's lists, the running of hooks, routes and jobs in either
// language, their time and failures. A plugin that fails costs its caller nothing but its part;
// it is counted, shown to manager and account manager, and left alone for a while when it keeps
// failing. Private to the host's files; all of it on the loop's thread.
#pragma once

#include "plug/plugin.h"

struct lua_cache;
struct trip;

// A plugin that is on or closing on a site.
struct site_plugin {
    const struct plugin *plugin;
    struct value *settings; // complete and valid
    bool closing;
    uint32_t lua_number; // its chunk in the site's state
    struct trip *trip;   // NULL: it hasn't failed lately
};

struct site_plug {
    struct site_plugin *items; // in order of dispatch
    size_t count;
    struct lua_chunk **chunks; // of those in Lua
    size_t chunk_count;
    int64_t chunk_set; // names this set of chunks
};

// NULL when it is neither on nor closing.
struct site_plugin *site_plugin_find(const struct site *site, struct str plugin);
// Fills site->plug and site->hooks; for site_on_load.
void dispatch_compile(struct site *site);
void dispatch_forget(struct site *site);

// A call under way: what vitrine.h's functions and Lua's bindings work on.
struct vt_call {
    struct arena *arena;
    const struct site *site;
    const struct plugin *plugin;
    const struct value *settings;
    struct request *request; // NULL outside of one
    struct str language;     // of the reader; absent until asked for
    struct catalogue *words;
    struct format *format;
    const struct value *frame; // of a page about a customer; may be NULL
    bool is_route, answered;
    struct str failure, detail; // failure absent: none
};

enum plug_part { PLUG_HOOK, PLUG_ROUTE, PLUG_JOB };

// What to run: hook, number of the route or job in the manifest, and its one argument.
struct plug_run {
    enum plug_part part;
    int number;
    struct value *in;
    const struct value *frame; // of a route about a customer
    struct value *out;         // of a hook
    enum vt_job_result ended;  // of a job
    struct str failure;        // when it returned false
};
// From a fiber. `on` may be NULL for a plugin that is off (its switched_off hook).
bool plug_run(struct arena *a, const struct site *site, const struct plugin *p,
    struct site_plugin *on, struct plug_run *run);

// For struct hook_entry.
bool dispatch_hook(const struct hook_entry *entry, struct hook_call *call);

void dispatch_start(void);
void plug_routes_start(void);
void plug_jobs_start(void);
