#include <lualib.h>
#include <stdio.h>

#include "base/id.h"
#include "plug/lua_box.h"
#include "plug/lua_library.h"

static int base_setmetatable(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, lua_isnil(L, 2) || lua_istable(L, 2), 2, "nil or table");
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        return luaL_error(L, "cannot change a protected metatable");
    static const char *const refused[] = {"__gc", "__mode"};
    for (int i = 0; i < 2 && lua_istable(L, 2); i++) {
        lua_pushstring(L, refused[i]);
        if (lua_rawget(L, 2) != LUA_TNIL)
            return luaL_error(L, "a metatable can't have %s here", refused[i]);
    }
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

static int base_getmetatable(lua_State *L)
{
    luaL_checkany(L, 1);
    if (!lua_getmetatable(L, 1))
        lua_pushnil(L);
    else
        luaL_getmetafield(L, 1, "__metatable");
    return 1;
}

// The stock function runs the handler where the error is raised. When that is the hook's own error,
// hooks are off there and the handler could loop for ever; so it runs after the stack is unwound.
static int base_xpcall(lua_State *L)
{
    luaL_checktype(L, 2, LUA_TFUNCTION);
    int arguments = lua_gettop(L) - 2;
    lua_pushvalue(L, 1);
    lua_insert(L, 3); // above the handler, which stays for later
    if (lua_pcall(L, arguments, LUA_MULTRET, 0) == LUA_OK) {
        lua_pushboolean(L, 1);
        lua_replace(L, 2);
        return lua_gettop(L) - 1;
    }
    lua_pushvalue(L, 2);
    lua_insert(L, -2);
    lua_pushboolean(L, 0);
    lua_replace(L, 2);
    lua_call(L, 1, LUA_MULTRET);
    return lua_gettop(L) - 1;
}

static int base_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_push_text(L, 1);
    return 1;
}

void lua_push_text(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    if (luaL_callmeta(L, index, "__tostring")) {
        if (!lua_isstring(L, -1))
            luaL_error(L, "'__tostring' must return a string");
        return;
    }
    switch (lua_type(L, index)) {
    case LUA_TSTRING:
        lua_pushvalue(L, index);
        break;
    case LUA_TNUMBER:
        lua_pushvalue(L, index);
        lua_tolstring(L, -1, NULL);
        break;
    case LUA_TBOOLEAN:
        lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
        break;
    case LUA_TLIGHTUSERDATA:
        lua_pushliteral(L, "null");
        break;
    default:
        // An address would differ from run to run and tell where memory is.
        if (luaL_getmetafield(L, index, "__name") == LUA_TSTRING)
            break;
        lua_pushstring(L, luaL_typename(L, index));
    }
}

// upvalue 1: a stock function. What its text arguments weigh is charged before it runs.
static int call_charged(lua_State *L)
{
    size_t bytes = 0, len;
    for (int i = lua_gettop(L); i > 0; i--)
        if (lua_type(L, i) == LUA_TSTRING) {
            lua_tolstring(L, i, &len);
            bytes += len;
        }
    lua_charge(L, 1 + (int64_t)(bytes / LUA_BYTES_A_UNIT));
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

void lua_library_charged(lua_State *L, const char *const *names)
{
    for (; *names; names++) {
        lua_getfield(L, -1, *names);
        lua_pushcclosure(L, call_charged, 1);
        lua_setfield(L, -3, *names);
    }
}

void lua_library_base(lua_State *L)
{
    static const char *const stock[] = {"assert", "error", "ipairs", "next", "pairs", "pcall",
        "rawequal", "rawget", "rawlen", "rawset", "select", "type", "_VERSION", NULL};
    static const char *const charged[] = {"tonumber", NULL};
    static const luaL_Reg own[] = {
        {"getmetatable", base_getmetatable},
        {"setmetatable", base_setmetatable},
        {"tostring", base_tostring},
        {"xpcall", base_xpcall},
        {NULL, NULL},
    };
    lua_newtable(L);
    lua_pushcfunction(L, luaopen_base);
    lua_call(L, 0, 1);
    for (const char *const *name = stock; *name; name++) {
        lua_getfield(L, -1, *name);
        lua_setfield(L, -3, *name);
    }
    lua_library_charged(L, charged);
    lua_pop(L, 1);
    luaL_setfuncs(L, own, 0);
}

// Uniform in [low, high], without the bias of a plain remainder.
static lua_Integer random_between(uint64_t low, uint64_t high)
{
    uint64_t range = high - low, drawn;
    if (range == UINT64_MAX) {
        id_random_bytes(&drawn, sizeof drawn);
        return (lua_Integer)drawn;
    }
    uint64_t fair = UINT64_MAX - UINT64_MAX % (range + 1);
    do
        id_random_bytes(&drawn, sizeof drawn);
    while (drawn >= fair);
    return (lua_Integer)(low + drawn % (range + 1));
}

static int math_random(lua_State *L)
{
    lua_charge(L, 20);
    if (lua_gettop(L) == 0) {
        uint64_t drawn;
        id_random_bytes(&drawn, sizeof drawn);
        lua_pushnumber(L, (lua_Number)(drawn >> 11) * 0x1p-53);
        return 1;
    }
    lua_Integer low = lua_gettop(L) == 1 ? 1 : luaL_checkinteger(L, 1);
    lua_Integer high = luaL_checkinteger(L, lua_gettop(L) == 1 ? 1 : 2);
    luaL_argcheck(L, low <= high, lua_gettop(L), "interval is empty");
    lua_pushinteger(L, random_between((uint64_t)low, (uint64_t)high));
    return 1;
}

void lua_library_math(lua_State *L)
{
    lua_pushcfunction(L, luaopen_math);
    lua_call(L, 0, 1);
    lua_pushcfunction(L, math_random);
    lua_setfield(L, -2, "random");
    lua_pushnil(L);
    lua_setfield(L, -2, "randomseed");
}
