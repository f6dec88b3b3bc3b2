// Everything that Lua plugins may call: the modules that need nothing and those of the host, which
// are thin coats over the functions of vitrine.h. The manual is made from these tables.
#pragma once

#include "plug/lua_binding.h"

extern const struct lua_binding *const plug_bindings[]; // ended by NULL

extern const struct lua_binding plug_bindings_data[];
extern const struct lua_binding plug_bindings_customer[];
extern const struct lua_binding plug_bindings_ledger[];
extern const struct lua_binding plug_bindings_page[];
extern const struct lua_binding plug_bindings_words[];

struct vt_call;
struct vt_value;
struct vt_str;
// The call that runs; raises while the plugin is only being loaded.
struct vt_call *binding_call(lua_State *L);
// Raises what failed in the call, if anything did.
void binding_check(lua_State *L, struct vt_call *c);
// What a call gave, as its one result; or nil and the code with which it was refused.
int binding_give(lua_State *L, struct vt_call *c, const struct vt_value *v);
int binding_give_or_code(
    lua_State *L, struct vt_call *c, struct vt_value *v, struct vt_str refused);
