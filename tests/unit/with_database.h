// For tests of a real PostgreSQL: VITRINE_TEST_DATABASE_URL and VITRINE_TEST_PLATFORM_URL name a
// migrated database, as the app and the platform role. The whole group runs in one fiber of one
// loop, so its tests may wait. Without the addresses they are skipped.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/id.h"
#include "data/db.h"
#include "io/fiber.h"
#include "io/loop.h"
#include "io/redis.h"

static int64_t time_shift_us;
static int failed_tests;
static bool with_database;

static inline struct arena *arena(void)
{
    return fiber_arena();
}

// One statement of a test's own as the platform, with one parameter; the statement is static, as
// its columns are remembered. Returns the first row's column n, or 0.
static inline int64_t ask(struct sql *sql, struct str parameter)
{
    struct unit *u = unit_new(arena(), DB_PLATFORM, 0);
    int place = unit_add(u, sql, parameter);
    assert_int_equal(unit_run(u), DB_OK);
    const struct rows *r = unit_rows(u, place);
    return r->count ? rows_i64(r, 0, KEY(n)) : 0;
}

// A new site with a random slug.
static inline int64_t new_site(void)
{
    static struct sql sql = {.name = "test_site",
        .text = "INSERT INTO site (slug, skeleton, name, kind, state, currency, time_zone,"
                " languages, created_at) VALUES ($1, $1, 'Test', 'spa', 'open', 'EUR',"
                " 'Europe/Madrid', '{en}', now()) RETURNING tenant_id AS n",
        .params = 1};
    struct str code = str_lower(arena(), id_code(arena()));
    return ask(&sql, str_join(arena(), STR("t-"), code, STR_NULL));
}

__attribute__((unused)) static void skipped(void **state)
{
    (void)state;
    skip();
}

// Runs the group, or skips all of it without a database.
__attribute__((unused)) static int run_or_skip(
    struct CMUnitTest *tests, size_t count, CMFixtureFunction set_up, CMFixtureFunction tear_down)
{
    for (size_t i = 0; i < count && !with_database; i++)
        tests[i] = (struct CMUnitTest){.name = tests[i].name, .test_func = skipped};
    return _cmocka_run_group_tests(
        "database", tests, count, with_database ? set_up : NULL, with_database ? tear_down : NULL);
}

#define run_database_tests(tests, set_up, tear_down) \
    run_or_skip((tests), sizeof(tests) / sizeof *(tests), (set_up), (tear_down))

static void wait_for_database(void)
{
    for (int64_t until = clock_mono_ms() + 5000; !db_ready() && clock_mono_ms() < until;)
        fiber_sleep(5);
    if (!db_ready()) {
        fprintf(stderr, "the test database does not answer\n");
        exit(1);
    }
}

static void run_group(void *group)
{
    if (with_database)
        wait_for_database();
    failed_tests = ((int (*)(void))group)();
    loop_stop();
}

static int run_in_loop(int (*group)(void))
{
    struct db_config config = {
        .app_url = getenv("VITRINE_TEST_DATABASE_URL"),
        .platform_url = getenv("VITRINE_TEST_PLATFORM_URL"),
        .connections = {[DB_READ] = 1, [DB_WRITE] = 2, [DB_EXCLUSIVE] = 1, [DB_PLATFORM] = 2},
    };
    with_database = config.app_url && config.platform_url;
    clock_share(&time_shift_us);
    loop_init();
    fibers_init();
    if (with_database)
        db_init(&config);
    fiber_start(run_group, (void *)group, NULL);
    loop_run(redis_flush);
    return failed_tests;
}
