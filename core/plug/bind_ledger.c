// Lua's ledger.
#include "plug/api.h"
#include "plug/bindings.h"

static int ledger_open_lua(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    luaL_checktype(L, 1, LUA_TTABLE);
    struct vt_str id = vt_ledger_open(c, api_give(lua_arg_value(L, 1)));
    binding_check(L, c);
    lua_push_str(L, api_in(id));
    return 1;
}

static int ledger_post(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_str refused;
    luaL_checktype(L, 1, LUA_TTABLE);
    struct vt_value *guards = lua_isnoneornil(L, 2) ? NULL : api_give(lua_arg_value(L, 2));
    struct vt_value *v = vt_ledger_post(c, api_give(lua_arg_value(L, 1)), guards, &refused);
    return binding_give_or_code(L, c, v, refused);
}

static int ledger_balance_lua(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    luaL_checktype(L, 1, LUA_TTABLE);
    return binding_give(L, c, vt_ledger_balance(c, api_give(lua_arg_value(L, 1))));
}

static int ledger_movements_lua(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_str account = api_out(lua_arg_text(L, 1)), before = VT_NULL;
    if (!lua_isnoneornil(L, 2))
        before = api_out(lua_arg_text(L, 2));
    return binding_give(L, c, vt_ledger_movements(c, account, before, luaL_optinteger(L, 3, 50)));
}

const struct lua_binding plug_bindings_ledger[] = {
    {"ledger", "open", ledger_open_lua, "ledger.open({code =, unit =, customer =}) → id",
        "The plugin's account of that code, opened if there is none. `unit` is what is counted in "
        "it: a currency, \"points\". A customer's account follows when two become one, and is "
        "nobody's once they are deleted: say in customer_facts what they would lose.",
        true},
    {"ledger", "post", ledger_post,
        "ledger.post(steps [, guards]) → {{id, taken, already}, …}, or nil, code",
        "Moves stored value, all steps or none, in one unit with the guards (statements as in "
        "db.write). A step is {op =, key =, kind =, unit =, accounts =, amount =, other =, of =, "
        "until_us =, as_far =, order =, line =, note =}. **give** goes into one account and lives "
        "until `until_us`, or for ever; **take** comes out of accounts, soonest to expire first, "
        "`as_far` as it goes if wanted (`taken` says how far), with `of` taking back what a "
        "posting gave; **hold** sets aside until `until_us`, **capture** takes a part of a hold "
        "(`of`) and lets the rest go, **void** lets it go; **return** brings a part of what was "
        "taken (`of`) back where it was, what expired meanwhile for until `until_us`. `other` "
        "names the other side, an account of the plugin that needs no opening (\"issued\"). A "
        "key does its step once: the same again is answered with `already`. The code is short, "
        "too_much, ended, not_found, expired, amount, no_account, key_reused or a guard's own.",
        true},
    {"ledger", "balance", ledger_balance_lua,
        "ledger.balance(accounts) → {available, held, total, expires_us}",
        "What accounts of the plugin have: to spend, on hold, and with what has expired and isn't "
        "posted yet; and when some of it expires next.",
        true},
    {"ledger", "movements", ledger_movements_lua,
        "ledger.movements(account [, before [, limit]]) → list",
        "Movements of an account of the plugin, newest first, those before a posting: {posting_id, "
        "kind, at, amount, order_id, line_id, reverses, note, actor_kind, actor_name, expires_at}.",
        true},
    {0},
};
