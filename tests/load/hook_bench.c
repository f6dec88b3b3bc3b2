// What a hook costs: one that no plugin of the site uses, and one Lua filter of five fields in and
// three out. Prints nanoseconds a call as JSON lines; run from the root, for scripts/bench.
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "http/respond.h"
#include "plug/dispatch.h"
#include "plug/plug.h"

enum { ROUNDS = 200, IDLE_CALLS = 100000, LUA_CALLS = 500 };

static struct arena *a;

static void load_plugins(void)
{
    struct source_error e;
    struct arena *kept = arena_new();
    struct respond_parts respond = {.messages = messages_new(kept)};
    respond.templates = template_set_new(kept, respond.messages, NULL);
    struct plug_parts parts = {
        .home = STR("tests/load"), .messages = respond.messages, .templates = respond.templates};
    if (!plug_load(kept, &parts, &e)) {
        fprintf(stderr, "%s\n", source_error_text(kept, &e).p);
        exit(1);
    }
    messages_finish(respond.messages);
    respond_init(&respond);
    dispatch_start();
}

static struct value *order_line(void)
{
    struct value *in = value_object(a);
    value_set_str(a, in, KEY(id), STR("4711"));
    value_set_str(a, in, KEY(code), STR("SPRING"));
    value_set_str(a, in, KEY(currency), STR("EUR"));
    value_set_int(a, in, KEY(net_minor), 2400);
    value_set_int(a, in, KEY(minor), 240);
    return in;
}

// The best of some rounds: other processes only make it slower.
static double cost_ns(const struct site *s, enum hook hook, int calls)
{
    int64_t best = INT64_MAX;
    for (int round = 0; round < ROUNDS; round++) {
        struct value *in = order_line();
        int64_t since = clock_mono_ns();
        for (int i = 0; i < calls; i++) {
            struct value *out = hook_filter(a, s, hook, in);
            __asm__ volatile("" : : "r"(out) : "memory");
        }
        int64_t took = clock_mono_ns() - since;
        best = took < best ? took : best;
        arena_reset(a);
    }
    return (double)best / calls;
}

int main(void)
{
    static struct site_feature on[] = {{{"lean", 4}, FEATURE_ON, NULL}};
    a = arena_new();
    load_plugins();
    struct site site = {.arena = arena_new(),
        .references = 1,
        .tenant = 1,
        .slug = STR("bench"),
        .currency = {"EUR"},
        .languages = {{"en", 2}},
        .language_count = 1,
        .features = on,
        .feature_count = 1};
    dispatch_compile(&site);
    printf("{\"hook_idle\":%.2f,\"hook_lua\":%.1f}\n", cost_ns(&site, HOOK_tenders, IDLE_CALLS),
        cost_ns(&site, HOOK_price_member, LUA_CALLS));
    dispatch_forget(&site);
    return 0;
}
