// The official Mustache specification, where its folder is at hand: VITRINE_MUSTACHE_SPEC, or
// ../shared/mustache-spec beside the source tree. Elsewhere the test reports itself as skipped.
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/json.h"
#include "http/template.h"

static int failures;

static void compare(struct arena *a, struct str file, const struct value *test, struct str got)
{
    struct str expected = value_get_str(test, KEY(expected));
    if (str_eq(got, expected))
        return;
    struct buf b;
    buf_init(&b, a, 1 << 20);
    json_write_str(&b, expected);
    buf_add(&b, STR("\n      got "));
    json_write_str(&b, got);
    print_error("%.*s: %.*s\n  expected %.*s\n", STR_ARG(file),
        STR_ARG(value_get_str(test, KEY(name))), STR_ARG(buf_str(&b)));
    failures++;
}

static void run_case(struct str file, const struct value *test)
{
    struct arena *a = arena_new();
    struct template_set *set = template_set_new(a, NULL, NULL);
    struct source_error e = {0};
    const struct value *partials = value_get(test, KEY(partials));
    bool ok =
        template_set_add(set, STR("main"), TEMPLATE_EXACT, value_get_str(test, KEY(template)), &e);
    for (size_t i = 0; ok && i < value_count(partials); i++)
        ok = template_set_add(set, value_key_name(partials->object.fields[i].key), TEMPLATE_EXACT,
            value_as_str(partials->object.fields[i].value), &e);
    struct buf out;
    buf_init(&out, a, 1 << 20);
    struct template_input in = {.view = value_get(test, KEY(data))};
    if (ok && template_set_finish(set, true, &e)) {
        assert_int_equal(
            template_render(template_find(set, STR("main")), &in, &out), TEMPLATE_DONE);
        compare(a, file, test, buf_str(&out));
    } else {
        print_error("%.*s\n", STR_ARG(source_error_text(a, &e)));
        failures++;
    }
    arena_free(a);
}

static size_t run_file(const char *dir, struct str name)
{
    struct arena *a = arena_new();
    struct source_error e;
    struct json_error bad;
    struct str path = str_join(a, str_of(dir), STR("/"), name, STR_NULL);
    struct str text = source_read(a, str_z(a, path), &e);
    assert_non_null(text.p);
    struct value *file = json_parse(a, text, JSON_ANY_KEYS, &bad);
    assert_non_null(file);
    const struct value *tests = value_get(file, KEY(tests));
    size_t count = value_count(tests);
    for (size_t i = 0; i < count; i++)
        run_case(name, value_at(tests, i));
    arena_free(a);
    return count;
}

static void the_specification_holds(void **state)
{
    (void)state;
    const char *dir = getenv("VITRINE_MUSTACHE_SPEC");
    dir = dir ? dir : "../shared/mustache-spec";
    struct arena *a = arena_new();
    struct source_list files = source_walk(a, dir, STR(".json"));
    if (!files.count) {
        print_message("skipped: no specification in %s\n", dir);
        arena_free(a);
        skip();
    }
    size_t count = 0;
    for (size_t i = 0; i < files.count; i++)
        count += run_file(dir, files.paths[i]);
    print_message("%zu cases of %zu files\n", count, files.count);
    arena_free(a);
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_specification_holds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
