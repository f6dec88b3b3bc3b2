// Passwords that are refused, and those that are not: easily guessed, known of leaks, sound; and
// how one is compared (RFC 8265).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/text.h"
#include "domain/password.h"

static struct arena *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int free_arena(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static enum password_fault fault_of(const char *password)
{
    const struct str related[] = {STR("ada"), STR("lovelace"), STR("Café Éole")};
    return password_fault(arena, str_of(password), related, 3);
}

static void what_leaks_know_is_refused(void **state)
{
    (void)state;
    static const char *const known[] = {"1q2w3e4r5t", "manchester", "basketball", "1qaz2wsx3edc",
        "q1w2e3r4t5y6", "BASKETBALL", "b4sk3tb4ll", "michelle123", "liverpool1!", "Jennifer1990",
        "hunter2hunter2", "zaq12wsxcde3", "Dragon2024!", "m1chelle99", "ｍａｎｃｈｅｓｔｅｒ"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (fault_of(known[i]) == PASSWORD_SOUND)
            fail_msg("%s is taken", known[i]);
}

static void what_is_easily_guessed_is_refused(void **state)
{
    (void)state;
    static const char *const weak[] = {"aaaaaaaaaa", "1234567890", "abcdefghij", "motdepasse2024",
        "lovelace-1", "café éole 1", "CAFÉ ÉOLE 12"};
    for (size_t i = 0; i < sizeof weak / sizeof *weak; i++)
        if (fault_of(weak[i]) != PASSWORD_WEAK)
            fail_msg("%s is taken", weak[i]);
}

static void what_nobody_guesses_is_taken(void **state)
{
    (void)state;
    static const char *const sound[] = {"analytical engine 1843", "lighthouse at noon",
        "correct horse battery", "vapeur et galets ronds", "tMq8#vLx2!pZ", "ñandú y ombú verdes",
        "кошка на подоконнике", "猫は窓辺で眠っている", "🎾🏓🏸🥎🏐🎳🥊🛹🏹🎣",
        "dragon-48213-77120-9"};
    for (size_t i = 0; i < sizeof sound / sizeof *sound; i++)
        if (fault_of(sound[i]) != PASSWORD_SOUND)
            fail_msg("%s is refused", sound[i]);
}

// Of words that no list has, the filter refuses hardly any.
static void the_filter_seldom_errs(void **state)
{
    (void)state;
    int refused = 0;
    for (int i = 0; i < 20000; i++)
        refused += fault_of(str_z(arena, str_format(arena, "kv%dzuwb%dyhx", i * 7919, i))) !=
                   PASSWORD_SOUND;
    assert_in_range(refused, 0, 60);
}

static void the_same_keys_make_the_same_password(void **state)
{
    (void)state;
    assert_true(str_eq(text_secret(arena, STR("caf\x65\xcc\x81")), STR("caf\xc3\xa9")));
    assert_true(str_eq(text_secret(arena, STR("a\xc2\xa0\xe3\x80\x80z")), STR("a  z")));
    assert_true(str_eq(text_secret(arena, STR(" Aa\xef\xbc\xa1 ")), STR(" Aa\xef\xbc\xa1 ")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_leaks_know_is_refused),
        cmocka_unit_test(what_is_easily_guessed_is_refused),
        cmocka_unit_test(what_nobody_guesses_is_taken), cmocka_unit_test(the_filter_seldom_errs),
        cmocka_unit_test(the_same_keys_make_the_same_password)};
    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
