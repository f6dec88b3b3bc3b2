#include "plug/lua_box.h"
#include "plug/lua_library.h"

size_t lua_string_max(lua_State *L)
{
    return lua_call_of(L)->box->limits.string_max;
}

void lua_too_long(lua_State *L)
{
    luaL_error(L, "the string is longer than %d bytes", (int)lua_string_max(L));
    __builtin_unreachable();
}

void lua_text_init(struct lua_text *t, lua_State *L)
{
    luaL_checkstack(L, 2, NULL);
    lua_pushnil(L);
    t->L = L;
    t->slot = lua_gettop(L);
    t->p = t->first;
    t->len = 0;
    t->room = sizeof t->first;
}

static void grow(struct lua_text *t, size_t len)
{
    if (len > lua_string_max(t->L))
        lua_too_long(t->L);
    size_t room = t->room;
    while (room < len)
        room *= 2;
    lua_charge_bytes(t->L, room);
    char *p = lua_newuserdatauv(t->L, room, 0);
    memcpy(p, t->p, t->len);
    lua_replace(t->L, t->slot);
    t->p = p;
    t->room = room;
}

void lua_text_add(struct lua_text *t, struct str s)
{
    if (!s.len)
        return;
    if (s.len > t->room - t->len)
        grow(t, t->len + s.len);
    memcpy(t->p + t->len, s.p, s.len);
    t->len += s.len;
}

void lua_text_add_char(struct lua_text *t, char c)
{
    if (t->len == t->room)
        grow(t, t->len + 1);
    t->p[t->len++] = c;
}

void lua_text_push(struct lua_text *t)
{
    if (t->len > lua_string_max(t->L))
        lua_too_long(t->L);
    lua_pushlstring(t->L, t->p, t->len);
}
