// What has expired leaves its accounts.
#include "base/id.h"
#include "domain/ledger.h"
#include "domain/ledger.sql.h"

enum { EXPIRING_MAX = 500, BATCHES_MAX = 10000 };

struct batch {
    int64_t lots[EXPIRING_MAX], accounts[EXPIRING_MAX], postings[EXPIRING_MAX];
    size_t count;
};

// Those after the last one of the batch before: what is on hold stays, and isn't met again.
static bool find(
    struct arena *a, int64_t tenant, struct str now, const struct rows **last, struct batch *b)
{
    struct unit *u = unit_new(a, DB_READ, tenant);
    const struct rows *before = *last;
    bool first = !before || !before->count;
    int place = unit_add(u, &SQL_ledger_expiring, db_i64(a, tenant), now,
        first ? STR("-infinity") : rows_str(before, before->count - 1, KEY(expires_at)),
        first ? STR("0") : rows_str(before, before->count - 1, KEY(lot_id)));
    if (unit_run(u) != DB_OK)
        return false;
    const struct rows *r = *last = unit_rows(u, place);
    b->count = (size_t)r->count;
    for (int i = 0; i < r->count; i++) {
        b->lots[i] = rows_i64(r, i, KEY(lot_id));
        b->accounts[i] = rows_i64(r, i, KEY(account_id));
        b->postings[i] = id_number();
    }
    return true;
}

static bool expire(struct arena *a, int64_t tenant, struct str now, const struct batch *b)
{
    struct unit *u = unit_new(a, DB_WRITE, tenant);
    struct str accounts = db_i64_array(a, b->accounts, b->count), none = STR("{}");
    unit_add(u, &SQL_ledger_lock, db_i64(a, tenant), accounts, none, none);
    unit_add(u, &SQL_ledger_let_go, db_i64(a, tenant), accounts, now);
    unit_add(u, &SQL_ledger_expire, db_i64(a, tenant), now, db_i64_array(a, b->lots, b->count),
        db_i64_array(a, b->postings, b->count));
    return unit_run(u) == DB_OK;
}

bool ledger_expire(struct arena *a, int64_t tenant, int64_t now_us)
{
    struct str now = db_time(a, now_us);
    const struct rows *last = NULL;
    struct batch *b = arena_new_array(a, struct batch, 1);
    for (int i = 0; i < BATCHES_MAX; i++) {
        if (!find(a, tenant, now, &last, b))
            return false;
        if (!b->count)
            return true;
        if (!expire(a, tenant, now, b))
            return false;
    }
    return true;
}
