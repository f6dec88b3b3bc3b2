// Tenant code is harmless: whatever it tries ends within its budget, and the state works on. The
// attacks run on a thread whose stack is as small as a fiber's.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/buf.h"
#include "lua_plugins.h"

enum { ANY_STOP = -1, ANY_END = -2 };

struct attack {
    const char *name, *body;
    int result; // ANY_STOP: budget, deadline, memory or an error; ANY_END: even success
};

#define DEEP(call) "local function f(s) return " call " end return f('a')"

static const struct attack attacks[] = {
    {"loop", "while true do end", LUA_CALL_BUDGET},
    {"goto loop", "::again:: goto again", LUA_CALL_BUDGET},
    {"nested pcall", "local function f() while true do pcall(f) end end while true do pcall(f) end",
        LUA_CALL_BUDGET},
    {"pcall of pcall", "while true do pcall(pcall, pcall, error) end", LUA_CALL_BUDGET},
    {"error handler that loops",
        "xpcall(function() while true do end end, function() while true do end end)",
        LUA_CALL_BUDGET},
    {"error in the error handler",
        "local function h() return xpcall(error, h) end return xpcall(error, h)", ANY_END},
    {"close handler that loops",
        "local x <close> = setmetatable({}, {__close = function() while true do end end}) "
        "while true do end",
        LUA_CALL_BUDGET},
    {"many close handlers",
        "local function f(n) local x <close> = setmetatable({}, {__close = function() "
        "while true do end end}) if n > 0 then f(n - 1) end error('x') end f(150)",
        LUA_CALL_BUDGET},
    {"tail calls", "local function f() return f() end return f()", LUA_CALL_BUDGET},
    {"recursion", "local function f() return 1 + f() end return f()", ANY_STOP},
    {"growing arguments", "local function f(...) return f(1, ...) end return f()", ANY_STOP},
    {"recursive gsub", DEEP("(s:gsub('.', f))"), ANY_STOP},
    {"recursive gsub under pcall", DEEP("select(2, pcall(string.gsub, s, '.', f))"), ANY_END},
    {"recursive pcall", "local function f() return pcall(f) end return f()", ANY_END},
    {"recursive sort", "local function f() table.sort({1, 2}, f) return true end f()", ANY_STOP},
    {"recursive tostring",
        "local t t = setmetatable({}, {__tostring = function() return tostring(t) end}) "
        "return tostring(t)",
        ANY_STOP},
    {"recursive index",
        "local t = setmetatable({}, {}) getmetatable(t).__index = function(s, k) "
        "return s[k .. 'x'] end return t.a",
        ANY_STOP},
    {"recursive concat",
        "local t t = setmetatable({}, {__concat = function() return t .. t end}) return t .. t",
        ANY_STOP},
    {"index chain",
        "local t = {} for i = 1, 1900 do t = setmetatable({}, {__index = t}) end "
        "while true do local x = t.nothing end",
        ANY_STOP},
    {"finalizer", "setmetatable({}, {__gc = function() while true do end end}) while true do end",
        LUA_CALL_ERROR},
    {"finalizer by a filled metatable",
        "local m = {} for i = 1, 1e9 do setmetatable({}, m) m.__gc = function() "
        "while true do end end m = {} end",
        ANY_STOP},
    {"optional items", "local n = 28 return ('a'):rep(n):find(('a?'):rep(n) .. ('a'):rep(n))",
        LUA_CALL_BUDGET},
    {"lazy items", "return ('a'):rep(2000):find(('.-'):rep(5) .. 'b')", LUA_CALL_BUDGET},
    {"lazy on a long text", "return ('a'):rep(200000):find('.-b')", LUA_CALL_BUDGET},
    {"gsub", "return ('a'):rep(200000):gsub('.-b', '')", LUA_CALL_BUDGET},
    {"gmatch", "for _ in ('a'):rep(200000):gmatch('.-.-b') do end", LUA_CALL_BUDGET},
    {"find in a loop", "while true do ('a'):rep(200000):find(('a'):rep(200) .. 'b', 1, true) end",
        ANY_STOP},
    {"table.move", "table.move({}, 1, 2e8 // 1 | 0, 2)", LUA_CALL_BUDGET},
    {"table.move to the end", "table.move({}, 1, math.maxinteger, 2)", LUA_CALL_ERROR},
    {"lying length",
        "table.insert(setmetatable({}, {__len = function() return 2^50 // 1 | 0 end}), 1, 'x') "
        "while true do end",
        LUA_CALL_BUDGET},
    {"lying length in concat",
        "return table.concat(setmetatable({}, {__len = function() return 2^31 end, "
        "__index = function() return 'x' end}))",
        ANY_END},
    {"concat of a range", "return table.concat({}, '', 1, math.maxinteger)", LUA_CALL_ERROR},
    {"unpack", "return table.unpack({}, 1, 1e8 // 1 | 0)", LUA_CALL_ERROR},
    {"string.rep", "return ('x'):rep(2^31 // 1 | 0)", LUA_CALL_ERROR},
    {"string.rep of nothing", "return (''):rep(math.maxinteger)", LUA_CALL_OK},
    {"string.rep with a separator", "return (''):rep(math.maxinteger, 'x')", LUA_CALL_ERROR},
    {"reverse", "local s = ('x'):rep(250000) while true do s:reverse() end", ANY_STOP},
    {"upper", "local s = ('x'):rep(250000) while true do s:upper():lower() end", ANY_STOP},
    {"byte", "local s = ('x'):rep(250000) while true do s:byte(1, -1) end", ANY_STOP},
    {"utf8.len", "local s = ('x'):rep(250000) while true do utf8.len(s) end", ANY_STOP},
    {"utf8.offset", "local s = ('x'):rep(250000) while true do utf8.offset(s, -1) end", ANY_STOP},
    {"format width", "return ('%1000000d'):format(1)", LUA_CALL_ERROR},
    {"format", "local s = ('%99.99f'):rep(2000) while true do s:format(1) end", ANY_STOP},
    {"doubling text", "local s = 'x' while true do s = s .. s end", LUA_CALL_MEMORY},
    {"doubling text under pcall",
        "local s = ('x'):rep(200000) while true do pcall(function() return s .. s end) end",
        ANY_STOP},
    {"copies of text", "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end",
        ANY_STOP},
    {"table", "local t = {} while true do t[#t + 1] = {} end", ANY_STOP},
    {"table under pcall",
        "local t = {} while true do pcall(function() while true do t[#t + 1] = {} end end) end",
        ANY_STOP},
    {"closures", "local t = {} while true do t[#t + 1] = function() return t end end", ANY_STOP},
    {"garbage", "while true do local t = {{}, {}, {}} end", ANY_STOP},
    {"comparing long texts",
        "local x, y = ('a'):rep(250000) .. 'b', ('a'):rep(250000) .. 'b' "
        "while true do local z = x == y and x < y end",
        ANY_STOP},
    {"long keys", "local t, s = {}, ('a'):rep(200000) while true do t[s .. 'x'] = nil end",
        ANY_STOP},
    {"numbers in long texts", "local s = ('0'):rep(250000) while true do local x = s | 0 end",
        ANY_STOP},
    {"tonumber", "local s = ('1'):rep(250000) while true do tonumber(s, 10) end", ANY_STOP},
    {"next over an empty table",
        "local t = {} for i = 1, 40000 do t['k' .. i] = i end for i = 1, 40000 do "
        "t['k' .. i] = nil end while true do next(t) end",
        ANY_STOP},
    {"sort without order",
        "local t = {} for i = 1, 1e4 do t[i] = i end "
        "table.sort(t, function() return true end) while true do end",
        LUA_CALL_BUDGET},
    {"deep value", "local t = {} for i = 1, 1e4 do t = {t} end return t", LUA_CALL_ERROR},
    {"circular value", "local t = {} t.t = t return t", LUA_CALL_ERROR},
    {"large value", "local t = {} for i = 1, 30000 do t[i] = i end return t", LUA_CALL_ERROR},
    {"value that is text without end",
        "local t = {} for i = 1, 10 do t[i] = ('x'):rep(250000) "
        "end return t",
        LUA_CALL_ERROR},
    {"field names without end",
        "for i = 1, 5000 do local t = {} end local t = {} for i = 1, 5000 do t['field' .. i] = 1 "
        "end return t",
        LUA_CALL_ERROR},
    {"deep JSON", "return json.decode(('['):rep(100000))", LUA_CALL_ERROR},
    {"circular JSON", "local t = {} t[1] = t return json.encode(t)", LUA_CALL_ERROR},
    {"fold", "while true do text.fold(('\303\251'):rep(8000)) end", ANY_STOP},
    {"malicious error", "error(setmetatable({}, {__tostring = function() while true do end end}))",
        LUA_CALL_ERROR},
    {"money", "return money.share(math.maxinteger, math.maxinteger)", LUA_CALL_ERROR},
    {"error while it waits", "while true do pcall(test.fail) end", ANY_STOP},
};

static bool ended_well(const struct attack *attack, enum lua_call_result got)
{
    if (attack->result == ANY_END)
        return true;
    // On a slow machine the clock may be first.
    if (attack->result == LUA_CALL_BUDGET && got == LUA_CALL_DEADLINE)
        return true;
    return attack->result == ANY_STOP ? got != LUA_CALL_OK : (int)got == attack->result;
}

static void *run_attacks(void *wrong)
{
    struct buf *b = wrong;
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++) {
        int64_t start_ns = worked_ns();
        struct lua_call call = run_body(attacks[i].body, NULL);
        int64_t took = (worked_ns() - start_ns) / 1000000;
        if (!ended_well(&attacks[i], call.failure.result) ||
            took > (lua_limits_default.run_ms + 150) * SLOWER)
            buf_add_format(b, "%s: %s after %d ms: %.*s\n", attacks[i].name,
                lua_call_result_name(call.failure.result), (int)took,
                STR_ARG(call.failure.message));
    }
    return NULL;
}

static void every_attack_ends_within_its_budget(void **state)
{
    (void)state;
    struct buf wrong;
    pthread_t thread;
    pthread_attr_t attr;
    buf_init(&wrong, a, 1 << 16);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_SIZE);
    assert_int_equal(pthread_create(&thread, &attr, run_attacks, &wrong), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attr);
    if (wrong.len)
        fail_msg("%.*s", STR_ARG(buf_str(&wrong)));
}

static void a_state_works_after_every_attack(void **state)
{
    (void)state;
    struct buf source;
    buf_init(&source, a, 1 << 20);
    buf_add(&source, STR("return { attack = {\n"));
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++)
        buf_add_format(&source, "a%d = function() %s end,\n", (int)i, attacks[i].body);
    buf_add(&source, STR("}, fine = function() return 6 * 7 end }"));
    struct plugin p = open_plugins(str_z(a, buf_str(&source)), NULL);
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++) {
        struct lua_call call = {0}, fine = {0};
        call_named(&p, 0, str_format(a, "attack.a%d", (int)i).p, &call);
        enum lua_call_result result = call_named(&p, 0, "fine", &fine);
        if (result != LUA_CALL_OK || fine.results[0]->integer != 42)
            fail_msg("after %s: %.*s", attacks[i].name, STR_ARG(fine.failure.message));
        assert_true(lua_sandbox_memory(p.box) < lua_limits_default.memory_max + (64 << 10));
    }
    close_plugins(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_attack_ends_within_its_budget),
        cmocka_unit_test(a_state_works_after_every_attack),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
