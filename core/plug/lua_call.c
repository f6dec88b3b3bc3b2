#include "base/buf.h"
#include "base/check.h"
#include "io/fiber.h"
#include "plug/lua_box.h"
#include "plug/lua_value.h"
#include "plug/plugin_error.h"

// How much of its fiber's stack a call may have used before a plugin is called inside it: Lua's
// own limit on nesting starts anew then, and 512 KB must hold both.
#if defined(__SANITIZE_ADDRESS__)
enum { NESTED_STACK_MAX = 384 * 1024 };
#else
enum { NESTED_STACK_MAX = 96 * 1024 };
#endif
enum { TRACE_LEVELS_MAX = 12, MESSAGE_MAX = 1000 };

static void on_count(lua_State *L, lua_Debug *ar);

struct lua_call *lua_call_of(lua_State *L)
{
    return *(struct lua_call **)lua_getextraspace(L);
}

// Ends the call at its next instruction, and at every one after: pcall can't swallow that.
static void lua_call_stop(struct lua_call *call, enum lua_call_result verdict)
{
    if (call->verdict != LUA_CALL_OK)
        return;
    call->verdict = verdict;
    lua_sethook(call->thread, on_count, LUA_MASKCOUNT, 1);
}

void lua_call_spend(struct lua_call *call, int64_t units)
{
    call->left -= units;
    if (call->left < 0)
        lua_call_stop(call, LUA_CALL_BUDGET);
}

// An error that costs no memory; what it says is told from the verdict.
static int raise_stopped(lua_State *L)
{
    lua_pushlightuserdata(L, NULL);
    return lua_error(L);
}

static void look_at_clock(struct lua_call *call)
{
    int64_t now = call->box->mono_ns();
    if (now - call->since_ns > call->run_left_ns || now > call->end_ns)
        lua_call_stop(call, LUA_CALL_DEADLINE);
}

static void on_count(lua_State *L, lua_Debug *ar)
{
    struct lua_call *call = lua_call_of(L);
    (void)ar;
    if (call->verdict == LUA_CALL_OK) {
        // Whoever paused and raised doesn't get that time for nothing.
        call->paused = false;
        call->box->running = call;
        lua_call_spend(call, LUA_HOOK_INTERVAL);
        look_at_clock(call);
    }
    if (call->verdict != LUA_CALL_OK)
        raise_stopped(L);
}

void lua_charge(lua_State *L, int64_t units)
{
    struct lua_call *call = lua_call_of(L);
    call->box->running = call;
    lua_call_spend(call, units);
    if (call->verdict != LUA_CALL_OK)
        raise_stopped(L);
}

void lua_charge_bytes(lua_State *L, size_t bytes)
{
    lua_charge(L, (int64_t)(bytes / LUA_BYTES_A_UNIT));
}

void lua_call_pause(struct lua_call *call)
{
    int64_t now = call->box->mono_ns();
    call->run_left_ns -= now - call->since_ns;
    call->since_ns = now;
    call->paused = true;
    if (call->box->running == call)
        call->box->running = NULL;
}

void lua_call_resume(struct lua_call *call)
{
    if (!call->paused)
        return;
    call->paused = false;
    call->since_ns = call->box->mono_ns();
    call->box->running = call;
    look_at_clock(call);
}

static struct str clean_text(struct arena *a, struct str s)
{
    struct str text = str_dup(a, str_utf8_clip(s, MESSAGE_MAX));
    if (!str_utf8_valid(text))
        for (size_t i = 0; i < text.len; i++)
            if (!text.p[i] || (text.p[i] & 0x80))
                ((char *)text.p)[i] = '?';
    return text;
}

// Never runs code of the plugin: an error object's __tostring is not called.
static struct str message_of(lua_State *L, int index, struct arena *a)
{
    size_t len;
    if (lua_type(L, index) != LUA_TSTRING)
        return str_format(a, "(error is a %s)", luaL_typename(L, index));
    const char *p = lua_tolstring(L, index, &len);
    return clean_text(a, str_n(p, len));
}

static struct str trace(lua_State *L, struct arena *a)
{
    struct buf b;
    lua_Debug ar;
    buf_init(&b, a, 8192);
    for (int level = 1, shown = 0; shown < TRACE_LEVELS_MAX && lua_getstack(L, level, &ar);
         level++) {
        lua_getinfo(L, "Sln", &ar);
        if (ar.currentline < 0)
            continue;
        if (shown++)
            buf_add_char(&b, '\n');
        buf_add_format(&b, "%s:%d: in ", ar.short_src, ar.currentline);
        if (*ar.what == 'm')
            buf_add(&b, STR("the plugin's own lines"));
        else if (ar.name)
            buf_add(&b, clean_text(a, str_of(ar.name)));
        else
            buf_add_format(&b, "the function at line %d", ar.linedefined);
    }
    return buf_str(&b);
}

// The message handler at the base of a call; only looks, so it may run where hooks don't.
static int on_error(lua_State *L)
{
    struct lua_call *call = lua_call_of(L);
    call->failure.message = message_of(L, 1, call->arena);
    call->failure.traceback = trace(L, call->arena);
    return 1;
}

static int new_thread(lua_State *L)
{
    lua_State **out = lua_touserdata(L, 1);
    lua_State *thread = lua_newthread(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, thread);
    *out = thread;
    return 0;
}

static lua_State *take_thread(struct lua_sandbox *box)
{
    lua_State *thread = NULL;
    if (box->idle_count)
        return box->idle[--box->idle_count];
    lua_pushcfunction(box->L, new_thread);
    lua_pushlightuserdata(box->L, &thread);
    if (lua_pcall(box->L, 1, 0, 0) != LUA_OK)
        lua_settop(box->L, 0);
    return thread;
}

static void give_thread(struct lua_sandbox *box, lua_State *thread)
{
    lua_settop(thread, 0);
    if (box->idle_count < LUA_THREADS_IDLE_MAX) {
        box->idle[box->idle_count++] = thread;
        return;
    }
    lua_pushnil(box->L);
    lua_rawsetp(box->L, LUA_REGISTRYINDEX, thread);
}

static bool too_deep(struct lua_sandbox *box, struct lua_call *call)
{
    const char *here = __builtin_frame_address(0);
    call->fiber = fiber_self();
    call->stack_base = here;
    for (struct lua_call *outer = box->live; outer && call->fiber; outer = outer->next_live)
        if (outer->fiber == call->fiber) {
            call->stack_base = outer->stack_base;
            return outer->stack_base - here > NESTED_STACK_MAX;
        }
    return false;
}

static void begin(struct lua_sandbox *box, struct lua_call *call)
{
    const struct lua_limits *limits = call->limits ? call->limits : &box->limits;
    call->box = box;
    call->arena_start = arena_size(call->arena);
    call->verdict = LUA_CALL_OK;
    call->left = limits->instructions;
    call->since_ns = box->mono_ns();
    call->run_left_ns = limits->run_ms * 1000000;
    call->end_ns = call->since_ns + limits->total_ms * 1000000;
    call->next_live = box->live;
    box->live = call;
    box->live_count++;
    box->running = call;
    *(struct lua_call **)lua_getextraspace(call->thread) = call;
    lua_sethook(call->thread, on_count, LUA_MASKCOUNT, LUA_HOOK_INTERVAL);
}

static void end(struct lua_sandbox *box, struct lua_call *call)
{
    const struct lua_limits *limits = call->limits ? call->limits : &box->limits;
    struct lua_call **link = &box->live;
    while (*link != call)
        link = &(*link)->next_live;
    *link = call->next_live;
    box->live_count--;
    box->running = NULL;
    call->instructions_used = limits->instructions - call->left;
    give_thread(box, call->thread);
    call->thread = NULL;
}

static enum lua_call_result judge(struct lua_call *call, int status)
{
    if (call->verdict == LUA_CALL_BUDGET) {
        call->failure.message = STR(PLUGIN_SAYS_BUDGET);
        return LUA_CALL_BUDGET;
    }
    if (call->verdict == LUA_CALL_DEADLINE) {
        call->failure.message = STR(PLUGIN_SAYS_DEADLINE);
        return LUA_CALL_DEADLINE;
    }
    if (status == LUA_OK)
        return LUA_CALL_OK;
    if (status == LUA_ERRMEM || str_is(call->failure.message, "not enough memory")) {
        call->failure.message = STR(PLUGIN_SAYS_MEMORY);
        return LUA_CALL_MEMORY;
    }
    if (!call->failure.message.p)
        call->failure.message = message_of(call->thread, -1, call->arena);
    return LUA_CALL_ERROR;
}

enum lua_call_result lua_call_run(
    struct lua_sandbox *box, struct lua_call *call, lua_CFunction function)
{
    call->failure = (struct lua_failure){.result = LUA_CALL_OK};
    call->result_count = 0;
    call->paused = false;
    if (too_deep(box, call)) {
        call->failure.message = STR(PLUGIN_SAYS_DEPTH);
        return call->failure.result = LUA_CALL_ERROR;
    }
    call->thread = take_thread(box);
    if (!call->thread) {
        call->failure.message = STR(PLUGIN_SAYS_MEMORY);
        return call->failure.result = LUA_CALL_MEMORY;
    }
    begin(box, call);
    lua_State *L = call->thread;
    lua_pushcfunction(L, on_error);
    lua_pushcfunction(L, function);
    lua_pushlightuserdata(L, call);
    int status = lua_pcall(L, 1, 0, 1);
    call->failure.result = judge(call, status);
    end(box, call);
    return call->failure.result;
}

static int run_function(lua_State *L)
{
    struct lua_call *call = lua_touserdata(L, 1);
    struct lua_plugin *plugin = &call->box->plugins[call->plugin];
    lua_settop(L, 0);
    lua_rawgeti(L, LUA_REGISTRYINDEX, plugin->functions[call->function].ref);
    luaL_checkstack(L, (int)call->arg_count + LUA_CALL_RESULTS_MAX, NULL);
    for (size_t i = 0; i < call->arg_count; i++)
        lua_value_push(L, call->args[i]);
    lua_call(L, (int)call->arg_count, LUA_CALL_RESULTS_MAX);
    for (int i = LUA_CALL_RESULTS_MAX; i > 0; i--) {
        if (!call->result_count && lua_isnil(L, i))
            continue;
        if (!call->result_count)
            call->result_count = (size_t)i;
        call->results[i - 1] = lua_value_read(L, i, call->arena);
    }
    return 0;
}

enum lua_call_result lua_sandbox_call(struct lua_sandbox *box, struct lua_call *call)
{
    check(call->arena && call->plugin < box->plugin_count && call->arg_count <= 16);
    check(
        call->function >= 0 && (size_t)call->function < box->plugins[call->plugin].function_count);
    return lua_call_run(box, call, run_function);
}
