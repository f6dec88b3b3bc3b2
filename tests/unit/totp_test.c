// One-time codes: the vectors of RFC 6238 and RFC 4648, clocks that differ, a code that comes
// again.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/totp.h"

static const struct str secret = {"12345678901234567890", 20};

// RFC 6238, appendix B, SHA-1, the last six of eight digits.
static void codes_are_those_of_the_rfc(void **state)
{
    (void)state;
    const struct {
        int64_t second;
        uint32_t code;
    } known[] = {{59, 287082}, {1111111109, 81804}, {1111111111, 50471}, {1234567890, 5924},
        {2000000000, 279037}, {20000000000, 353130}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_int_equal(totp_code(secret, known[i].second / TOTP_STEP_S), known[i].code);
}

static void a_code_fits_its_step_and_those_beside_it(void **state)
{
    (void)state;
    const int64_t second = 1111111109, step = second / TOTP_STEP_S;
    for (int64_t late = -2; late <= 2; late++) {
        int64_t now_us = (second + late * TOTP_STEP_S) * 1000000;
        int64_t found = totp_find_step(secret, STR("081804"), now_us, 0);
        assert_int_equal(found, late >= -1 && late <= 1 ? step : 0);
    }
}

static void a_code_works_once(void **state)
{
    (void)state;
    const int64_t now_us = 1111111109LL * 1000000;
    int64_t step = totp_find_step(secret, STR("081 804"), now_us, 0);
    assert_true(step > 0);
    assert_int_equal(totp_find_step(secret, STR("081804"), now_us, step), 0);
}

static void what_is_no_code_is_refused(void **state)
{
    (void)state;
    const char *const wrong[] = {"", "08180", "0818041", "o81804", "081804x", "     "};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(totp_find_step(secret, str_of(wrong[i]), 1111111109LL * 1000000, 0), 0);
}

static void secrets_are_base32(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    assert_true(str_is(totp_base32(a, STR("foobar")), "MZXW6YTBOI"));
    assert_true(str_is(totp_base32(a, STR("foob")), "MZXW6YQ"));
    struct str uri = totp_uri(a, STR("Café & Co"), STR("mary@house.example"), STR("foobar"));
    assert_true(str_is(uri, "otpauth://totp/Caf%C3%A9%20%26%20Co:mary%40house.example"
                            "?secret=MZXW6YTBOI&issuer=Caf%C3%A9%20%26%20Co"));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_those_of_the_rfc),
        cmocka_unit_test(a_code_fits_its_step_and_those_beside_it),
        cmocka_unit_test(a_code_works_once),
        cmocka_unit_test(what_is_no_code_is_refused),
        cmocka_unit_test(secrets_are_base32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
