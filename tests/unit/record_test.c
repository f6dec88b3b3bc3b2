// What is counted and recorded: tries and the audit.
#include "with_database.h"

#include <stdio.h>
#include <unistd.h>

#include "data/attempt.h"
#include "data/audit.h"
#include "data/seal.h"

static struct attempt login(int64_t site, const char *who)
{
    return (struct attempt){.tenant = site,
        .purpose = STR("staff_login"),
        .identity = str_of(who),
        .limit = 3,
        .window_ms = 60000};
}

static void tries_are_counted_until_the_window_ends(void **state)
{
    (void)state;
    int64_t wait_s, sites[2] = {new_site(), 0};
    for (int i = 0; i < 2; i++) {
        struct attempt a = login(sites[i], "ana@example.com");
        attempt_clear(arena(), &a);
        time_shift_us = 0;
        for (int n = 0; n < 3; n++) {
            assert_int_equal(attempt_take(arena(), &a, &wait_s), ATTEMPT_ALLOWED);
            assert_int_equal(wait_s, 0);
        }
        for (int n = 0; n < 5; n++)
            assert_int_equal(attempt_take(arena(), &a, &wait_s), ATTEMPT_REFUSED);
        assert_in_range(wait_s, 55, 61);
        struct attempt b = login(sites[i], "ben@example.com");
        attempt_clear(arena(), &b);
        assert_int_equal(attempt_take(arena(), &b, NULL), ATTEMPT_ALLOWED);
        time_shift_us = 61000000;
        assert_int_equal(attempt_take(arena(), &a, NULL), ATTEMPT_ALLOWED);
    }
}

static void tries_belong_to_one_site_and_purpose(void **state)
{
    (void)state;
    struct attempt a = login(new_site(), "ana@example.com");
    a.limit = 1;
    assert_int_equal(attempt_take(arena(), &a, NULL), ATTEMPT_ALLOWED);
    assert_int_equal(attempt_take(arena(), &a, NULL), ATTEMPT_REFUSED);
    struct attempt other = a;
    other.purpose = STR("coupon");
    assert_int_equal(attempt_take(arena(), &other, NULL), ATTEMPT_ALLOWED);
    other = a;
    other.tenant = new_site();
    assert_int_equal(attempt_take(arena(), &other, NULL), ATTEMPT_ALLOWED);
    attempt_clear(arena(), &a);
    assert_int_equal(attempt_take(arena(), &a, NULL), ATTEMPT_ALLOWED);
}

static void no_identity_is_stored(void **state)
{
    (void)state;
    static struct sql sql = {.name = "plain",
        .text = "SELECT count(*) AS n FROM attempt WHERE position($1::text::bytea IN key) > 0"
                " OR length(key) <> 32",
        .params = 1};
    struct attempt a = login(new_site(), "ana@example.com");
    attempt_take(arena(), &a, NULL);
    assert_int_equal(ask(&sql, STR("ana")), 0);
}

static int taken;

static void take(void *arg)
{
    taken += attempt_take(arena(), arg, NULL) == ATTEMPT_ALLOWED;
}

static void at_the_same_time_no_more_than_the_limit(void **state)
{
    (void)state;
    struct attempt a = login(new_site(), "ana@example.com");
    taken = 0;
    int before = fibers_live();
    for (int i = 0; i < 40; i++)
        assert_true(fiber_start(take, &a, NULL));
    while (fibers_live() > before)
        fiber_sleep(2);
    assert_int_equal(taken, 3);
}

static struct sql read_before = {.name = "before",
    .text = "SELECT 1 AS n, before, after, actor_id FROM audit WHERE tenant_id = $1",
    .params = 1};

static void the_audit_keeps_what_changed_and_no_secret(void **state)
{
    (void)state;
    struct arena *a = arena();
    int64_t site = new_site();
    struct value *before = value_object(a), *after = value_object(a), *nested = value_object(a);
    value_set_str(a, before, KEY(name), STR("Spa"));
    value_set_str(a, before, KEY(currency), STR("EUR"));
    value_set_str(a, before, KEY(password_hash), STR("$argon2id$old"));
    value_set_str(a, after, KEY(name), STR("Spa & Co"));
    value_set_str(a, after, KEY(currency), STR("EUR"));
    value_set_str(a, after, KEY(password_hash), STR("$argon2id$new"));
    value_set_str(a, nested, KEY(smtp_password), STR("hunter2"));
    value_set_bool(a, nested, KEY(has_password), true);
    char *long_text = arena_alloc(a, 9000);
    memset(long_text, 'x', 9000);
    value_set_str(a, nested, KEY(note), str_n(long_text, 9000));
    struct value *list = value_list(a);
    value_append(a, list, nested);
    value_set(a, after, KEY(settings), list);
    struct unit *u = unit_new(a, DB_WRITE, site);
    struct audit what = {.actor_kind = STR("staff"),
        .actor_id = 12,
        .actor_name = STR("Ana"),
        .action = STR("site.change"),
        .object_kind = STR("site"),
        .object_id = STR("1"),
        .before = before,
        .after = after};
    audit_add(u, &what);
    assert_int_equal(unit_run(u), DB_OK);

    u = unit_new(a, DB_READ, site);
    unit_add(u, &read_before, db_i64(a, site));
    assert_int_equal(unit_run(u), DB_OK);
    const struct rows *r = unit_rows(u, 0);
    assert_int_equal(r->count, 1);
    struct value *b = rows_json(a, r, 0, KEY(before)), *c = rows_json(a, r, 0, KEY(after));
    assert_true(str_is(value_get_str(b, KEY(name)), "Spa"));
    assert_null(value_get(b, KEY(currency)));
    assert_true(str_is(value_get_str(c, KEY(name)), "Spa & Co"));
    struct str text = rows_str(r, 0, KEY(after));
    assert_true(str_find(text, STR("argon2id")) < 0);
    assert_true(str_find(text, STR("hunter2")) < 0);
    assert_true(str_find(text, STR("password_hash")) > 0);
    assert_true(value_get_bool(value_at(value_get(c, KEY(settings)), 0), KEY(has_password), false));
    assert_true(text.len < 6000);
}

static void an_audit_row_is_never_changed(void **state)
{
    (void)state;
    static struct sql change = {.name = "change", .text = "UPDATE audit SET action = 'x'"};
    static struct sql erase = {.name = "erase", .text = "DELETE FROM audit"};
    struct sql *tries[] = {&change, &erase};
    for (int i = 0; i < 2; i++)
        for (int platform = 0; platform < 2; platform++) {
            struct unit *u =
                platform ? unit_new(arena(), DB_PLATFORM, 0) : unit_new(arena(), DB_WRITE, 1);
            unit_add_plain(u, tries[i]);
            assert_int_equal(unit_run(u), DB_FAILED);
            assert_string_equal(unit_sqlstate(u), "42501");
        }
}

static struct str keys;

static int start(void **state)
{
    (void)state;
    struct str why;
    keys = str_format(arena(), "/tmp/vitrine-keys-%s", id_token(arena()).p);
    return seal_init(arena(), keys, &why) ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    return unlink(keys.p);
}

static int fresh(void **state)
{
    time_shift_us = 0;
    (void)state;
    return 0;
}

static int group(void)
{
    struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(tries_are_counted_until_the_window_ends, fresh),
        cmocka_unit_test_setup(tries_belong_to_one_site_and_purpose, fresh),
        cmocka_unit_test_setup(no_identity_is_stored, fresh),
        cmocka_unit_test_setup(at_the_same_time_no_more_than_the_limit, fresh),
        cmocka_unit_test_setup(the_audit_keeps_what_changed_and_no_secret, fresh),
        cmocka_unit_test_setup(an_audit_row_is_never_changed, fresh),
    };
    return run_database_tests(tests, start, stop);
}

int main(void)
{
    return run_in_loop(group);
}
