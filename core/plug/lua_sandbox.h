// A Lua 5.4 state for the plugins of one site, in which tenant code is harmless: it has a cap on
// memory, a budget of instructions and deadlines per call, no way to the system, and no C loop
// that isn't charged to the budget. Every plugin has its own globals; shared tables are read-only.
// A state belongs to one worker and its loop's thread. Calls of several fibers may interleave in
// it: a C function that suspends its fiber just continues later. What the caller must keep until
// lua_sandbox_free: the chunks, the binding tables, `site`.
#pragma once

#include "base/value.h"
#include "plug/lua_binding.h"

struct lua_limits {
    size_t memory_max;    // bytes of one state
    size_t string_max;    // bytes of one string
    int64_t instructions; // of one call; C functions charge what they cost
    int64_t run_ms;       // of one call, waits not counted
    int64_t total_ms;     // of one call, waits included
};

extern const struct lua_limits lua_limits_default;

// A plugin's source, compiled once per worker and loaded into every state from then on. Bytecode
// from outside is never accepted. NULL with `error` (from the arena) when it doesn't compile.
struct lua_chunk;
struct lua_chunk *lua_chunk_new(
    struct arena *a, struct str plugin, struct str source, struct str *error);
void lua_chunk_free(struct lua_chunk *chunk);

enum lua_call_result {
    LUA_CALL_OK,
    LUA_CALL_ERROR,    // the plugin raised, or returned what can't leave it
    LUA_CALL_MEMORY,   // the state's cap
    LUA_CALL_BUDGET,   // instructions
    LUA_CALL_DEADLINE, // running time, or time in all
};
const char *lua_call_result_name(enum lua_call_result result);

struct lua_failure {
    enum lua_call_result result;
    struct str message;
    struct str traceback; // one line per level: "coupons/plugin.lua:12: in price"
};

struct lua_sandbox_config {
    struct lua_limits limits;
    struct lua_chunk *const *chunks; // the site's plugins, in dispatch order
    size_t chunk_count;
    const struct lua_binding *const *bindings; // tables, ended by NULL
    void *site;                                // for bindings
    int64_t (*mono_ns)(void);                  // NULL: clock_mono_ns
    int64_t (*now_us)(void);                   // NULL: clock_now_us
};

// Makes a state and runs each plugin's chunk, which returns a table: functions, or tables of
// functions by group. A plugin that fails there has no functions and says why; the others work.
struct lua_sandbox;
struct lua_sandbox *lua_sandbox_new(const struct lua_sandbox_config *config);
// No call may be live.
void lua_sandbox_free(struct lua_sandbox *box);

size_t lua_sandbox_memory(const struct lua_sandbox *box);
// Calls under way, suspended ones included.
int lua_sandbox_live(const struct lua_sandbox *box);
// NULL when the plugin was loaded.
const struct lua_failure *lua_sandbox_failure(const struct lua_sandbox *box, uint32_t plugin);

// Functions of a plugin, sorted by name: "name", or "group.name" for those in a group.
size_t lua_sandbox_function_count(const struct lua_sandbox *box, uint32_t plugin);
struct str lua_sandbox_function_name(const struct lua_sandbox *box, uint32_t plugin, size_t i);
// -1 when there is none of that name.
int lua_sandbox_function_find(const struct lua_sandbox *box, uint32_t plugin, struct str name);

enum { LUA_CALL_RESULTS_MAX = 4 };

struct lua_call {
    // Set by the caller; the rest is zero.
    struct arena *arena; // for results and failure
    uint32_t plugin;
    int function;
    const struct value *const *args;
    size_t arg_count;
    void *host;                      // for bindings: the request or job, lua_call_host()
    const struct lua_limits *limits; // NULL: the state's; memory_max isn't looked at

    // Set by the call. Results after OK, failure otherwise.
    struct value *results[LUA_CALL_RESULTS_MAX];
    size_t result_count;
    struct lua_failure failure;
    int64_t instructions_used;

    // The sandbox's own.
    struct lua_sandbox *box;
    struct lua_State *thread;
    struct lua_call *next_live;
    struct fiber *fiber;
    const char *stack_base;
    size_t arena_start;
    enum lua_call_result verdict;
    int64_t left, run_left_ns, since_ns, end_ns;
    int level_count;
    bool paused;
};

// Runs one function of a plugin in protected mode. Suspends when a binding does.
enum lua_call_result lua_sandbox_call(struct lua_sandbox *box, struct lua_call *call);
