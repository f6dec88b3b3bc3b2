#include "domain/ledger.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "domain/ledger.sql.h"

enum { TRIES = 3, FINGERPRINT_BYTES = 16 };

static const struct {
    const char *code;
    enum ledger_result result;
} refusals[] = {
    {"ledger.already", LEDGER_ALREADY},
    {"ledger.no_account", LEDGER_NO_ACCOUNT},
    {"ledger.expired", LEDGER_EXPIRED},
    {"ledger.short", LEDGER_SHORT},
    {"ledger.too_much", LEDGER_TOO_MUCH},
    {"ledger.not_found", LEDGER_NOT_FOUND},
    {"ledger.ended", LEDGER_ENDED},
};

static enum ledger_result result_of(struct unit *u, enum db_result result)
{
    switch (result) {
    case DB_OK:
        return LEDGER_DONE;
    case DB_REFUSED:
        for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
            if (str_is(unit_refusal(u), refusals[i].code))
                return refusals[i].result;
        return LEDGER_REFUSED;
    case DB_CONFLICT:
    case DB_BUSY:
        return LEDGER_BUSY;
    case DB_DOWN:
    case DB_FAILED:
        return LEDGER_UNAVAILABLE;
    }
    unreachable();
}

// What was asked, without times: those are counted from the moment of asking.
static struct str fingerprint(struct arena *a, const struct ledger_step *s)
{
    struct str text = str_format(a, "%d %lld %lld %d %lld %lld", (int)s->op, (long long)s->amount,
        (long long)s->of, s->as_far, (long long)s->order, (long long)s->line);
    text = str_join(a, text, STR("\n"), s->kind, STR("\n"), s->unit, STR("\n"), s->other, STR_NULL);
    for (int i = 0; i < s->account_count; i++)
        text = str_join(a, text, STR(" "), str_of_i64(a, s->accounts[i]), STR_NULL);
    struct sha256 digest = hash_sha256(text);
    return str_hex(a, digest.bytes, FINGERPRINT_BYTES);
}

static struct str or_null(struct arena *a, int64_t n)
{
    return n ? db_i64(a, n) : STR_NULL;
}

static struct str expiry(struct arena *a, int64_t until_us)
{
    return until_us ? db_time(a, until_us) : STR("infinity");
}

// The unit under way.
struct adding {
    struct unit *u;
    struct arena *a;
    struct str tenant, now;
};

static struct str accounts_of(struct arena *a, const struct ledger_step *s)
{
    return db_i64_array(a, s->accounts, (size_t)s->account_count);
}

enum { HEAD = 12 };

// What every posting begins with: $1 to $12.
static void fill_head(const struct adding *to, const struct ledger_step *s, struct str *params)
{
    struct arena *a = to->a;
    const struct str head[HEAD] = {to->tenant, db_i64(a, s->id), s->plugin, s->key,
        fingerprint(a, s), s->kind, s->unit, to->now, or_null(a, s->order), or_null(a, s->line),
        s->actor_kind.p ? s->actor_kind : STR("system"), or_null(a, s->actor_id)};
    for (int i = 0; i < HEAD; i++)
        params[i] = head[i];
}

static void add_posting(
    const struct adding *to, struct ledger_step *s, struct sql *sql, const struct str *rest, int n)
{
    struct str params[HEAD + 6];
    check(n <= 6);
    fill_head(to, s, params);
    for (int i = 0; i < n; i++)
        params[HEAD + i] = rest[i];
    s->place = unit_add_params(to->u, sql, params, HEAD + n);
}

static void add_step(const struct adding *to, struct ledger_step *s)
{
    struct arena *a = to->a;
    struct str amount = db_i64(a, s->amount), of = or_null(a, s->of);
    struct str other = db_i64(a, id_number());
    switch (s->op) {
    case LEDGER_GIVE:
        check(s->account_count == 1);
        add_posting(to, s, &SQL_ledger_give,
            (const struct str[]){s->other, other, db_i64(a, s->accounts[0]), amount,
                db_i64(a, id_number()), expiry(a, s->until_us)},
            6);
        return;
    case LEDGER_TAKE:
        add_posting(to, s, &SQL_ledger_take,
            (const struct str[]){
                s->other, other, accounts_of(a, s), amount, db_bool(s->as_far), of},
            6);
        return;
    case LEDGER_RETURN:
        add_posting(to, s, &SQL_ledger_return,
            (const struct str[]){of, amount, s->until_us ? db_time(a, s->until_us) : STR_NULL}, 3);
        return;
    case LEDGER_CAPTURE:
        add_posting(
            to, s, &SQL_ledger_capture, (const struct str[]){s->other, other, of, amount}, 4);
        return;
    case LEDGER_HOLD:
        s->place = unit_add(to->u, &SQL_ledger_hold, to->tenant, db_i64(a, s->id), s->plugin,
            s->key, fingerprint(a, s), s->unit, to->now, db_time(a, s->until_us),
            or_null(a, s->order), accounts_of(a, s), amount);
        return;
    case LEDGER_VOID:
        s->place = unit_add(to->u, &SQL_ledger_void, to->tenant, of, s->plugin, to->now);
        return;
    }
    unreachable();
}

struct ids {
    int64_t items[LEDGER_STEPS_MAX * LEDGER_ACCOUNTS_MAX];
    size_t count;
};

static void collect(struct ids *ids, const int64_t *numbers, int count)
{
    check(count <= LEDGER_ACCOUNTS_MAX);
    for (int i = 0; i < count; i++)
        ids->items[ids->count++] = numbers[i];
}

// Takes and holds let go first of what is past its time.
static void add_locks(const struct adding *to, const struct ledger_step *steps, int count)
{
    struct ids *all = arena_new_array(to->a, struct ids, 4);
    struct ids *accounts = &all[0], *spending = &all[1], *holds = &all[2], *postings = &all[3];
    for (int i = 0; i < count; i++) {
        const struct ledger_step *s = &steps[i];
        collect(accounts, s->accounts, s->account_count);
        if (s->op == LEDGER_TAKE || s->op == LEDGER_HOLD)
            collect(spending, s->accounts, s->account_count);
        else if (s->op == LEDGER_RETURN)
            collect(postings, &s->of, 1);
        else if (s->op != LEDGER_GIVE)
            collect(holds, &s->of, 1);
    }
    unit_add(to->u, &SQL_ledger_lock, to->tenant,
        db_i64_array(to->a, accounts->items, accounts->count),
        db_i64_array(to->a, holds->items, holds->count),
        db_i64_array(to->a, postings->items, postings->count));
    if (spending->count)
        unit_add(to->u, &SQL_ledger_let_go, to->tenant,
            db_i64_array(to->a, spending->items, spending->count), to->now);
}

static void add_steps(struct unit *u, struct ledger_step *steps, int count)
{
    struct arena *a = unit_arena(u);
    struct adding to = {u, a, db_i64(a, unit_tenant(u)), db_time(a, clock_now_us())};
    check(count <= LEDGER_STEPS_MAX);
    add_locks(&to, steps, count);
    for (int i = 0; i < count; i++) {
        steps[i].id = id_number();
        add_step(&to, &steps[i]);
        if (steps[i].note.p)
            unit_add(u, &SQL_ledger_note, to.tenant, db_i64(a, steps[i].id), steps[i].note,
                steps[i].actor_name.p ? steps[i].actor_name : STR(""));
    }
}

static bool fits(const struct ledger_step *s)
{
    return s->op == LEDGER_VOID || (s->amount > 0 && s->amount <= LEDGER_AMOUNT_MAX);
}

static void add_look_up(struct unit *u, struct ledger_step *s)
{
    s->place =
        unit_add(u, s->op == LEDGER_HOLD ? &SQL_ledger_hold_by_key : &SQL_ledger_posting_by_key,
            db_i64(unit_arena(u), unit_tenant(u)), s->plugin, s->key);
}

// What was done under these keys: all of it the same, something else, or nothing.
static enum ledger_result look_up(
    struct arena *a, int64_t tenant, struct ledger_step *steps, int count)
{
    struct unit *u = unit_new(a, DB_READ, tenant);
    bool any = false, same = true;
    for (int i = 0; i < count; i++)
        if (steps[i].op != LEDGER_VOID)
            add_look_up(u, &steps[i]);
    enum ledger_result result = result_of(u, unit_run(u));
    for (int i = 0; result == LEDGER_DONE && i < count; i++) {
        if (steps[i].op == LEDGER_VOID)
            continue;
        const struct rows *r = unit_rows(u, steps[i].place);
        any |= r->count > 0;
        same &= r->count > 0 && str_eq(rows_str(r, 0, KEY(fingerprint)), fingerprint(a, &steps[i]));
        if (r->count)
            steps[i].id = rows_i64(r, 0, KEY(id));
    }
    if (result != LEDGER_DONE)
        return result;
    return !any ? LEDGER_BUSY : same ? LEDGER_ALREADY : LEDGER_KEY_REUSED;
}

static enum ledger_result do_once(
    struct arena *a, int64_t tenant, struct ledger_step *steps, int count, struct ledger_with *with)
{
    struct unit *u = unit_new(a, DB_WRITE, tenant);
    if (steps[0].account_count)
        unit_route(u, (uint64_t)steps[0].accounts[0]);
    add_steps(u, steps, count);
    if (with && !with->add(u, with->arg))
        return LEDGER_UNAVAILABLE;
    enum db_result ran = unit_run(u);
    enum ledger_result result = result_of(u, ran);
    for (int i = 0; result == LEDGER_DONE && i < count; i++)
        if (steps[i].op == LEDGER_TAKE)
            steps[i].taken = rows_i64(unit_rows(u, steps[i].place), 0, KEY(taken));
    if (result == LEDGER_REFUSED && with)
        with->refusal = unit_refusal(u);
    // Two at the same moment, on different accounts, or the first posting to a system account.
    if (result == LEDGER_ALREADY || ran == DB_CONFLICT)
        return look_up(a, tenant, steps, count);
    return result;
}

enum ledger_result ledger_do(
    struct arena *a, int64_t tenant, struct ledger_step *steps, int count, struct ledger_with *with)
{
    enum ledger_result result = LEDGER_BUSY;
    for (int i = 0; i < count; i++)
        if (!fits(&steps[i]))
            return LEDGER_AMOUNT;
    for (int i = 0; i < TRIES && result == LEDGER_BUSY; i++)
        result = do_once(a, tenant, steps, count, with);
    return result;
}

bool ledger_open(struct arena *a, int64_t tenant, struct ledger_account *account)
{
    struct unit *u = unit_new(a, DB_WRITE, tenant);
    unit_add(u, &SQL_ledger_open, db_i64(a, tenant), db_i64(a, id_number()), account->plugin,
        account->code, account->unit, or_null(a, account->customer), db_time(a, clock_now_us()));
    int place = unit_add(u, &SQL_ledger_account_by_code, db_i64(a, tenant), account->plugin,
        account->code, account->unit);
    if (unit_run(u) != DB_OK || !unit_rows(u, place)->count)
        return false;
    account->id = rows_i64(unit_rows(u, place), 0, KEY(account_id));
    return true;
}

bool ledger_balance(
    struct arena *a, int64_t tenant, const struct ledger_holder *of, struct ledger_balance *out)
{
    struct unit *u = unit_new(a, DB_READ, tenant);
    int place = unit_add(u, &SQL_ledger_balance, db_i64(a, tenant),
        db_i64_array(a, of->accounts, (size_t)of->count), db_time(a, clock_now_us()), of->plugin);
    if (unit_run(u) != DB_OK)
        return false;
    const struct rows *r = unit_rows(u, place);
    *out = (struct ledger_balance){.available = rows_i64(r, 0, KEY(available)),
        .held = rows_i64(r, 0, KEY(held)),
        .total = rows_i64(r, 0, KEY(total)),
        .expires_us = rows_i64_or(r, 0, KEY(expires_at), 0)};
    return true;
}

struct value *ledger_movements(struct arena *a, int64_t tenant, const struct ledger_page *page)
{
    struct unit *u = unit_new(a, DB_READ, tenant);
    int place = unit_add(u, &SQL_ledger_movements, db_i64(a, tenant), db_i64(a, page->account),
        db_i64(a, page->before ? page->before : INT64_MAX), db_i64(a, page->limit), page->plugin);
    return unit_run(u) == DB_OK ? rows_list(a, unit_rows(u, place)) : NULL;
}
