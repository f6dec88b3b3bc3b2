// Lua's customers and text.phone.
#include "plug/api.h"
#include "plug/bindings.h"

static struct vt_value *table_arg(lua_State *L, int i)
{
    luaL_checktype(L, i, LUA_TTABLE);
    return api_give(lua_arg_value(L, i));
}

static int customers_check(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_value *claims = table_arg(L, 1), *by = table_arg(L, 2);
    return binding_give(L, c, vt_customers_check(c, claims, by));
}

static int customers_groups(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    return binding_give(L, c, vt_customers_groups(c, table_arg(L, 1)));
}

static int customers_save(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    return binding_give(L, c, vt_customers_save(c, table_arg(L, 1)));
}

static int text_phone(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_str region = lua_isnoneornil(L, 2) ? VT_NULL : api_out(lua_arg_text(L, 2));
    struct vt_str phone = vt_text_phone(c, api_out(lua_arg_text(L, 1)), region);
    if (!phone.len)
        lua_pushnil(L);
    else
        lua_push_str(L, api_in(phone));
    return 1;
}

const struct lua_binding plug_bindings_customer[] = {
    {"customers", "check", customers_check,
        "customers.check({{email =, name =, phone =, gender =, birthdate =}, …}, {id =, name =}) → "
        "list of texts",
        "Whether the addresses are verified persons', and whether the rest is what they confirmed, "
        "letter by letter: \"\" (nobody's), same, differs or tried (too often: later). What is "
        "empty says nothing. Whoever makes customers asks first. The second one says which of the "
        "staff does it, where a job acts for somebody.",
        true},
    {"customers", "groups", customers_groups,
        "customers.groups({id, …}) → {{plugin, id, names, members = {{customer, until}, …}}, …}",
        "Groups of customers that other plugins keep (hook customer_groups), with those of the "
        "given ones that are in them.",
        true},
    {"customers", "save", customers_save,
        "customers.save({rows = {{do =, id =, version =, first_name =, last_name =, email =, "
        "phone =, gender =, birthdate =, put =, out =}, …}, by =, action =, statement =, "
        "params =}) → list of texts",
        "Up to 500 customers in one unit. `do` is make (with an id from vt_id(); the address must "
        "be nobody's), alter (all but the address, of the version that was looked at), unmake "
        "(while nothing hangs on it) or keep. `put` and `out`, {plugin, group, until}, are done by "
        "the plugin that keeps the group (hook customer_regroup). The answer has done, changed, "
        "taken, gone or verified for each row; what isn't done stays as it was. The statement, one "
        "of the plugin's own, runs in the same unit; its last parameter is [{id, result}].",
        true},
    {"text", "phone", text_phone, "text.phone(typed [, region]) → string or nil",
        "A telephone number in E.164; the region (\"ES\"), else the site's, is meant where no "
        "prefix was typed.",
        false},
    {0},
};
