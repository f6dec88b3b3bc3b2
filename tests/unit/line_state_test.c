// What may follow what on an order's line: every pair of states, as a table that a box office can
// read.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/line_state.h"

static void lines_move_as_the_table_says(void **state)
{
    // Rows are from, columns to: held option reserved paying confirmed expired released cancelled.
    static const char *const may[LINE_STATE_COUNT] = {
        [LINE_held] = "..xxxx.x",
        [LINE_option] = "..x...xx",
        [LINE_reserved] = "...xx.xx",
        [LINE_paying] = "x.x.xx..",
        [LINE_confirmed] = ".......x",
        [LINE_expired] = "x..x...x",
        [LINE_released] = "........",
        [LINE_cancelled] = "........",
    };
    (void)state;
    for (int from = 0; from < LINE_STATE_COUNT; from++)
        for (int to = 0; to < LINE_STATE_COUNT; to++)
            assert_int_equal(
                line_may_become((enum line_state)from, (enum line_state)to), may[from][to] == 'x');
    assert_true(line_takes_capacity(LINE_paying));
    assert_false(line_takes_capacity(LINE_option));
    assert_false(line_takes_capacity(LINE_expired));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines_move_as_the_table_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
