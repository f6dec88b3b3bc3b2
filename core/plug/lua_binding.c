#include "plug/lua_binding.h"

#include "plug/lua_box.h"
#include "plug/lua_library.h"
#include "plug/lua_value.h"

void *lua_call_host(lua_State *L)
{
    return lua_call_of(L)->host;
}

struct arena *lua_call_arena(lua_State *L)
{
    struct lua_call *call = lua_call_of(L);
    if (arena_size(call->arena) > call->arena_start + LUA_ARENA_MAX)
        luaL_error(L, "the call handles more than %d MB of data", LUA_ARENA_MAX >> 20);
    return call->arena;
}

struct str lua_call_plugin(lua_State *L)
{
    const struct lua_call *call = lua_call_of(L);
    return call->box->plugins[call->plugin].chunk->plugin;
}

int64_t lua_call_now_us(lua_State *L)
{
    return lua_call_of(L)->box->now_us();
}

struct str lua_arg_bytes(lua_State *L, int i)
{
    size_t len;
    const char *p = luaL_checklstring(L, i, &len);
    lua_charge_bytes(L, len);
    return str_n(p, len);
}

struct str lua_arg_text(lua_State *L, int i)
{
    struct str s = lua_arg_bytes(L, i);
    luaL_argcheck(L, str_utf8_valid(s), i, "not valid UTF-8 text");
    return s;
}

struct value *lua_arg_value(lua_State *L, int i)
{
    return lua_value_read(L, i, lua_call_arena(L));
}

void lua_push_str(lua_State *L, struct str s)
{
    if (s.p)
        lua_pushlstring(L, s.p, s.len);
    else
        lua_pushnil(L);
}
