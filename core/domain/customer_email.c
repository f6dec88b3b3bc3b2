#include "domain/customer_email.h"

#include "base/clock.h"
#include "base/text.h"
#include "data/attempt.h"
#include "data/audit.h"
#include "domain/customer.sql.h"
#include "domain/customer_email.sql.h"
#include "domain/customer_record.sql.h"
#include "domain/customer_rows.h"
#include "domain/notification.h"
#include "domain/person.h"

enum { WISHES = 5, DAY_MS = 24 * 3600 * 1000 };

static struct value *address_value(struct arena *a, struct str email)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(email), email);
    return v;
}

enum customer_result customer_ask_email(struct arena *a, const struct site *site,
    const struct customer *c, const struct customer_wish *wish)
{
    struct attempt tries = {
        site->tenant, STR("customer_wish"), str_of_i64(a, c->id), WISHES, DAY_MS};
    enum attempt_result may = attempt_take(a, &tries, NULL);
    if (may != ATTEMPT_ALLOWED)
        return may == ATTEMPT_REFUSED ? CUSTOMER_TRIED : CUSTOMER_BUSY;
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_customer_wish_set, db_i64(a, site->tenant), db_i64(a, c->id), wish->email,
        wish->reason, db_time(a, clock_now_us()));
    customer_audit(u, c, "customer.ask_email", NULL, address_value(a, wish->email));
    // A customer who is gone wishes nothing: the row refers to nobody.
    enum customer_result result = customer_finish(u);
    return result == CUSTOMER_CHANGED ? CUSTOMER_GONE : result;
}

enum customer_result customer_decline_email(
    struct arena *a, const struct customer_editor *by, int64_t id)
{
    const struct value *states[2] = {NULL, NULL};
    struct unit *u = unit_new(a, DB_WRITE, by->site->tenant);
    unit_add(u, &SQL_customer_wish_drop, db_i64(a, by->site->tenant), db_i64(a, id));
    customer_audit_by(u, by, id, "customer.decline_email", states);
    return customer_finish(u);
}

static void tell(struct unit *u, const struct customer *c, const char *key, struct str to,
    const struct customer_move *move)
{
    struct arena *a = unit_arena(u);
    struct value *variables = value_object(a);
    value_set_str(a, variables, KEY(name), c->first_name);
    value_set_str(a, variables, KEY(email), move->email);
    bool is_new = str_eq(to, move->email);
    notification_add(u, &(struct notification){.plugin = STR("core"),
                            .key = str_of(key),
                            .to = to,
                            .language = c->language,
                            .variables = variables,
                            .action_url = is_new ? move->confirm_url : STR_NULL});
}

// Of the new address, when it is a verified person's.
static enum customer_result check_person(struct arena *a, const struct customer_editor *by,
    const struct customer *c, const struct customer_move *move)
{
    struct person person;
    struct person_claim claim = {.email = move->email,
        .first_name = c->first_name,
        .last_name = c->last_name,
        .phone = c->phone};
    enum customer_result result = person_check(a, by, &claim, &person);
    return result == CUSTOMER_GONE ? CUSTOMER_DONE : result;
}

// Why it can't be theirs, before anything is tried.
static enum customer_result may_move(struct arena *a, const struct customer_editor *by,
    const struct customer *c, const struct customer_move *move, int64_t *other)
{
    struct str folded = text_fold(a, move->email);
    if (c->person)
        return CUSTOMER_VERIFIED;
    if (str_eq(folded, text_fold(a, c->email)))
        return CUSTOMER_DONE;
    enum customer_result known = customer_of_folded(a, by->site, folded, other);
    return known != CUSTOMER_TAKEN || *other ? known : check_person(a, by, c, move);
}

enum customer_result customer_set_email(struct arena *a, const struct customer_editor *by,
    const struct customer *c, const struct customer_move *move, int64_t *other)
{
    struct str tenant = db_i64(a, by->site->tenant), id = db_i64(a, c->id);
    struct str folded = text_fold(a, move->email);
    bool elsewhere = !str_eq(folded, text_fold(a, c->email));
    struct customer moved = *c;
    moved.email = move->email;
    enum customer_result may = may_move(a, by, c, move, other);
    if (may != CUSTOMER_DONE)
        return may;
    struct unit *u = unit_new(a, DB_WRITE, by->site->tenant);
    unit_add(u, &SQL_customer_address_lock, tenant, folded);
    // Others may have typed the same address before anybody showed that it is theirs.
    if (elsewhere)
        unit_add(u, &SQL_customer_address_free, tenant, id, folded);
    unit_add(u, &SQL_customer_own_guard, tenant, id);
    unit_add(u, &SQL_customer_move, tenant, id, db_i64(a, c->version), move->email, folded);
    unit_add(u, &SQL_customer_wish_done, tenant, id);
    customer_add_search(u, &moved);
    if (elsewhere) {
        unit_add(u, &SQL_customer_log_out, tenant, id);
        tell(u, c, "customer_email_left", c->email, move);
    }
    tell(u, c, "customer_email_new", move->email, move);
    const struct value *states[2] = {address_value(a, c->email), address_value(a, move->email)};
    customer_audit_by(u, by, c->id, "customer.email", states);
    customer_tell(u, EVENT_customer_email_changed,
        &(struct customer_told){c->id, by->actor->kind, states[0], states[1]});
    enum customer_result result = customer_finish(u);
    return result == CUSTOMER_TAKEN ? customer_of_folded(a, by->site, folded, other) : result;
}
