#include "domain/resource.h"

#include "base/clock.h"
#include "base/id.h"
#include "data/audit.h"
#include "data/revision.h"
#include "domain/offer_own.h"
#include "domain/resource.sql.h"

const char *const resource_kinds[] = {"court", "room", "therapist", "stage", "equipment", NULL};

struct value *resource_value(struct arena *a, const struct resource *resource)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(name), resource->name);
    value_set_str(a, v, KEY(kind), resource->kind);
    return v;
}

struct write {
    struct arena *a;
    const struct resource_change *c;
    struct unit *u;
    struct str tenant, id;
};

static struct write begin(struct arena *a, const struct resource_change *c, int64_t id)
{
    return (struct write){.a = a,
        .c = c,
        .u = unit_new(a, DB_WRITE, c->site->tenant),
        .tenant = db_i64(a, c->site->tenant),
        .id = db_i64(a, id)};
}

static struct write begin_change(struct arena *a, const struct resource_change *c)
{
    struct write w = begin(a, c, c->before->id);
    unit_add(w.u, &SQL_resource_guard, w.tenant, w.id, db_i64(a, c->before->version));
    return w;
}

static enum resource_result refusal(struct str code)
{
    if (str_is(code, "resource_in_use"))
        return RESOURCE_IN_USE;
    return str_is(code, "resource_many") ? RESOURCE_MANY : RESOURCE_CHANGED;
}

static enum resource_result finish(
    struct write *w, const char *action, const struct value *before, const struct value *after)
{
    audit_add(w->u, &(struct audit){.actor_kind = w->c->actor.kind,
                        .actor_id = w->c->actor.id,
                        .actor_name = w->c->actor.name,
                        .action = str_of(action),
                        .object_kind = STR("resource"),
                        .object_id = w->id,
                        .before = before,
                        .after = after});
    revision_touch(w->u);
    switch (unit_run(w->u)) {
    case DB_OK:
        return RESOURCE_DONE;
    case DB_CONFLICT:
        // 23503: a use of it came in between; 23505: another took the code.
        return str_is(str_of(unit_sqlstate(w->u)), "23503") ? RESOURCE_IN_USE : RESOURCE_CHANGED;
    case DB_REFUSED:
        return refusal(unit_refusal(w->u));
    default:
        return RESOURCE_BUSY;
    }
}

enum resource_result resource_save(
    struct arena *a, const struct resource_change *c, struct resource *resource)
{
    bool is_new = !resource->id;
    if (is_new)
        resource->id = id_number();
    struct write w = begin(a, c, resource->id);
    if (is_new) {
        unit_add(w.u, &SQL_resource_guard_count, w.tenant, db_i64(a, RESOURCES_MAX));
        unit_add(
            w.u, &SQL_resource_add, w.tenant, w.id, resource->code, resource->name, resource->kind);
    } else {
        offer_own_of_resource(w.u, resource->id);
        unit_add(w.u, &SQL_resource_guard, w.tenant, w.id, db_i64(a, resource->version));
        unit_add(w.u, &SQL_resource_set, w.tenant, w.id, resource->name, resource->kind);
    }
    return finish(&w, is_new ? "resource.add" : "resource.change",
        is_new ? NULL : resource_value(a, c->before), resource_value(a, resource));
}

static struct value *state_value(struct arena *a, const char *state)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(state), str_of(state));
    return v;
}

enum resource_result resource_archive(struct arena *a, const struct resource_change *c)
{
    struct write w = begin_change(a, c);
    unit_add(w.u, &SQL_resource_guard_unused, w.tenant, w.id, db_time(a, clock_now_us()));
    unit_add(w.u, &SQL_resource_set_archived, w.tenant, w.id, db_bool(true));
    return finish(&w, "resource.archive", state_value(a, "active"), state_value(a, "archived"));
}

enum resource_result resource_restore(struct arena *a, const struct resource_change *c)
{
    struct write w = begin_change(a, c);
    unit_add(w.u, &SQL_resource_set_archived, w.tenant, w.id, db_bool(false));
    return finish(&w, "resource.restore", state_value(a, "archived"), state_value(a, "active"));
}

enum resource_result resource_remove(struct arena *a, const struct resource_change *c)
{
    struct write w = begin_change(a, c);
    unit_add(w.u, &SQL_resource_guard_never_used, w.tenant, w.id);
    unit_add(w.u, &SQL_resource_remove, w.tenant, w.id);
    return finish(&w, "resource.remove", resource_value(a, c->before), NULL);
}

static struct value *place_value(struct arena *a, int64_t place)
{
    struct value *v = value_object(a);
    value_set_int(a, v, KEY(position), place);
    return v;
}

enum resource_result resource_swap(
    struct arena *a, const struct resource_change *c, int64_t upper, int64_t place)
{
    struct write w = begin_change(a, c);
    unit_add(w.u, &SQL_resource_swap, w.tenant, w.id, db_i64(a, upper));
    return finish(&w, "resource.move", place_value(a, place + 1), place_value(a, place));
}

struct resource_places resource_add_uses(struct unit *u, int64_t id, int64_t now_us)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, unit_tenant(u)), number = db_i64(a, id);
    return (struct resource_places){unit_add(u, &SQL_resource_offers, tenant, number),
        unit_add(u, &SQL_resource_bookings, tenant, number, db_time(a, now_us))};
}
