#include "domain/order_customer.h"

#include "data/audit.h"
#include "domain/event.h"
#include "domain/order_customer.sql.h"

static bool find_name(struct arena *a, const struct site *site, int64_t customer, struct value *v)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    unit_add(u, &SQL_order_customer_name, db_i64(a, site->tenant), db_i64(a, customer));
    if (unit_run(u) != DB_OK)
        return false;
    if (unit_rows(u, 0)->count)
        value_set_str(a, v, KEY(customer), rows_str(unit_rows(u, 0), 0, KEY(name)));
    return true;
}

static void add_audit(struct unit *u, const struct order *o, const struct order_actor *actor,
    const struct value *states[2])
{
    audit_add(u, &(struct audit){.actor_kind = actor->kind,
                     .actor_id = actor->id,
                     .actor_name = actor->name,
                     .action = STR("order.customer"),
                     .object_kind = STR("order"),
                     .object_id = str_of_i64(unit_arena(u), o->id),
                     .before = states[0],
                     .after = states[1]});
}

enum order_result order_set_customer(struct arena *a, const struct site *site, struct order *o,
    int64_t customer, const struct order_actor *actor)
{
    struct str tenant = db_i64(a, site->tenant), id = db_i64(a, o->id);
    struct str whose = customer ? db_i64(a, customer) : STR_NULL;
    struct value *before = value_object(a), *after = value_object(a);
    const struct value *states[2] = {before, after};
    if (!find_name(a, site, o->customer, before) || !find_name(a, site, customer, after))
        return ORDER_BUSY;
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    if (customer)
        unit_add(u, &SQL_order_customer_there, tenant, whose);
    unit_add(u, &SQL_order_customer_set, tenant, id, db_i64(a, o->version), whose);
    unit_add(u, &SQL_order_customer_set_lines, tenant, id, whose);
    add_audit(u, o, actor, states);
    event_add(u, EVENT_order_changed, o->id, after);
    enum db_result result = unit_run(u);
    if (result == DB_REFUSED && str_is(unit_refusal(u), "customer_gone"))
        return ORDER_NOT_FOUND;
    return order_result_of(u, result);
}
