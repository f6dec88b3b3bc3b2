// Borders of the base layer: money, codes, values, JSON, text.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/id.h"
#include "base/json.h"
#include "base/money.h"
#include "base/text.h"

#define assert_str(s, literal) assert_true(str_eq((s), STR(literal)))

static struct arena *a;

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

static void money_is_exact(void **state)
{
    (void)state;
    int64_t n = 7;
    assert_int_equal(money_share(1000, 55000), 55);
    assert_int_equal(money_share(-5, 500000), -3);
    assert_int_equal(money_tax_included(1210, 210000), 210);
    assert_false(money_add(INT64_MAX, 1, &n));
    assert_int_equal(n, 7);
    int64_t parts[3];
    money_split(100, (int64_t[]){1, 1, 1}, 3, parts);
    assert_int_equal(parts[0] + parts[1] + parts[2], 100);
    assert_int_equal(parts[0], 34);
    struct currency eur, jpy;
    assert_true(currency_parse(STR("EUR"), &eur));
    assert_true(currency_parse(STR("JPY"), &jpy));
    assert_false(currency_parse(STR("eur"), &eur));
    assert_true(money_parse(STR("12,5"), eur, &n));
    assert_int_equal(n, 1250);
    assert_false(money_parse(STR("12.505"), eur, &n));
    assert_false(money_parse(STR("12.5"), jpy, &n));
    assert_false(money_parse(STR("-1"), eur, &n));
}

static void codes_are_read_as_typed(void **state)
{
    (void)state;
    struct str code = id_code(a);
    assert_int_equal(code.len, ID_CODE_LEN);
    assert_true(str_eq(id_code_normal(a, str_lower(a, code)), code));
    assert_str(id_code_normal(a, STR("abcd-efgh")), "ABCDEFGH");
    assert_null(id_code_normal(a, STR("ABCD0FGH")).p);
    assert_int_equal(id_token(a).len, ID_TOKEN_LEN);
    assert_str(id_base64_decode(a, STR("aGk=")), "hi");
    assert_null(id_base64_decode(a, STR("a*")).p);
}

static void json_goes_round(void **state)
{
    (void)state;
    struct json_error error;
    struct str text = STR("{\"a\":[1,true,null,\"x\\u00e9\\n\"],\"b\":{\"c\":-5}}");
    struct value *v = json_parse(a, text, JSON_ANY_KEYS, &error);
    assert_non_null(v);
    struct buf b;
    buf_init(&b, a, 1000);
    json_write(&b, v);
    assert_str(buf_str(&b), "{\"a\":[1,true,null,\"x\xc3\xa9\\n\"],\"b\":{\"c\":-5}}");
    assert_null(json_parse(a, STR("{\"nobody_interned_this\":1}"), JSON_KNOWN_KEYS, &error));
    assert_true(str_find(error.text, STR("nobody_interned_this")) > 0);
    assert_null(json_parse(a, STR("{\"a\":1,\"a\":2}"), JSON_ANY_KEYS, &error));
    char deep[200];
    memset(deep, '[', 100);
    memset(deep + 100, ']', 100);
    assert_null(json_parse(a, str_n(deep, 200), JSON_ANY_KEYS, &error));
}

static void a_full_buffer_stays_as_it_was(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, a, 300);
    for (int i = 0; i < 100; i++)
        buf_add(&b, STR("0123456789"));
    assert_true(b.full);
    assert_true(b.len <= 512);
    buf_init(&b, a, 300);
    buf_add_html(&b, STR("<a href='x'>&\"</a>"));
    assert_str(buf_str(&b), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;&lt;/a&gt;");
}

static void text_compares_as_people_do(void **state)
{
    (void)state;
    assert_str(text_fold(a, STR("Stra\xc3\x9f"
                                "E")),
        "strasse");
    assert_str(text_slug(a, STR("Ch\xc3\xa2teau d\xe2\x80\x99"
                                "Eau 2")),
        "chateau-deau-2");
    assert_true(str_eq(text_skeleton(a, STR("padel-c1ub")), text_skeleton(a, STR("padelclub"))));
    assert_true(str_eq(text_skeleton(a, STR("modern")), text_skeleton(a, STR("modem"))));
    assert_false(str_eq(text_skeleton(a, STR("museum")), text_skeleton(a, STR("theatre"))));
    assert_true(text_is_email(STR("ana.b+c@mail.example")));
    assert_false(text_is_email(STR("ana@mail")));
    assert_false(text_is_email(STR("a b@mail.example")));
    assert_false(text_is_email(STR("a@b@mail.example")));
    assert_false(str_utf8_valid(STR("\xed\xa0\x80")));
    assert_false(str_utf8_valid(STR("\xc0\xaf")));
    assert_true(str_utf8_valid(STR("\xf0\x9f\x8e\xbe")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(money_is_exact),
        cmocka_unit_test(codes_are_read_as_typed),
        cmocka_unit_test(json_goes_round),
        cmocka_unit_test(a_full_buffer_stays_as_it_was),
        cmocka_unit_test(text_compares_as_people_do),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
