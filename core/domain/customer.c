#include "domain/customer.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/text.h"
#include "data/attempt.h"
#include "data/audit.h"
#include "data/jobs.h"
#include "domain/customer.sql.h"
#include "domain/customer_record.h"
#include "domain/customer_rows.h"
#include "domain/password.h"

enum { REGISTRATIONS = 20, REGISTRATIONS_MS = 60 * 60 * 1000 };

struct customer customer_of_row(const struct rows *rows, int row)
{
    return (struct customer){.id = rows_i64(rows, row, KEY(customer_id)),
        .version = rows_i64(rows, row, KEY(version)),
        .first_name = rows_str(rows, row, KEY(first_name)),
        .last_name = rows_str(rows, row, KEY(last_name)),
        .email = rows_str(rows, row, KEY(email)),
        .phone = rows_str(rows, row, KEY(phone)),
        .language = rows_str(rows, row, KEY(language)),
        .created_us = rows_us(rows, row, KEY(created_us)),
        .registered_us = rows_i64_or(rows, row, KEY(registered_us), 0),
        .verified_us = rows_i64_or(rows, row, KEY(verified_us), 0),
        .has_password = rows_bool(rows, row, KEY(has_password)),
        .person = rows_i64_or(rows, row, KEY(person_id), 0)};
}

enum customer_result customer_finish(struct unit *u)
{
    switch (unit_run(u)) {
    case DB_OK:
        return CUSTOMER_DONE;
    case DB_REFUSED:
        return str_is(unit_refusal(u), "customer_changed")    ? CUSTOMER_CHANGED
               : str_is(unit_refusal(u), "customer_taken")    ? CUSTOMER_TAKEN
               : str_is(unit_refusal(u), "customer_verified") ? CUSTOMER_VERIFIED
                                                              : CUSTOMER_GONE;
    case DB_CONFLICT:
        return CUSTOMER_CHANGED;
    default:
        return CUSTOMER_BUSY;
    }
}

enum customer_result customer_find(
    struct arena *a, const struct site *site, int64_t id, struct customer *out)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(u, &SQL_customer_load, db_i64(a, site->tenant), db_i64(a, id));
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    if (!unit_rows(u, place)->count)
        return CUSTOMER_GONE;
    *out = customer_of_row(unit_rows(u, place), 0);
    return CUSTOMER_DONE;
}

struct str customer_name(struct arena *a, const struct customer *c)
{
    return str_trim(str_join(a, c->first_name, STR(" "), c->last_name, STR_NULL));
}

void customer_audit(struct unit *u, const struct customer *c, const char *action,
    const struct value *before, const struct value *after)
{
    struct arena *a = unit_arena(u);
    audit_add(u, &(struct audit){.actor_kind = STR("customer"),
                     .actor_id = c->id,
                     .actor_name = customer_name(a, c),
                     .action = str_of(action),
                     .object_kind = STR("customer"),
                     .object_id = str_of_i64(a, c->id),
                     .before = before,
                     .after = after});
}

struct str customer_who(struct arena *a, const struct customer *c)
{
    return str_join(a, customer_name(a, c), STR(", "), c->email, STR_NULL);
}

void customer_tell_features(struct unit *u, const struct site *site, int64_t kept, int64_t other)
{
    struct arena *a = unit_arena(u);
    struct value *in = value_object(a);
    value_set_str(a, in, KEY(customer_id), str_of_i64(a, kept));
    value_set_str(a, in, KEY(other_id), str_of_i64(a, other));
    hook_notify(u, a, site, HOOK_customer_merged, in);
}

static struct value *recorded(struct arena *a, const struct customer *c)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(first_name), c->first_name);
    value_set_str(a, v, KEY(last_name), c->last_name);
    value_set_str(a, v, KEY(phone), c->phone);
    return v;
}

enum customer_result customer_register(struct arena *a, const struct site *site,
    const struct customer_newcomer *newcomer, struct customer *c, int64_t *retry_after_s)
{
    struct attempt tries = {
        site->tenant, STR("customer_register"), newcomer->remote, REGISTRATIONS, REGISTRATIONS_MS};
    enum attempt_result may = attempt_take(a, &tries, retry_after_s);
    if (may != ATTEMPT_ALLOWED)
        return may == ATTEMPT_REFUSED ? CUSTOMER_TRIED : CUSTOMER_BUSY;
    struct str hash = password_hash(a, newcomer->password), now = db_time(a, clock_now_us());
    if (!hash.p)
        return CUSTOMER_BUSY;
    c->id = id_number();
    struct value *payload = value_object(a);
    value_set_str(a, payload, KEY(customer_id), str_of_i64(a, c->id));
    value_set_str(a, payload, KEY(language), c->language);
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_customer_register, db_i64(a, site->tenant), db_i64(a, c->id), c->first_name,
        c->last_name, c->email, text_fold(a, c->email), c->phone, c->language, hash, now);
    customer_add_search(u, c);
    customer_audit(u, c, "customer.register", NULL, recorded(a, c));
    customer_tell(
        u, EVENT_customer_created, &(struct customer_told){.id = c->id, .by = STR("customer")});
    job_add(u, STR(CUSTOMER_WELCOME_JOB), payload, clock_now_us(), STR_NULL);
    return customer_finish(u);
}

enum customer_result customer_set_details(
    struct arena *a, const struct site *site, const struct customer *c)
{
    struct customer before;
    enum customer_result found = customer_find(a, site, c->id, &before);
    if (found != CUSTOMER_DONE)
        return found;
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_customer_own_guard, db_i64(a, site->tenant), db_i64(a, c->id));
    unit_add(u, &SQL_customer_set_details, db_i64(a, site->tenant), db_i64(a, c->id),
        db_i64(a, c->version), c->first_name, c->last_name, c->phone);
    customer_add_search(u, c);
    struct customer_told told = {c->id, STR("customer"), recorded(a, &before), recorded(a, c)};
    customer_audit(u, c, "customer.details", told.before, told.after);
    customer_tell(u, EVENT_customer_changed, &told);
    return customer_finish(u);
}
