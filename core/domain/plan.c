#include "domain/plan.h"

#include "base/check.h"
#include "data/audit.h"
#include "data/db.h"
#include "domain/feature.h"
#include "domain/plan.sql.h"

static bool names(const struct value *list, struct str name)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (str_eq(value_as_str(value_at(list, i)), name))
            return true;
    return false;
}

bool entitlements_load(struct arena *a, const struct site *site, struct entitlements *out)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = unit_add(u, &SQL_plan_entitlements, db_i64(a, site->tenant));
    if (unit_run(u) != DB_OK || !unit_rows(u, place)->count)
        return false;
    const struct rows *r = unit_rows(u, place);
    *out = (struct entitlements){.plan = rows_str(r, 0, KEY(title)),
        .everything = rows_bool(r, 0, KEY(everything)),
        .features = rows_json(a, r, 0, KEY(features)),
        .approved = rows_json(a, r, 0, KEY(approved))};
    return true;
}

enum entitlement entitlement_of(const struct entitlements *e, const struct feature_info *info)
{
    if (names(e->features, info->name) || names(e->approved, info->name))
        return ENTITLED;
    if (!e->everything)
        return ENTITLED_BY_PLAN;
    return info->gated ? ENTITLED_ON_APPROVAL : ENTITLED;
}

struct value *plan_list(struct arena *a)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = unit_add_plain(u, &SQL_plan_list);
    return unit_run(u) == DB_OK ? rows_list(a, unit_rows(u, place)) : NULL;
}

const struct value *plan_in(const struct value *plans, struct str name)
{
    for (size_t i = 0; i < value_count(plans); i++)
        if (str_eq(value_get_str(value_at(plans, i), KEY(name)), name))
            return value_at(plans, i);
    return NULL;
}

static struct value *plan_value(struct arena *a, const struct plan *plan)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(title), plan->title);
    value_set_bool(a, v, KEY(everything), plan->everything);
    value_set(a, v, KEY(features), value_copy(a, plan->features));
    value_set_int(a, v, KEY(position), plan->position);
    return v;
}

struct plan_record {
    const char *action;
    const struct value *before, *after;
};

static void add_audit(struct unit *u, struct str name, const struct feature_actor *actor,
    const struct plan_record *record)
{
    audit_add(u, &(struct audit){.actor_kind = actor->kind,
                     .actor_id = actor->id,
                     .actor_name = actor->name,
                     .action = str_of(record->action),
                     .object_kind = STR("plan"),
                     .object_id = name,
                     .before = record->before,
                     .after = record->after});
}

static enum plan_result result_of(const struct unit *u, enum db_result result)
{
    switch (result) {
    case DB_OK:
        return PLAN_DONE;
    case DB_REFUSED:
        return str_is(unit_refusal(u), "used")      ? PLAN_USED
               : str_is(unit_refusal(u), "unknown") ? PLAN_UNKNOWN
                                                    : PLAN_CHANGED;
    case DB_CONFLICT:
        return PLAN_TAKEN;
    case DB_BUSY:
    case DB_DOWN:
    case DB_FAILED:
        return PLAN_UNAVAILABLE;
    }
    unreachable();
}

static struct str name_array(struct arena *a, const struct value *list)
{
    size_t count = value_count(list);
    struct str *items = arena_new_array(a, struct str, count + 1);
    for (size_t i = 0; i < count; i++)
        items[i] = value_as_str(value_at(list, i));
    return db_str_array(a, items, count);
}

// As the record says it; NULL when there is none of that name, or the database is away.
static struct value *plan_before(struct arena *a, struct str name)
{
    const struct value *found = plan_in(plan_list(a), name);
    struct plan plan = {.title = value_get_str(found, KEY(title)),
        .everything = value_get_bool(found, KEY(everything), false),
        .features = value_get(found, KEY(features)),
        .position = value_get_int(found, KEY(position), 0)};
    return found ? plan_value(a, &plan) : NULL;
}

enum plan_result plan_save(
    struct arena *a, const struct plan *plan, const struct feature_actor *actor)
{
    struct plan_record record = {.action = plan->version ? "plan.change" : "plan.create",
        .before = plan->version ? plan_before(a, plan->name) : NULL,
        .after = plan_value(a, plan)};
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    struct str features = name_array(a, plan->features), position = db_i64(a, plan->position);
    if (plan->version)
        unit_add(u, &SQL_plan_update, plan->name, plan->title, db_bool(plan->everything), features,
            position, db_i64(a, plan->version));
    else
        unit_add(u, &SQL_plan_insert, plan->name, plan->title, db_bool(plan->everything), features,
            position);
    add_audit(u, plan->name, actor, &record);
    enum db_result result = unit_run(u);
    return result_of(u, result);
}

enum plan_result plan_remove(struct arena *a, struct str name, const struct feature_actor *actor)
{
    struct plan_record record = {.action = "plan.remove", .before = plan_before(a, name)};
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_plan_unused, name);
    unit_add(u, &SQL_plan_delete, name);
    add_audit(u, name, actor, &record);
    enum db_result result = unit_run(u);
    return result_of(u, result);
}
