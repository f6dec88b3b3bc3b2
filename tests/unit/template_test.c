// Our own part of the template engine: compiled tags, sets of files, sites' overrides, limits and
// what errors say.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/json.h"
#include "http/template.h"

#define assert_str(s, literal) assert_string_equal(str_z(a, (s)), literal)

static struct arena *a;
static struct messages *messages;
static struct template_set *set;
static char dir[] = "/tmp/vitrine-template-XXXXXX";
static struct source_error e;

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(str_join(a, str_of(dir), STR("/"), str_of(name), STR_NULL).p, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static const char *path(const char *name)
{
    return str_join(a, str_of(dir), STR("/"), str_of(name), STR_NULL).p;
}

static int group_setup(void **state)
{
    (void)state;
    a = arena_new();
    assert_non_null(mkdtemp(dir));
    assert_int_equal(mkdir(path("locales"), 0700), 0);
    assert_int_equal(mkdir(path("web"), 0700), 0);
    assert_int_equal(mkdir(path("web/shop"), 0700), 0);
    write_file("locales/en.json",
        "{\"hello\": \"Hello & welcome\", \"name\": \"Dear {name},\","
        "\"left\": \"{count, plural, one {# place} other {# places}} for {title}\"}");
    write_file("locales/fr.json",
        "{\"hello\": \"Bonjour l'ami\", \"name\": \"Chère {name},\","
        "\"left\": \"{count, plural, one {# place} other {# places}} pour {title}\"}");
    write_file("manifest.json", "{\"icons.svg\":\"aa11\",\"styles/site.css\":\"bb22\"}");
    messages = messages_new(a);
    assert_true(messages_add_dir(messages, path("locales"), STR(""), &e));
    messages_finish(messages);
    return 0;
}

static int group_teardown(void **state)
{
    (void)state;
    int rc = system(str_join(a, STR("rm -r "), str_of(dir), STR_NULL).p);
    messages_fini(messages);
    arena_free(a);
    return rc;
}

static int setup(void **state)
{
    (void)state;
    struct assets *assets = assets_load(a, path("manifest.json"), &e);
    assert_non_null(assets);
    set = template_set_new(a, messages, assets);
    return 0;
}

static bool add(const char *name, const char *text)
{
    return template_set_add(set, str_of(name), TEMPLATE_PAGE, str_of(text), &e);
}

static struct value *view(const char *json)
{
    struct json_error bad;
    struct value *v = json_parse(a, str_of(json), JSON_ANY_KEYS, &bad);
    assert_non_null(v);
    return v;
}

static struct str render_in(const char *name, const char *lang, const char *json,
    const struct template_overlay *overlay, enum template_outcome expected)
{
    struct buf out;
    buf_init(&out, a, 1 << 16);
    struct template_input in = {view(json), messages_language(messages, str_of(lang)), overlay};
    assert_int_equal(template_render(template_find(set, str_of(name)), &in, &out), expected);
    return buf_str(&out);
}

static struct str render(const char *text, const char *json)
{
    assert_true(add("test", text));
    assert_true(template_set_finish(set, false, &e));
    return render_in("test", "en", json, NULL, TEMPLATE_DONE);
}

static void assert_refused(const char *text, const char *expected)
{
    if (add("bad", text) && template_set_finish(set, false, &e))
        fail_msg("accepted: %s", text);
    assert_str(source_error_text(a, &e), expected);
}

static void messages_are_tags(void **state)
{
    (void)state;
    assert_true(add("page", "{{#t}}hello{{/t}}|{{#t}}name name=who.name{{/t}}|"
                            "{{#t}} left count=n  title=title {{/t}}"));
    const char *json =
        "{\"who\":{\"name\":\"<Zoë>\"},\"n\":2,\"title\":{\"minor\":1,\"text\":\"A&B\"}}";
    assert_str(render_in("page", "en", json, NULL, TEMPLATE_DONE),
        "Hello &amp; welcome|Dear &lt;Zoë&gt;,|2 places for A&amp;B");
    assert_str(render_in("page", "fr", json, NULL, TEMPLATE_DONE),
        "Bonjour l&#39;ami|Chère &lt;Zoë&gt;,|2 places pour A&amp;B");
    assert_str(render("{{#t}}name name=nobody{{/t}}", "{}"), "Dear ,");
}

static void assets_and_icons_are_resolved(void **state)
{
    (void)state;
    assert_str(render("<link href=\"{{#asset}}styles/site.css{{/asset}}\">", "{}"),
        "<link href=\"/assets/bb22/styles/site.css\">");
    assert_str(render("{{#icon}}star{{/icon}}{{#icon}}{{kind}}{{/icon}}{{#icon}}{{no}}{{/icon}}",
                   "{\"kind\":\"a\\\"b\"}"),
        "<svg class=\"icon\" aria-hidden=\"true\"><use "
        "href=\"/assets/aa11/icons.svg#star\"></use></svg>"
        "<svg class=\"icon\" aria-hidden=\"true\"><use "
        "href=\"/assets/aa11/icons.svg#a&quot;b\"></use></svg>");
}

static void pages_lose_white_space_except_where_it_counts(void **state)
{
    (void)state;
    assert_str(render("<ul>\n\n    {{#items}}\n    <li>{{.}}</li>\n    {{/items}}\n</ul>\n"
                      "  <textarea>\n  a\n    {{b}}</textarea>\n  <p>\n    x y\n  </p>\n",
                   "{\"items\":[1,2],\"b\":\"B\"}"),
        "<ul>\n<li>1</li>\n<li>2</li>\n</ul>\n<textarea>\n  a\n    B</textarea>\n<p>\nx y\n</p>\n");
}

static void values_are_escaped_by_default(void **state)
{
    (void)state;
    assert_str(
        render("{{s}} {{{s}}} {{t}} {{f}} {{n}} {{i}} {{o}}",
            "{\"s\":\"<'\\\"&>\",\"t\":true,\"f\":false,\"n\":null,\"i\":-9223372036854775808,"
            "\"o\":{\"x\":1}}"),
        "&lt;&#39;&quot;&amp;&gt; <'\"&> true false  -9223372036854775808 ");
}

static void a_layout_is_filled_by_pages(void **state)
{
    (void)state;
    assert_true(add("shop/layout", "<title>{{$title}}Shop{{/title}}</title>{{>shop/nav}}"
                                   "<main>{{$content}}{{/content}}</main>"));
    assert_true(add("shop/nav", "<nav>{{$current}}home{{/current}}</nav>"));
    assert_true(add("shop/card", "<h2>{{$title}}Card{{/title}}</h2>"));
    assert_str(
        render("{{<shop/layout}}{{$title}}Basket{{/title}}{{$current}}basket{{/current}}"
               "{{$content}}{{#items}}{{<shop/card}}{{$title}}{{name}}{{/title}}{{/shop/card}}"
               "{{>shop/card}}{{/items}}{{/content}}{{/shop/layout}}",
            "{\"items\":[{\"name\":\"A\"},{\"name\":\"B\"}]}"),
        "<title>Basket</title><nav>basket</nav><main><h2>A</h2><h2>Card</h2><h2>B</h2><h2>Card</h2>"
        "</main>");
}

static void a_tree_of_files_is_a_set(void **state)
{
    (void)state;
    write_file("web/shop/home.html", "{{>x/p/part}}\n");
    write_file("web/shop/part.html", "  <b>{{name}}</b>\n");
    write_file("web/shop/mail.txt", "Dear {{name}},\n  {{#t}}hello{{/t}}\n");
    assert_true(template_set_add_tree(set, path("web"), STR(""), &e));
    assert_true(template_set_add_tree(set, path("web/shop"), STR("x/p/"), &e));
    assert_true(template_set_finish(set, false, &e));
    const char *json = "{\"name\":\"A&B\"}";
    assert_str(render_in("shop/home", "en", json, NULL, TEMPLATE_DONE), "<b>A&amp;B</b>\n");
    assert_str(render_in("shop/mail.txt", "en", json, NULL, TEMPLATE_DONE),
        "Dear A&B,\n  Hello & welcome\n");
    write_file("web/shop/home.html", "<p>\n{{#x}}\n");
    assert_false(template_set_add_tree(set, path("web"), STR(""), &e));
    assert_true(str_ends(
        source_error_text(a, &e), STR("web/shop/home.html:2: {{x}} is never closed: add {{/x}}")));
}

static void errors_say_where_and_what_to_do(void **state)
{
    (void)state;
    assert_refused("a\nb {{#x}}\n{{/y}}", "bad:3: {{/y}} stands where {{/x}} must close line 2");
    assert_refused("{{/y}}", "bad:1: {{/y}} closes nothing");
    assert_refused("\n\n{{name", "bad:3: a tag is never closed: end it with }}");
    assert_refused("{{{name}}", "bad:1: {{{ is never closed: end it with }}}");
    assert_refused("{{=<%=}}", "bad:1: delimiters are set as in {{=<% %>=}}");
    assert_refused(
        "{{two words}}", "bad:1: a tag's name is one word of at most 200 bytes: {{two words}}");
    assert_refused("{{}}", "bad:1: a tag's name is one word of at most 200 bytes: {{}}");
    assert_refused("{{a..b}}", "bad:1: a..b isn't a path: write names with dots between");
    assert_refused(
        "{{#t}}nope{{/t}}", "bad:1: there is no message nope: add it to locales/en.json");
    assert_refused(
        "{{#t}}hello x{{/t}}", "bad:1: a message's arguments are at most 8 name=path: x");
    assert_refused("{{#t}}hello {{x}}{{/t}}", "bad:1: {{#t}} can't have other tags inside");
    assert_refused("{{#t}}hello", "bad:1: {{#t}} is never closed: end it with {{/t}}");
    assert_refused("{{#asset}}no.css{{/asset}}", "bad:1: the build has no asset no.css");
    assert_refused(
        "{{#icon}}a b{{/icon}}", "bad:1: an icon's name has letters, digits and hyphens");
    assert_refused("\n{{>nowhere}}", "bad:2: there is no template nowhere");
}

static void nesting_is_limited(void **state)
{
    (void)state;
    char text[40 * 6 + 1] = "";
    for (int i = 0; i < 40; i++)
        strcat(text, "{{#x}}");
    assert_refused(text, "bad:1: nested more than 32 deep: move the inner part to a partial");
}

static void a_runaway_is_stopped(void **state)
{
    (void)state;
    assert_true(add("loop", "a{{>loop}}"));
    assert_true(
        add("wide", "{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}"));
    assert_true(add("large", "{{#l}}{{#l}}{{#l}}{{#l}}0123456789{{/l}}{{/l}}{{/l}}{{/l}}"));
    assert_true(template_set_finish(set, false, &e));
    const char *json = "{\"l\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]}";
    assert_str(render_in("loop", "en", json, NULL, TEMPLATE_TOO_DEEP), "");
    assert_str(render_in("wide", "en", json, NULL, TEMPLATE_TOO_LONG), "");
    assert_str(render_in("large", "en", json, NULL, TEMPLATE_TOO_LARGE), "");
}

static void a_sites_own_template_stands_in(void **state)
{
    (void)state;
    assert_true(add("shop/card", "card {{name}};"));
    assert_true(add("shop/page", "{{#items}}{{>shop/card}}{{/items}}"));
    assert_true(template_set_finish(set, false, &e));
    const char *json = "{\"items\":[{\"name\":\"A\"},{\"name\":\"B\"}]}";
    struct template_overlay *overlay = template_overlay_new(a, set);
    assert_true(template_overlay_add(overlay, STR("shop/card"), STR("<i>{{name}}</i>"), &e));
    assert_str(render_in("shop/page", "en", json, overlay, TEMPLATE_DONE), "<i>A</i><i>B</i>");
    assert_str(render_in("shop/page", "en", json, NULL, TEMPLATE_DONE), "card A;card B;");
    assert_true(template_overlay_add(overlay, STR("shop/page"), STR("mine: {{>shop/card}}"), &e));
    assert_str(render_in("shop/page", "en", json, overlay, TEMPLATE_DONE), "mine: <i></i>");
}

static void a_broken_override_leaves_the_built_in_one(void **state)
{
    (void)state;
    assert_true(add("shop/card", "card"));
    assert_true(add("shop/page", "page"));
    assert_true(template_set_finish(set, false, &e));
    struct template_overlay *overlay = template_overlay_new(a, set);
    assert_false(template_overlay_add(overlay, STR("shop/page"), STR("x\n{{#a}}"), &e));
    assert_str(source_error_text(a, &e), "shop/page:2: {{a}} is never closed: add {{/a}}");
    assert_false(template_overlay_add(overlay, STR("shop/page"), STR("{{>secret}}"), &e));
    assert_false(template_overlay_add(overlay, STR("shop/no"), STR("x"), &e));
    assert_false(template_overlay_add(overlay, STR("shop/page"), STR("\xff"), &e));
    assert_str(render_in("shop/page", "en", "{}", overlay, TEMPLATE_DONE), "page");
    assert_true(template_overlay_add(overlay, STR("shop/page"), STR("{{>shop/page}}"), &e));
    assert_str(render_in("shop/page", "en", "{}", overlay, TEMPLATE_FELL_BACK), "page");
}

static void strangers_cant_fill_the_key_table(void **state)
{
    (void)state;
    assert_true(add("shop/page", "page"));
    assert_true(template_set_finish(set, false, &e));
    struct template_overlay *overlay = template_overlay_new(a, set);
    struct buf text;
    buf_init(&text, a, TEMPLATE_LEN_MAX);
    for (int i = 0; i <= TEMPLATE_OVERRIDE_NAMES_MAX; i++)
        buf_add_format(&text, "{{stranger%d}}\n", i);
    assert_false(template_overlay_add(overlay, STR("shop/page"), buf_str(&text), &e));
    assert_str(
        source_error_text(a, &e), "shop/page:2049: no page has anything called stranger2048");
    assert_true(template_overlay_add(overlay, STR("shop/page"), STR("{{stranger1}}{{name}}"), &e));
}

static void missing_arguments_are_found(void **state)
{
    (void)state;
    assert_true(add("page", "{{#t}}left count=n{{/t}}{{#t}}hello{{/t}}"));
    struct value *problems = template_set_check(a, set);
    assert_int_equal(value_count(problems), 1);
    assert_str(value_as_str(value_at(problems, 0)), "page: message left needs title=path");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(messages_are_tags, setup),
        cmocka_unit_test_setup(assets_and_icons_are_resolved, setup),
        cmocka_unit_test_setup(pages_lose_white_space_except_where_it_counts, setup),
        cmocka_unit_test_setup(values_are_escaped_by_default, setup),
        cmocka_unit_test_setup(a_layout_is_filled_by_pages, setup),
        cmocka_unit_test_setup(a_tree_of_files_is_a_set, setup),
        cmocka_unit_test_setup(errors_say_where_and_what_to_do, setup),
        cmocka_unit_test_setup(nesting_is_limited, setup),
        cmocka_unit_test_setup(a_runaway_is_stopped, setup),
        cmocka_unit_test_setup(a_sites_own_template_stands_in, setup),
        cmocka_unit_test_setup(a_broken_override_leaves_the_built_in_one, setup),
        cmocka_unit_test_setup(strangers_cant_fill_the_key_table, setup),
        cmocka_unit_test_setup(missing_arguments_are_found, setup),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
