// The product's own words and pages: every language has every message with the same arguments, and
// every template compiles and gives its messages what they need. Runs from the source tree.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "http/template.h"

static struct arena *a;

static size_t print_all(const struct value *problems)
{
    for (size_t i = 0; i < value_count(problems); i++)
        print_error("%.*s\n", STR_ARG(value_as_str(value_at(problems, i))));
    return value_count(problems);
}

static void assert_no_error(bool ok, const struct source_error *e)
{
    if (!ok)
        fail_msg("%s", str_z(a, source_error_text(a, e)));
}

static struct messages *load_messages(struct source_list manifests)
{
    struct source_error e;
    struct messages *messages = messages_new(a);
    assert_no_error(messages_add_tree(messages, "web", &e), &e);
    for (size_t i = 0; i < manifests.count; i++) {
        struct str rest = manifests.paths[i], name = str_cut(&rest, '/');
        if (!str_is(rest, "plugin.json"))
            continue;
        const char *dir = str_join(a, STR("plugins/"), name, STR("/locales"), STR_NULL).p;
        struct str prefix = str_join(a, STR("x."), name, STR("."), STR_NULL);
        assert_no_error(messages_add_dir(messages, dir, prefix, &e), &e);
    }
    messages_finish(messages);
    return messages;
}

static struct template_set *load_templates(struct messages *messages, struct source_list manifests)
{
    struct source_error e;
    struct template_set *set = template_set_new(a, messages, NULL);
    assert_no_error(template_set_add_tree(set, "web", STR(""), &e), &e);
    for (size_t i = 0; i < manifests.count; i++) {
        struct str rest = manifests.paths[i], name = str_cut(&rest, '/');
        if (!str_is(rest, "plugin.json"))
            continue;
        const char *dir = str_join(a, STR("plugins/"), name, STR("/templates"), STR_NULL).p;
        struct str prefix = str_join(a, STR("x/"), name, STR("/"), STR_NULL);
        assert_no_error(template_set_add_tree(set, dir, prefix, &e), &e);
    }
    assert_no_error(template_set_finish(set, false, &e), &e);
    return set;
}

static void every_language_says_everything(void **state)
{
    (void)state;
    struct messages *messages = load_messages(source_walk(a, "plugins", STR("plugin.json")));
    assert_int_equal(print_all(messages_check(a, messages)), 0);
}

static void every_template_compiles(void **state)
{
    (void)state;
    struct source_list manifests = source_walk(a, "plugins", STR("plugin.json"));
    struct template_set *set = load_templates(load_messages(manifests), manifests);
    assert_int_equal(print_all(template_set_check(a, set)), 0);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_language_says_everything),
        cmocka_unit_test(every_template_compiles),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
