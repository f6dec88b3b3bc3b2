#include "plug/lua_box.h"
#include "plug/lua_library.h"

// Everything here works on the table itself, without metamethods: a lying __len can't make a loop
// in C longer than the table is, and a read-only library is no table at all.

enum { UNPACK_MAX = 4000 };

static lua_Integer length(lua_State *L, int arg)
{
    luaL_checktype(L, arg, LUA_TTABLE);
    return (lua_Integer)lua_rawlen(L, arg);
}

static int table_insert(lua_State *L)
{
    lua_Integer end = length(L, 1) + 1, at = end;
    int args = lua_gettop(L);
    if (args != 2 && args != 3)
        return luaL_error(L, "wrong number of arguments to 'insert'");
    if (args == 3) {
        at = luaL_checkinteger(L, 2);
        luaL_argcheck(L, at >= 1 && at <= end, 2, "position out of bounds");
        lua_charge(L, end - at);
        for (lua_Integer i = end; i > at; i--) {
            lua_rawgeti(L, 1, i - 1);
            lua_rawseti(L, 1, i);
        }
    }
    lua_rawseti(L, 1, at);
    return 0;
}

static int table_remove(lua_State *L)
{
    lua_Integer size = length(L, 1), at = luaL_optinteger(L, 2, size);
    if (at != size)
        luaL_argcheck(L, (lua_Unsigned)at - 1u <= (lua_Unsigned)size, 2, "position out of bounds");
    lua_charge(L, at < size ? size - at : 0);
    lua_rawgeti(L, 1, at);
    for (; at < size; at++) {
        lua_rawgeti(L, 1, at + 1);
        lua_rawseti(L, 1, at);
    }
    lua_pushnil(L);
    lua_rawseti(L, 1, at);
    return 1;
}

static int table_concat(lua_State *L)
{
    lua_Integer last = length(L, 1);
    size_t len, between_len;
    const char *between = luaL_optlstring(L, 2, "", &between_len);
    lua_Integer first = luaL_optinteger(L, 3, 1);
    last = luaL_optinteger(L, 4, last);
    struct lua_text text;
    lua_text_init(&text, L);
    for (lua_Integer i = first; i <= last; i++) {
        lua_charge(L, 1);
        lua_rawgeti(L, 1, i);
        if (!lua_isstring(L, -1))
            return luaL_error(
                L, "invalid value (at index %I) in table for 'concat'", (LUAI_UACINT)i);
        const char *p = lua_tolstring(L, -1, &len);
        lua_text_add(&text, str_n(p, len));
        lua_pop(L, 1);
        if (i == last)
            break;
        lua_text_add(&text, str_n(between, between_len));
    }
    lua_text_push(&text);
    return 1;
}

static int table_pack(lua_State *L)
{
    int count = lua_gettop(L);
    lua_charge(L, count);
    lua_createtable(L, count, 1);
    lua_insert(L, 1);
    for (int i = count; i >= 1; i--)
        lua_rawseti(L, 1, i);
    lua_pushinteger(L, count);
    lua_setfield(L, 1, "n");
    return 1;
}

static int table_unpack(lua_State *L)
{
    lua_Integer last = length(L, 1), first = luaL_optinteger(L, 2, 1);
    last = luaL_optinteger(L, 3, last);
    if (first > last)
        return 0;
    lua_Unsigned count = (lua_Unsigned)last - (lua_Unsigned)first;
    if (count >= UNPACK_MAX || !lua_checkstack(L, (int)count + 1))
        return luaL_error(L, "too many results to unpack");
    lua_charge(L, (int64_t)count + 1);
    for (lua_Unsigned i = 0; i <= count; i++)
        lua_rawgeti(L, 1, (lua_Integer)((lua_Unsigned)first + i));
    return (int)count + 1;
}

// move(from, first, last, at [, to]): in the order that keeps overlapping parts whole.
static int table_move(lua_State *L)
{
    lua_Integer first = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3);
    lua_Integer at = luaL_checkinteger(L, 4);
    int to = lua_isnoneornil(L, 5) ? 1 : 5;
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, to, LUA_TTABLE);
    lua_settop(L, 5);
    if (last >= first) {
        lua_Unsigned count = (lua_Unsigned)last - (lua_Unsigned)first + 1;
        lua_Integer unused;
        luaL_argcheck(L, count && count <= INT64_MAX, 3, "too many elements to move");
        if (__builtin_add_overflow(at, (lua_Integer)(count - 1), &unused))
            return luaL_argerror(L, 4, "destination wrap around");
        lua_charge(L, (int64_t)count);
        bool forward = at > last || at <= first || (to != 1 && !lua_rawequal(L, 1, to));
        for (lua_Unsigned n = 0; n < count; n++) {
            lua_Integer i = (lua_Integer)(forward ? n : count - 1 - n);
            lua_rawgeti(L, 1, first + i);
            lua_rawseti(L, to, at + i);
        }
    }
    lua_pushvalue(L, to);
    return 1;
}

// Whether the element at `a` must come after the one at `b` (stack indexes).
static bool comes_after(lua_State *L, int a, int b)
{
    lua_charge(L, 2);
    if (lua_isnil(L, 2)) {
        if (lua_type(L, a) == LUA_TSTRING && lua_type(L, b) == LUA_TSTRING)
            lua_charge_bytes(
                L, lua_rawlen(L, a) < lua_rawlen(L, b) ? lua_rawlen(L, a) : lua_rawlen(L, b));
        return lua_compare(L, b, a, LUA_OPLT);
    }
    lua_pushvalue(L, 2);
    lua_pushvalue(L, b);
    lua_pushvalue(L, a);
    lua_call(L, 2, 1);
    bool after = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return after;
}

// Merges the sorted runs [low, middle) and [middle, high) of table `from` into `to`.
static void merge(lua_State *L, const int tables[2], const lua_Integer bounds[3])
{
    lua_Integer a = bounds[0], b = bounds[1];
    int top = lua_gettop(L);
    for (lua_Integer at = bounds[0]; at < bounds[2]; at++) {
        bool take_b = a >= bounds[1];
        if (!take_b && b < bounds[2]) {
            lua_rawgeti(L, tables[0], a);
            lua_rawgeti(L, tables[0], b);
            take_b = comes_after(L, top + 1, top + 2);
            lua_settop(L, top);
        }
        lua_rawgeti(L, tables[0], take_b ? b++ : a++);
        lua_rawseti(L, tables[1], at);
    }
}

static void copy(lua_State *L, int from, int to, lua_Integer count)
{
    lua_charge(L, count);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, from, i);
        lua_rawseti(L, to, i);
    }
}

// Merge sort between two tables of our own: stable, n log n whatever the order function says, and
// the plugin's table is untouched until all is sorted.
static int table_sort(lua_State *L)
{
    lua_Integer count = length(L, 1);
    int tables[2] = {3, 4};
    if (!lua_isnoneornil(L, 2))
        luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    lua_createtable(L, (int)(count < 65536 ? count : 65536), 0);
    lua_createtable(L, (int)(count < 65536 ? count : 65536), 0);
    copy(L, 1, 3, count);
    for (lua_Integer width = 1; width < count; width *= 2) {
        for (lua_Integer low = 1; low <= count; low += 2 * width) {
            lua_Integer middle = low + width <= count ? low + width : count + 1;
            lua_Integer high = middle + width <= count ? middle + width : count + 1;
            merge(L, tables, (lua_Integer[]){low, middle, high});
        }
        int swap = tables[0];
        tables[0] = tables[1];
        tables[1] = swap;
    }
    copy(L, tables[0], 1, count);
    return 0;
}

void lua_library_table(lua_State *L)
{
    static const luaL_Reg own[] = {
        {"concat", table_concat},
        {"insert", table_insert},
        {"move", table_move},
        {"pack", table_pack},
        {"remove", table_remove},
        {"sort", table_sort},
        {"unpack", table_unpack},
        {NULL, NULL},
    };
    luaL_newlib(L, own);
}
