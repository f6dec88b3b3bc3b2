#include "domain/person_own.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/text.h"
#include "data/db.h"
#include "domain/customer_rows.h"
#include "domain/person_own.sql.h"

enum customer_result person_create(struct arena *a, struct person *p)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    p->id = id_number();
    p->version = 1;
    unit_add(u, &SQL_person_insert, db_i64(a, p->id), p->email, text_fold(a, p->email),
        p->first_name, p->last_name, p->phone, p->gender, p->country, p->birthdate, p->language,
        db_time(a, clock_now_us()));
    // The address is there already: another tab, another venue.
    enum customer_result result = customer_finish(u);
    return result == CUSTOMER_CHANGED ? CUSTOMER_TAKEN : result;
}

static void tell(struct unit *u, int64_t id)
{
    struct arena *a = unit_arena(u);
    unit_add(u, &SQL_person_tell, db_i64(a, id), db_time(a, clock_now_us()));
}

enum customer_result person_change(struct arena *a, const struct person *p)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_person_update, db_i64(a, p->id), db_i64(a, p->version), p->first_name,
        p->last_name, p->phone, p->gender, p->country, p->birthdate);
    tell(u, p->id);
    return customer_finish(u);
}

enum customer_result person_move(struct arena *a, const struct person *p, struct str email)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(
        u, &SQL_person_move, db_i64(a, p->id), db_i64(a, p->version), email, text_fold(a, email));
    tell(u, p->id);
    enum db_result result = unit_run(u);
    if (result == DB_CONFLICT)
        return CUSTOMER_TAKEN;
    return result == DB_OK        ? CUSTOMER_DONE
           : result == DB_REFUSED ? CUSTOMER_CHANGED
                                  : CUSTOMER_BUSY;
}

enum customer_result person_end(struct arena *a, int64_t id)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    tell(u, id);
    unit_add(u, &SQL_person_delete, db_i64(a, id));
    return customer_finish(u);
}

enum customer_result person_end_unused(struct arena *a, int64_t id)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_person_delete_unused, db_i64(a, id));
    return customer_finish(u);
}

enum customer_result person_sites(struct arena *a, struct str email, struct person_sites *out)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_person_sites, text_fold(a, email));
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    const struct rows *rows = unit_rows(u, 0);
    *out = (struct person_sites){
        rows->count, arena_new_array(a, struct person_site, (size_t)rows->count + 1)};
    for (int i = 0; i < rows->count; i++)
        out->items[i] = (struct person_site){.tenant = rows_i64(rows, i, KEY(tenant_id)),
            .customer = rows_i64(rows, i, KEY(customer_id)),
            .slug = rows_str(rows, i, KEY(slug)),
            .name = rows_str(rows, i, KEY(name)),
            .person = rows_i64_or(rows, i, KEY(person_id), 0)};
    return CUSTOMER_DONE;
}
