// Fibers, timers and the thread pool on a real loop.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "io/fiber.h"
#include "io/loop.h"
#include "io/offload.h"

static struct wait shared;
static int trace[16], steps;

static void note(int n)
{
    trace[steps++] = n;
}

static void waiter(void *arg)
{
    (void)arg;
    note(1);
    assert_true(fiber_wait(&shared, 1000));
    note(4);
    struct wait never = {0};
    int64_t before = clock_mono_ms();
    assert_false(fiber_wait(&never, 20));
    assert_true(clock_mono_ms() - before >= 20);
    fiber_set_deadline(clock_mono_ms());
    assert_false(fiber_wait(&never, 60000));
    loop_stop();
}

static void teller(void *arg)
{
    (void)arg;
    note(2);
    wait_done(&shared);
    note(3);
    fiber_yield();
    note(5);
}

static void a_fiber_waits_until_told_or_due(void **state)
{
    (void)state;
    assert_true(fiber_start(waiter, NULL, NULL));
    assert_true(fiber_start(teller, NULL, NULL));
    loop_run(NULL);
    assert_int_equal(steps, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(trace[i], i + 1);
}

static void sum(void *arg)
{
    int64_t *n = arg, total = 0;
    for (int64_t i = 1; i <= *n; i++)
        total += i;
    *n = total;
}

static int offloaded;

static void offloader(void *arg)
{
    int64_t n = 1000;
    (void)arg;
    assert_true(offload(sum, &n));
    assert_int_equal(n, 500500);
    if (++offloaded == 100)
        loop_stop();
}

static void threads_answer_every_fiber(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++)
        assert_true(fiber_start(offloader, NULL, NULL));
    loop_run(NULL);
    assert_int_equal(offloaded, 100);
}

static struct wait gates[FIBERS_MAX];

static void sleeper(void *arg)
{
    fiber_wait(arg, -1);
}

static void fibers_are_capped(void **state)
{
    (void)state;
    int started = 0;
    while (fiber_start(sleeper, &gates[started], NULL))
        started++;
    assert_int_equal(started, FIBERS_MAX);
    for (int i = 0; i < started; i++)
        wait_done(&gates[i]);
    fibers_run_ready();
    assert_int_equal(fibers_live(), 0);
}

static size_t resident_kb(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%*d %ld", &pages), 1);
    fclose(f);
    return (size_t)pages * 4;
}

static void deep_fiber(void *arg)
{
    volatile char deep[300 * 1024];
    for (size_t i = 0; i < sizeof deep; i += 512)
        deep[i] = 1;
    fiber_wait(arg, -1);
}

static void deep_stacks_are_given_back(void **state)
{
    (void)state;
    enum { DEEP = 200 };
    static struct wait waits[DEEP];
    size_t before = resident_kb();
    for (int i = 0; i < DEEP; i++)
        assert_true(fiber_start(deep_fiber, &waits[i], NULL));
    assert_true(resident_kb() - before > DEEP * 250);
    for (int i = 0; i < DEEP; i++)
        wait_done(&waits[i]);
    fibers_run_ready();
#ifndef VITRINE_ASAN
    assert_true(resident_kb() - before < DEEP * 150);
#endif
}

// A stopped loop stays stopped, so each test gets one of its own.
static int fresh_loop(void **state)
{
    (void)state;
    loop_init();
    fibers_init();
    return 0;
}

static int fresh_loop_with_threads(void **state)
{
    fresh_loop(state);
    offload_init(2);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_fiber_waits_until_told_or_due, fresh_loop),
        cmocka_unit_test_setup(threads_answer_every_fiber, fresh_loop_with_threads),
        cmocka_unit_test_setup(deep_stacks_are_given_back, fresh_loop),
        cmocka_unit_test_setup(fibers_are_capped, fresh_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
