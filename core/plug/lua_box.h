// The inside of a sandbox, shared by lua_sandbox.c (which makes it), lua_call.c (which runs calls
// and keeps their budgets) and the conversions. Nobody else includes it.
#pragma once

#include <lauxlib.h>
#include <lua.h>

#include "plug/lua_sandbox.h"

enum {
    LUA_HOOK_INTERVAL = 100, // instructions between two looks at the clock
    LUA_THREADS_IDLE_MAX = 8,
    LUA_ARENA_MAX = 16 << 20, // what one call may put into its caller's arena
    LUA_KEYS_MAX = 1024,      // new field names that one plugin may bring into the process
    LUA_KEYS_KEPT = 128,      // slots of the caches from field names to Lua strings and back
    LUA_BYTES_A_UNIT = 16,    // of copying or scanning, as much work as one instruction
};

struct lua_chunk {
    struct str plugin;
    char *bytes;
    size_t len, room;
    uint32_t keys_left;
};

struct lua_function {
    struct str name;
    int ref; // in the registry
};

struct lua_plugin {
    struct lua_chunk *chunk;
    struct lua_function *functions; // sorted by name
    size_t function_count;
    struct lua_failure *failure;
};

// A Lua string that is a known field name. The registry keeps the string, so that its address
// can't become another's.
struct lua_known_key {
    const char *p;
    value_key key;
};

struct lua_sandbox {
    struct arena *arena;
    lua_State *L;
    struct lua_limits limits;
    size_t memory;
    void *site;
    int64_t (*mono_ns)(void);
    int64_t (*now_us)(void);
    struct lua_call *running; // the call that pays for allocations now, or NULL
    struct lua_call *live;
    int live_count;
    lua_State *idle[LUA_THREADS_IDLE_MAX];
    int idle_count;
    struct lua_plugin *plugins;
    size_t plugin_count;
    struct lua_known_key keys[LUA_KEYS_KEPT];
    value_key pushed[LUA_KEYS_KEPT]; // whose Lua strings are kept beside them
};

// Takes units without raising; for the allocator, which may not.
void lua_call_spend(struct lua_call *call, int64_t units);
// Runs `function(call)` under the call's budget on a thread of the pool.
enum lua_call_result lua_call_run(
    struct lua_sandbox *box, struct lua_call *call, lua_CFunction function);
