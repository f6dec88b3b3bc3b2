// The worker's Lua states: kept by use, closed when they are old, never while a call is under way.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plug/lua_cache.h"
#include "plug/lua_sandbox.h"

static struct lua_sandbox *box(void)
{
    struct lua_sandbox_config config = {.limits = lua_limits_default};
    return lua_sandbox_new(&config);
}

static void states_are_found_by_site_and_revision(void **state)
{
    (void)state;
    struct lua_cache *cache = lua_cache_new(64 << 20);
    assert_null(lua_cache_acquire(cache, 1, 1));
    struct lua_sandbox *first = lua_cache_put(cache, 1, 1, box());
    lua_cache_release(cache, first);
    assert_ptr_equal(lua_cache_acquire(cache, 1, 1), first);
    assert_null(lua_cache_acquire(cache, 1, 2));
    assert_null(lua_cache_acquire(cache, 2, 1));
    // Two fibers made the same state: both use the first.
    assert_ptr_equal(lua_cache_put(cache, 1, 1, box()), first);
    lua_cache_release(cache, first);
    lua_cache_release(cache, first);
    assert_int_equal(lua_cache_stats(cache).states, 1);
    lua_cache_free(cache);
}

static void an_old_revision_is_closed_when_its_last_call_ends(void **state)
{
    (void)state;
    struct lua_cache *cache = lua_cache_new(64 << 20);
    struct lua_sandbox *old = lua_cache_put(cache, 1, 1, box());
    struct lua_sandbox *new = lua_cache_put(cache, 1, 2, box());
    assert_int_equal(lua_cache_stats(cache).states, 2);
    assert_null(lua_cache_acquire(cache, 1, 1));
    lua_cache_release(cache, old);
    assert_int_equal(lua_cache_stats(cache).states, 1);
    lua_cache_drop(cache, 1);
    assert_int_equal(lua_cache_stats(cache).states, 1);
    lua_cache_release(cache, new);
    assert_int_equal(lua_cache_stats(cache).states, 0);
    lua_cache_free(cache);
}

static void the_least_used_state_goes_first_and_pinned_ones_stay(void **state)
{
    (void)state;
    struct lua_sandbox *probe = box();
    size_t one = lua_sandbox_memory(probe);
    lua_sandbox_free(probe);
    struct lua_cache *cache = lua_cache_new(one * 3 + one / 2);
    struct lua_sandbox *pinned = lua_cache_put(cache, 1, 1, box());
    for (int64_t site = 2; site <= 3; site++)
        lua_cache_release(cache, lua_cache_put(cache, site, 1, box()));
    lua_cache_release(cache, lua_cache_acquire(cache, 2, 1));
    lua_cache_release(cache, lua_cache_put(cache, 4, 1, box()));
    assert_null(lua_cache_acquire(cache, 3, 1));
    struct lua_sandbox *used = lua_cache_acquire(cache, 2, 1);
    assert_non_null(used);
    assert_ptr_equal(lua_cache_acquire(cache, 1, 1), pinned);
    assert_true(lua_cache_stats(cache).bytes <= one * 3 + one / 2);
    lua_cache_drop(cache, 1);
    lua_cache_release(cache, pinned);
    assert_int_equal(lua_cache_stats(cache).states, 3);
    lua_cache_release(cache, pinned);
    lua_cache_release(cache, used);
    assert_int_equal(lua_cache_stats(cache).states, 2);
    lua_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_are_found_by_site_and_revision),
        cmocka_unit_test(an_old_revision_is_closed_when_its_last_call_ends),
        cmocka_unit_test(the_least_used_state_goes_first_and_pinned_ones_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
