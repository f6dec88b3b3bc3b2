// A plugin as loaded: its manifest, its statements, and its functions in C or its chunk of Lua. All
// of them are loaded before the fork and constant afterwards. Private to the host's files.
#pragma once

#include "data/sql.h"
#include "plug/lua_sandbox.h"
#include "plug/manifest.h"
#include "vitrine.h"

struct plugin {
    struct manifest manifest;
    struct str name, folder;
    uint32_t number;        // its place in the order of dispatch
    struct sql *statements; // sorted by name
    size_t statement_count;
    // C: by hook, by the manifest's route and job.
    vt_hook_fn *hooks[HOOK_COUNT];
    vt_route_fn **routes;
    vt_job_fn **jobs;
    // Lua. Where each hook's function stood when the chunk was run first: a guess that is checked.
    struct lua_chunk *chunk;
    struct {
        struct str name; // "hooks.price_coupon"
        int number;
    } lua_hooks[HOOK_COUNT];
};

enum { PLUGINS_MAX = 200 };

struct plugins {
    struct plugin **items; // in order: requirements first, then by name
    size_t count;
};
const struct plugins *plugins_loaded(void);
const struct plugin *plugin_find(struct str name);
// Frees what isn't in an arena. No site's object may be left.
void plugins_forget(void);

// NULL when the plugin has no statement of that name.
struct sql *plugin_statement(const struct plugin *p, struct str name);
// Reads sql/*.sql: as the build does for the core, and with $1 for the site in each statement.
bool plugin_read_sql(struct arena *a, struct plugin *p, struct source_error *e);

// What the code says is compared with the manifest.
bool plugin_link_c(struct arena *a, struct plugin *p, struct source_error *e);
bool plugin_link_lua(struct arena *a, struct plugin *p, struct source_error *e);

// Names of Lua functions: "hooks.price_coupon".
struct str plugin_function_name(struct arena *a, const char *group, struct str name);
