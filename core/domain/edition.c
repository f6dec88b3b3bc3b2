#include "domain/edition.h"

#include "base/clock.h"
#include "domain/edition.sql.h"

void edition_add(struct unit *u, const struct edition *what)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, unit_tenant(u)), now = db_time(a, clock_now_us());
    if (what->seen == 0)
        unit_add(u, &SQL_edition_first, tenant, what->subject,
            db_json(a, what->before ? what->before : value_object(a)), now);
    // Of two that come at once the later one meets the other's row.
    unit_add(u, &SQL_edition_require, tenant, what->subject, db_i64(a, what->seen));
    unit_add(u, &SQL_edition_add, tenant, what->subject, db_i64(a, what->seen + 1),
        db_json(a, what->value), now, what->actor_name);
}

void edition_append(struct unit *u, const struct edition *what)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, unit_tenant(u)), now = db_time(a, clock_now_us());
    unit_add(u, &SQL_edition_first, tenant, what->subject, db_json(a, what->before), now);
    unit_add(u, &SQL_edition_append, tenant, what->subject, db_json(a, what->value), now,
        what->actor_name);
}

static void take(struct arena *a, const struct rows *rows, int i, struct edition_row *out)
{
    *out = (struct edition_row){.version = rows_i64(rows, i, KEY(version)),
        .value = rows_json(a, rows, i, KEY(value)),
        .at_us = rows_us(rows, i, KEY(at_us)),
        .actor_name = rows_str(rows, i, KEY(actor_name))};
}

int edition_list(struct arena *a, int64_t tenant, struct str subject, struct edition_row **out)
{
    struct unit *u = unit_new(a, DB_READ, tenant);
    int place =
        unit_add(u, &SQL_edition_newest, db_i64(a, tenant), subject, db_i64(a, EDITIONS_SHOWN));
    if (unit_run(u) != DB_OK)
        return -1;
    const struct rows *rows = unit_rows(u, place);
    *out = arena_new_array(a, struct edition_row, (size_t)rows->count + 1);
    for (int i = 0; i < rows->count; i++)
        take(a, rows, i, &(*out)[i]);
    return rows->count;
}

static bool one(struct arena *a, struct unit *u, int place, struct edition_row *out)
{
    *out = (struct edition_row){0};
    if (unit_run(u) != DB_OK)
        return false;
    if (unit_rows(u, place)->count)
        take(a, unit_rows(u, place), 0, out);
    return true;
}

bool edition_newest(struct arena *a, int64_t tenant, struct str subject, struct edition_row *out)
{
    struct unit *u = unit_new(a, DB_READ, tenant);
    int place = unit_add(u, &SQL_edition_newest, db_i64(a, tenant), subject, db_i64(a, 1));
    return one(a, u, place, out);
}

bool edition_load(
    struct arena *a, int64_t tenant, struct str subject, int64_t version, struct edition_row *out)
{
    struct unit *u = unit_new(a, DB_READ, tenant);
    int place = unit_add(u, &SQL_edition_load, db_i64(a, tenant), subject, db_i64(a, version));
    return one(a, u, place, out);
}
