// How C functions become functions that plugins see. A table of bindings lists them with their
// usage and doc text: the state's modules, the plugin manual and its staleness test are made from
// it. A binding is an ordinary Lua C function; what is here helps to write one. It may suspend its
// fiber when its row says `waits`: then the call's running clock stands still meanwhile.
#pragma once

#include <lauxlib.h>
#include <lua.h>

#include "base/value.h"

struct lua_binding {
    const char *module, *name; // plugins write module.name(…); NULL ends the table
    lua_CFunction function;
    const char *usage; // "db.read(name, …) → rows"
    const char *doc;   // sentences for the manual
    bool waits;
};

// The modules that need nothing from the host: json, text, money, time, log.
extern const struct lua_binding lua_bindings_json[];
extern const struct lua_binding lua_bindings_text[];
extern const struct lua_binding lua_bindings_money[];
extern const struct lua_binding lua_bindings_time[];
extern const struct lua_binding lua_bindings_log[];

// The call that runs `L`; never NULL inside a binding.
struct lua_call *lua_call_of(lua_State *L);
void *lua_call_host(lua_State *L);
// The arena of the call; raises when the call has put too much into it already.
struct arena *lua_call_arena(lua_State *L);
// The plugin whose function the host called.
struct str lua_call_plugin(lua_State *L);
int64_t lua_call_now_us(lua_State *L);

// Takes `units` (about one VM instruction each) from the call's budget; raises when it is used up.
void lua_charge(lua_State *L, int64_t units);
// What handling `bytes` of text costs.
void lua_charge_bytes(lua_State *L, size_t bytes);

// The running clock stands still between the two; done for bindings that wait.
void lua_call_pause(struct lua_call *call);
void lua_call_resume(struct lua_call *call);

// Argument `i`: valid UTF-8 without NUL, else raises. Lives while it is on the Lua stack.
struct str lua_arg_text(lua_State *L, int i);
// Any bytes.
struct str lua_arg_bytes(lua_State *L, int i);
// Argument `i` as a value in the call's arena; raises when it can't leave the plugin.
struct value *lua_arg_value(lua_State *L, int i);
void lua_push_str(lua_State *L, struct str s);
