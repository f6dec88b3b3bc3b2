#include "plug/lua_sandbox.h"

#include <lualib.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "plug/lua_box.h"
#include "plug/lua_library.h"
#include "plug/lua_value.h"

enum { FUNCTIONS_MAX = 500, NAME_MAX_BYTES = 100, WAIT_UNITS = 50 };

const struct lua_limits lua_limits_default = {
    .memory_max = 4 << 20,
    .string_max = 256 << 10,
    .instructions = 5000000,
    .run_ms = 250,
    .total_ms = 15000,
};

const char *lua_call_result_name(enum lua_call_result result)
{
    static const char *const names[] = {
        [LUA_CALL_OK] = "ok",
        [LUA_CALL_ERROR] = "error",
        [LUA_CALL_MEMORY] = "memory",
        [LUA_CALL_BUDGET] = "budget",
        [LUA_CALL_DEADLINE] = "deadline",
    };
    return names[result];
}

// A refused allocation makes Lua collect everything and try once more; whoever asks again and again
// pays for that.
static void *refuse(struct lua_sandbox *box)
{
    if (box->running)
        lua_call_spend(box->running, 1000 + (int64_t)(box->memory / LUA_BYTES_A_UNIT));
    return NULL;
}

static void *allocate(void *ud, void *p, size_t old_size, size_t size)
{
    struct lua_sandbox *box = ud;
    size_t old = p ? old_size : 0; // without a block, old_size says what kind of object it is for
    if (!size) {
        box->memory -= old;
        free(p);
        return NULL;
    }
    if (size > old) {
        // A string object has a header of 24 bytes.
        bool long_string = !p && old_size == LUA_TSTRING && size > box->limits.string_max + 32;
        if (long_string || box->memory - old + size > box->limits.memory_max)
            return refuse(box);
        if (box->running)
            lua_call_spend(box->running, (int64_t)((size - old) / LUA_BYTES_A_UNIT));
    }
    void *q = realloc(p, size);
    check(q);
    box->memory += size - old;
    return q;
}

static int on_panic(lua_State *L)
{
    (void)L;
    check_failed("a Lua error outside a protected call", __FILE__, __LINE__);
}

// The collector looks for "__gc" and "__mode" by the address of their interned strings. With the
// bytes of those two changed, the same names written by a plugin are other strings, so finalizers
// (which run without the hook) and weak tables (whose collection can take quadratic time) don't
// exist in this state, however a metatable is filled. A test proves it for the library we link.
static void disable_metamethod(lua_State *L, const char *name)
{
    lua_pushstring(L, name);
    char *interned = (char *)lua_tostring(L, -1);
    interned[0] = '\1';
    lua_pop(L, 1);
}

static int on_write_library(lua_State *L)
{
    return luaL_error(L, "the library is read-only");
}

// Replaces the table of functions at the top by something that can only be read: a userdata, so
// that raw access and the table functions refuse it.
static void seal(lua_State *L)
{
    lua_newuserdatauv(L, 0, 0);
    lua_createtable(L, 0, 4);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, on_write_library);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushliteral(L, "library");
    lua_setfield(L, -2, "__name");
    lua_setmetatable(L, -2);
    lua_remove(L, -2);
}

static void protect_strings(lua_State *L, int functions)
{
    lua_pushliteral(L, "");
    lua_createtable(L, 0, 2);
    lua_pushvalue(L, functions);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}

// Runs a binding while the call's clock stands still; protected, so that the clock goes on when it
// raises. The error gets the place and the name that Lua doesn't see across the protected call.
static int call_waiting(lua_State *L)
{
    const struct lua_binding *binding = lua_touserdata(L, lua_upvalueindex(1));
    struct lua_call *call = lua_call_of(L);
    lua_charge(L, WAIT_UNITS);
    lua_pushcfunction(L, binding->function);
    lua_insert(L, 1);
    lua_call_pause(call);
    int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
    lua_call_resume(call);
    if (status == LUA_OK)
        return lua_gettop(L);
    if (status == LUA_ERRRUN && lua_type(L, -1) == LUA_TSTRING) {
        luaL_where(L, 1);
        luaL_gsub(L, lua_tostring(L, -2), "'?'", binding->name);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

// Bindings of one module may stand in several tables: the module's functions are collected first.
static void add_bindings(lua_State *L, int modules, const struct lua_binding *binding)
{
    for (; binding->name; binding++) {
        if (lua_getfield(L, modules, binding->module) == LUA_TNIL) {
            lua_pop(L, 1);
            lua_newtable(L);
            lua_pushvalue(L, -1);
            lua_setfield(L, modules, binding->module);
        }
        if (binding->waits) {
            lua_pushlightuserdata(L, (void *)binding);
            lua_pushcclosure(L, call_waiting, 1);
        } else {
            lua_pushcfunction(L, binding->function);
        }
        lua_setfield(L, -2, binding->name);
        lua_pop(L, 1);
    }
}

// Leaves the table that every plugin's globals fall back to.
static void open_globals(lua_State *L, const struct lua_binding *const *bindings)
{
    lua_library_base(L);
    int globals = lua_gettop(L);
    lua_newtable(L);
    int modules = globals + 1;
    lua_library_string(L);
    protect_strings(L, modules + 1);
    lua_setfield(L, modules, "string");
    lua_library_table(L);
    lua_setfield(L, modules, "table");
    lua_library_math(L);
    lua_setfield(L, modules, "math");
    lua_library_utf8(L);
    lua_setfield(L, modules, "utf8");
    for (; bindings && *bindings; bindings++)
        add_bindings(L, modules, *bindings);
    for (lua_pushnil(L); lua_next(L, modules);) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        seal(L);
        lua_settable(L, globals);
    }
    lua_pop(L, 1);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, globals, "null");
}

static const char ENVIRONMENT;

struct opening {
    struct lua_sandbox *box;
    const struct lua_sandbox_config *config;
};

// Everything before plugins run; also makes the metatable of their globals.
static int open_state(lua_State *L)
{
    struct opening *o = lua_touserdata(L, 1);
    disable_metamethod(L, "__gc");
    disable_metamethod(L, "__mode");
    lua_value_open(L);
    lua_createtable(L, 0, 2);
    open_globals(L, o->config->bindings);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &ENVIRONMENT);
    // The state's own globals are nobody's.
    lua_newtable(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    return 0;
}

static void push_environment(lua_State *L)
{
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "_G");
    lua_rawgetp(L, LUA_REGISTRYINDEX, &ENVIRONMENT);
    lua_setmetatable(L, -2);
}

// The function at the top becomes one of the plugin's; takes it off.
static void add_function(lua_State *L, struct lua_call *call, const char *group, const char *name)
{
    struct lua_plugin *plugin = &call->box->plugins[call->plugin];
    struct arena *a = call->box->arena;
    if (plugin->function_count == FUNCTIONS_MAX)
        luaL_error(L, "more than %d functions", FUNCTIONS_MAX);
    if (strlen(name) > NAME_MAX_BYTES)
        luaL_error(L, "a function's name is longer than %d bytes", NAME_MAX_BYTES);
    struct str full = group ? str_format(a, "%s.%s", group, name) : str_dup(a, str_of(name));
    int ref = luaL_ref(L, LUA_REGISTRYINDEX);
    plugin->functions[plugin->function_count++] = (struct lua_function){full, ref};
}

static const char *name_at(lua_State *L, int index)
{
    if (lua_type(L, index) != LUA_TSTRING)
        luaL_error(L, "the plugin's table has a field whose name is no text");
    return lua_tostring(L, index);
}

static void add_group(lua_State *L, struct lua_call *call, const char *group)
{
    if (strlen(group) > NAME_MAX_BYTES)
        luaL_error(L, "a group's name is longer than %d bytes", NAME_MAX_BYTES);
    for (lua_pushnil(L); lua_next(L, -2);) {
        const char *name = name_at(L, -2);
        if (!lua_isfunction(L, -1))
            luaL_error(L, "%s.%s is no function", group, name);
        add_function(L, call, group, name);
    }
}

// Runs a plugin's chunk in an environment of its own and collects what it returns.
static int load_plugin(lua_State *L)
{
    struct lua_call *call = lua_touserdata(L, 1);
    const struct lua_chunk *chunk = call->box->plugins[call->plugin].chunk;
    lua_settop(L, 0);
    // Trusted: lua_chunk_new dumped it in this process.
    if (luaL_loadbufferx(L, chunk->bytes, chunk->len, "plugin", "b") != LUA_OK)
        return lua_error(L);
    push_environment(L);
    if (!lua_setupvalue(L, -2, 1))
        lua_pop(L, 1);
    lua_call(L, 0, 1);
    if (!lua_istable(L, 1))
        return luaL_error(L, "%s/plugin.lua: returns no table", chunk->plugin.p);
    for (lua_pushnil(L); lua_next(L, 1);) {
        const char *name = name_at(L, -2);
        if (lua_isfunction(L, -1)) {
            add_function(L, call, NULL, name);
        } else if (lua_istable(L, -1)) {
            add_group(L, call, name);
            lua_pop(L, 1);
        } else {
            return luaL_error(L, "%s is neither a function nor a group of functions", name);
        }
    }
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct lua_function *)a)->name, ((const struct lua_function *)b)->name);
}

static void load(struct lua_sandbox *box, uint32_t i)
{
    struct lua_plugin *plugin = &box->plugins[i];
    struct lua_call call = {.arena = box->arena, .plugin = i};
    // Collected in room for the most there may be, then kept in what is needed.
    struct lua_function *found = malloc(FUNCTIONS_MAX * sizeof *found);
    check(found);
    plugin->functions = found;
    if (lua_call_run(box, &call, load_plugin) != LUA_CALL_OK) {
        plugin->failure = arena_new_object(box->arena, struct lua_failure);
        *plugin->failure = call.failure;
        plugin->function_count = 0;
    }
    size_t size = plugin->function_count * sizeof *found;
    plugin->functions = memcpy(arena_alloc(box->arena, size), found, size);
    qsort(plugin->functions, plugin->function_count, sizeof *found, by_name);
    free(found);
}

struct lua_sandbox *lua_sandbox_new(const struct lua_sandbox_config *config)
{
    struct lua_sandbox *box = calloc(1, sizeof *box);
    check(box);
    box->arena = arena_new();
    box->limits = config->limits;
    box->site = config->site;
    box->mono_ns = config->mono_ns ? config->mono_ns : clock_mono_ns;
    box->now_us = config->now_us ? config->now_us : clock_now_us;
    box->plugin_count = config->chunk_count;
    box->plugins = arena_new_array(box->arena, struct lua_plugin, config->chunk_count);
    check(box->limits.memory_max >= 256 << 10);
    box->L = lua_newstate(allocate, box);
    check(box->L);
    lua_atpanic(box->L, on_panic);
    *(struct lua_call **)lua_getextraspace(box->L) = NULL;
    struct opening o = {box, config};
    lua_pushcfunction(box->L, open_state);
    lua_pushlightuserdata(box->L, &o);
    // The libraries alone are a fraction of the least memory a state may have.
    check(lua_pcall(box->L, 1, 0, 0) == LUA_OK);
    for (uint32_t i = 0; i < config->chunk_count; i++) {
        box->plugins[i].chunk = config->chunks[i];
        load(box, i);
    }
    return box;
}

void lua_sandbox_free(struct lua_sandbox *box)
{
    if (!box)
        return;
    check(!box->live_count);
    lua_close(box->L);
    check(box->memory == 0);
    arena_free(box->arena);
    free(box);
}

size_t lua_sandbox_memory(const struct lua_sandbox *box)
{
    return box->memory + arena_size(box->arena) + sizeof *box;
}

int lua_sandbox_live(const struct lua_sandbox *box)
{
    return box->live_count;
}

const struct lua_failure *lua_sandbox_failure(const struct lua_sandbox *box, uint32_t plugin)
{
    check(plugin < box->plugin_count);
    return box->plugins[plugin].failure;
}

size_t lua_sandbox_function_count(const struct lua_sandbox *box, uint32_t plugin)
{
    check(plugin < box->plugin_count);
    return box->plugins[plugin].function_count;
}

struct str lua_sandbox_function_name(const struct lua_sandbox *box, uint32_t plugin, size_t i)
{
    check(plugin < box->plugin_count && i < box->plugins[plugin].function_count);
    return box->plugins[plugin].functions[i].name;
}

int lua_sandbox_function_find(const struct lua_sandbox *box, uint32_t plugin, struct str name)
{
    check(plugin < box->plugin_count);
    const struct lua_plugin *p = &box->plugins[plugin];
    const struct lua_function wanted = {.name = name};
    const struct lua_function *found =
        bsearch(&wanted, p->functions, p->function_count, sizeof wanted, by_name);
    return found ? (int)(found - p->functions) : -1;
}
