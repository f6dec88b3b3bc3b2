// Patterns agree with Debian's stock Lua, on a table of cases and on generated ones, and every
// pattern ends within its steps.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include <lualib.h>

#include "plug/lua_match.h"
#include "plug/lua_sandbox.h"

// Everything the four functions give for one case, as ASCII text.
#define WHOLE_RESULT                                                                           \
    "local function all(ok, ...)\n"                                                            \
    "  if not ok then return 'error' end\n"                                                    \
    "  local t = {'ok', select('#', ...)}\n"                                                   \
    "  for i = 1, select('#', ...) do t[#t + 1] = tostring((select(i, ...))) end\n"            \
    "  return table.concat(t, '|')\n"                                                          \
    "end\n"                                                                                    \
    "local function iterate(s, p, i)\n"                                                        \
    "  local t = {}\n"                                                                         \
    "  for a, b in string.gmatch(s, p, i) do\n"                                                \
    "    t[#t + 1] = tostring(a) .. ',' .. tostring(b)\n"                                      \
    "  end\n"                                                                                  \
    "  return table.concat(t, ';')\n"                                                          \
    "end\n"                                                                                    \
    "local function ascii(s)\n"                                                                \
    "  local t = {}\n"                                                                         \
    "  for i = 1, #s do\n"                                                                     \
    "    local c = s:byte(i)\n"                                                                \
    "    t[i] = c > 0 and c < 128 and s:sub(i, i) or '\\\\' .. c\n"                            \
    "  end\n"                                                                                  \
    "  return table.concat(t)\n"                                                               \
    "end\n"                                                                                    \
    "local upper = function(a, b) if a ~= 'b' then return '<' .. tostring(a) .. '>' end end\n" \
    "local lookup = {a = 'A', b = false, ['1'] = 7}\n"                                         \
    "local function run(s, p, r, i)\n"                                                         \
    "  return ascii(table.concat({\n"                                                          \
    "    'find ' .. all(pcall(string.find, s, p, i)),\n"                                       \
    "    'plain ' .. all(pcall(string.find, s, p, i, true)),\n"                                \
    "    'match ' .. all(pcall(string.match, s, p, i)),\n"                                     \
    "    'gmatch ' .. all(pcall(iterate, s, p, i)),\n"                                         \
    "    'gsub ' .. all(pcall(string.gsub, s, p, r)),\n"                                       \
    "    'twice ' .. all(pcall(string.gsub, s, p, r, 2)),\n"                                   \
    "    'call ' .. all(pcall(string.gsub, s, p, upper)),\n"                                   \
    "    'table ' .. all(pcall(string.gsub, s, p, lookup)),\n"                                 \
    "  }, '\\n'))\n"                                                                           \
    "end\n"

static struct lua_sandbox *box;
static struct lua_chunk *chunk;
static lua_State *stock;
static struct arena *arena;

static int setup(void **state)
{
    (void)state;
    struct str error;
    arena = arena_new();
    chunk = lua_chunk_new(arena, STR("test"), STR(WHOLE_RESULT "return { run = run }"), &error);
    assert_non_null(chunk);
    struct lua_sandbox_config config = {
        .limits = lua_limits_default, .chunks = &chunk, .chunk_count = 1};
    config.limits.run_ms = 20000;
    config.limits.total_ms = 20000;
    box = lua_sandbox_new(&config);
    assert_null(lua_sandbox_failure(box, 0));
    stock = luaL_newstate();
    luaL_openlibs(stock);
    assert_int_equal(luaL_dostring(stock, WHOLE_RESULT "return run"), LUA_OK);
    lua_setglobal(stock, "run");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lua_sandbox_free(box);
    lua_chunk_free(chunk);
    lua_close(stock);
    arena_free(arena);
    return 0;
}

static struct str run_stock(struct str s, struct str p, struct str r, int64_t i)
{
    size_t len;
    lua_settop(stock, 0);
    lua_getglobal(stock, "run");
    lua_pushlstring(stock, s.p, s.len);
    lua_pushlstring(stock, p.p, p.len);
    lua_pushlstring(stock, r.p, r.len);
    lua_pushinteger(stock, i);
    assert_int_equal(lua_pcall(stock, 4, 1, 0), LUA_OK);
    const char *text = lua_tolstring(stock, -1, &len);
    return str_n(text, len);
}

static struct str run_ours(struct str s, struct str p, struct str r, int64_t i)
{
    const struct value *args[] = {
        value_str(arena, s), value_str(arena, p), value_str(arena, r), value_int(arena, i)};
    struct lua_call call = {.arena = arena, .args = args, .arg_count = 4};
    if (lua_sandbox_call(box, &call) != LUA_CALL_OK)
        fail_msg("pattern \"%.*s\": %.*s", STR_ARG(p), STR_ARG(call.failure.message));
    return value_as_str(call.results[0]);
}

static void agree(struct str s, struct str p, struct str r, int64_t i)
{
    struct str expected = run_stock(s, p, r, i), got = run_ours(s, p, r, i);
    if (!str_eq(expected, got))
        fail_msg("subject \"%.*s\" pattern \"%.*s\" replacement \"%.*s\" from %d\nstock:\n%.*s\n"
                 "ours:\n%.*s",
            STR_ARG(s), STR_ARG(p), STR_ARG(r), (int)i, STR_ARG(expected), STR_ARG(got));
}

static void the_table_agrees_with_stock_lua(void **state)
{
    (void)state;
    static const char *const subjects[] = {"", "a", "aaa", "abc", "hello world", "key = value",
        "THE (quick) fox", "f(a(b)c)d", "x=1, y=22,z=333", "  trim me  ", "[[x]]", "a.b-c+d",
        "2026-11-21T18:00:00Z", "aXbXc", "]]", "^a^", "a$b$", "%d", "--", "\t\n x", "été café",
        "ababab", "aabbaabb", "()", "one;two;;four"};
    static const char *const patterns[] = {"", "a", "a*", "a+", "a-", "a?", ".-b", ".*b", "^a",
        "a$", "^$", "$", "^", "^a*$", "(a)", "(a*)b", "()a()", "((a)(b))", "(a*(.)%w(%s*))", "%a+",
        "%d+", "%w+", "%s+", "%p", "%u+", "%l+", "%x+", "%c", "%g+", "%A+", "%D", "%W", "%S+",
        "[abc]+", "[^abc]+", "[a-z]+", "[%a_][%w_]*", "[]]", "[^]]", "[]-a]", "[a-]", "[-a]",
        "[%-a]", "[a-%z]", "[%a-z]", "[", "[a", "[^", "[]", "[^]", "[%", "[a%", "%", "a%", "(", ")",
        "(()", "a)", "(a", "%1", "(a)%1", "(a*)%1", "(a)%2", "()%1", "%0", "%b()", "%b[]", "%b",
        "%b(", "%bxx", "%f[%a]%a+", "%f[%A]", "%f", "%fa", "%f[", "%f[%z]", "^(%w+)%s*=%s*(%w+)$",
        "(%d+)-(%d+)-(%d+)", "^%s*(.-)%s*$", "(%w)(%w)", "%.", "%%", "%(%w+%)", ".", "..", "a.c",
        "a**", "a+-", "a?b?c?", "(a?)(b?)(c?)", "%a-%s", "[%w.-]+", "[+-]", "[a-c-e]", "[^%s]+",
        "x*y*", "(x*)", "^()", "()$", "%s-$", "(.)%1", "(..-)%1", "[^;]*", "([^;]*);?", "\303.",
        "%z", "%k", "%_", "*", "+a", "?", "-", "^*", "(*)", "^^a", "a^", "a$b", "[$]", "[.]"};
    static const char *const replacements[] = {
        "", "x", "<%0>", "%1", "%2%1", "%%", "%", "%a", "%9"};
    for (size_t s = 0; s < sizeof subjects / sizeof *subjects; s++)
        for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
            const char *r = replacements[(s + p) % (sizeof replacements / sizeof *replacements)];
            int64_t i = (int64_t)((s * 7 + p) % 9) - 3;
            agree(str_of(subjects[s]), str_of(patterns[p]), str_of(r), i ? i : 1);
            agree(str_of(subjects[s]), str_of(patterns[p]), STR("<%1>"), 1);
        }
}

static uint64_t seed = 20261121;

static unsigned next_random(unsigned below)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (unsigned)(seed >> 33) % below;
}

static struct str random_text(char *out, const char *const *pieces, unsigned count, unsigned max)
{
    size_t len = 0;
    for (unsigned n = next_random(max + 1); n; n--) {
        const char *piece = pieces[next_random(count)];
        memcpy(out + len, piece, strlen(piece));
        len += strlen(piece);
    }
    return str_n(out, len);
}

static void generated_patterns_agree_with_stock_lua(void **state)
{
    (void)state;
    static const char *const pieces[] = {"a", "b", "c", "1", " ", ".", "%a", "%d", "%s", "%w", "%p",
        "*", "+", "-", "?", "*", "+", "-", "?", "(", ")", "()", "(a", ".)", "(.-)", "[ab]", "[^a]",
        "[a-c]", "[", "]", "^", "$", "%", "%1", "%2", "%b()", "%bab", "%f[%w]", "%f[^a]", "[%w_]",
        "[]a]", "-", ","};
    static const char *const letters[] = {
        "a", "b", "c", "1", " ", "(", ")", "ab", "aa", ".", "-", "%", "]", "_"};
    static const char *const changes[] = {"x", "%0", "%1", "%2", "%%", "<", "%"};
    char subject[64], pattern[128], replacement[32];
    struct str s, p, r;
    for (int n = 0; n < 12000; n++) {
        s = random_text(subject, letters, sizeof letters / sizeof *letters, 14);
        p = random_text(pattern, pieces, sizeof pieces / sizeof *pieces, 9);
        r = random_text(replacement, changes, sizeof changes / sizeof *changes, 3);
        agree(s, p, r, (int64_t)next_random(12) - 4);
        if (n % 500 == 0) {
            arena_free(arena);
            arena = arena_new();
        }
    }
}

static void depth_ends_where_stock_lua_ends(void **state)
{
    (void)state;
    char pattern[1024];
    char subject[256];
    memset(subject, 'a', sizeof subject);
    for (int depth = 195; depth < 204; depth++) {
        for (int i = 0; i < depth; i++)
            memcpy(pattern + 2 * i, "a?", 2);
        agree(str_n(subject, 250), str_n(pattern, 2 * (size_t)depth), STR("x"), 1);
        for (int i = 0; i < depth; i++)
            memcpy(pattern + 2 * i, "a-", 2);
        agree(str_n(subject, 10), str_n(pattern, 2 * (size_t)depth), STR("x"), 1);
    }
    for (int captures = 30; captures < 35; captures++) {
        for (int i = 0; i < captures; i++)
            memcpy(pattern + 2 * i, "()", 2);
        agree(str_n(subject, 3), str_n(pattern, 2 * (size_t)captures), STR("%9"), 1);
    }
}

static enum lua_match_result bounded(struct str subject, struct str pattern)
{
    struct lua_match m = {.subject = subject, .pattern = pattern, .steps_left = 1000000};
    enum lua_match_result result = lua_match_search(&m, 0, false);
    // One pass over the subject may go beyond the allowance, never more.
    assert_true(m.steps_left > -(int64_t)subject.len - 1000);
    return result;
}

static void catastrophic_patterns_end(void **state)
{
    (void)state;
    static char large[200000];
    char pattern[128] = "", as[64] = "";
    memset(large, 'a', sizeof large);
    for (int i = 0; i < 28; i++) {
        memcpy(pattern + 2 * i, "a?", 2);
        pattern[56 + i] = 'a';
        as[i] = 'a';
    }
    assert_int_equal(bounded(str_n(as, 28), str_n(pattern, 84)), LUA_MATCH_STEPS);
    assert_int_equal(bounded(str_n(large, 2000), STR(".-.-.-.-.-b")), LUA_MATCH_STEPS);
    assert_int_equal(bounded(str_n(large, sizeof large), STR(".-b")), LUA_MATCH_STEPS);
    assert_int_equal(bounded(str_n(large, sizeof large), STR("%bab")), LUA_MATCH_STEPS);
    assert_int_equal(bounded(str_n(large, 5000), STR("(.*)(.*)(.*)%1b")), LUA_MATCH_STEPS);
    assert_int_equal(bounded(str_n(large, sizeof large), STR("a*b")), LUA_MATCH_STEPS);
    assert_int_equal(bounded(str_n(large, 1000), STR("a*")), LUA_MATCH_YES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_agrees_with_stock_lua),
        cmocka_unit_test(generated_patterns_agree_with_stock_lua),
        cmocka_unit_test(depth_ends_where_stock_lua_ends),
        cmocka_unit_test(catastrophic_patterns_end),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
