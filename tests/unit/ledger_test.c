// The ledger as tables of postings, refusals and balances.
#include "with_database.h"

#include <stdio.h>
#include <string.h>

#include "domain/ledger.h"
#include "domain/ledger_verify.h"

#define HOUR_US (3600 * INT64_C(1000000))
enum { ACCOUNTS = 3, ROWS_MAX = 24 };

static struct ledger_step step(enum ledger_op op, const char *key, int64_t amount)
{
    return (struct ledger_step){.op = op,
        .plugin = STR("test"),
        .key = str_of(key),
        .kind = STR("tested"),
        .unit = STR("points"),
        .other = STR("other"),
        .amount = amount};
}

static int64_t open_account(int64_t site, const char *code)
{
    struct ledger_account account = {
        .plugin = STR("test"), .code = str_of(code), .unit = STR("points")};
    assert_true(ledger_open(arena(), site, &account));
    return account.id;
}

static struct ledger_balance balance_of(int64_t site, int64_t account)
{
    struct ledger_balance b;
    assert_true(
        ledger_balance(arena(), site, &(struct ledger_holder){STR("test"), &account, 1}, &b));
    return b;
}

static int64_t broken_in(int64_t site)
{
    int64_t broken = 0;
    for (int i = 0; i < LEDGER_INVARIANTS; i++) {
        const struct rows *found;
        struct tx *tx = tx_begin(arena(), site);
        assert_non_null(tx);
        assert_int_equal(tx_run(tx, ledger_invariants[i], NULL, 0, &found), DB_OK);
        if (found->count)
            fprintf(stderr, "%s\n", ledger_invariants[i]->name);
        broken += found->count;
        tx_rollback(tx);
    }
    return broken;
}

// One line of a table: what is asked, of whom ("a", "ab"), until which hour, of which earlier line
// (from 1), and what comes of it: the answer, then what `a` has to spend and on hold.
struct line {
    const char *key;
    enum ledger_op op;
    const char *who;
    int64_t amount, until_h;
    int of;
    bool as_far;
    int at_h; // the hour it is
    enum ledger_result result;
    int64_t available, held;
};

static void play(const struct line *lines, int count)
{
    int64_t site = new_site(), accounts[ACCOUNTS], ids[ROWS_MAX], start_us = clock_now_us();
    const char *codes[ACCOUNTS] = {"a", "b", "c"};
    for (int i = 0; i < ACCOUNTS; i++)
        accounts[i] = open_account(site, codes[i]);
    for (int i = 0; i < count; i++) {
        const struct line *l = &lines[i];
        int64_t who[ACCOUNTS];
        struct ledger_step s = step(l->op, l->key, l->amount);
        time_shift_us = l->at_h * HOUR_US;
        s.accounts = who;
        for (const char *p = l->who; *p; p++)
            who[s.account_count++] = accounts[*p - 'a'];
        s.until_us = l->until_h ? start_us + l->until_h * HOUR_US + HOUR_US / 2 : 0;
        s.of = l->of ? ids[l->of - 1] : 0;
        s.as_far = l->as_far;
        enum ledger_result result = ledger_do(arena(), site, &s, 1, NULL);
        struct ledger_balance b = balance_of(site, accounts[0]);
        if (result != l->result || b.available != l->available || b.held != l->held)
            fail_msg("line %d (%s): answered %d, not %d; has %lld, not %lld; holds %lld, not %lld",
                i + 1, l->key, (int)result, (int)l->result, (long long)b.available,
                (long long)l->available, (long long)b.held, (long long)l->held);
        ids[i] = s.id;
    }
    time_shift_us = 0;
    assert_int_equal(broken_in(site), 0);
}
#define PLAY(lines) play((lines), (int)(sizeof(lines) / sizeof *(lines)))

static void what_is_there_can_be_spent_once(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"g1", LEDGER_GIVE, "a", 100, .result = LEDGER_DONE, .available = 100},
        {"t1", LEDGER_TAKE, "a", 101, .result = LEDGER_SHORT, .available = 100},
        {"t2", LEDGER_TAKE, "a", 60, .result = LEDGER_DONE, .available = 40},
        {"t3", LEDGER_TAKE, "a", 41, .result = LEDGER_SHORT, .available = 40},
        {"t4", LEDGER_TAKE, "a", 41, .as_far = true, .result = LEDGER_DONE, .available = 0},
        {"t5", LEDGER_TAKE, "a", 1, .as_far = true, .result = LEDGER_DONE, .available = 0},
        {"t6", LEDGER_TAKE, "a", 1, .result = LEDGER_SHORT, .available = 0},
        {"t7", LEDGER_TAKE, "a", 0, .result = LEDGER_AMOUNT, .available = 0},
        {"t8", LEDGER_TAKE, "a", -5, .result = LEDGER_AMOUNT, .available = 0},
        {"g2", LEDGER_GIVE, "a", LEDGER_AMOUNT_MAX + 1, .result = LEDGER_AMOUNT},
        {"g3", LEDGER_GIVE, "a", INT64_MAX, .result = LEDGER_AMOUNT},
    };
    PLAY(lines);
}

static void a_key_posts_once(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"g1", LEDGER_GIVE, "a", 100, .result = LEDGER_DONE, .available = 100},
        {"g1", LEDGER_GIVE, "a", 100, .result = LEDGER_ALREADY, .available = 100},
        {"g1", LEDGER_GIVE, "a", 99, .result = LEDGER_KEY_REUSED, .available = 100},
        {"g1", LEDGER_GIVE, "b", 100, .result = LEDGER_KEY_REUSED, .available = 100},
        {"h1", LEDGER_HOLD, "a", 30, .until_h = 9, .result = LEDGER_DONE, .available = 70,
            .held = 30},
        {"h1", LEDGER_HOLD, "a", 30, .until_h = 8, .result = LEDGER_ALREADY, .available = 70,
            .held = 30},
        {"c1", LEDGER_CAPTURE, "", 20, .of = 5, .result = LEDGER_DONE, .available = 80},
        {"c1", LEDGER_CAPTURE, "", 20, .of = 5, .result = LEDGER_ALREADY, .available = 80},
        {"c2", LEDGER_CAPTURE, "", 20, .of = 5, .result = LEDGER_ENDED, .available = 80},
        {"t1", LEDGER_TAKE, "a", 80, .result = LEDGER_DONE},
        {"t1", LEDGER_TAKE, "a", 80, .result = LEDGER_ALREADY},
        {"t1", LEDGER_TAKE, "a", 81, .result = LEDGER_KEY_REUSED},
    };
    PLAY(lines);
}

static void what_expires_soonest_is_spent_first(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"g1", LEDGER_GIVE, "a", 10, .result = LEDGER_DONE, .available = 10},
        {"g2", LEDGER_GIVE, "a", 20, .until_h = 5, .result = LEDGER_DONE, .available = 30},
        {"g3", LEDGER_GIVE, "a", 40, .until_h = 2, .result = LEDGER_DONE, .available = 70},
        {"t1", LEDGER_TAKE, "a", 45, .result = LEDGER_DONE, .available = 25},
        // 15 of the lot until hour 5 are left, and the 10 that never expire.
        {"t2", LEDGER_TAKE, "a", 1, .at_h = 3, .result = LEDGER_DONE, .available = 24},
        {"t3", LEDGER_TAKE, "a", 11, .at_h = 6, .result = LEDGER_SHORT, .available = 10},
        {"g4", LEDGER_GIVE, "a", 7, .until_h = 6, .at_h = 7, .result = LEDGER_EXPIRED,
            .available = 10},
        {"t4", LEDGER_TAKE, "a", 10, .at_h = 7, .result = LEDGER_DONE},
    };
    PLAY(lines);
}

static void what_was_taken_comes_back_where_it_was(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"g1", LEDGER_GIVE, "a", 10, .until_h = 2, .result = LEDGER_DONE, .available = 10},
        {"g2", LEDGER_GIVE, "a", 20, .result = LEDGER_DONE, .available = 30},
        {"t1", LEDGER_TAKE, "a", 25, .result = LEDGER_DONE, .available = 5},
        {"r1", LEDGER_RETURN, "", 18, .of = 3, .result = LEDGER_DONE, .available = 23},
        {"r2", LEDGER_RETURN, "", 8, .of = 3, .result = LEDGER_TOO_MUCH, .available = 23},
        // 15 never expire and came back first, 3 of the other lot did.
        {"r3", LEDGER_RETURN, "", 3, .of = 3, .at_h = 3, .result = LEDGER_DONE, .available = 20},
        {"r4", LEDGER_RETURN, "", 4, .until_h = 9, .of = 3, .at_h = 3, .result = LEDGER_DONE,
            .available = 24},
        {"r5", LEDGER_RETURN, "", 1, .of = 3, .at_h = 3, .result = LEDGER_TOO_MUCH,
            .available = 24},
        {"r6", LEDGER_RETURN, "", 1, .of = 1, .at_h = 3, .result = LEDGER_TOO_MUCH,
            .available = 24},
    };
    PLAY(lines);
}

static void what_was_given_is_taken_back_as_far_as_it_is_there(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"g1", LEDGER_GIVE, "a", 10, .result = LEDGER_DONE, .available = 10},
        {"g2", LEDGER_GIVE, "a", 50, .until_h = 9, .result = LEDGER_DONE, .available = 60},
        {"t1", LEDGER_TAKE, "a", 55, .result = LEDGER_DONE, .available = 5},
        {"b1", LEDGER_TAKE, "a", 50, .of = 2, .result = LEDGER_SHORT, .available = 5},
        {"b2", LEDGER_TAKE, "a", 3, .of = 2, .as_far = true, .result = LEDGER_DONE, .available = 2},
        {"b3", LEDGER_TAKE, "a", 47, .of = 2, .as_far = true, .result = LEDGER_DONE},
        {"g3", LEDGER_GIVE, "a", 80, .result = LEDGER_DONE, .available = 80},
        {"b4", LEDGER_TAKE, "a", 46, .of = 2, .result = LEDGER_TOO_MUCH, .available = 80},
        {"b5", LEDGER_TAKE, "a", 45, .of = 2, .result = LEDGER_DONE, .available = 35},
    };
    PLAY(lines);
}

static void what_is_held_is_nobody_else_s_until_its_time(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"g1", LEDGER_GIVE, "a", 100, .result = LEDGER_DONE, .available = 100},
        {"h1", LEDGER_HOLD, "a", 101, .until_h = 2, .result = LEDGER_SHORT, .available = 100},
        {"h2", LEDGER_HOLD, "a", 80, .until_h = 2, .result = LEDGER_DONE, .available = 20,
            .held = 80},
        {"t1", LEDGER_TAKE, "a", 21, .result = LEDGER_SHORT, .available = 20, .held = 80},
        {"v1", LEDGER_VOID, "", .of = 3, .result = LEDGER_DONE, .available = 100},
        {"v2", LEDGER_VOID, "", .of = 3, .result = LEDGER_ENDED, .available = 100},
        {"h3", LEDGER_HOLD, "a", 80, .until_h = 2, .result = LEDGER_DONE, .available = 20,
            .held = 80},
        // Late, and nobody needed it: captured all the same.
        {"c1", LEDGER_CAPTURE, "", 81, .of = 7, .at_h = 3, .result = LEDGER_TOO_MUCH,
            .available = 20, .held = 80},
        {"c2", LEDGER_CAPTURE, "", 70, .of = 7, .at_h = 3, .result = LEDGER_DONE, .available = 30},
        {"h4", LEDGER_HOLD, "a", 30, .until_h = 4, .at_h = 3, .result = LEDGER_DONE, .held = 30},
        // Late, and somebody did.
        {"t2", LEDGER_TAKE, "a", 5, .at_h = 5, .result = LEDGER_DONE, .available = 25},
        {"c3", LEDGER_CAPTURE, "", 30, .of = 10, .at_h = 5, .result = LEDGER_ENDED,
            .available = 25},
        {"r1", LEDGER_RETURN, "", 70, .of = 9, .at_h = 5, .result = LEDGER_DONE, .available = 95},
    };
    PLAY(lines);
}

static void several_accounts_pay_together(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"g1", LEDGER_GIVE, "a", 10, .result = LEDGER_DONE, .available = 10},
        {"g2", LEDGER_GIVE, "b", 20, .until_h = 5, .result = LEDGER_DONE, .available = 10},
        {"t1", LEDGER_TAKE, "ab", 31, .result = LEDGER_SHORT, .available = 10},
        {"t2", LEDGER_TAKE, "ab", 22, .result = LEDGER_DONE, .available = 8},
        {"r1", LEDGER_RETURN, "", 5, .of = 4, .result = LEDGER_DONE, .available = 10},
        {"h1", LEDGER_HOLD, "ab", 13, .until_h = 2, .result = LEDGER_DONE, .available = 0,
            .held = 10},
        {"c1", LEDGER_CAPTURE, "", 13, .of = 6, .result = LEDGER_DONE},
    };
    PLAY(lines);
}

static void accounts_of_others_stay_closed(void **state)
{
    (void)state;
    int64_t site = new_site(), other = new_site();
    int64_t mine = open_account(site, "a"), theirs = open_account(other, "a");
    struct ledger_step s = step(LEDGER_GIVE, "g1", 10);
    s.accounts = &theirs, s.account_count = 1;
    assert_int_equal(ledger_do(arena(), site, &s, 1, NULL), LEDGER_NO_ACCOUNT);
    s.accounts = &mine, s.plugin = STR("another");
    assert_int_equal(ledger_do(arena(), site, &s, 1, NULL), LEDGER_NO_ACCOUNT);
    s.plugin = STR("test"), s.unit = STR("EUR");
    assert_int_equal(ledger_do(arena(), site, &s, 1, NULL), LEDGER_NO_ACCOUNT);
    s.unit = STR("points");
    assert_int_equal(ledger_do(arena(), site, &s, 1, NULL), LEDGER_DONE);
    int64_t given = s.id;
    struct ledger_step back = step(LEDGER_RETURN, "r1", 10);
    back.of = given;
    assert_int_equal(ledger_do(arena(), other, &back, 1, NULL), LEDGER_NOT_FOUND);
    struct ledger_step take = step(LEDGER_TAKE, "t1", 10);
    take.accounts = &mine, take.account_count = 1;
    assert_int_equal(ledger_do(arena(), other, &take, 1, NULL), LEDGER_NO_ACCOUNT);
    assert_int_equal(balance_of(site, mine).available, 10);
    assert_int_equal(balance_of(other, theirs).available, 0);
}

static void steps_of_a_unit_are_all_done_or_none(void **state)
{
    (void)state;
    int64_t site = new_site(), a = open_account(site, "a"), b = open_account(site, "b");
    struct ledger_step steps[2] = {step(LEDGER_GIVE, "g1", 10), step(LEDGER_TAKE, "t1", 1)};
    steps[0].accounts = &a, steps[0].account_count = 1;
    steps[1].accounts = &b, steps[1].account_count = 1;
    assert_int_equal(ledger_do(arena(), site, steps, 2, NULL), LEDGER_SHORT);
    assert_int_equal(balance_of(site, a).total, 0);
    steps[1].accounts = &a;
    assert_int_equal(ledger_do(arena(), site, steps, 2, NULL), LEDGER_DONE);
    assert_int_equal(ledger_do(arena(), site, steps, 2, NULL), LEDGER_ALREADY);
    assert_int_equal(balance_of(site, a).total, 9);
    // Half of it is known: it isn't the same.
    steps[1].key = STR("t2");
    assert_int_equal(ledger_do(arena(), site, steps, 2, NULL), LEDGER_KEY_REUSED);
    assert_int_equal(balance_of(site, a).total, 9);
}

static void what_expired_leaves_its_account(void **state)
{
    (void)state;
    int64_t site = new_site(), a = open_account(site, "a"), start_us = clock_now_us();
    struct ledger_step give = step(LEDGER_GIVE, "g1", 10), keep = step(LEDGER_GIVE, "g2", 5);
    struct ledger_step hold = step(LEDGER_HOLD, "h1", 4);
    give.accounts = keep.accounts = hold.accounts = &a;
    give.account_count = keep.account_count = hold.account_count = 1;
    give.until_us = start_us + HOUR_US, hold.until_us = start_us + 5 * HOUR_US;
    assert_int_equal(ledger_do(arena(), site, &give, 1, NULL), LEDGER_DONE);
    assert_int_equal(ledger_do(arena(), site, &keep, 1, NULL), LEDGER_DONE);
    assert_int_equal(ledger_do(arena(), site, &hold, 1, NULL), LEDGER_DONE);
    assert_int_equal(balance_of(site, a).expires_us, give.until_us);
    time_shift_us = 2 * HOUR_US;
    assert_int_equal(balance_of(site, a).available, 5);
    assert_int_equal(balance_of(site, a).total, 15);
    // What is on hold waits for its end.
    assert_true(ledger_expire(arena(), site, clock_now_us()));
    assert_int_equal(balance_of(site, a).total, 9);
    assert_true(ledger_expire(arena(), site, clock_now_us()));
    assert_int_equal(balance_of(site, a).total, 9);
    time_shift_us = 6 * HOUR_US;
    assert_true(ledger_expire(arena(), site, clock_now_us()));
    assert_int_equal(balance_of(site, a).total, 5);
    struct value *moves =
        ledger_movements(arena(), site, &(struct ledger_page){STR("test"), a, 0, 10});
    const int64_t amounts[] = {-4, -6, 5, 10};
    assert_int_equal(value_count(moves), 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(value_get_int(value_at(moves, i), KEY(amount), 0), amounts[i]);
    time_shift_us = 0;
    assert_int_equal(broken_in(site), 0);
}

static int64_t racing_site, racing_account;
static int raced;

static void race(void *arg)
{
    struct ledger_step s = step(LEDGER_TAKE, (const char *)arg, 10);
    s.accounts = &racing_account, s.account_count = 1;
    enum ledger_result result = ledger_do(fiber_arena(), racing_site, &s, 1, NULL);
    raced += result == LEDGER_DONE;
    assert_true(result == LEDGER_DONE || result == LEDGER_SHORT || result == LEDGER_ALREADY);
}

static void of_many_at_once_the_balance_decides(void **state)
{
    (void)state;
    static const char *const keys[] = {"k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7"};
    racing_site = new_site(), racing_account = open_account(racing_site, "a");
    struct ledger_step give = step(LEDGER_GIVE, "g", 35);
    give.accounts = &racing_account, give.account_count = 1;
    assert_int_equal(ledger_do(arena(), racing_site, &give, 1, NULL), LEDGER_DONE);
    int before = fibers_live();
    raced = 0;
    for (int i = 0; i < 40; i++)
        assert_true(fiber_start(race, (void *)keys[i % 8], NULL));
    while (fibers_live() > before)
        fiber_sleep(2);
    assert_int_equal(raced, 3);
    assert_int_equal(balance_of(racing_site, racing_account).available, 5);
    assert_int_equal(broken_in(racing_site), 0);
}

static struct sql cheat = {.name = "test_cheat",
    .text = "UPDATE lot_balance SET remaining = remaining - 1, spent = remaining = 1"
            " WHERE tenant_id = $1",
    .params = 1};

static void a_proof_finds_what_was_tampered_with(void **state)
{
    (void)state;
    int64_t site = new_site(), a = open_account(site, "a");
    struct ledger_step give = step(LEDGER_GIVE, "g1", 10);
    give.accounts = &a, give.account_count = 1;
    assert_int_equal(ledger_do(arena(), site, &give, 1, NULL), LEDGER_DONE);
    assert_int_equal(broken_in(site), 0);
    struct unit *u = unit_new(arena(), DB_WRITE, site);
    unit_add(u, &cheat, db_i64(arena(), site));
    assert_int_equal(unit_run(u), DB_OK);
    assert_int_equal(broken_in(site), 1);
}

static int group(void)
{
    struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_there_can_be_spent_once),
        cmocka_unit_test(a_key_posts_once),
        cmocka_unit_test(what_expires_soonest_is_spent_first),
        cmocka_unit_test(what_was_taken_comes_back_where_it_was),
        cmocka_unit_test(what_was_given_is_taken_back_as_far_as_it_is_there),
        cmocka_unit_test(what_is_held_is_nobody_else_s_until_its_time),
        cmocka_unit_test(several_accounts_pay_together),
        cmocka_unit_test(accounts_of_others_stay_closed),
        cmocka_unit_test(steps_of_a_unit_are_all_done_or_none),
        cmocka_unit_test(what_expired_leaves_its_account),
        cmocka_unit_test(of_many_at_once_the_balance_decides),
        cmocka_unit_test(a_proof_finds_what_was_tampered_with),
    };
    return run_database_tests(tests, NULL, NULL);
}

int main(void)
{
    return run_in_loop(group);
}
