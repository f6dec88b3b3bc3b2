// A worker's Lua states, one per site and revision of its plugin set, within a budget of memory.
// A state with a call under way is pinned; of the others the least recently used is closed first.
// One thread. States belong to the cache from lua_cache_put on.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct lua_cache;
struct lua_sandbox;

struct lua_cache_stats {
    size_t states, bytes;
    int64_t hits, misses, closed;
};

struct lua_cache *lua_cache_new(size_t bytes_max);
// No state may be acquired.
void lua_cache_free(struct lua_cache *cache);

// The state of that revision, pinned until lua_cache_release; NULL when the caller must make one.
struct lua_sandbox *lua_cache_acquire(struct lua_cache *cache, int64_t site, int64_t revision);
// Adds a new state, pinned. States of the site's other revisions are closed as soon as they are
// free. When another fiber put the same one meanwhile, that one is returned and `box` closed.
struct lua_sandbox *lua_cache_put(
    struct lua_cache *cache, int64_t site, int64_t revision, struct lua_sandbox *box);
void lua_cache_release(struct lua_cache *cache, struct lua_sandbox *box);
// A site that is gone, suspended or changed.
void lua_cache_drop(struct lua_cache *cache, int64_t site);
struct lua_cache_stats lua_cache_stats(const struct lua_cache *cache);
