// Sealing, signing, and the key file.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "data/seal.h"

static struct arena *a;
static struct str path, why;

static int set_up(void **state)
{
    (void)state;
    char folder[] = "/tmp/vitrine-seal-XXXXXX";
    a = arena_new();
    path = str_join(a, str_of(mkdtemp(folder)), STR("/keys"), STR_NULL);
    return seal_init(a, path, &why) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path.p);
    rmdir(str_z(a, str_sub(path, 0, path.len - 5)));
    arena_free(a);
    return 0;
}

static void a_sealed_secret_opens_again(void **state)
{
    (void)state;
    struct str secrets[] = {STR("sk_live_1234"), STR(""), STR("ñandú\n")};
    for (int i = 0; i < 3; i++) {
        struct str sealed = seal_close(a, 7, STR("settings"), secrets[i]);
        assert_true(str_find(sealed, STR("sk_live")) < 0);
        struct str opened = seal_open(a, 7, STR("settings"), sealed);
        assert_non_null(opened.p);
        assert_true(str_eq(opened, secrets[i]));
        assert_false(str_eq(sealed, seal_close(a, 7, STR("settings"), secrets[i])));
    }
}

static void it_opens_nowhere_else(void **state)
{
    (void)state;
    struct str sealed = seal_close(a, 7, STR("settings"), STR("secret"));
    assert_null(seal_open(a, 8, STR("settings"), sealed).p);
    assert_null(seal_open(a, 7, STR("backup"), sealed).p);
    assert_null(seal_open(a, 7, STR("settings"), STR("")).p);
    assert_null(seal_open(a, 7, STR("settings"), STR("not base64!")).p);
}

static void every_changed_or_missing_byte_is_noticed(void **state)
{
    (void)state;
    struct str sealed = seal_close(a, 7, STR("settings"), STR("secret"));
    for (size_t i = 0; i < sealed.len; i++) {
        char *changed = (char *)str_dup(a, sealed).p;
        // The last digit's low bits may carry nothing, so the highest is changed.
        changed[i] = changed[i] == 'A' || changed[i] == 'w' ? 'g' : 'A';
        struct str opened = seal_open(a, 7, STR("settings"), str_n(changed, sealed.len));
        assert_null(opened.p);
        assert_null(seal_open(a, 7, STR("settings"), str_sub(sealed, 0, i)).p);
    }
}

static void rotation_keeps_what_was_sealed(void **state)
{
    (void)state;
    struct str sealed = seal_close(a, 7, STR("settings"), STR("secret"));
    struct str token = seal_sign(a, STR("order"), STR("7 ABC"));
    assert_true(seal_is_current(a, sealed));
    assert_true(seal_rotate(a, path, &why));
    assert_false(seal_is_current(a, sealed));
    assert_true(str_is(seal_open(a, 7, STR("settings"), sealed), "secret"));
    assert_true(seal_verify(STR("order"), STR("7 ABC"), token));
    assert_false(str_eq(token, seal_sign(a, STR("order"), STR("7 ABC"))));
    assert_true(seal_is_current(a, seal_close(a, 7, STR("settings"), STR("secret"))));
    for (int i = 2; i < SEAL_KEYS_MAX; i++)
        assert_true(seal_rotate(a, path, &why));
    assert_false(seal_rotate(a, path, &why));
    assert_true(str_is(seal_open(a, 7, STR("settings"), sealed), "secret"));
}

static void tokens_are_for_one_message_and_purpose(void **state)
{
    (void)state;
    struct str token = seal_sign(a, STR("order"), STR("7 ABC"));
    assert_int_equal(token.len, SEAL_TOKEN_LEN);
    assert_true(seal_verify(STR("order"), STR("7 ABC"), token));
    assert_false(seal_verify(STR("order"), STR("8 ABC"), token));
    assert_false(seal_verify(STR("order2"), STR("7 ABC"), token));
    assert_false(seal_verify(STR("order"), STR("7 ABC"), str_sub(token, 0, 21)));
    assert_false(seal_verify(STR("order"), STR("7 ABC"), STR("")));
    struct seal_digest one = seal_digest(STR("order"), STR("7 ABC"));
    struct seal_digest two = seal_digest(STR("order"), STR("7 ABD"));
    assert_memory_not_equal(one.bytes, two.bytes, sizeof one.bytes);
}

static void a_file_that_others_may_read_is_refused(void **state)
{
    (void)state;
    struct stat st;
    assert_int_equal(stat(path.p, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    chmod(path.p, 0644);
    assert_false(seal_init(a, path, &why));
    assert_true(str_find(why, STR("chmod 600")) > 0);
    chmod(path.p, 0600);
    assert_true(seal_init(a, path, &why));
}

static void malformed_files_are_refused_by_line(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "# only words\n", "0011223 AAAA\n", "00112233\n",
        "zz112233 QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE\n", "00112233 QUFB\n"};
    struct str sealed = seal_close(a, 7, STR("settings"), STR("secret"));
    struct str good;
    assert_true(file_read(a, path, 8192, &good));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_true(file_write(path, str_of(bad[i]), 0600));
        assert_false(seal_init(a, path, &why));
        assert_true(why.len > 0);
        // What was read before stays in use.
        assert_true(str_is(seal_open(a, 7, STR("settings"), sealed), "secret"));
    }
    assert_true(file_write(path, good, 0600));
    assert_true(seal_init(a, path, &why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_sealed_secret_opens_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_opens_nowhere_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            every_changed_or_missing_byte_is_noticed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rotation_keeps_what_was_sealed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tokens_are_for_one_message_and_purpose, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_others_may_read_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(malformed_files_are_refused_by_line, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
