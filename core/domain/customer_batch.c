#include "domain/customer_batch.h"

#include "base/clock.h"
#include "data/audit.h"
#include "data/jobs.h"
#include "domain/customer_batch.sql.h"

static enum batch_result result_of(enum db_result result)
{
    if (result == DB_OK)
        return BATCH_DONE;
    return result == DB_CONFLICT || result == DB_REFUSED ? BATCH_OVER : BATCH_UNAVAILABLE;
}

static void add_job(struct unit *u, const struct customer_batch *b)
{
    struct arena *a = unit_arena(u);
    struct value *payload = value_object(a);
    value_set_str(a, payload, KEY(batch_id), str_of_i64(a, b->id));
    job_add(u, STR(BATCH_JOB), payload, clock_now_us(), STR_NULL);
}

static void add_audit(struct unit *u, const struct customer_batch *b,
    const struct feature_actor *who, const char *action)
{
    struct arena *a = unit_arena(u);
    struct value *after = value_object(a);
    value_set_str(a, after, KEY(action), b->action);
    value_set_str(a, after, KEY(value), b->label);
    audit_add(u, &(struct audit){.actor_kind = who->kind,
                     .actor_id = who->id,
                     .actor_name = who->name,
                     .action = str_of(action),
                     .object_kind = STR("customer_batch"),
                     .object_id = str_of_i64(a, b->id),
                     .after = after});
}

enum batch_result batch_make(struct arena *a, struct customer_batch *b)
{
    struct unit *u = unit_new(a, DB_WRITE, b->tenant);
    b->made_us = clock_now_us();
    unit_add(u, &SQL_batch_insert, db_i64(a, b->tenant), db_i64(a, b->id), db_time(a, b->made_us),
        b->actor.kind, db_i64(a, b->actor.id), b->actor.name, b->action, b->value, b->label, b->day,
        db_json(a, b->filter), db_i64(a, b->upto));
    add_job(u, b);
    add_audit(u, b, &b->actor, "customer_batch.make");
    return result_of(unit_run(u));
}

struct customer_batch batch_of_row(
    struct arena *a, int64_t tenant, const struct rows *rows, int row)
{
    return (struct customer_batch){.tenant = tenant,
        .id = rows_i64(rows, row, KEY(batch_id)),
        .made_us = rows_us(rows, row, KEY(made_us)),
        .finished_us = rows_i64_or(rows, row, KEY(finished_us), 0),
        .actor = {.kind = rows_str(rows, row, KEY(actor_kind)),
            .id = rows_i64(rows, row, KEY(actor_id)),
            .name = rows_str(rows, row, KEY(actor_name))},
        .action = rows_str(rows, row, KEY(action)),
        .value = rows_str(rows, row, KEY(value)),
        .label = rows_str(rows, row, KEY(label)),
        .day = rows_str(rows, row, KEY(day)),
        .filter = rows_json(a, rows, row, KEY(filter)),
        .upto = rows_i64(rows, row, KEY(upto_id)),
        .state = rows_str(rows, row, KEY(state)),
        .filled_below = rows_i64_or(rows, row, KEY(filled_below), 0),
        .customers = rows_i64(rows, row, KEY(customers)),
        .changed = rows_i64(rows, row, KEY(changed)),
        .kept = rows_i64(rows, row, KEY(kept))};
}

enum batch_result batch_find(struct arena *a, struct customer_batch *b)
{
    struct unit *u = unit_new(a, DB_READ, b->tenant);
    unit_add(u, &SQL_batch_find, db_i64(a, b->tenant), db_i64(a, b->id));
    if (unit_run(u) != DB_OK)
        return BATCH_UNAVAILABLE;
    if (!unit_rows(u, 0)->count)
        return BATCH_UNKNOWN;
    *b = batch_of_row(a, b->tenant, unit_rows(u, 0), 0);
    return BATCH_DONE;
}

const struct rows *batch_latest(struct arena *a, int64_t tenant)
{
    struct unit *u = unit_new(a, DB_READ, tenant);
    unit_add(u, &SQL_batch_latest, db_i64(a, tenant));
    return unit_run(u) == DB_OK ? unit_rows(u, 0) : NULL;
}

enum batch_result batch_undo(
    struct arena *a, const struct customer_batch *b, const struct feature_actor *who)
{
    struct unit *u = unit_new(a, DB_WRITE, b->tenant);
    unit_add(u, &SQL_batch_undo, db_i64(a, b->tenant), db_i64(a, b->id),
        db_time(a, clock_now_us() - BATCH_UNDO_DAYS * 86400LL * 1000000));
    add_job(u, b);
    add_audit(u, b, who, "customer_batch.undo");
    return result_of(unit_run(u));
}

bool batch_fill(
    struct arena *a, const struct customer_batch *b, const int64_t *ids, size_t count, bool over)
{
    struct unit *u = unit_new(a, DB_WRITE, b->tenant);
    struct str tenant = db_i64(a, b->tenant), id = db_i64(a, b->id);
    if (count)
        unit_add(
            u, &SQL_batch_fill, tenant, id, db_i64_array(a, ids, count), db_i64(a, ids[count - 1]));
    if (over)
        unit_add(u, &SQL_batch_filled, tenant, id);
    return unit_run(u) == DB_OK;
}

const struct rows *batch_rows(struct arena *a, const struct customer_batch *b, const char *state)
{
    struct unit *u = unit_new(a, DB_READ, b->tenant);
    unit_add(u, &SQL_batch_rows, db_i64(a, b->tenant), db_i64(a, b->id), str_of(state),
        db_i64(a, BATCH_ROWS));
    return unit_run(u) == DB_OK ? unit_rows(u, 0) : NULL;
}

bool batch_progress(struct arena *a, const struct customer_batch *b, int changed, int kept)
{
    struct unit *u = unit_new(a, DB_WRITE, b->tenant);
    unit_add(u, &SQL_batch_progress, db_i64(a, b->tenant), db_i64(a, b->id), db_i64(a, changed),
        db_i64(a, kept));
    return unit_run(u) == DB_OK;
}

bool batch_end(struct arena *a, const struct customer_batch *b)
{
    struct unit *u = unit_new(a, DB_WRITE, b->tenant);
    unit_add(u, &SQL_batch_end, db_i64(a, b->tenant), db_i64(a, b->id), db_time(a, clock_now_us()));
    return unit_run(u) == DB_OK;
}

void batch_mark_add(struct unit *u, const struct batch_mark *mark)
{
    struct arena *a = unit_arena(u);
    unit_add(u, &SQL_batch_mark, db_i64(a, mark->batch->tenant), db_i64(a, mark->batch->id),
        db_i64(a, mark->customer), str_of(mark->from), str_of(mark->to), mark->was, mark->why);
}

bool batch_mark(struct arena *a, const struct batch_mark *mark)
{
    struct unit *u = unit_new(a, DB_WRITE, mark->batch->tenant);
    batch_mark_add(u, mark);
    // Refused: marked already.
    enum db_result result = unit_run(u);
    return result == DB_OK || result == DB_REFUSED;
}
