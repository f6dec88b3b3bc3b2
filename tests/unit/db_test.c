// Units and transactions against a real PostgreSQL.
#include "with_database.h"

static struct sql tenant = {.name = "tenant",
    .text = "SELECT current_setting('vitrine.tenant') AS tenant, $1::int8 AS n, NULL AS none",
    .params = 1};
static struct sql guard = {
    .name = "guard", .text = "SELECT vt_require($1::bool, 'sold_out')", .params = 1};
static struct sql wrong = {.name = "wrong", .text = "SELECT 1 / $1::int", .params = 1};
static struct sql kill = {
    .name = "kill", .text = "SELECT pg_terminate_backend(pg_backend_pid())", .params = 0};
static struct sql slow = {.name = "slow", .text = "SELECT pg_sleep(30)", .params = 0};
static struct sql backend = {.name = "backend", .text = "SELECT pg_backend_pid() AS pid"};

static void a_unit_runs_under_its_tenant(void **state)
{
    (void)state;
    struct arena *a = fiber_arena();
    for (int i = 1; i <= 20; i++) {
        struct unit *u = unit_new(a, DB_READ, i);
        int place = unit_add(u, &tenant, db_i64(a, i * 7));
        assert_int_equal(unit_run(u), DB_OK);
        const struct rows *r = unit_rows(u, place);
        assert_int_equal(r->count, 1);
        assert_int_equal(rows_i64(r, 0, KEY(tenant)), i);
        assert_int_equal(rows_i64(r, 0, KEY(n)), i * 7);
        assert_true(rows_is_null(r, 0, KEY(none)));
    }
}

static void a_unit_fails_alone(void **state)
{
    (void)state;
    struct arena *a = fiber_arena();
    struct unit *u = unit_new(a, DB_WRITE, 1);
    unit_add(u, &guard, STR("t"));
    unit_add(u, &guard, STR("f"));
    unit_add(u, &tenant, STR("1"));
    assert_int_equal(unit_run(u), DB_REFUSED);
    assert_true(str_is(unit_refusal(u), "sold_out"));

    u = unit_new(a, DB_WRITE, 1);
    unit_add(u, &wrong, STR("0"));
    assert_int_equal(unit_run(u), DB_FAILED);
    assert_string_equal(unit_sqlstate(u), "22012");

    u = unit_new(a, DB_WRITE, 1);
    unit_add_plain(u, &kill);
    assert_int_equal(unit_run(u), DB_DOWN);
    fiber_sleep(50);
    for (int i = 0; i < 4; i++) {
        u = unit_new(a, DB_WRITE, 1);
        int place = unit_add(u, &tenant, STR("3"));
        assert_int_equal(unit_run(u), DB_OK);
        assert_int_equal(rows_i64(unit_rows(u, place), 0, KEY(n)), 3);
    }
    u = unit_new(a, DB_WRITE, 1);
    unit_add_plain(u, &slow);
    assert_int_equal(unit_run(u), DB_BUSY);
}

static int order[4], taken;

static void second(void *arg)
{
    (void)arg;
    struct tx *tx = tx_begin(fiber_arena(), 2);
    assert_non_null(tx);
    order[taken++] = 2;
    assert_int_equal(tx_commit(tx), DB_OK);
}

static void transactions_have_a_connection_alone(void **state)
{
    (void)state;
    struct arena *a = fiber_arena();
    const struct rows *r;
    struct tx *tx = tx_begin(a, 1);
    assert_non_null(tx);
    assert_true(fiber_start(second, NULL, NULL));
    assert_int_equal(tx_exec(tx, &tenant, &r, STR("5")), DB_OK);
    assert_int_equal(rows_i64(r, 0, KEY(tenant)), 1);
    fiber_sleep(20);
    order[taken++] = 1;
    assert_int_equal(tx_exec(tx, &wrong, &r, STR("0")), DB_FAILED);
    tx_rollback(tx);
    fiber_sleep(50);
    assert_int_equal(taken, 2);
    assert_int_equal(order[0], 1);
    assert_int_equal(order[1], 2);
    struct unit *u = unit_new(a, DB_READ, 1);
    int place = unit_add_plain(u, &backend);
    assert_int_equal(unit_run(u), DB_OK);
    assert_true(rows_i64(unit_rows(u, place), 0, KEY(pid)) > 0);
}

static int group(void)
{
    struct CMUnitTest tests[] = {
        cmocka_unit_test(a_unit_runs_under_its_tenant),
        cmocka_unit_test(a_unit_fails_alone),
        cmocka_unit_test(transactions_have_a_connection_alone),
    };
    return run_database_tests(tests, NULL, NULL);
}

int main(void)
{
    return run_in_loop(group);
}
