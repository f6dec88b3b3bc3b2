// What becomes of an address that is shown to be somebody's: whoever else typed it is that customer
// from now on, with all that hung on them, plugins' tables too (personal_merge.h).
#include "base/clock.h"
#include "base/id.h"
#include "base/text.h"
#include "domain/customer_login.h"
#include "domain/customer_merge.sql.h"
#include "domain/customer_proof.sql.h"
#include "domain/customer_rows.h"
#include "domain/personal_merge.h"
#include "domain/site.h"

enum { OTHERS_MAX = 20 };

// The unit under way.
struct proving {
    struct unit *u;
    struct arena *a;
    const struct customer *c;
    const struct site *site;
    struct str tenant, id, folded, now;
};

static void add_record(const struct proving *p, const struct customer *other)
{
    struct value *from = value_object(p->a), *into = value_object(p->a);
    value_set_str(p->a, from, KEY(merged_from), customer_who(p->a, other));
    value_set_str(p->a, into, KEY(merged_into), customer_who(p->a, p->c));
    customer_audit(p->u, p->c, "customer.merge", NULL, from);
    customer_audit(p->u, other, "customer.merged", NULL, into);
    struct value *gone = value_object(p->a);
    value_set_str(p->a, gone, KEY(by), STR("customer"));
    value_set_str(p->a, gone, KEY(merged_into), str_of_i64(p->a, p->c->id));
    event_add(p->u, EVENT_customer_deleted, other->id, gone);
}

static void add_other(const struct proving *p, const struct customer *other)
{
    struct personal_merge rows = {p->c->id, other->id, id_number()};
    struct str merge = db_i64(p->a, rows.merge);
    unit_add(p->u, &SQL_customer_merge_insert, p->tenant, p->id, db_i64(p->a, other->id), merge,
        p->now, customer_name(p->a, p->c));
    personal_merge_add(p->u, &rows);
    unit_add(p->u, &SQL_customer_proof_settle, p->tenant, merge);
    add_record(p, other);
    customer_tell_features(p->u, p->site, p->c->id, other->id);
}

static bool add_others(struct proving *p, const struct rows *rows)
{
    struct site *site;
    int64_t ids[OTHERS_MAX + 1];
    size_t count = 0;
    for (int i = 0; i < rows->count; i++)
        ids[count++] = rows_i64(rows, i, KEY(customer_id));
    struct str others = db_i64_array(p->a, ids, count);
    if (site_acquire_by_tenant(unit_tenant(p->u), &site) != SITE_FOUND)
        return false;
    p->site = site;
    ids[count] = p->c->id;
    unit_add(p->u, &SQL_customer_lock_others, p->tenant, db_i64_array(p->a, ids, count + 1));
    for (int i = 0; i < rows->count; i++) {
        struct customer other = customer_of_row(rows, i);
        add_other(p, &other);
    }
    unit_add(p->u, &SQL_customer_take_details, p->tenant, p->id, others);
    unit_add(p->u, &SQL_customer_unfind_others, p->tenant, others);
    unit_add(p->u, &SQL_customer_drop_others, p->tenant, others);
    site_release(site);
    return true;
}

static void add_verified(const struct proving *p)
{
    struct value *before = value_object(p->a), *after = value_object(p->a);
    value_set_str(p->a, after, KEY(verified), p->now);
    customer_audit(p->u, p->c, "customer.verify", NULL, NULL);
    customer_tell(p->u, EVENT_customer_changed,
        &(struct customer_told){p->c->id, STR("customer"), before, after});
}

static const struct rows *others_of(const struct proving *p)
{
    struct unit *u = unit_new(p->a, DB_READ, unit_tenant(p->u));
    unit_add(u, &SQL_customer_others_of_address, p->tenant, p->folded, p->id);
    return unit_run(u) == DB_OK ? unit_rows(u, 0) : NULL;
}

bool customer_add_proof(
    struct unit *u, const struct customer *c, const struct customer_proven *proven)
{
    struct arena *a = unit_arena(u);
    struct str keep = db_i64(a, proven->keep_session);
    struct proving p = {u, a, c, NULL, db_i64(a, unit_tenant(u)), db_i64(a, c->id),
        text_fold(a, c->email), db_time(a, clock_now_us())};
    const struct rows *others = others_of(&p);
    if (!others)
        return false;
    unit_add(u, &SQL_customer_drop_other_sessions, p.tenant, p.id, p.folded, keep);
    if (others->count && !add_others(&p, others))
        return false;
    unit_add(u, &SQL_customer_take_guest_orders, p.tenant, p.id, p.folded);
    if (!proven->keep_password) {
        unit_add(u, &SQL_customer_end_sessions, p.tenant, p.id, keep);
        unit_add(u, &SQL_customer_drop_passkeys, p.tenant, p.id);
    }
    unit_add(u, &SQL_customer_verify, p.tenant, p.id, p.now, db_bool(proven->keep_password));
    if (!c->verified_us)
        add_verified(&p);
    return true;
}

void customer_claim(struct arena *a, const struct site *site, int64_t id)
{
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_customer_claim, db_i64(a, site->tenant), db_i64(a, id));
    // Unclaimed, they are claimed by the next login.
    enum db_result ignored = unit_run(u);
    (void)ignored;
}
