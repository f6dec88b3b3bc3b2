// Revisions: what raises them, and how this process hears of it from itself, from the database
// alone, and from Redis.
#include "with_database.h"

#include <stdio.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data/revision.h"

static int64_t changed_site, changed_to;
static int changes;

static void on_change(int64_t tenant, int64_t revision)
{
    changed_site = tenant;
    changed_to = revision;
    changes++;
}

static struct sql elsewhere = {.name = "elsewhere",
    .text = "UPDATE site_revision SET revision = revision + 1, changed_at = clock_timestamp()"
            " WHERE tenant_id = $1 RETURNING revision AS n",
    .params = 1};

static bool seen_within(int64_t tenant, int64_t revision, int64_t ms)
{
    int64_t until = clock_mono_ms() + ms;
    while (revision_seen(tenant) < revision && clock_mono_ms() < until)
        fiber_sleep(2);
    return revision_seen(tenant) >= revision;
}

static int64_t touch(int64_t site)
{
    struct unit *u = unit_new(arena(), DB_WRITE, site);
    revision_touch(u);
    assert_int_equal(unit_run(u), DB_OK);
    return revision_seen(site);
}

static int start(void **state)
{
    (void)state;
    revision_on_change(on_change);
    int64_t before = new_site(); // known by what is read at the start
    touch(before);
    revision_start();
    int64_t until = clock_mono_ms() + 5000;
    while (!revision_ready() && clock_mono_ms() < until)
        fiber_sleep(2);
    assert_true(revision_ready());
    assert_true(revision_sites() > 0);
    return 0;
}

static void a_change_of_ours_is_known_at_once(void **state)
{
    (void)state;
    int64_t site = new_site();
    assert_int_equal(revision_seen(site), 0);
    assert_int_equal(touch(site), 1);
    changes = 0;
    assert_int_equal(touch(site), 2);
    assert_int_equal(changes, 1);
    assert_true(changed_site == site && changed_to == 2);
}

static void a_change_that_was_refused_is_none(void **state)
{
    (void)state;
    static struct sql guard = {.name = "guard", .text = "SELECT vt_require(false, 'no')"};
    int64_t site = new_site();
    touch(site);
    struct unit *u = unit_new(arena(), DB_WRITE, site);
    revision_touch(u);
    unit_add_plain(u, &guard);
    assert_int_equal(unit_run(u), DB_REFUSED);
    assert_int_equal(revision_seen(site), 1);
    assert_int_equal(touch(site), 2);
}

static void a_change_elsewhere_is_known_within_a_second(void **state)
{
    (void)state;
    int64_t site = new_site();
    touch(site);
    for (int i = 0; i < 3; i++) {
        int64_t revision = ask(&elsewhere, db_i64(arena(), site));
        assert_true(seen_within(site, revision, 1000));
        assert_int_equal(revision_seen(site), revision);
    }
}

static void commits_out_of_order_are_all_known(void **state)
{
    (void)state;
    int64_t slow = new_site(), quick = new_site();
    touch(slow);
    touch(quick);
    const struct rows *r;
    struct tx *tx = tx_begin(arena(), slow);
    assert_non_null(tx);
    assert_int_equal(tx_exec(tx, &elsewhere, &r, db_i64(arena(), slow)), DB_OK);
    int64_t later = ask(&elsewhere, db_i64(arena(), quick));
    assert_true(seen_within(quick, later, 1000));
    fiber_sleep(1200); // looks go by
    assert_int_equal(revision_seen(slow), 1);
    assert_int_equal(tx_commit(tx), DB_OK);
    assert_true(seen_within(slow, 2, 1000));
}

static void what_is_older_never_lowers(void **state)
{
    (void)state;
    revision_learn(77, 9);
    revision_learn(77, 3);
    assert_int_equal(revision_seen(77), 9);
    assert_int_equal(revision_seen(78), 0);
}

static void many_sites_are_remembered(void **state)
{
    (void)state;
    for (int64_t i = 1; i <= 50000; i++)
        revision_learn(i << 20 | (i & 7), i);
    for (int64_t i = 1; i <= 50000; i++)
        assert_int_equal(revision_seen(i << 20 | (i & 7)), i);
    assert_true(revision_sites() >= 50000);
}

static void redis_spreads_at_once(void **state)
{
    (void)state;
    char folder[] = "/tmp/vitrine-revision-XXXXXX", socket_path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(socket_path, sizeof socket_path, "%s/s", folder);
    pid_t redis = fork();
    if (redis == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(open("/dev/null", O_RDWR), 1);
        execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket_path, "--save",
            "", "--dir", folder, NULL);
        _exit(127);
    }
    struct str url = str_join(arena(), STR("unix://"), str_of(socket_path), STR_NULL);
    assert_true(redis_init(url));
    for (int64_t until = clock_mono_ms() + 5000; !redis_up() && clock_mono_ms() < until;)
        fiber_sleep(10);
    fiber_sleep(300); // the subscription
    int64_t site = new_site(), id = changed_site;
    revision_learn(site, 4);
    // As another process says it; no database knows of it.
    redis_publish(
        STR("vitrine:revision"), str_join(arena(), str_of_i64(arena(), site), STR(" 5"), STR_NULL));
    assert_true(seen_within(site, 5, 200));
    redis_publish(STR("vitrine:revision"), STR("nonsense"));
    redis_publish(STR("vitrine:revision"), STR("-1 9999"));
    fiber_sleep(20);
    assert_int_equal(revision_seen(site), 5);
    assert_true(changed_site == site || id == site);
    redis_fini();
    kill(redis, SIGKILL);
    waitpid(redis, NULL, 0);
    unlink(socket_path);
    rmdir(folder);
}

static int stop(void **state)
{
    (void)state;
    revision_stop();
    return 0;
}

static int group(void)
{
    struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_of_ours_is_known_at_once),
        cmocka_unit_test(a_change_that_was_refused_is_none),
        cmocka_unit_test(a_change_elsewhere_is_known_within_a_second),
        cmocka_unit_test(commits_out_of_order_are_all_known),
        cmocka_unit_test(what_is_older_never_lowers),
        cmocka_unit_test(many_sites_are_remembered),
        cmocka_unit_test(redis_spreads_at_once),
    };
    return run_database_tests(tests, start, stop);
}

int main(void)
{
    return run_in_loop(group);
}
