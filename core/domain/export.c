#include "domain/export.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"
#include "data/jobs.h"
#include "domain/export.sql.h"
#include "io/offload.h"

static enum export_result result_of(enum db_result result, enum export_result refused)
{
    return result == DB_OK ? EXPORT_DONE : result == DB_REFUSED ? refused : EXPORT_UNAVAILABLE;
}

enum export_result export_make(struct arena *a, struct export *e, const struct audit *who)
{
    struct str site = db_i64(a, e->tenant), staff = db_i64(a, e->staff);
    struct value *payload = value_object(a);
    e->id = id_number();
    e->created_us = clock_now_us();
    value_set_str(a, payload, KEY(export_id), str_of_i64(a, e->id));
    struct unit *u = unit_new(a, DB_WRITE, e->tenant);
    unit_add(u, &SQL_export_room, site, staff, db_i64(a, EXPORTS_OPEN_MAX));
    unit_add(u, &SQL_export_insert, site, db_i64(a, e->id), staff, e->kind, e->format,
        db_json(a, e->filter), e->language, db_bool(e->practice), db_time(a, e->created_us));
    job_add(u, STR(EXPORT_JOB), payload, e->created_us, STR_NULL);
    audit_add(u, who);
    return result_of(unit_run(u), EXPORT_MANY);
}

struct export export_of_row(struct arena *a, const struct rows *rows, int row)
{
    return (struct export){.tenant = rows_i64(rows, row, KEY(tenant_id)),
        .id = rows_i64(rows, row, KEY(export_id)),
        .staff = rows_i64(rows, row, KEY(staff_id)),
        .kind = rows_str(rows, row, KEY(kind)),
        .format = rows_str(rows, row, KEY(format)),
        .state = rows_str(rows, row, KEY(state)),
        .filter = rows_json(a, rows, row, KEY(filter)),
        .language = rows_str(rows, row, KEY(language)),
        .practice = rows_bool(rows, row, KEY(practice)),
        .rows = rows_i64(rows, row, KEY(rows_done)),
        .rows_all = rows_i64_or(rows, row, KEY(rows_all), -1),
        .size = rows_i64_or(rows, row, KEY(size), -1),
        .created_us = rows_us(rows, row, KEY(created_us)),
        .finished_us = rows_i64_or(rows, row, KEY(finished_us), 0)};
}

enum export_result export_find(struct arena *a, struct export *e)
{
    struct unit *u = unit_new(a, DB_READ, e->tenant);
    unit_add(u, &SQL_export_find, db_i64(a, e->tenant), db_i64(a, e->id),
        e->staff ? db_i64(a, e->staff) : STR_NULL);
    if (unit_run(u) != DB_OK)
        return EXPORT_UNAVAILABLE;
    if (!unit_rows(u, 0)->count)
        return EXPORT_UNKNOWN;
    *e = export_of_row(a, unit_rows(u, 0), 0);
    return EXPORT_DONE;
}

const struct rows *export_list(struct arena *a, int64_t tenant, int64_t staff)
{
    struct unit *u = unit_new(a, DB_READ, tenant);
    unit_add(u, &SQL_export_list, db_i64(a, tenant), db_i64(a, staff), db_i64(a, EXPORTS_LISTED));
    return unit_run(u) == DB_OK ? unit_rows(u, 0) : NULL;
}

bool export_begin(struct arena *a, const struct export *e)
{
    struct unit *u = unit_new(a, DB_WRITE, e->tenant);
    unit_add(u, &SQL_export_begin, db_i64(a, e->tenant), db_i64(a, e->id), db_i64(a, e->rows_all));
    return unit_run(u) == DB_OK;
}

bool export_progress(struct arena *a, const struct export *e)
{
    struct unit *u = unit_new(a, DB_WRITE, e->tenant);
    unit_add(u, &SQL_export_progress, db_i64(a, e->tenant), db_i64(a, e->id), db_i64(a, e->rows));
    return unit_run(u) == DB_OK;
}

bool export_fail(struct arena *a, const struct export *e)
{
    struct unit *u = unit_new(a, DB_WRITE, e->tenant);
    unit_add(
        u, &SQL_export_fail, db_i64(a, e->tenant), db_i64(a, e->id), db_time(a, clock_now_us()));
    return unit_run(u) == DB_OK;
}

struct part {
    int fd;
    char *bytes;
    ssize_t len;
};

static void read_part(void *arg)
{
    struct part *p = arg;
    ssize_t n = 1;
    for (p->len = 0; n > 0 && p->len<EXPORT_PART_LEN; p->len += n> 0 ? n : 0)
        n = read(p->fd, p->bytes + p->len, (size_t)(EXPORT_PART_LEN - p->len));
    if (n < 0)
        p->len = -1;
}

// How many bytes, -1 when something failed.
static int64_t store_part(struct tx *tx, int fd, struct str tenant, struct str id, int64_t number)
{
    struct arena *a = arena_new();
    struct part part = {.fd = fd, .bytes = arena_alloc(a, EXPORT_PART_LEN), .len = -1};
    bool ok = offload(read_part, &part) && part.len >= 0;
    tx_use(tx, a);
    if (ok && part.len > 0)
        ok = tx_exec(tx, &SQL_export_add_part, NULL, tenant, id, db_i64(a, number),
                 str_hex(a, part.bytes, (size_t)part.len)) == DB_OK;
    arena_free(a);
    return ok ? part.len : -1;
}

static bool store(struct arena *a, struct tx *tx, const struct export *e, int fd)
{
    struct str tenant = db_i64(a, e->tenant), id = db_i64(a, e->id);
    // Ended first: the row's lock keeps out whoever else is at the same job.
    if (tx_exec(tx, &SQL_export_end, NULL, tenant, id, db_i64(a, e->rows), db_i64(a, e->size),
            db_time(a, clock_now_us())) != DB_OK)
        return false;
    int64_t len = 1;
    for (int64_t number = 0; len > 0; number++)
        len = store_part(tx, fd, tenant, id, number);
    tx_use(tx, a);
    return len == 0;
}

bool export_finish(struct arena *a, const struct export *e, int fd)
{
    struct tx *tx = tx_begin(a, e->tenant);
    if (!tx)
        return false;
    if (store(a, tx, e, fd))
        return tx_commit(tx) == DB_OK;
    tx_rollback(tx);
    return false;
}

struct str export_part(struct arena *a, const struct export *e, int64_t number)
{
    struct unit *u = unit_new(a, DB_READ, e->tenant);
    unit_add(u, &SQL_export_part, db_i64(a, e->tenant), db_i64(a, e->id), db_i64(a, number));
    if (unit_run(u) != DB_OK || !unit_rows(u, 0)->count)
        return STR_NULL;
    return id_base64_decode(a, rows_str(unit_rows(u, 0), 0, KEY(bytes)));
}
