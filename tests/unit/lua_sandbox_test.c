// What plugins may do they do as the manual says, apart from each other and from the system.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/json.h"
#include "lua_plugins.h"

#define assert_str(s, literal) assert_true(str_eq((s), STR(literal)))

static struct str json_of(const struct value *v)
{
    struct buf b;
    buf_init(&b, a, 1 << 20);
    json_write(&b, v);
    return buf_str(&b);
}

static void gives(const char *body, const char *json)
{
    struct lua_call call = run_body(body, NULL);
    if (call.failure.result != LUA_CALL_OK)
        fail_msg(
            "%s: %.*s\n%.*s", body, STR_ARG(call.failure.message), STR_ARG(call.failure.traceback));
    struct str got = json_of(call.result_count ? call.results[0] : value_null());
    if (!str_is(got, json))
        fail_msg("%s\ngives %.*s, not %s", body, STR_ARG(got), json);
}

static void raises(const char *body, const char *part)
{
    struct lua_call call = run_body(body, NULL);
    if (call.failure.result != LUA_CALL_ERROR || str_find(call.failure.message, str_of(part)) < 0)
        fail_msg("%s\nends with %s: %.*s, not %s", body, lua_call_result_name(call.failure.result),
            STR_ARG(call.failure.message), part);
}

static void nothing_of_the_system_is_there(void **state)
{
    (void)state;
    gives("local found = {} for _, name in ipairs{'io', 'os', 'debug', 'package', 'require', "
          "'load', 'loadstring', 'loadfile', 'dofile', 'collectgarbage', 'coroutine', 'print', "
          "'warn'} do if _G[name] ~= nil then found[#found + 1] = name end end "
          "return {found, string.dump == nil, math.randomseed == nil, getmetatable('')}",
        "[[],true,true,false]");
    gives("return tostring({}) .. tostring(print) .. tostring(run_body or pairs)",
        "\"tablenilfunction\"");
    gives("return tostring(string) .. type(string)", "\"libraryuserdata\"");
    raises("return ('%p'):format({})", "invalid conversion");
}

static void shared_tables_are_read_only(void **state)
{
    (void)state;
    raises("string.upper = nil", "read-only");
    raises("rawset(string, 'upper', 1)", "table expected");
    raises("table.insert(json, 1)", "table expected");
    raises("setmetatable(string, {})", "table expected");
    raises("setmetatable(_G, {})", "protected metatable");
    raises("getmetatable('').__index = nil", "index a boolean");
    gives("return {getmetatable(string), getmetatable(_G), next({})}", "[false,false]");
}

static void plugins_do_not_see_each_other(void **state)
{
    (void)state;
    struct plugin p = open_plugins("secret = 1 string = nil _G.x = 2 "
                                   "return { run = function() return secret end }",
        "return { run = function() return {secret == nil, x == nil, string ~= nil} end }");
    struct lua_call call = {0};
    assert_int_equal(call_named(&p, 0, "run", &call), LUA_CALL_OK);
    assert_int_equal(call.results[0]->integer, 1);
    assert_int_equal(call_named(&p, 1, "run", &call), LUA_CALL_OK);
    assert_str(json_of(call.results[0]), "[true,true,true]");
    close_plugins(&p);
}

static void finalizers_and_weak_tables_do_not_exist(void **state)
{
    (void)state;
    raises("setmetatable({}, {__mode = 'k'})", "can't have __mode");
    // However the metatable is filled: the collector doesn't know those names here.
    gives("local ran, m = false, {} local weak = setmetatable({}, m) m.__mode = 'kv' "
          "m.__gc = function() ran = true end "
          "for i = 1, 50 do weak[i] = {} end "
          "local kept = {} for i = 1, 20000 do kept[i % 10] = {('x'):rep(50)} end "
          "local n = 0 for _ in pairs(weak) do n = n + 1 end return {ran, n}",
        "[false,50]");
}

static void sources_are_text_and_have_no_env(void **state)
{
    (void)state;
    struct str error = STR_NULL;
    assert_null(lua_chunk_new(a, STR("p"), str_n("\033Lua\x54\0", 6), &error));
    assert_true(str_find(error, STR("attempt to load a binary chunk")) >= 0);
    assert_null(lua_chunk_new(a, STR("p"), STR("local _ENV <const> = {}"), &error));
    assert_null(lua_chunk_new(a, STR("p"), STR("return {\n  run = = 1 }"), &error));
    assert_true(str_find(error, STR("p/plugin.lua:2:")) >= 0);
}

static void a_plugin_that_fails_to_load_leaves_the_others(void **state)
{
    (void)state;
    struct plugin p = open_plugins("while true do end",
        "return { run = function() return 1 end, hooks = { b = print or next, a = next } }");
    assert_int_equal(lua_sandbox_failure(p.box, 0)->result, LUA_CALL_BUDGET);
    assert_int_equal(lua_sandbox_function_count(p.box, 0), 0);
    assert_null(lua_sandbox_failure(p.box, 1));
    assert_int_equal(lua_sandbox_function_count(p.box, 1), 3);
    assert_str(lua_sandbox_function_name(p.box, 1, 0), "hooks.a");
    assert_int_equal(lua_sandbox_function_find(p.box, 1, STR("run")), 2);
    assert_int_equal(lua_sandbox_function_find(p.box, 1, STR("hooks.c")), -1);
    close_plugins(&p);
    p = open_plugins("return 1", "return { run = 3 }");
    assert_str(lua_sandbox_failure(p.box, 0)->message, "first/plugin.lua: returns no table");
    assert_int_equal(lua_sandbox_failure(p.box, 1)->result, LUA_CALL_ERROR);
    close_plugins(&p);
}

static void errors_say_where(void **state)
{
    (void)state;
    struct plugin p = open_plugins("local function inner(x)\n  return x.y.z\nend\n"
                                   "return { run = function()\n  inner({})\n  return 1\nend }",
        NULL);
    struct lua_call call = {0};
    assert_int_equal(call_named(&p, 0, "run", &call), LUA_CALL_ERROR);
    assert_str(
        call.failure.message, "first/plugin.lua:2: attempt to index a nil value (field 'y')");
    assert_str(call.failure.traceback,
        "first/plugin.lua:2: in inner\nfirst/plugin.lua:5: in the function at line 4");
    close_plugins(&p);
}

static void errors_of_waiting_bindings_say_where(void **state)
{
    (void)state;
    raises("\n test.fail()", "first/plugin.lua:3: refused");
    raises("test.wait('x')", "first/plugin.lua:2: bad argument #1 to wait (number expected");
    raises("money.add('x')", "first/plugin.lua:2: bad argument #1 to 'add' (number expected");
}

static struct value *parsed(const char *json)
{
    struct json_error error;
    struct value *v = json_parse(a, str_of(json), JSON_ANY_KEYS, &error);
    assert_non_null(v);
    return v;
}

static void values_come_back_as_they_went(void **state)
{
    (void)state;
    static const char *const values[] = {"null", "true", "12", "-9223372036854775808", "1.5",
        "\"été\"", "[]", "{}", "[1,[2,[]],null,{}]", "{\"a\":1,\"b\":[{\"c\":\"d\"}],\"e\":1.5}"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct value *v = parsed(values[i]);
        struct lua_call call = run_body("return ...", v);
        assert_int_equal(call.failure.result, LUA_CALL_OK);
        assert_true(value_equal(v, call.result_count ? call.results[0] : NULL));
    }
    raises("return {1, nil, 3}", "holes");
    raises("return {1, a = 2}", "either a list");
    raises("return {[1.5] = 2}", "either a list");
    raises("return '\\xff'", "not valid UTF-8");
    raises("return 0/0", "not a number");
    raises("return {print = next}", "function can't leave");
    gives("return 3 // 1", "3");
    gives("return {null, null}", "[null,null]");
}

static void the_library_does_what_the_manual_says(void **state)
{
    (void)state;
    gives("local t = {3, 1, 2} table.sort(t) return t", "[1,2,3]");
    gives("local t = {'b', 'a', 'C'} table.sort(t, function(x, y) return x > y end) return t",
        "[\"b\",\"a\",\"C\"]");
    gives("local t = {} for i = 1, 300 do t[i] = {n = i % 7, i = i} end "
          "table.sort(t, function(x, y) return x.n < y.n end) "
          "for i = 2, 300 do if t[i - 1].n > t[i].n or (t[i - 1].n == t[i].n and "
          "t[i - 1].i > t[i].i) then return i end end return 'stable'",
        "\"stable\"");
    gives("local t = {1, 2, 3} table.insert(t, 1, 0) table.insert(t, 9) "
          "return {table.remove(t, 2), table.remove(t), t, table.remove({}) == nil}",
        "[1,9,[0,2,3],true]");
    gives("return {table.concat({1, 'a', 2.5}, ', '), table.concat({}), "
          "table.concat({1, 2, 3}, '-', 2, 3)}",
        "[\"1, a, 2.5\",\"\",\"2-3\"]");
    gives("return {table.move({1, 2, 3}, 1, 3, 2), table.move({1, 2, 3}, 2, 3, 1), "
          "table.move({1, 2}, 1, 2, 1, {9, 9, 9})}",
        "[[1,1,2,3],[2,3,3],[1,2,9]]");
    gives(
        "return {select('#', table.unpack({1, 2, nil, 4}, 1, 4)), table.pack(1, nil).n}", "[4,2]");
    gives("return {('%5d|%-5s|%05.1f|%x|%%|%s|%c'):format(42, 'ab', 3.14159, 255, {}, 65)}",
        "[\"   42|ab   |003.1|ff|%|table|A\"]");
    gives("return {('ab'):rep(3, ','), ('abc'):sub(-2), ('abc'):upper(), ('abc'):reverse(), "
          "('abc'):byte(2), string.char(72, 105), #('x'):rep(1000)}",
        "[\"ab,ab,ab\",\"bc\",\"ABC\",\"cba\",98,\"Hi\",1000]");
    gives("local t = {} for p, c in utf8.codes('aé€') do t[#t + 1] = p t[#t + 1] = c end "
          "return {t, utf8.len('aé€'), utf8.char(97, 233, 8364, 128512), utf8.offset('aé€', 3), "
          "utf8.offset('aé€', -1), (utf8.len('\\xff')) == nil, {utf8.codepoint('é€', 1, -1)}}",
        "[[1,97,2,233,4,8364],3,\"aé€😀\",4,4,true,[233,8364]]");
    gives("return {pcall(error, 'x'), xpcall(function(v) error(v, 0) end, function(e) "
          "return e .. '!' end, 'oh')}",
        "[false,false,\"oh!\"]");
    gives("return {tostring(1), tostring(1.0), tostring(nil), tostring(null), tonumber('0x10'), "
          "tonumber('12', 8), math.type(3), tostring(setmetatable({}, {__tostring = function() "
          "return 'me' end}))}",
        "[\"1\",\"1.0\",\"nil\",\"null\",16,10,\"integer\",\"me\"]");
    gives("for i = 1, 200 do local n = math.random(3, 5) if n < 3 or n > 5 then return n end "
          "local r = math.random() if r < 0 or r >= 1 then return r end end "
          "return math.random(1)",
        "1");
}

static void the_modules_do_what_they_say(void **state)
{
    (void)state;
    gives("return json.encode({b = 1, a = {1, 2.5, null, 'x\"\\n'}, c = json.object(), d = {}})",
        "\"{\\\"a\\\":[1,2.5,null,\\\"x\\\\\\\"\\\\u000a\\\"],\\\"b\\\":1,\\\"c\\\":{},"
        "\\\"d\\\":[]}\"");
    gives("return json.decode(' {\"a\": [1, -2.5e2, true, null, \"\\\\u00e9\\\\ud83d\\\\ude00\"], "
          "\"json_test_only\": {}} ').a",
        "[1,-250,true,null,\"é😀\"]");
    raises("return json.decode('[1,]')", "at byte 4");
    raises("return json.decode('01')", "a wrong number");
    raises("return json.decode('\"\\\\ud800\"')", "can't stand");
    raises("return json.encode({[2] = 1})", "holes");
    gives("return {text.trim('  a b '), text.fold('ÉTÉ'), text.slug('Été à Paris!'), "
          "text.length('été'), text.clip('été', 2), text.is_email('a@b.fr')}",
        "[\"a b\",\"été\",\"ete-a-paris\",3,\"é\",true]");
    gives("return {money.add(1, 2, 3), money.multiply(1250, 3), money.share(999, 100000), "
          "money.parse('12,5', 'EUR'), money.parse('x', 'EUR') == nil, money.digits('JPY')}",
        "[6,3750,100,1250,true,0]");
    gives("return {money.typed(1250, 'EUR'), money.typed(-5, 'EUR'), money.typed(1400, 'JPY'), "
          "money.typed_share(125000), money.typed_share(1000000), money.typed_share(100)}",
        "[\"12.50\",\"-0.05\",\"1400\",\"12.5\",\"100\",\"0.01\"]");
    gives("return {money.parse_share(' 12,5 % '), money.parse_share('100'), "
          "money.parse_share('100.01') == nil, money.parse_share('0') == nil, "
          "money.parse_share('1.234') == nil, money.parse_share('-3') == nil}",
        "[125000,1000000,true,true,true,true]");
    gives("return {text.number('12'), text.number('1e3') == nil, text.number('') == nil, "
          "text.number() == nil, text.number('1234567890123456789') == nil}",
        "[\"12\",true,true,true,true]");
    raises("return money.add(1.5)", "integer");
    raises("return money.add(10^15 // 1 | 0, 1)", "out of range");
    gives("return {time.now(), time.text(time.now()), time.parse('2026-11-21T19:00:00+01:00'), "
          "time.parse('2026-02-30') == nil, time.date(0, 60).hour, time.date(time.now()).weekday}",
        "[1795284000,\"2026-11-21T18:00:00Z\",1795284000,true,1,6]");
}

static int64_t now_ns;

static int64_t fake_mono_ns(void)
{
    return now_ns;
}

static int test_slow(lua_State *L)
{
    now_ns += luaL_checkinteger(L, 1) * 1000000;
    return 0;
}

static void waiting_stops_the_running_clock_but_not_the_whole(void **state)
{
    (void)state;
    static const struct lua_binding slow[] = {
        {"slow", "wait", test_slow, "", "", true},
        {"slow", "work", test_slow, "", "", false},
        {0},
    };
    static const struct lua_binding *const tables[] = {slow, NULL};
    struct str error;
    struct lua_chunk *chunk = lua_chunk_new(a, STR("p"),
        STR("local function spin() for i = 1, 1000 do end end\n"
            "return { wait = function(ms) slow.wait(ms) spin() end,\n"
            "work = function(ms) slow.work(ms) spin() end }"),
        &error);
    struct lua_sandbox_config config = {.limits = lua_limits_default,
        .chunks = &chunk,
        .chunk_count = 1,
        .bindings = tables,
        .mono_ns = fake_mono_ns};
    struct plugin p = {.box = lua_sandbox_new(&config)};
    const struct value *args[] = {value_int(a, 1000)};
    struct lua_call call = {.args = args, .arg_count = 1};
    assert_int_equal(call_named(&p, 0, "wait", &call), LUA_CALL_OK);
    assert_int_equal(call_named(&p, 0, "work", &call), LUA_CALL_DEADLINE);
    args[0] = value_int(a, lua_limits_default.total_ms + 1);
    assert_int_equal(call_named(&p, 0, "wait", &call), LUA_CALL_DEADLINE);
    lua_sandbox_free(p.box);
    lua_chunk_free(chunk);
}

struct visitor {
    struct plugin *plugin;
    const char *function;
    struct wait *waiting;
    enum lua_call_result result;
    struct str message;
    int64_t got;
    bool ended;
};

static void visit(void *arg)
{
    struct visitor *v = arg;
    struct lua_call call = {.host = &v->waiting};
    v->result = call_named(v->plugin, 0, v->function, &call);
    v->got = call.result_count ? call.results[0]->integer : 0;
    v->message = call.failure.message;
    v->ended = true;
}

static void calls_of_several_fibers_interleave(void **state)
{
    (void)state;
    static const char *const names[] = {"plain", "pcall", "gsub", "sort", "index", "spin"};
    enum { VISITORS = 12, NAMES = 6 };
    struct visitor visitors[VISITORS];
    struct plugin p = open_plugins(
        "local function work() local n = 0 for i = 1, 20 do n = n + test.wait(i) end return n end\n"
        "return { plain = work,\n"
        "pcall = function() return select(2, pcall(work)) end,\n"
        "gsub = function() local n; ('x'):gsub('.', function() n = work() end) return n end,\n"
        "sort = function() local n table.sort({1, 2}, function(x, y) n = work() return x < y end)"
        " return n end,\n"
        "index = function() return setmetatable({}, {__index = work}).x end,\n"
        "spin = function() test.wait(1) while true do pcall(test.wait, 'x') end end }",
        NULL);
    fibers_init();
    for (int i = 0; i < VISITORS; i++) {
        visitors[i] = (struct visitor){.plugin = &p, .function = names[i % NAMES]};
        assert_true(fiber_start(visit, &visitors[i], NULL));
    }
    assert_int_equal(lua_sandbox_live(p.box), VISITORS);
    for (int turn = 0; turn < 30; turn++) {
        for (int i = VISITORS - 1; i >= 0; i--)
            if (!visitors[i].ended && visitors[i].waiting) {
                wait_done(visitors[i].waiting);
                visitors[i].waiting = NULL;
            }
        fibers_run_ready();
    }
    for (int i = 0; i < VISITORS; i++) {
        assert_true(visitors[i].ended);
        bool spins = i % NAMES == NAMES - 1;
        bool stopped =
            visitors[i].result == LUA_CALL_BUDGET || visitors[i].result == LUA_CALL_DEADLINE;
        assert_true(spins ? stopped : visitors[i].result == LUA_CALL_OK);
        assert_int_equal(visitors[i].got, spins ? 0 : 420);
    }
    assert_int_equal(lua_sandbox_live(p.box), 0);
    close_plugins(&p);
}

static void plugins_calling_plugins_stay_on_their_stack(void **state)
{
    (void)state;
    struct plugin p =
        open_plugins("local function deep(n) if n == 0 then return test.again() end "
                     "return (('x'):gsub('.', function() return deep(n - 1) end)) end "
                     "return { flat = function() return test.again() end, "
                     "deep = function() return deep(60) end }",
            NULL);
    static const char *const names[] = {"flat", "deep"};
    for (int i = 0; i < 2; i++) {
        struct visitor v = {.plugin = &p, .function = names[i]};
        assert_true(fiber_start(visit, &v, NULL));
        assert_true(v.ended);
        assert_int_equal(v.result, LUA_CALL_ERROR);
        assert_true(str_find(v.message, STR("too deep")) >= 0);
    }
    assert_int_equal(lua_sandbox_live(p.box), 0);
    close_plugins(&p);
}

static void a_hook_call_is_fast(void **state)
{
    (void)state;
    plugin_clock = NULL; // the one that servers use, which costs less to read
    struct plugin p = open_plugins(
        "return { run = function(line) return { price = line.price - line.discount, "
        "currency = line.currency, note = line.name .. ' for ' .. line.channel } end }",
        NULL);
    struct value *line = parsed("{\"price\":1250,\"discount\":250,\"currency\":\"EUR\","
                                "\"name\":\"Court\",\"channel\":\"web\"}");
    const struct value *args[] = {line};
    struct arena *calls = arena_new();
    int function = lua_sandbox_function_find(p.box, 0, STR("run"));
    int64_t best = INT64_MAX;
    enum { ROUNDS = 100, CALLS = 1000 };
    for (int round = 0; round < ROUNDS; round++) {
        int64_t start = worked_ns();
        for (int i = 0; i < CALLS; i++) {
            struct lua_call call = {
                .arena = calls, .function = function, .args = args, .arg_count = 1};
            lua_sandbox_call(p.box, &call);
            if (i % 50 == 0)
                arena_reset(calls);
        }
        int64_t ns = (worked_ns() - start) / CALLS;
        best = ns < best ? ns : best;
    }
    arena_free(calls);
    close_plugins(&p);
    printf("one hook call, 5 fields in, 3 fields out: %d ns\n", (int)best);
    // The aim is 1,000 ns, which the benchmark holds it to; here other work shares the core.
    assert_true(best <= 5000 * SLOWER);
}

static void bindings_are_documented(void **state)
{
    (void)state;
    for (const struct lua_binding *const *table = bindings; *table != test_bindings; table++)
        for (const struct lua_binding *b = *table; b->name; b++) {
            struct str start = str_format(a, "%s.%s(", b->module, b->name);
            assert_true(str_starts(str_of(b->usage), start));
            assert_true(str_ends(str_of(b->doc), STR(".")));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_library_does_what_the_manual_says),
        cmocka_unit_test(the_modules_do_what_they_say),
        cmocka_unit_test(values_come_back_as_they_went),
        cmocka_unit_test(nothing_of_the_system_is_there),
        cmocka_unit_test(shared_tables_are_read_only),
        cmocka_unit_test(plugins_do_not_see_each_other),
        cmocka_unit_test(finalizers_and_weak_tables_do_not_exist),
        cmocka_unit_test(sources_are_text_and_have_no_env),
        cmocka_unit_test(a_plugin_that_fails_to_load_leaves_the_others),
        cmocka_unit_test(errors_say_where),
        cmocka_unit_test(errors_of_waiting_bindings_say_where),
        cmocka_unit_test(waiting_stops_the_running_clock_but_not_the_whole),
        cmocka_unit_test(calls_of_several_fibers_interleave),
        cmocka_unit_test(plugins_calling_plugins_stay_on_their_stack),
        cmocka_unit_test(a_hook_call_is_fast),
        cmocka_unit_test(bindings_are_documented),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
