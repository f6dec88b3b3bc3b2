// What the sandbox gives plugins in place of Lua's standard library: private to core/plug/lua_*.
// Each opener leaves one table of functions on the stack. Loops in C are bounded or charged to the
// call's budget, so that no function outlives it.
#pragma once

#include <lauxlib.h>
#include <lua.h>

#include "base/str.h"

struct lua_sandbox;

// Globals: assert, error, pcall, pairs, setmetatable, tostring …
void lua_library_base(lua_State *L);
void lua_library_math(lua_State *L);
void lua_library_string(lua_State *L);
void lua_library_table(lua_State *L);
void lua_library_utf8(lua_State *L);

int lua_string_find(lua_State *L);
int lua_string_match(lua_State *L);
int lua_string_gmatch(lua_State *L);
int lua_string_gsub(lua_State *L);
int lua_string_format(lua_State *L);

// Pushes the text of any value, by __tostring and __name where it has them; never an address.
void lua_push_text(lua_State *L, int index);

// Copies functions `names` (ended by NULL) of the library table at the top into the table below it,
// wrapped so that the lengths of their string arguments are charged.
void lua_library_charged(lua_State *L, const char *const *names);

// Text that grows on the Lua stack. Starts inside the struct, so short results allocate nothing;
// takes one stack slot, which stays where it is until lua_text_push.
struct lua_text {
    lua_State *L;
    int slot;
    char *p;
    size_t len, room;
    char first[256];
};
void lua_text_init(struct lua_text *t, lua_State *L);
void lua_text_add(struct lua_text *t, struct str s);
void lua_text_add_char(struct lua_text *t, char c);
// Pushes the finished string.
void lua_text_push(struct lua_text *t);

size_t lua_string_max(lua_State *L);
__attribute__((noreturn)) void lua_too_long(lua_State *L);
