// A site's dispatch lists: who is reached, in which order, with what; and what a hook costs. The
// plugins are those of tests/fixtures/plugins, the site is made by hand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "http/respond.h"
#include "io/fiber.h"
#include "plug/dispatch.h"
#include "plug/plug.h"

static struct arena *a;
static struct messages *messages;

static struct site *site_with(const struct site_feature *features, int count)
{
    static int64_t tenant = 100;
    struct arena *own = arena_new();
    struct site *s = arena_new_object(own, struct site);
    *s = (struct site){.arena = own,
        .references = 1,
        .tenant = tenant++,
        .slug = {"unit", 4},
        .currency = {"EUR"},
        .languages = {{"en", 2}},
        .language_count = 1,
        .features = (struct site_feature *)features,
        .feature_count = count};
    dispatch_compile(s);
    return s;
}

static void close_site(struct site *s)
{
    dispatch_forget(s);
    arena_free(s->arena);
}

static struct value *order_in(int lines)
{
    struct value *in = value_object(a), *list = value_list(a);
    value_set(a, in, KEY(order), value_object(a));
    value_set(a, in, KEY(lines), list);
    for (int i = 0; i < lines; i++) {
        struct value *line = value_append_object(a, list);
        value_set_str(a, line, KEY(offer), STR("tour"));
        value_set_int(a, line, KEY(quantity), 2);
        value_set_int(a, line, KEY(unit_minor), 1200);
        value_set_int(a, line, KEY(net_minor), 2400);
    }
    return in;
}

static void hooks_reach_who_is_on_in_order(void **state)
{
    static const struct site_feature both[] = {
        {{"greeter", 7}, FEATURE_ON, NULL}, {{"tally", 5}, FEATURE_ON, NULL}};
    struct site *s = site_with(both, 2);
    (void)state;
    const struct value *all = hook_collect(a, s, HOOK_order_actions, order_in(0));
    assert_int_equal(value_count(all), 2);
    assert_string_equal(value_get_str(value_at(all, 0), KEY(plugin)).p, "greeter");
    assert_string_equal(value_get_str(value_at(all, 0), KEY(title)).p, "wave");
    assert_string_equal(value_get_str(value_at(all, 1), KEY(plugin)).p, "tally");
    assert_true(value_is(value_get(value_at(all, 1), KEY(order)), VALUE_OBJECT));
    close_site(s);
}

static void off_and_waiting_are_not_reached(void **state)
{
    static const struct site_feature none[] = {
        {{"greeter", 7}, FEATURE_OFF, NULL}, {{"tally", 5}, FEATURE_WAITING, NULL}};
    struct site *s = site_with(none, 2);
    (void)state;
    for (int i = 0; i < HOOK_COUNT; i++)
        assert_int_equal(hook_list(s, (enum hook)i)->count, 0);
    assert_null(site_plugin_find(s, STR("greeter")));
    close_site(s);
}

static void closing_starts_nothing_new(void **state)
{
    static struct site_feature one[] = {{{"trouble", 7}, FEATURE_CLOSING, NULL}};
    struct site *s = site_with(one, 1);
    (void)state;
    assert_int_equal(hook_list(s, HOOK_basket_fields)->count, 0);
    assert_int_equal(hook_list(s, HOOK_hold_check)->count, 1);
    close_site(s);
    one[0].state = FEATURE_ON;
    s = site_with(one, 1);
    assert_int_equal(hook_list(s, HOOK_basket_fields)->count, 1);
    close_site(s);
}

static void tabs_come_from_the_manifest(void **state)
{
    static const struct site_feature one[] = {{{"greeter", 7}, FEATURE_ON, NULL}};
    struct site *s = site_with(one, 1);
    (void)state;
    const struct value *tab = value_at(hook_collect(a, s, HOOK_office_tabs, NULL), 0);
    assert_string_equal(value_get_str(tab, KEY(path)).p, "/manage/x/greeter/");
    assert_string_equal(value_get_str(value_get(tab, KEY(title)), KEY(fr)).p, "Livre d'or");
    close_site(s);
}

static void settings_are_complete(void **state)
{
    struct value *stored = value_object(a);
    struct site_feature one[] = {{{"greeter", 7}, FEATURE_ON, stored}};
    value_set_int(a, stored, KEY(times), 99);
    value_set_str(a, stored, KEY(greeting), STR(" Ahoy "));
    struct site *s = site_with(one, 1);
    (void)state;
    const struct value *settings = site_plugin_find(s, STR("greeter"))->settings;
    assert_int_equal(value_get_int(settings, KEY(times), 0), 1);
    assert_string_equal(value_get_str(settings, KEY(greeting)).p, "Ahoy");
    close_site(s);
}

static void a_filter_changes_what_goes_on(void **state)
{
    static const struct site_feature one[] = {{{"tenth", 5}, FEATURE_ON, NULL}};
    struct site *s = site_with(one, 1);
    (void)state;
    const struct value *out = hook_filter(a, s, HOOK_price_coupon, order_in(3));
    const struct value *line = value_at(value_get(out, KEY(lines)), 2);
    const struct value *discount = value_at(value_get(line, KEY(discounts)), 0);
    assert_int_equal(value_get_int(discount, KEY(minor), 0), -240);
    close_site(s);
}

static struct value *one_line(void)
{
    return order_in(1);
}

// Five fields in, three out.
static struct value *flat_in(void)
{
    struct value *in = value_object(a);
    value_set_str(a, in, KEY(id), STR("4711"));
    value_set_str(a, in, KEY(code), STR("SPRING"));
    value_set_str(a, in, KEY(currency), STR("EUR"));
    value_set_int(a, in, KEY(net_minor), 2400);
    value_set_int(a, in, KEY(minor), 240);
    return in;
}

// Nanoseconds of one call, the best of some rounds: other processes only make it slower.
static int64_t cost_ns(const struct site *s, enum hook hook, int calls, struct value *(*make)(void))
{
    int64_t best = INT64_MAX;
    for (int round = 0; round < 200; round++) {
        struct value *in = make();
        int64_t since = clock_mono_ns();
        for (int i = 0; i < calls; i++) {
            struct value *out = hook_filter(a, s, hook, in);
            __asm__ volatile("" : : "r"(out) : "memory");
        }
        int64_t took = (clock_mono_ns() - since) / calls;
        best = took < best ? took : best;
        arena_reset(a);
    }
    return best;
}

static void a_hook_costs_little(void **state)
{
    static const struct site_feature one[] = {{{"tenth", 5}, FEATURE_ON, NULL}};
    struct site *s = site_with(one, 1);
    (void)state;
    int64_t idle = cost_ns(s, HOOK_tenders, 100000, flat_in);
    int64_t lua = cost_ns(s, HOOK_price_member, 500, flat_in);
    int64_t line = cost_ns(s, HOOK_price_coupon, 500, one_line);
    print_message("hook_idle %lld ns, hook_lua %lld ns, a filter of an order's line %lld ns\n",
        (long long)idle, (long long)lua, (long long)line);
    // Far above what is measured, so that a busy machine or a sanitizer doesn't fail it.
    assert_in_range(idle, 0, 200);
    assert_in_range(lua, 1, 60000);
    close_site(s);
}

static int setup(void **state)
{
    struct source_error e;
    (void)state;
    a = arena_new();
    struct arena *kept = arena_new();
    messages = messages_new(kept);
    struct plug_parts parts = {.home = STR("/nowhere"),
        .messages = messages,
        .templates = template_set_new(kept, messages, NULL)};
    setenv("VITRINE_TEST_PLUGINS", "tests/fixtures/plugins", 1);
    if (!plug_load(kept, &parts, &e)) {
        print_error("%s\n", source_error_text(kept, &e).p);
        return -1;
    }
    messages_finish(messages);
    struct respond_parts respond = {.messages = messages, .templates = parts.templates};
    respond_init(&respond);
    dispatch_start();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    messages_fini(messages);
    arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hooks_reach_who_is_on_in_order),
        cmocka_unit_test(off_and_waiting_are_not_reached),
        cmocka_unit_test(closing_starts_nothing_new),
        cmocka_unit_test(tabs_come_from_the_manifest),
        cmocka_unit_test(settings_are_complete),
        cmocka_unit_test(a_filter_changes_what_goes_on),
        cmocka_unit_test(a_hook_costs_little),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
