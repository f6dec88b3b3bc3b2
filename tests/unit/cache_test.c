// The first-level cache and single flight; the second level in a private Redis.
#include "with_database.h"

#include <stdio.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hash.h"
#include "data/cache.h"
#include "data/revision.h"
#include "data/seal.h"

enum { SITE = 41, MINUTE_MS = 60000 };

static const struct cache_entry *put(int64_t tenant, const char *key, struct cache_value value)
{
    struct cache_claim *claim;
    struct cache_want want = {.tenant = tenant, .key = str_of(key), .wait_ms = 100};
    assert_null(cache_claim(&want, &claim));
    assert_non_null(claim);
    return cache_fill(claim, &value);
}

static bool holds(int64_t tenant, const char *key)
{
    const struct cache_entry *e = cache_find(tenant, str_of(key));
    cache_release(e);
    return e != NULL;
}

static struct cache_value page(int64_t revision, const char *body)
{
    return (struct cache_value){
        .revision = revision, .ttl_ms = MINUTE_MS, .head = STR("head"), .body = str_of(body)};
}

static int empty(void **state)
{
    (void)state;
    cache_switch(false);
    cache_switch(true);
    time_shift_us = 0;
    return 0;
}

static void what_was_kept_is_found(void **state)
{
    (void)state;
    cache_release(put(SITE, "/", page(1, "welcome")));
    const struct cache_entry *e = cache_find(SITE, STR("/"));
    assert_non_null(e);
    assert_true(str_is(e->head, "head"));
    assert_true(str_is(e->body, "welcome"));
    assert_int_equal(e->revision, 1);
    cache_release(e);
    assert_false(holds(SITE + 1, "/"));
    assert_false(holds(SITE, "/offers"));
}

static void a_newer_revision_refuses_it(void **state)
{
    (void)state;
    cache_release(put(50, "/", page(3, "old")));
    assert_int_equal(revision_seen(50), 3);
    assert_true(holds(50, "/"));
    revision_learn(50, 4);
    assert_false(holds(50, "/"));
    cache_release(put(50, "/", page(3, "computed from an old snapshot")));
    assert_false(holds(50, "/"));
    cache_release(put(50, "/", page(4, "new")));
    assert_true(holds(50, "/"));
}

static void it_ends_with_its_time(void **state)
{
    (void)state;
    struct cache_value value = page(1, "two seconds");
    value.ttl_ms = 2000;
    cache_release(put(SITE, "/2s", value));
    time_shift_us = 1900000;
    assert_true(holds(SITE, "/2s"));
    time_shift_us = 2000000;
    assert_false(holds(SITE, "/2s"));
    cache_release(put(SITE, "/2s", value));
    time_shift_us = -10000000; // made in what is now the future
    assert_false(holds(SITE, "/2s"));
}

static void a_held_entry_stays_valid(void **state)
{
    (void)state;
    const struct cache_entry *e = put(SITE, "/held", page(1, "sent slowly"));
    cache_release(put(SITE, "/other", page(1, "x")));
    cache_switch(false);
    assert_false(holds(SITE, "/held"));
    assert_int_equal(cache_counters().bytes, 0);
    assert_true(str_is(e->body, "sent slowly"));
    cache_acquire(e);
    cache_release(e);
    cache_release(e);
}

static void bytes_are_bounded_and_the_oldest_go_first(void **state)
{
    (void)state;
    static char big[10000];
    memset(big, 'x', sizeof big - 1);
    uint64_t evicted = cache_counters().evictions;
    cache_release(put(SITE, "/first", page(1, "small")));
    char key[32];
    for (int i = 0; i < 300; i++) {
        snprintf(key, sizeof key, "/%d", i);
        cache_release(put(SITE, key, page(1, big)));
        assert_true(holds(SITE, "/first")); // used all the time
    }
    assert_true(cache_counters().bytes <= 1 << 20);
    assert_true(cache_counters().evictions - evicted > 100);
    assert_false(holds(SITE, "/0"));
    assert_true(holds(SITE, "/299"));
    // One of an eighth and more isn't kept, its caller has it all the same.
    char *huge = calloc(1, 200000);
    memset(huge, 'y', 199999);
    const struct cache_entry *e = put(SITE, "/huge", page(1, huge));
    assert_int_equal(e->body.len, 199999);
    cache_release(e);
    assert_false(holds(SITE, "/huge"));
    free(huge);
}

static int computed, served, unserved;

static void visitor(void *arg)
{
    struct cache_claim *claim;
    struct cache_want want = {.tenant = SITE, .key = STR("/busy"), .wait_ms = 200};
    const struct cache_entry *e = cache_claim(&want, &claim);
    if (claim) {
        computed++;
        fiber_sleep(20);
        if (arg) {
            cache_abandon(claim);
            return;
        }
        struct cache_value value = page(revision_seen(SITE), "busy");
        e = cache_fill(claim, &value);
    }
    served += e != NULL;
    unserved += e == NULL;
    cache_release(e);
}

static void of_many_that_miss_one_computes(void **state)
{
    (void)state;
    computed = served = unserved = 0;
    for (int i = 0; i < 50; i++)
        assert_true(fiber_start(visitor, NULL, NULL));
    fiber_sleep(60);
    assert_int_equal(computed, 1);
    assert_int_equal(served, 50);
}

static void when_it_fails_all_go_on_at_once(void **state)
{
    (void)state;
    computed = served = unserved = 0;
    int64_t since = clock_mono_ms();
    assert_true(fiber_start(visitor, "fails", NULL));
    for (int i = 0; i < 10; i++)
        assert_true(fiber_start(visitor, NULL, NULL));
    while (served + unserved < 10 && clock_mono_ms() - since < 1000)
        fiber_sleep(1);
    assert_int_equal(computed, 1);
    assert_int_equal(unserved, 10);
    assert_true(clock_mono_ms() - since < 150);
}

static void the_wait_has_an_end(void **state)
{
    (void)state;
    struct cache_claim *ours, *none;
    struct cache_want want = {.tenant = SITE, .key = STR("/slow"), .wait_ms = 30};
    assert_null(cache_claim(&want, &ours));
    assert_non_null(ours);
    assert_null(cache_claim(&want, &none));
    assert_null(none);
    cache_abandon(ours);
}

static void change_the_site(void *unused)
{
    (void)unused;
    fiber_sleep(5);
    revision_learn(SITE, revision_seen(SITE) + 1);
    visitor(NULL); // came after the change: mustn't get what was computed before it
}

static void who_comes_after_a_change_gets_the_new_one(void **state)
{
    (void)state;
    computed = served = unserved = 0;
    struct cache_claim *claim;
    struct cache_want want = {.tenant = SITE, .key = STR("/busy"), .wait_ms = 200};
    assert_null(cache_claim(&want, &claim));
    struct cache_value old = page(revision_seen(SITE), "before the change");
    assert_true(fiber_start(change_the_site, NULL, NULL));
    fiber_sleep(20);
    cache_release(cache_fill(claim, &old));
    fiber_sleep(60);
    assert_int_equal(computed, 1);
    assert_int_equal(served, 1);
    const struct cache_entry *e = cache_find(SITE, STR("/busy"));
    assert_non_null(e);
    assert_true(str_is(e->body, "busy"));
    cache_release(e);
}

static void switched_off_it_keeps_nothing(void **state)
{
    (void)state;
    struct cache_claim *claim;
    struct cache_want want = {.tenant = SITE, .key = STR("/off"), .wait_ms = 30};
    assert_null(cache_claim(&want, &claim));
    assert_true(cache_switch(false));
    struct cache_value value = page(1, "x");
    cache_release(cache_fill(claim, &value));
    assert_null(cache_claim(&want, &claim));
    assert_null(claim);
    assert_false(cache_switch(true));
    assert_false(holds(SITE, "/off"));
}

static char folder[] = "/tmp/vitrine-cache-XXXXXX";
static pid_t redis;

static int redis_start(void **state)
{
    (void)state;
    char socket_path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(socket_path, sizeof socket_path, "%s/s", folder);
    redis = fork();
    if (redis == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(open("/dev/null", O_RDWR), 1);
        execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket_path, "--save",
            "", "--dir", folder, NULL);
        _exit(127);
    }
    struct str why, keys = str_join(arena(), str_of(folder), STR("/keys"), STR_NULL);
    assert_true(seal_init(arena(), keys, &why));
    struct str url = str_join(arena(), STR("unix://"), str_of(socket_path), STR_NULL);
    assert_true(redis_init(url));
    for (int64_t until = clock_mono_ms() + 5000; !redis_up() && clock_mono_ms() < until;)
        fiber_sleep(10);
    assert_true(redis_up());
    return empty(state);
}

static int redis_end(void **state)
{
    (void)state;
    redis_fini();
    kill(redis, SIGKILL);
    waitpid(redis, NULL, 0);
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static const struct cache_entry *claim_shared(struct cache_claim **claim)
{
    struct cache_want want = {.tenant = 60, .key = STR("/s"), .shared = true, .wait_ms = 300};
    return cache_claim(&want, claim);
}

// Entries of another process are those that stay when this one's are gone.
static void forget_ours(void)
{
    fiber_sleep(5);
    cache_switch(false);
    cache_switch(true);
}

static void others_find_what_is_shared(void **state)
{
    (void)state;
    struct cache_claim *claim;
    revision_learn(60, 5);
    assert_null(claim_shared(&claim));
    struct cache_value value = page(5, "shared\0binary");
    value.body.len = 13;
    cache_release(cache_fill(claim, &value));
    forget_ours();
    const struct cache_entry *e = claim_shared(&claim);
    assert_non_null(e);
    assert_null(claim);
    assert_int_equal(e->revision, 5);
    assert_int_equal(e->body.len, 13);
    assert_memory_equal(e->body.p, "shared\0binary", 13);
    cache_release(e);
    assert_true(holds(60, "/s"));

    forget_ours();
    time_shift_us = MINUTE_MS * 1000; // its end is kept with it
    assert_null(claim_shared(&claim));
    cache_abandon(claim);
    time_shift_us = 0;

    revision_learn(60, 6);
    assert_null(claim_shared(&claim));
    cache_abandon(claim);
}

static void a_foreign_frame_is_refused(void **state)
{
    (void)state;
    struct cache_claim *claim;
    struct str stored, key = STR("vitrine:cache:");
    revision_learn(60, 7);
    assert_null(claim_shared(&claim));
    struct cache_value value = page(7, "ours");
    cache_release(cache_fill(claim, &value));
    struct sha256 h = hash_sha256(STR("60 /s"));
    key = str_join(arena(), key, str_hex(arena(), h.bytes, 16), STR_NULL);
    assert_int_equal(redis_get(arena(), key, &stored), REDIS_DONE);
    for (size_t i = 0; i <= stored.len; i++) {
        char *changed = (char *)str_dup(arena(), stored).p;
        struct str bytes = i < stored.len ? stored : str_sub(stored, 0, 20);
        if (i < stored.len) {
            changed[i] ^= 1;
            bytes.p = changed;
        }
        redis_set(key, bytes, MINUTE_MS);
        forget_ours();
        assert_null(claim_shared(&claim));
        cache_abandon(claim);
    }
    redis_set(key, stored, MINUTE_MS);
    forget_ours();
    cache_release(claim_shared(&claim));
    assert_null(claim);
}

static int group(void)
{
    cache_init(1 << 20);
    const struct CMUnitTest alone[] = {
        cmocka_unit_test_setup(what_was_kept_is_found, empty),
        cmocka_unit_test_setup(a_newer_revision_refuses_it, empty),
        cmocka_unit_test_setup(it_ends_with_its_time, empty),
        cmocka_unit_test_setup(a_held_entry_stays_valid, empty),
        cmocka_unit_test_setup(bytes_are_bounded_and_the_oldest_go_first, empty),
        cmocka_unit_test_setup(of_many_that_miss_one_computes, empty),
        cmocka_unit_test_setup(when_it_fails_all_go_on_at_once, empty),
        cmocka_unit_test_setup(the_wait_has_an_end, empty),
        cmocka_unit_test_setup(who_comes_after_a_change_gets_the_new_one, empty),
        cmocka_unit_test_setup(switched_off_it_keeps_nothing, empty),
    };
    const struct CMUnitTest with_redis[] = {
        cmocka_unit_test(others_find_what_is_shared),
        cmocka_unit_test(a_foreign_frame_is_refused),
    };
    int failed = cmocka_run_group_tests(alone, NULL, NULL);
    failed += cmocka_run_group_tests(with_redis, redis_start, redis_end);
    cache_fini();
    return failed;
}

int main(void)
{
    return run_in_loop(group);
}
