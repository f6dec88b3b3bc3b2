// A long random walk through the ledger, beside a small model of it that keeps plain arrays: every
// answer and every balance has to be the same. LEDGER_OPERATIONS (12,000) says how long,
// LEDGER_SEED which one; both are printed.
#include "with_database.h"

#include <stdio.h>
#include <string.h>

#include "domain/ledger.h"
#include "domain/ledger_verify.h"

#define HOUR_US (3600 * INT64_C(1000000))
enum { WALKERS = 16, ACCOUNTS = 4, LOTS_MAX = 160, PARTS_MAX = 64, PAST_MAX = 24, A_ROUND = 25 };

// Hours are what time is made of; a lot that expires in hour 7 does so half past.
struct model_lot {
    int account;
    int64_t amount, left, held, expires_h; // INT64_MAX: never
};

struct part {
    int lot;
    int64_t amount, back;
};

// A posting or a hold of the past that may be referred to.
struct past {
    enum ledger_op op;
    struct ledger_step asked; // to be asked once more
    int64_t accounts[2];
    char key[24];
    int64_t id, amount, back, until_h;
    int account, lot; // of a give
    bool ended;
    struct part parts[PARTS_MAX];
    int part_count;
};

struct walker {
    uint64_t random;
    int64_t site, accounts[ACCOUNTS];
    struct model_lot lots[LOTS_MAX];
    int lot_count;
    struct past past[PAST_MAX];
    int past_count, next;
    int64_t steps, answers[LEDGER_UNAVAILABLE + 1];
};

static struct walker walkers[WALKERS];
static int64_t hour, start_us, key_count;

static int64_t draw(struct walker *w, int64_t below)
{
    uint64_t z = w->random += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (int64_t)((z ^ (z >> 31)) % (uint64_t)below);
}

static bool lives(const struct model_lot *l)
{
    return l->expires_h >= hour;
}

// ---- The model: what should come of it

// What is asked for.
struct drawing {
    const int *of; // accounts
    int count;
    int64_t amount;
    int preferred; // lot, or -1
};

// Sooner first; of the same hour, whoever came first.
static int soonest(const struct walker *w, const struct drawing *d)
{
    int best = -1;
    for (int i = 0; i < w->lot_count; i++) {
        const struct model_lot *l = &w->lots[i];
        bool mine = false;
        for (int k = 0; k < d->count; k++)
            mine |= l->account == d->of[k];
        if (!mine || !lives(l) || l->left <= l->held)
            continue;
        if (i == d->preferred)
            return i;
        if (best < 0 || l->expires_h < w->lots[best].expires_h)
            best = i;
    }
    return best;
}

static int64_t to_spend(const struct walker *w, int account)
{
    int64_t sum = 0;
    for (int i = 0; i < w->lot_count; i++)
        if (w->lots[i].account == account && lives(&w->lots[i]))
            sum += w->lots[i].left - w->lots[i].held;
    return sum;
}

static void let_go(struct walker *w, struct past *hold)
{
    for (int i = 0; i < hold->part_count; i++)
        w->lots[hold->parts[i].lot].held -= hold->parts[i].amount;
    hold->ended = true;
}

static bool touches(const struct walker *w, const struct past *hold, const int *of, int count)
{
    for (int i = 0; i < hold->part_count; i++)
        for (int k = 0; k < count; k++)
            if (w->lots[hold->parts[i].lot].account == of[k])
                return true;
    return false;
}

static void let_go_of_late(struct walker *w, const int *of, int count)
{
    for (int i = 0; i < w->past_count; i++) {
        struct past *p = &w->past[i];
        if (p->op == LEDGER_HOLD && !p->ended && p->until_h < hour && touches(w, p, of, count))
            let_go(w, p);
    }
}

// Notes in `out` what is taken of which lots.
static int64_t draw_lots(struct walker *w, const struct drawing *d, struct past *out)
{
    int64_t open = d->amount, before[LOTS_MAX];
    for (int i = 0; i < w->lot_count; i++)
        before[i] = w->lots[i].left;
    for (int lot; open && (lot = soonest(w, d)) >= 0;) {
        struct model_lot *l = &w->lots[lot];
        int64_t part = l->left - l->held < open ? l->left - l->held : open;
        assert_true(out->part_count < PARTS_MAX);
        out->parts[out->part_count++] = (struct part){lot, part, 0};
        l->left -= part;
        open -= part;
    }
    // Whoever asked decides whether it is done.
    for (int i = 0; i < w->lot_count; i++)
        w->lots[i].left = before[i];
    return d->amount - open;
}

static void spend(struct walker *w, const struct past *p)
{
    for (int i = 0; i < p->part_count; i++)
        w->lots[p->parts[i].lot].left -= p->parts[i].amount;
}

static int new_lot(struct walker *w, int account, int64_t amount, int64_t expires_h)
{
    assert_true(w->lot_count < LOTS_MAX);
    w->lots[w->lot_count] = (struct model_lot){account, amount, amount, 0, expires_h};
    return w->lot_count++;
}

// ---- Steps: asked of both

static struct past *remember(struct walker *w, enum ledger_op op)
{
    struct past *p = &w->past[w->next];
    // What is still open is ended in its turn, so that nothing is forgotten.
    assert_true(p->op != LEDGER_HOLD || p->ended || w->past_count < PAST_MAX);
    *p = (struct past){.op = op};
    w->next = (w->next + 1) % PAST_MAX;
    if (w->past_count < PAST_MAX)
        w->past_count++;
    return p;
}

static struct ledger_step step(struct walker *w, enum ledger_op op, int64_t amount)
{
    return (struct ledger_step){.op = op,
        .plugin = STR("walk"),
        .key = str_of_i64(arena(), ++key_count),
        .kind = STR("walked"),
        .unit = STR("points"),
        .other = draw(w, 2) ? STR("one") : STR("two"),
        .amount = amount};
}

static int64_t when(int64_t h)
{
    return h == INT64_MAX ? 0 : start_us + h * HOUR_US + HOUR_US / 2;
}

static void expect(struct walker *w, struct ledger_step *s, enum ledger_result right)
{
    enum ledger_result result = ledger_do(arena(), w->site, s, 1, NULL);
    if (result != right)
        fail_msg("step %lld of site %lld in hour %lld: op %d of %lld answered %d, not %d",
            (long long)w->steps, (long long)w->site, (long long)hour, (int)s->op,
            (long long)s->amount, (int)result, (int)right);
    w->answers[result]++;
}

static void keep(struct past *p, const struct ledger_step *s)
{
    p->asked = *s;
    p->id = s->id;
    p->amount = s->amount;
    for (int i = 0; i < s->account_count; i++)
        p->accounts[i] = s->accounts[i];
    p->asked.accounts = p->accounts;
    snprintf(p->key, sizeof p->key, "%.*s", (int)s->key.len, s->key.p);
    p->asked.key = str_of(p->key);
}

static void give(struct walker *w)
{
    int account = (int)draw(w, ACCOUNTS);
    int64_t expires = draw(w, 3) ? hour - 1 + draw(w, 12) : INT64_MAX;
    struct ledger_step s = step(w, LEDGER_GIVE, 1 + draw(w, 100));
    s.accounts = &w->accounts[account], s.account_count = 1, s.until_us = when(expires);
    expect(w, &s, expires < hour ? LEDGER_EXPIRED : LEDGER_DONE);
    if (expires < hour)
        return;
    struct past *p = remember(w, LEDGER_GIVE);
    p->account = account;
    p->lot = new_lot(w, account, s.amount, expires);
    keep(p, &s);
}

// One account or two.
static int choose(struct walker *w, int *of, int64_t *ids)
{
    int count = 1 + (int)draw(w, 2);
    of[0] = (int)draw(w, ACCOUNTS);
    of[1] = (of[0] + 1 + (int)draw(w, ACCOUNTS - 1)) % ACCOUNTS;
    for (int i = 0; i < count; i++)
        ids[i] = w->accounts[of[i]];
    return count;
}

static void take(struct walker *w, enum ledger_op op)
{
    int of[2], count;
    int64_t ids[2];
    struct ledger_step s = step(w, op, 1 + draw(w, 120));
    s.accounts = ids, s.account_count = count = choose(w, of, ids);
    s.as_far = op == LEDGER_TAKE && draw(w, 4) == 0;
    int64_t until = hour + draw(w, 6);
    s.until_us = op == LEDGER_HOLD ? when(until) : 0;
    struct past next = {.op = op, .until_h = until};
    struct walker before = *w;
    let_go_of_late(w, of, count);
    bool done =
        draw_lots(w, &(struct drawing){of, count, s.amount, -1}, &next) == s.amount || s.as_far;
    expect(w, &s, done ? LEDGER_DONE : LEDGER_SHORT);
    if (!done) { // and so nothing was let go either
        memcpy(w->lots, before.lots, sizeof w->lots);
        memcpy(w->past, before.past, sizeof w->past);
        return;
    }
    if (op == LEDGER_TAKE)
        spend(w, &next);
    for (int i = 0; op == LEDGER_HOLD && i < next.part_count; i++)
        w->lots[next.parts[i].lot].held += next.parts[i].amount;
    struct past *p = remember(w, op);
    *p = next;
    keep(p, &s);
    if (s.as_far)
        p->amount = s.taken;
}

static struct past *some(struct walker *w, enum ledger_op one, enum ledger_op other)
{
    for (int tries = 0; tries < 8 && w->past_count; tries++) {
        struct past *p = &w->past[draw(w, w->past_count)];
        if (p->op == one || p->op == other)
            return p;
    }
    return NULL;
}

// What was taken comes back: what lives longest first, of the same hour whoever came last.
static void return_parts(struct walker *w, struct past *of, int64_t amount, int64_t anew_h)
{
    while (amount) {
        struct part *best = NULL;
        for (int i = 0; i < of->part_count; i++) {
            struct part *p = &of->parts[i];
            if (p->back < p->amount &&
                (!best || w->lots[p->lot].expires_h > w->lots[best->lot].expires_h ||
                    (w->lots[p->lot].expires_h == w->lots[best->lot].expires_h &&
                        p->lot > best->lot)))
                best = p;
        }
        int64_t part = best->amount - best->back < amount ? best->amount - best->back : amount;
        best->back += part, amount -= part;
        struct model_lot *lot = &w->lots[best->lot];
        if (!lives(lot) && anew_h >= hour)
            new_lot(w, lot->account, part, anew_h);
        else
            lot->left += part;
    }
}

static void give_back(struct walker *w)
{
    struct past *of = some(w, LEDGER_TAKE, LEDGER_CAPTURE);
    if (!of)
        return;
    int64_t anew = draw(w, 2) ? hour + draw(w, 9) : -1;
    struct ledger_step s = step(w, LEDGER_RETURN, 1 + draw(w, of->amount + 1));
    s.of = of->id, s.until_us = anew < 0 ? 0 : when(anew);
    bool done = of->back + s.amount <= of->amount;
    expect(w, &s, done ? LEDGER_DONE : LEDGER_TOO_MUCH);
    if (!done)
        return;
    of->back += s.amount;
    return_parts(w, of, s.amount, anew);
}

static void take_back(struct walker *w)
{
    struct past *of = some(w, LEDGER_GIVE, LEDGER_GIVE);
    if (!of)
        return;
    struct ledger_step s = step(w, LEDGER_TAKE, 1 + draw(w, of->amount));
    struct past next = {.op = LEDGER_RETURN}; // not to be referred to
    s.accounts = &w->accounts[of->account], s.account_count = 1, s.of = of->id;
    s.as_far = draw(w, 2);
    struct walker before = *w;
    let_go_of_late(w, &of->account, 1);
    int64_t there = draw_lots(w, &(struct drawing){&of->account, 1, s.amount, of->lot}, &next);
    enum ledger_result right = there < s.amount && !s.as_far   ? LEDGER_SHORT
                               : of->back + there > of->amount ? LEDGER_TOO_MUCH
                                                               : LEDGER_DONE;
    expect(w, &s, right);
    if (right != LEDGER_DONE) {
        memcpy(w->lots, before.lots, sizeof w->lots);
        memcpy(w->past, before.past, sizeof w->past);
        return;
    }
    of->back += there;
    spend(w, &next);
}

static void capture(struct walker *w)
{
    struct past *hold = some(w, LEDGER_HOLD, LEDGER_HOLD);
    if (!hold)
        return;
    struct ledger_step s = step(w, LEDGER_CAPTURE, 1 + draw(w, hold->amount + 2));
    s.of = hold->id;
    enum ledger_result right = hold->ended               ? LEDGER_ENDED
                               : s.amount > hold->amount ? LEDGER_TOO_MUCH
                                                         : LEDGER_DONE;
    expect(w, &s, right);
    if (right != LEDGER_DONE)
        return;
    let_go(w, hold);
    struct past next = {.op = LEDGER_CAPTURE};
    int64_t open = s.amount;
    for (int i = 0; i < hold->part_count && open; i++) { // they stand soonest first
        int64_t part = hold->parts[i].amount < open ? hold->parts[i].amount : open;
        next.parts[next.part_count++] = (struct part){hold->parts[i].lot, part, 0};
        open -= part;
    }
    spend(w, &next);
    struct past *p = remember(w, LEDGER_CAPTURE);
    *p = next;
    keep(p, &s);
}

static void let_one_go(struct walker *w, struct past *hold)
{
    if (!hold)
        return;
    struct ledger_step s = step(w, LEDGER_VOID, 0);
    s.of = hold->id;
    expect(w, &s, hold->ended ? LEDGER_ENDED : LEDGER_DONE);
    if (!hold->ended)
        let_go(w, hold);
}

// An answer that got lost is asked for again, or another thing under its key.
static void ask_again(struct walker *w)
{
    if (!w->past_count)
        return;
    struct past *p = &w->past[draw(w, w->past_count)];
    struct ledger_step s = p->asked;
    if (!s.key.p)
        return;
    bool changed = draw(w, 2);
    s.amount += changed;
    expect(w, &s, changed ? LEDGER_KEY_REUSED : LEDGER_ALREADY);
    assert_int_equal(s.id, p->id);
}

static void expire(struct walker *w)
{
    assert_true(ledger_expire(arena(), w->site, clock_now_us()));
    // Late holds on accounts with something expired are let go with it.
    for (int account = 0; account < ACCOUNTS; account++) {
        bool any = false;
        for (int i = 0; i < w->lot_count; i++)
            any |= w->lots[i].account == account && !lives(&w->lots[i]) && w->lots[i].left;
        if (any)
            let_go_of_late(w, &account, 1);
    }
    for (int i = 0; i < w->lot_count; i++)
        if (!lives(&w->lots[i]))
            w->lots[i].left = w->lots[i].held;
}

static void walk_step(struct walker *w)
{
    // A hold that is about to be forgotten ends first.
    struct past *oldest = &w->past[w->next];
    if (w->past_count == PAST_MAX && oldest->op == LEDGER_HOLD && !oldest->ended)
        let_one_go(w, oldest);
    switch (draw(w, 20)) {
    case 0 ... 4:
        return give(w);
    case 5 ... 8:
        return take(w, LEDGER_TAKE);
    case 9 ... 11:
        return take(w, LEDGER_HOLD);
    case 12 ... 13:
        return capture(w);
    case 14:
        return let_one_go(w, some(w, LEDGER_HOLD, LEDGER_HOLD));
    case 15 ... 16:
        return give_back(w);
    case 17:
        return take_back(w);
    case 18:
        return ask_again(w);
    default:
        if (draw(w, 4) == 0)
            expire(w);
    }
}

static void compare(struct walker *w)
{
    for (int account = 0; account < ACCOUNTS; account++) {
        struct ledger_balance b;
        int64_t held = 0, total = 0;
        assert_true(ledger_balance(
            arena(), w->site, &(struct ledger_holder){STR("walk"), &w->accounts[account], 1}, &b));
        for (int i = 0; i < w->lot_count; i++)
            if (w->lots[i].account == account)
                held += w->lots[i].held, total += w->lots[i].left;
        assert_int_equal(b.available, to_spend(w, account));
        assert_int_equal(b.held, held);
        assert_int_equal(b.total, total);
    }
}

// Lots that nothing refers to any more make room.
static void tidy(struct walker *w)
{
    int to[LOTS_MAX], kept = 0;
    bool used[LOTS_MAX] = {false};
    for (int i = 0; i < w->past_count; i++) {
        used[w->past[i].lot] |= w->past[i].op == LEDGER_GIVE;
        for (int k = 0; k < w->past[i].part_count; k++)
            used[w->past[i].parts[k].lot] = true;
    }
    for (int i = 0; i < w->lot_count; i++) {
        to[i] = kept;
        if (used[i] || w->lots[i].left)
            w->lots[kept++] = w->lots[i];
    }
    w->lot_count = kept;
    for (int i = 0; i < w->past_count; i++) {
        w->past[i].lot = to[w->past[i].lot];
        for (int k = 0; k < w->past[i].part_count; k++)
            w->past[i].parts[k].lot = to[w->past[i].parts[k].lot];
    }
}

static void walk(void *arg)
{
    struct walker *w = arg;
    for (int i = 0; i < A_ROUND; i++) {
        walk_step(w);
        w->steps++;
    }
    compare(w);
    tidy(w);
}

static void begin(uint64_t seed)
{
    start_us = clock_now_us();
    for (int i = 0; i < WALKERS; i++) {
        struct walker *w = &walkers[i];
        *w = (struct walker){.random = seed * 1000003 + (uint64_t)i, .site = new_site()};
        for (int k = 0; k < ACCOUNTS; k++) {
            struct ledger_account account = {
                .plugin = STR("walk"), .code = str_of_i64(arena(), k), .unit = STR("points")};
            assert_true(ledger_open(arena(), w->site, &account));
            w->accounts[k] = account.id;
        }
    }
}

static void a_round(void)
{
    int before = fibers_live();
    for (int i = 0; i < WALKERS; i++)
        assert_true(fiber_start(walk, &walkers[i], NULL));
    while (fibers_live() > before)
        fiber_sleep(1);
}

static int64_t number_of(const char *name, int64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoll(text, NULL, 10) : otherwise;
}

static void no_part_of_the_ledger_contradicts_another(void)
{
    for (int i = 0; i < WALKERS; i++)
        for (int k = 0; k < LEDGER_INVARIANTS; k++) {
            const struct rows *found;
            struct tx *tx = tx_begin(arena(), walkers[i].site);
            assert_non_null(tx);
            assert_int_equal(tx_run(tx, ledger_invariants[k], NULL, 0, &found), DB_OK);
            assert_int_equal(found->count, 0);
            tx_rollback(tx);
        }
}

static void the_ledger_and_its_model_agree(void **state)
{
    (void)state;
    int64_t wanted = number_of("LEDGER_OPERATIONS", 12000), done = 0;
    uint64_t seed = (uint64_t)number_of("LEDGER_SEED", clock_now_us() % 1000000);
    printf("# %lld operations, LEDGER_SEED=%llu\n", (long long)wanted, (unsigned long long)seed);
    begin(seed);
    for (; done < wanted; hour++) {
        time_shift_us = start_us + hour * HOUR_US - (clock_now_us() - time_shift_us);
        a_round();
        done += WALKERS * A_ROUND;
    }
    // Each answer that a walk can come to was come to.
    int64_t answers[LEDGER_UNAVAILABLE + 1] = {0};
    for (int i = 0; i < WALKERS; i++)
        for (int k = 0; k <= LEDGER_UNAVAILABLE; k++)
            answers[k] += walkers[i].answers[k];
    const enum ledger_result all[] = {LEDGER_DONE, LEDGER_ALREADY, LEDGER_KEY_REUSED,
        LEDGER_EXPIRED, LEDGER_SHORT, LEDGER_TOO_MUCH, LEDGER_ENDED};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        assert_true(answers[all[i]] > 0);
    no_part_of_the_ledger_contradicts_another();
}

static int group(void)
{
    struct CMUnitTest tests[] = {cmocka_unit_test(the_ledger_and_its_model_agree)};
    return run_database_tests(tests, NULL, NULL);
}

int main(void)
{
    return run_in_loop(group);
}
