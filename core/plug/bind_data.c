// Lua's db, cache, order, jobs and mail.
#include "base/check.h"
#include "plug/api.h"
#include "plug/bindings.h"
#include "plug/lua_sandbox.h"
#include "plug/lua_value.h"

struct vt_call *binding_call(lua_State *L)
{
    struct vt_call *c = lua_call_host(L);
    if (!c)
        luaL_error(L, "this is only there while a hook, a route or a job runs");
    return c;
}

void binding_check(lua_State *L, struct vt_call *c)
{
    if (!c->failure.p)
        return;
    struct str text = c->failure;
    c->failure = STR_NULL;
    luaL_where(L, 1);
    lua_push_str(L, text);
    lua_concat(L, 2);
    lua_error(L);
}

int binding_give(lua_State *L, struct vt_call *c, const struct vt_value *v)
{
    binding_check(L, c);
    lua_value_push(L, api_value(v));
    return 1;
}

static struct value *rest_as_list(lua_State *L, int first)
{
    struct arena *a = lua_call_arena(L);
    struct value *list = value_list(a);
    for (int i = first, top = lua_gettop(L); i <= top; i++)
        value_append(a, list, lua_arg_value(L, i));
    return list;
}

static int db_read(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_str name = api_out(lua_arg_text(L, 1));
    return binding_give(L, c, vt_db_read(c, name, api_give(rest_as_list(L, 2))));
}

static int db_read_all(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    luaL_checktype(L, 1, LUA_TTABLE);
    return binding_give(L, c, vt_db_read_all(c, api_give(lua_arg_value(L, 1))));
}

static int db_write(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_str refused;
    luaL_checktype(L, 1, LUA_TTABLE);
    struct vt_value *rows = vt_db_write(c, api_give(lua_arg_value(L, 1)), &refused);
    if (!rows && refused.p) {
        lua_pushnil(L);
        lua_push_str(L, api_in(refused));
        return 2;
    }
    return binding_give(L, c, rows);
}

// The plugin's function that computes what isn't cached. What it raises is kept on the stack while
// the claim is given back.
static struct vt_value *make(struct vt_call *c, void *arg)
{
    lua_State *L = arg;
    lua_call_resume(lua_call_of(L));
    lua_pushvalue(L, 3);
    bool ok = lua_pcall(L, 0, 1, 0) == LUA_OK;
    lua_call_pause(lua_call_of(L));
    if (!ok) {
        api_fail(c, "the function failed");
        return NULL;
    }
    return api_give(lua_arg_value(L, -1));
}

static int cache_get(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_str key = api_out(lua_arg_text(L, 1));
    lua_Integer seconds = luaL_checkinteger(L, 2);
    luaL_checktype(L, 3, LUA_TFUNCTION);
    lua_settop(L, 3);
    struct vt_value *v = vt_cache_get(c, key, seconds, make, L);
    if (c->failure.p && lua_gettop(L) > 3) {
        c->failure = STR_NULL;
        return lua_error(L);
    }
    return binding_give(L, c, v);
}

static int order_get(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    return binding_give(L, c, vt_order_get(c, api_out(lua_arg_text(L, 1))));
}

static int order_open(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_str code = api_out(lua_arg_text(L, 1));
    struct vt_str token = lua_isnoneornil(L, 2) ? VT_NULL : api_out(lua_arg_text(L, 2));
    return binding_give(L, c, vt_order_open(c, code, token));
}

static int order_path(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_str id = api_out(lua_arg_text(L, 1)), code = api_out(lua_arg_text(L, 2));
    struct vt_str path = vt_order_path(c, id, code);
    binding_check(L, c);
    lua_push_str(L, api_in(path));
    return 1;
}

int binding_give_or_code(lua_State *L, struct vt_call *c, struct vt_value *v, struct vt_str refused)
{
    if (v || !refused.p)
        return binding_give(L, c, v);
    lua_pushnil(L);
    lua_push_str(L, api_in(refused));
    return 2;
}

static int order_quote_lua(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_str refused, id = api_out(lua_arg_text(L, 1));
    luaL_checktype(L, 2, LUA_TTABLE);
    struct vt_value *v = vt_order_quote(c, id, api_give(lua_arg_value(L, 2)), &refused);
    return binding_give_or_code(L, c, v, refused);
}

static int order_cancel_lua(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_str refused;
    luaL_checktype(L, 1, LUA_TTABLE);
    struct vt_value *v = vt_order_cancel(c, api_give(lua_arg_value(L, 1)), &refused);
    return binding_give_or_code(L, c, v, refused);
}

static int booking_look(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    luaL_checktype(L, 1, LUA_TTABLE);
    return binding_give(L, c, vt_booking_look(c, api_give(lua_arg_value(L, 1))));
}

static int booking_make(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_str refused;
    int64_t part;
    luaL_checktype(L, 1, LUA_TTABLE);
    struct vt_value *v = vt_booking_make(c, api_give(lua_arg_value(L, 1)), &refused, &part);
    int results = binding_give_or_code(L, c, v, refused);
    if (results == 1)
        return 1;
    lua_pushinteger(L, part + 1);
    return 3;
}

static int booking_move(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_str refused;
    luaL_checktype(L, 1, LUA_TTABLE);
    struct vt_value *v = vt_booking_move(c, api_give(lua_arg_value(L, 1)), &refused);
    return binding_give_or_code(L, c, v, refused);
}

static int payments_ask(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    return binding_give(L, c, vt_payments_ask(c, api_out(lua_arg_text(L, 1))));
}

static int attempts_take(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_attempt what = {.purpose = api_out(lua_arg_text(L, 1)),
        .identity = api_out(lua_arg_text(L, 2)),
        .limit = luaL_checkinteger(L, 3),
        .seconds = luaL_checkinteger(L, 4)};
    int64_t wait_s = 0;
    bool allowed = vt_attempts_take(c, &what, &wait_s);
    binding_check(L, c);
    lua_pushboolean(L, allowed);
    lua_pushinteger(L, wait_s);
    return 2;
}

static int jobs_add(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_str job = api_out(lua_arg_text(L, 1));
    struct value *data = lua_isnoneornil(L, 2) ? NULL : lua_arg_value(L, 2);
    vt_jobs_add(c, job, api_give(data), luaL_optinteger(L, 3, 0));
    binding_check(L, c);
    return 0;
}

static int mail_send(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_str key = api_out(lua_arg_text(L, 1)), to = api_out(lua_arg_text(L, 2));
    struct value *variables = lua_isnoneornil(L, 3) ? NULL : lua_arg_value(L, 3);
    vt_mail_send(c, key, to, api_give(variables));
    binding_check(L, c);
    return 0;
}

const struct lua_binding plug_bindings_data[] = {
    {"db", "read", db_read, "db.read(statement, …) → rows",
        "Runs a named statement of sql/*.sql on the read connections and returns its rows, each a "
        "table by column. $1 is the site, given by the host; the arguments are $2, $3 …; `null` "
        "stands for an absent one, a table becomes JSON.",
        true},
    {"db", "read_all", db_read_all, "db.read_all({{statement, …}, …}) → list of rows",
        "Several statements in one round trip.", true},
    {"db", "write", db_write, "db.write({{statement, …}, …}) → list of rows, or nil, code",
        "Runs all steps as one unit: all of them happen or none. A step is a statement with its "
        "parameters, `{job = name, data =, at_us =, once =}`, `{mail = key, to =, language =, "
        "variables =, customer_id =, unsubscribe =}` or `{audit = action, object =, before =, "
        "after =}`. When a statement's "
        "vt_require() refuses, nothing happens and its code is returned; a broken constraint is "
        "\"conflict\". What an office page writes raises the site's revision. A mail that its "
        "reader may have no more of names in `unsubscribe` the path of a storefront page of the "
        "plugin: it answers without a login, GET shows what would end and POST ends it (a foreign "
        "route). The mail shows the link and carries List-Unsubscribe and List-Unsubscribe-Post "
        "(RFC 8058).",
        true},
    {"cache", "get", cache_get, "cache.get(key, seconds, function) → value",
        "The value kept under the key, or what the function returns, kept from then on: for so "
        "many seconds at most, and until the office changes anything. Nothing of a person.",
        true},
    {"order", "get", order_get, "order.get(id) → {order, lines} or nil",
        "An order as hooks get it.", true},
    {"order", "open", order_open, "order.open(code [, token]) → {order, lines, token, path} or nil",
        "The placed order of this code, for who bought it: with the token of its link, from the "
        "session that did, or for the logged-in customer whose order it is. Nobody else learns "
        "that it exists.",
        true},
    {"order", "path", order_path, "order.path(id, code) → text",
        "The path of a placed order's page, with its link's token: only for who the order is for.",
        false},
    {"order", "quote", order_quote_lua,
        "order.quote(id, {{line =, share_ppm =}, …}) → quote, or nil, code",
        "What comes back when these lines are cancelled, a share of what was paid for each: "
        "`{version, value_minor, back_minor, waived_minor, kept_minor, lines, ways = {{provider, "
        "title, amount_minor}, …}}`. What isn't paid is waived. The code is not_found, already or "
        "empty.",
        true},
    {"order", "cancel", order_cancel_lua,
        "order.cancel({id =, lines =, version =, back_minor =, reason =, guards =, silent =}) → "
        "quote, "
        "or nil, code",
        "Cancels lines and gives back what the quote says, by the way it was paid, in one unit "
        "with "
        "the plugin's guards, which are statements as in db.write. With `version` and `back_minor` "
        "of a quote that holds no more the code is changed, and nothing has happened. With "
        "`silent` "
        "no mail is sent: whoever cancels many sends one.",
        true},
    {"booking", "look", booking_look,
        "booking.look({offer =, times =, quantity =, resource =, own =}) → list, or nil",
        "What stands in the way of a booking by staff at each of up to 500 times, written "
        "\"2026-03-29T18:00\" by the venue's clock: `{time, at_us, slot, obstacle, why, twice, "
        "opens_us}`. An obstacle is clock (skipped by the clock change), past, holiday, closed, "
        "hours, early (sold from `opens_us` on), late, no_time, busy (the resource), full, "
        "too_few, "
        "too_many or not_sold; `why` is a closure's reason; `twice`: the clock change repeats it, "
        "and this is the first. Lines of `own` don't count: they are to move.",
        true},
    {"booking", "make", booking_make,
        "booking.make({session =, parts = {{slot =, resource =, counts =}, …}, customer =, name =, "
        "email =, phone =, language =, silent =, guards =}) → {order, lines}, or nil, code, part",
        "Books by the steps of every sale, through the box office's channel, paid at the venue; "
        "all parts become one order. `counts` are {{key = rate, count =}, …}; `customer` is whose "
        "it is. The session is a number that the plugin keeps: the same one again goes on where "
        "an interrupted try ended. The guards, statements as in db.write, run in the unit that "
        "places the order, just before it: what they write happens with it, once. The code is "
        "sold_out, not_on_sale, too_few, too_many, expired, changed, not_found (the customer) or "
        "a guard's own.",
        true},
    {"booking", "move", booking_move,
        "booking.move({id =, lines = {{line =, slot =, resource =}, …}, reason =, guards =}) → "
        "true, or nil, code",
        "Books lines of an order into other slots of their offer, or into another resource at the "
        "same time, in one unit with the guards; the price stays. The code is sold_out, "
        "not_on_sale, already, changed, not_found or a guard's own.",
        true},
    {"payments", "ask", payments_ask, "payments.ask(reference) → {state} or nil",
        "For plugins that provide payments, when the provider says that something happened: asks "
        "the hook payment_status about the plugin's payment with this reference and settles it. "
        "The same news any number of times has its effect once.",
        true},
    {"attempts", "take", attempts_take,
        "attempts.take(purpose, identity, limit, seconds) → boolean, seconds to wait",
        "Counts a try on something that may be guessed, such as a code: false when there were "
        "more than `limit` by that identity (a network address) since the first one.",
        true},
    {"jobs", "add", jobs_add, "jobs.add(name [, data [, at_us]])",
        "Runs a job of plugin.json later, at once or from that moment. In a unit with other "
        "changes: a step of db.write.",
        true},
    {"mail", "send", mail_send, "mail.send(key, to, variables)",
        "Sends a notification of plugin.json in the reader's language. All its variables must be "
        "given. In a unit with other changes: a step of db.write.",
        true},
    {0},
};
