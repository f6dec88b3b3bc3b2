// Every page has a view written down in tests/fixtures/views, and renders with it in every
// language: the contract between handlers and templates. Runs from the source tree.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/json.h"
#include "http/template.h"

enum { FILE_MAX_BYTES = 1 << 20 };

static struct arena *a;
static struct messages *messages;
static struct template_set *set;

static void assert_no_error(bool ok, const struct source_error *e)
{
    if (!ok)
        fail_msg("%s", str_z(a, source_error_text(a, e)));
}

static int setup(void **state)
{
    struct source_error e;
    (void)state;
    a = arena_new();
    messages = messages_new(a);
    assert_no_error(messages_add_tree(messages, "web", &e), &e);
    messages_finish(messages);
    set = template_set_new(a, messages, NULL);
    assert_no_error(template_set_add_tree(set, "web", STR(""), &e), &e);
    assert_no_error(template_set_finish(set, false, &e), &e);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    messages_fini(messages);
    arena_free(a);
    return 0;
}

static struct str read_text(struct str path)
{
    struct str text;
    if (!file_read(a, path, FILE_MAX_BYTES, &text))
        fail_msg("%s can't be read", path.p);
    return text;
}

static void render(struct str name, const struct value *view)
{
    static const char *const languages[] = {"en", "fr", "es"};
    const struct template *t = template_find(set, name);
    if (!t)
        fail_msg("there is no template %s", name.p);
    for (int i = 0; i < 3; i++) {
        struct template_input in = {
            .view = view, .language = messages_language(messages, str_of(languages[i]))};
        struct buf b;
        buf_init(&b, a, 4 << 20);
        assert_int_equal(template_render(t, &in, &b), TEMPLATE_DONE);
        assert_true(buf_str(&b).len > 100);
        // A message whose words are missing shows its key.
        if (str_find(buf_str(&b), STR(">office.")) >= 0 ||
            str_find(buf_str(&b), STR(">storefront.")) >= 0)
            fail_msg("%s shows a key in place of words", name.p);
    }
}

static void every_view_renders(void **state)
{
    (void)state;
    struct source_list views = source_walk(a, "tests/fixtures/views", STR(".json"));
    assert_true(views.count > 20);
    for (size_t i = 0; i < views.count; i++) {
        struct json_error e;
        struct str path = views.paths[i];
        struct str name = str_dup(a, str_sub(path, 0, path.len - 5));
        const struct value *view =
            json_parse(a, read_text(str_join(a, STR("tests/fixtures/views/"), path, STR_NULL)),
                JSON_ANY_KEYS, &e);
        if (!view)
            fail_msg("%s:%d: %s", path.p, e.line, e.text.p);
        render(name, view);
        struct str text = str_join(a, name, STR(".txt"), STR_NULL);
        if (template_find(set, text))
            render(text, view);
    }
}

// A page starts a document or fills a layout; what does neither is a part of others, and a frame
// is filled by pages.
static bool is_page(struct str path, struct str text)
{
    if (str_ends(path, STR("/layout.html")) || str_ends(path, STR("/frame.html")) ||
        str_find(path, STR("/frame/")) >= 0)
        return false;
    return str_starts(text, STR("<!doctype")) || str_starts(text, STR("{{<"));
}

static void every_page_has_a_view(void **state)
{
    (void)state;
    struct source_list pages = source_walk(a, "web", STR(".html"));
    for (size_t i = 0; i < pages.count; i++) {
        struct str path = pages.paths[i];
        if (str_find(path, STR("node_modules/")) >= 0 ||
            !is_page(path, read_text(str_join(a, STR("web/"), path, STR_NULL))))
            continue;
        struct str view = str_join(a, STR("tests/fixtures/views/"), str_sub(path, 0, path.len - 5),
            STR(".json"), STR_NULL);
        if (!file_exists(view))
            fail_msg("web/%s has no view %s", path.p, view.p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_view_renders),
        cmocka_unit_test(every_page_has_a_view),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
