#include "domain/ledger_verify.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"
#include "data/jobs.h"
#include "domain/ledger.sql.h"
#include "domain/ledger_verify.sql.h"
#include "io/fiber.h"

enum { VERIFY_MS = 600000, ROW_MAX = 1000 };

struct sql *const ledger_invariants[LEDGER_INVARIANTS] = {
    &SQL_the_entries_of_a_posting_sum_to_zero,
    &SQL_a_posting_writes_to_accounts_of_its_plugin_and_unit,
    &SQL_what_somebody_holds_lies_in_lots_of_their_account,
    &SQL_a_lot_begins_with_its_posting,
    &SQL_what_is_left_of_a_lot_is_the_sum_of_its_entries,
    &SQL_what_is_on_hold_of_a_lot_is_what_holds_set_aside,
    &SQL_an_open_hold_sets_its_amount_aside_and_an_ended_one_nothing,
    &SQL_a_hold_is_captured_for_its_amount_at_most,
    &SQL_no_more_comes_back_than_was_posted,
    &SQL_nobody_has_less_than_nothing,
};

struct str invariant_words(struct arena *a, const struct sql *sql)
{
    struct str words = str_dup(a, str_of(sql->name));
    for (char *p = (char *)words.p; *p; p++)
        if (*p == '_')
            *p = ' ';
    return words;
}

bool ledger_verify_later(struct arena *a, int64_t tenant, int64_t now_us)
{
    struct unit *read = unit_new(a, DB_READ, tenant);
    int place = unit_add(read, &SQL_ledger_any, db_i64(a, tenant));
    if (unit_run(read) != DB_OK)
        return false;
    if (!unit_rows(read, place)->count)
        return true;
    struct unit *u = unit_new(a, DB_WRITE, tenant);
    job_add(u, STR("ledger.verify"), value_object(a), now_us, STR("nightly"));
    return unit_run(u) == DB_OK;
}

static struct str row_text(struct arena *a, const struct rows *r)
{
    struct buf b;
    buf_init(&b, a, ROW_MAX);
    json_write(&b, rows_object(a, r, 0));
    return buf_str(&b);
}

// Policies show the rows of this site only.
static enum job_result prove(struct job *job, struct sql *sql)
{
    const struct rows *broken;
    struct arena *a = fiber_arena();
    struct tx *tx = tx_begin(a, job->tenant);
    if (!tx || tx_run(tx, sql, NULL, 0, &broken) != DB_OK) {
        if (tx)
            tx_rollback(tx);
        return JOB_RETRY;
    }
    tx_rollback(tx);
    if (!broken->count)
        return JOB_DONE;
    job->error = str_join(a, STR("the ledger contradicts: "), invariant_words(a, sql), STR(": "),
        row_text(a, broken), STR_NULL);
    log_error(
        "the ledger contradicts itself", "site", str_of_i64(a, job->tenant), "what", job->error);
    return JOB_FAILED;
}

static enum job_result run(struct job *job)
{
    for (int i = 0; i < LEDGER_INVARIANTS; i++) {
        enum job_result result = prove(job, ledger_invariants[i]);
        if (result != JOB_DONE)
            return result;
    }
    return JOB_DONE;
}

void ledger_verify_start(void)
{
    job_handler("ledger.verify", run);
    job_policy("ledger.verify", JOB_TRIES, VERIFY_MS);
}
