#include "domain/erasure_job.h"

#include "base/clock.h"
#include "base/zone.h"
#include "data/jobs.h"
#include "domain/erasure.h"
#include "domain/erasure.sql.h"
#include "domain/personal_statement.h"
#include "io/fiber.h"
#include "io/outbox.h"

// A request or a mail that was under way; a mail that its server didn't take for a while.
static const int64_t rounds_us[] = {0, 3600 * US_PER_SECOND, 2 * US_PER_DAY};
enum { ROUNDS = sizeof rounds_us / sizeof *rounds_us };

static struct str state_folder;

void erasure_add_job(struct unit *u, const struct erasure_rest *rest, int64_t run_at_us)
{
    struct arena *a = unit_arena(u);
    struct value *payload = value_object(a), *orders = value_list(a);
    value_set_str(a, payload, KEY(customer_id), str_of_i64(a, rest->customer));
    value_set_int(a, payload, KEY(at_us), rest->at_us);
    value_set_int(a, payload, KEY(round), rest->round);
    value_set(a, payload, KEY(order_ids), orders);
    for (size_t i = 0; i < rest->order_count; i++)
        value_append(a, orders, value_str(a, str_of_i64(a, rest->orders[i])));
    job_add(u, STR(ERASURE_JOB), payload, run_at_us, STR_NULL);
}

void erasure_add_order_job(struct unit *u, int64_t order, int64_t run_at_us)
{
    struct arena *a = unit_arena(u);
    struct value *payload = value_object(a);
    value_set_str(a, payload, KEY(order_id), str_of_i64(a, order));
    job_add(u, STR(ERASURE_ORDER_JOB), payload, run_at_us, str_of_i64(a, order));
}

void erasure_add(struct unit *u, const struct str *given)
{
    size_t count;
    struct personal_statement *statements = personal_statements(&count);
    for (size_t i = 0; i < count; i++)
        if (statements[i].erases)
            personal_add(u, &statements[i], &statements[i].erase, given);
}

bool erasure_clean_jobs(struct arena *a, int64_t tenant, int64_t customer, struct str email)
{
    struct unit *u = unit_new(a, DB_PLATFORM, tenant);
    struct str site = db_i64(a, tenant), id = str_of_i64(a, customer);
    if (!customer)
        return true;
    unit_add(u, &SQL_erasure_done_jobs, site, id, email);
    unit_add(u, &SQL_erasure_waiting_jobs, site, id, email);
    return unit_run(u) == DB_OK;
}

static bool clean_errors(struct arena *a, int64_t tenant, struct str orders)
{
    struct unit *u = unit_new(a, DB_PLATFORM, tenant);
    unit_add(u, &SQL_erasure_job_errors, db_i64(a, tenant), orders);
    return unit_run(u) == DB_OK;
}

static bool clean_outbox(struct arena *a, const struct str *given, int64_t tenant)
{
    if (!state_folder.p)
        return true;
    struct unit *u = unit_new(a, DB_READ, tenant);
    unit_add(
        u, &SQL_erasure_mails, db_i64(a, tenant), given[PERSONAL_ORDERS], given[PERSONAL_CUSTOMER]);
    if (unit_run(u) != DB_OK)
        return false;
    const struct rows *rows = unit_rows(u, 0);
    struct str *ids = arena_new_array(a, struct str, (size_t)rows->count + 1);
    for (int i = 0; i < rows->count; i++)
        ids[i] = rows_str(rows, i, KEY(job_id));
    struct str folder = str_join(a, state_folder, STR("/outbox"), STR_NULL);
    outbox_remove(a, folder, ids, (size_t)rows->count);
    return true;
}

static void read_rest(struct arena *a, const struct value *payload, struct erasure_rest *rest)
{
    const struct value *list = value_get(payload, KEY(order_ids));
    int64_t *orders = arena_new_array(a, int64_t, value_count(list) + 1);
    *rest = (struct erasure_rest){.orders = orders,
        .at_us = value_get_int(payload, KEY(at_us), 0),
        .round = (int)value_get_int(payload, KEY(round), 0)};
    str_to_i64(value_get_str(payload, KEY(customer_id)), &rest->customer);
    for (size_t i = 0; i < value_count(list); i++)
        if (str_to_i64(value_as_str(value_at(list, i)), &orders[rest->order_count]))
            rest->order_count++;
}

// A customer who is gone has no number that anything else could have.
static void fill(struct arena *a, const struct erasure_rest *rest, struct str *given)
{
    given[PERSONAL_CUSTOMER] = rest->customer ? db_i64(a, rest->customer) : STR_NULL;
    given[PERSONAL_ADDRESS] = STR_NULL;
    given[PERSONAL_ORDERS] = db_i64_array(a, rest->orders, rest->order_count);
    given[PERSONAL_UNTIL] = db_time(a, rest->at_us);
}

static enum job_result run_rest(struct job *job)
{
    struct arena *a = fiber_arena();
    struct erasure_rest rest;
    struct str given[PERSONAL_INPUTS];
    read_rest(a, job->payload, &rest);
    fill(a, &rest, given);
    struct unit *u = unit_new(a, DB_WRITE, job->tenant);
    erasure_add(u, given);
    if (rest.round + 1 < ROUNDS) {
        rest.round++;
        erasure_add_job(u, &rest, rest.at_us + rounds_us[rest.round]);
    }
    // The files first: which they are stands in rows that stay.
    bool ok = clean_outbox(a, given, job->tenant) && unit_run(u) == DB_OK &&
              erasure_clean_jobs(a, job->tenant, rest.customer, STR_NULL) &&
              clean_errors(a, job->tenant, given[PERSONAL_ORDERS]);
    return ok ? JOB_DONE : JOB_RETRY;
}

static enum job_result forget(struct arena *a, int64_t tenant, int64_t order)
{
    int64_t now = clock_now_us();
    struct str given[PERSONAL_INPUTS];
    struct erasure_rest rest = {.orders = &order, .order_count = 1, .at_us = now};
    struct unit *u = unit_new(a, DB_WRITE, tenant);
    fill(a, &rest, given);
    erasure_add(u, given);
    erasure_add_job(u, &rest, now);
    return unit_run(u) == DB_OK ? JOB_DONE : JOB_RETRY;
}

// A booking may have been moved; whoever came back and showed the address has it again.
static enum job_result run_order(struct job *job)
{
    struct arena *a = fiber_arena();
    int64_t order = 0;
    if (!str_to_i64(value_get_str(job->payload, KEY(order_id)), &order))
        return JOB_DONE;
    struct unit *u = unit_new(a, DB_READ, job->tenant);
    unit_add(u, &SQL_erasure_order, db_i64(a, job->tenant), db_i64(a, order),
        db_time(a, clock_now_us()));
    if (unit_run(u) != DB_OK)
        return JOB_RETRY;
    const struct rows *rows = unit_rows(u, 0);
    if (!rows->count || !rows_is_null(rows, 0, KEY(customer_id)))
        return JOB_DONE;
    if (rows_is_null(rows, 0, KEY(until_us)))
        return forget(a, job->tenant, order);
    struct unit *later = unit_new(a, DB_WRITE, job->tenant);
    erasure_add_order_job(later, order, rows_us(rows, 0, KEY(until_us)));
    return unit_run(later) == DB_OK ? JOB_DONE : JOB_RETRY;
}

void erasure_start(struct str state)
{
    state_folder = state;
    job_handler(ERASURE_JOB, run_rest);
    job_handler(ERASURE_ORDER_JOB, run_order);
}
