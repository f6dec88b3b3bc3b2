// Values to Lua and back. Integers stay integers, absent fields are nil, null inside a list is
// `null` (a light userdata), an empty table is an empty list unless it came as an object or from
// json.object(). What comes out is checked: valid text, at most 24 levels, 20,000 values and 1 MB.
#pragma once

#include <lua.h>

#include "base/value.h"

enum { LUA_VALUE_DEPTH_MAX = 24, LUA_VALUE_COUNT_MAX = 20000, LUA_VALUE_BYTES_MAX = 1 << 20 };

// Pushes one Lua value. Raises on memory and depth only.
void lua_value_push(lua_State *L, const struct value *v);
// Reads the value at `index` into the arena; raises when it has no form as a value. Field names
// that nobody interned yet are taken from the plugin's share of names (LUA_KEYS_MAX a chunk).
struct value *lua_value_read(lua_State *L, int index, struct arena *a);

// The metatable that marks empty objects is made once per state.
void lua_value_open(lua_State *L);
// Gives the table at the top that mark.
void lua_value_mark_object(lua_State *L);
bool lua_value_is_object(lua_State *L, int index);
