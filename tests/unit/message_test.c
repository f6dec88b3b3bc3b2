// Catalogues: merging, falling back, arguments, and what the check finds.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "http/message.h"

#define assert_str(s, literal) assert_string_equal(str_z(a, (s)), literal)

static struct arena *a;
static char dir[] = "/tmp/vitrine-message-XXXXXX";
static struct messages *m;
static struct catalogue *en, *fr, *es;
static struct source_error e;

static const char *path(const char *name)
{
    return str_join(a, str_of(dir), STR("/"), str_of(name), STR_NULL).p;
}

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(path(name), "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int group_setup(void **state)
{
    (void)state;
    a = arena_new();
    assert_non_null(mkdtemp(dir));
    const char *folders[] = {"core", "plugin", "bad"};
    for (int i = 0; i < 3; i++)
        assert_int_equal(mkdir(path(folders[i]), 0700), 0);
    write_file("core/en.json",
        "{\"plain\":\"It's <here>\",\"name\":\"Hi {name}, it''s '{x}' {n}\",\"simple\":\"Hi "
        "{name}\","
        "\"places\":\"{count, plural, =0 {sold out} one {# place left} other {# places left}}\","
        "\"state\":\"{on, select, true {on} other {off}}\",\"gap\":\"{n, number} in English\","
        "\"only\":\"only\"}");
    write_file("core/fr.json",
        "{\"plain\":\"C'est <ici>\",\"name\":\"Salut {name}\",\"simple\":\"Salut {name}\","
        "\"places\":\"{count, plural, =0 {complet} one {# place libre} other {# places libres}}\","
        "\"state\":\"{on, select, true {oui} other {non}}\",\"extra\":\"seul\"}");
    write_file("core/es.json", "{\"plain\":\"aqu''i\",\"places\":\"{count, plural, one {#\"}");
    write_file("plugin/en.json", "{\"title\":\"Coupons\"}");
    write_file("bad/en.json", "{\"title\":\n 3 4}");
    m = messages_new(a);
    assert_true(messages_add_dir(m, path("core"), STR(""), &e));
    assert_true(messages_add_dir(m, path("plugin"), STR("x.coupons."), &e));
    assert_true(messages_add_dir(m, path("nowhere"), STR(""), &e));
    messages_finish(m);
    en = messages_language(m, STR("en"));
    fr = messages_language(m, STR("fr-CA"));
    es = messages_language(m, STR("es"));
    return 0;
}

static int group_teardown(void **state)
{
    (void)state;
    int rc = system(str_join(a, STR("rm -r "), str_of(dir), STR_NULL).p);
    messages_fini(m);
    arena_free(a);
    return rc;
}

static struct value *number(int64_t n)
{
    return value_int(a, n);
}

static void plain_messages_are_literal(void **state)
{
    (void)state;
    assert_str(message(a, en, STR("plain"), NULL), "It's <here>");
    assert_str(message(a, fr, STR("plain"), NULL), "C'est <ici>");
    struct buf b;
    buf_init(&b, a, 1000);
    message_add_html(&b, fr, message_find(m, STR("plain")), NULL, 0);
    assert_str(buf_str(&b), "C&#39;est &lt;ici&gt;");
}

static void arguments_have_names(void **state)
{
    (void)state;
    struct value *name = value_str(a, STR("A&B"));
    assert_str(message(a, en, STR("simple"), "name", name, NULL), "Hi A&B");
    assert_str(message(a, en, STR("simple"), "name", number(1234), NULL), "Hi 1,234");
    assert_str(message(a, en, STR("simple"), "name", number(-12), NULL), "Hi -12");
    assert_str(message(a, en, STR("name"), "name", name, "n", number(12345), NULL),
        "Hi A&B, it's {x} 12,345");
    struct value *money = value_object(a);
    value_set_str(a, money, KEY(text), STR("12,50 €"));
    assert_str(message(a, fr, STR("simple"), "name", money, NULL), "Salut 12,50 €");
    assert_str(message(a, fr, STR("simple"), NULL), "Salut ");
}

static void plurals_follow_the_language(void **state)
{
    (void)state;
    for (int again = 0; again < 2; again++) {
        assert_str(message(a, en, STR("places"), "count", number(0), NULL), "sold out");
        assert_str(message(a, en, STR("places"), "count", number(1), NULL), "1 place left");
        assert_str(message(a, en, STR("places"), "count", number(1500), NULL), "1,500 places left");
        assert_str(message(a, fr, STR("places"), "count", number(1), NULL), "1 place libre");
        assert_str(message(a, fr, STR("places"), "count", number(2), NULL), "2 places libres");
    }
    assert_str(message(a, en, STR("state"), "on", value_bool(a, true), NULL), "on");
    assert_str(message(a, fr, STR("state"), "on", value_bool(a, false), NULL), "non");
}

static void gaps_are_filled(void **state)
{
    (void)state;
    assert_str(message(a, fr, STR("gap"), "n", number(1234567), NULL), "1,234,567 in English");
    assert_str(message(a, fr, STR("x.coupons.title"), NULL), "Coupons");
    assert_str(message(a, en, STR("extra"), NULL), "extra");
    assert_str(message(a, en, STR("unknown.key"), NULL), "unknown.key");
    assert_ptr_equal(messages_language(m, STR("xx")), en);
    assert_false(messages_has_language(m, STR("xx")));
    assert_str(catalogue_lang(fr), "fr");
}

static void remembered_results_dont_mix(void **state)
{
    (void)state;
    for (int64_t n = 0; n < 5000; n++) {
        struct str text = message(a, en, STR("places"), "count", number(n % 977 + 2), NULL);
        assert_true(str_ends(text, STR(" places left")));
        int64_t shown;
        assert_true(str_to_i64(str_sub(text, 0, text.len - 12), &shown));
        assert_int_equal(shown, n % 977 + 2);
    }
}

static bool found(const struct value *problems, const char *text)
{
    for (size_t i = 0; i < value_count(problems); i++)
        if (str_is(value_as_str(value_at(problems, i)), text))
            return true;
    return false;
}

static void the_check_finds_what_is_wrong(void **state)
{
    (void)state;
    struct value *problems = messages_check(a, m);
    assert_true(found(problems, "fr: gap is missing"));
    assert_true(found(problems, "fr: x.coupons.title is missing"));
    assert_true(found(problems, "en: extra is missing, another language has it"));
    assert_true(found(problems, "fr: name has other arguments than in English"));
    assert_true(found(problems, "es: plain has no argument, so write one apostrophe"));
    assert_true(found(problems, "es: places U_UNMATCHED_BRACES at character 0"));
    assert_false(found(problems, "fr: simple has other arguments than in English"));
    assert_false(found(problems, "fr: places has other arguments than in English"));
}

static void bad_files_are_refused_with_their_line(void **state)
{
    (void)state;
    struct messages *other = messages_new(a);
    assert_false(messages_add_dir(other, path("bad"), STR(""), &e));
    assert_true(str_find(source_error_text(a, &e), STR("bad/en.json:2: ")) > 0);
    assert_true(messages_add_dir(other, path("plugin"), STR(""), &e));
    assert_false(messages_add_dir(other, path("plugin"), STR(""), &e));
    assert_true(str_ends(e.text, STR("title is already there: choose another key")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_messages_are_literal),
        cmocka_unit_test(arguments_have_names),
        cmocka_unit_test(plurals_follow_the_language),
        cmocka_unit_test(gaps_are_filled),
        cmocka_unit_test(remembered_results_dont_mix),
        cmocka_unit_test(the_check_finds_what_is_wrong),
        cmocka_unit_test(bad_files_are_refused_with_their_line),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
