// Plugins made from a few lines of Lua, for the tests of the sandbox: each test opens a state,
// calls functions in it and closes it. Everything lives in the test's arena. Include it after
// cmocka.h.
#pragma once

#include <time.h>

#include "io/fiber.h"
#include "plug/lua_sandbox.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifdef SANITIZED
enum { STACK_SIZE = 2048 * 1024, SLOWER = 8 };
#else
enum { STACK_SIZE = 512 * 1024, SLOWER = 1 };
#endif

static struct arena *a;

// Time that this thread worked: a call that is interrupted by others on a busy machine keeps its
// budget.
static int64_t worked_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int64_t (*plugin_clock)(void) = worked_ns;

static int64_t fixed_now_us(void)
{
    return INT64_C(1795284000000000); // 2026-11-21T18:00:00Z
}

// Suspends its fiber once, where Lua itself could never yield.
static int test_wait(lua_State *L)
{
    struct wait wait = {0};
    lua_Integer n = luaL_checkinteger(L, 1);
    struct wait **waiting = lua_call_host(L);
    *waiting = &wait;
    fiber_wait(&wait, -1);
    lua_pushinteger(L, n * 2);
    return 1;
}

static int test_fail(lua_State *L)
{
    return luaL_error(L, "refused");
}

// A binding whose work calls a plugin of the same site again, as a sale calls its hooks.
static int test_again(lua_State *L)
{
    const struct lua_call *outer = lua_call_of(L);
    struct lua_call call = {
        .arena = outer->arena, .plugin = outer->plugin, .function = outer->function};
    if (lua_sandbox_call(outer->box, &call) != LUA_CALL_OK)
        return luaL_error(
            L, "%s", str_find(call.failure.message, STR("too deep")) < 0 ? "no" : "too deep");
    return 0;
}

static const struct lua_binding test_bindings[] = {
    {"test", "again", test_again, "test.again()", "Calls itself.", false},
    {"test", "wait", test_wait, "test.wait(n) → integer", "Waits.", true},
    {"test", "fail", test_fail, "test.fail()", "Raises while it waits.", true},
    {0},
};

static const struct lua_binding *const bindings[] = {lua_bindings_json, lua_bindings_text,
    lua_bindings_money, lua_bindings_time, lua_bindings_log, test_bindings, NULL};

struct plugin {
    struct lua_chunk *chunks[2];
    struct lua_sandbox *box;
};

static struct plugin open_plugins(const char *first, const char *second)
{
    struct plugin p = {0};
    struct str error = STR_NULL;
    p.chunks[0] = lua_chunk_new(a, STR("first"), str_of(first), &error);
    if (!p.chunks[0])
        fail_msg("%.*s", STR_ARG(error));
    if (second)
        p.chunks[1] = lua_chunk_new(a, STR("second"), str_of(second), &error);
    struct lua_sandbox_config config = {
        .limits = lua_limits_default,
        .chunks = p.chunks,
        .chunk_count = second ? 2 : 1,
        .bindings = bindings,
        .mono_ns = plugin_clock,
        .now_us = fixed_now_us,
    };
    p.box = lua_sandbox_new(&config);
    return p;
}

static void close_plugins(struct plugin *p)
{
    lua_sandbox_free(p->box);
    lua_chunk_free(p->chunks[0]);
    lua_chunk_free(p->chunks[1]);
}

static enum lua_call_result call_named(
    struct plugin *p, uint32_t plugin, const char *name, struct lua_call *call)
{
    call->arena = a;
    call->plugin = plugin;
    call->function = lua_sandbox_function_find(p->box, plugin, str_of(name));
    if (call->function < 0) {
        const struct lua_failure *f = lua_sandbox_failure(p->box, plugin);
        fail_msg("no function %s: %.*s", name, f ? (int)f->message.len : 0, f ? f->message.p : "");
    }
    return lua_sandbox_call(p->box, call);
}

// Runs `return { run = function(...) <body> end }` and gives the call.
static struct lua_call run_body(const char *body, const struct value *arg)
{
    struct str source = str_format(a, "return { run = function(...)\n%s\nend }", body);
    struct plugin p = open_plugins(source.p, NULL);
    const struct value *args[] = {arg};
    struct lua_call call = {.args = args, .arg_count = arg ? 1 : 0};
    call_named(&p, 0, "run", &call);
    close_plugins(&p);
    return call;
}
static int setup(void **state)
{
    (void)state;
    a = arena_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(a);
    return 0;
}
