#include "domain/slot_change.h"

#include "base/clock.h"
#include "base/id.h"
#include "data/jobs.h"
#include "data/revision.h"
#include "domain/schedule.sql.h"
#include "domain/slot_change.sql.h"
#include "domain/slot_change_job.h"

struct change {
    struct arena *a;
    const struct schedule_ask *ask;
    struct unit *u;
    struct str tenant, id, slots, now;
};

static struct change begin(
    struct arena *a, const struct schedule_ask *ask, const int64_t *slots, int count, int64_t *id)
{
    *id = id_number();
    struct change c = {.a = a, .ask = ask, .u = unit_new(a, DB_WRITE, ask->site->tenant)};
    c.tenant = db_i64(a, ask->site->tenant);
    c.id = db_i64(a, *id);
    c.slots = db_i64_array(a, slots, (size_t)count);
    c.now = db_time(a, clock_now_us());
    unit_add(c.u, &SQL_schedule_lock, c.tenant, c.slots);
    return c;
}

static void add_audit(const struct change *c, int64_t slot, const char *action,
    const struct value *before, const struct value *after)
{
    struct audit audit = *c->ask->who;
    audit.action = str_of(action);
    audit.object_kind = STR("slot");
    audit.object_id = db_i64(c->a, slot);
    audit.before = before;
    audit.after = after;
    audit_add(c->u, &audit);
}

// The rows of those concerned, and the job that works through them.
static void add_rows(const struct change *c, const char *kind, int slots, struct str reason)
{
    struct arena *a = c->a;
    struct value *payload = value_object(a);
    value_set_str(a, payload, KEY(change_id), c->id);
    unit_add(c->u, &SQL_slot_change_insert, c->tenant, c->id, str_of(kind), db_i64(a, slots),
        reason.p ? reason : STR(""), db_i64(a, c->ask->who->actor_id), c->ask->who->actor_name,
        c->now);
    unit_add(c->u, &SQL_slot_change_rows, c->tenant, c->id, c->slots);
    job_add(c->u, STR(SLOT_CHANGE_JOB), payload, clock_now_us(), c->id);
}

static enum schedule_result end(const struct change *c)
{
    revision_touch(c->u);
    enum db_result result = unit_run(c->u);
    if (result == DB_REFUSED && str_is(unit_refusal(c->u), "changed"))
        return SCHEDULE_CHANGED;
    return schedule_result_of(c->u, result);
}

enum schedule_result slot_cancel(struct arena *a, const struct schedule_ask *ask,
    const struct slot_cancelling *what, int64_t *change)
{
    struct change c = begin(a, ask, what->slots, what->count, change);
    struct value *after = value_object(a);
    value_set_str(a, after, KEY(state), STR("cancelled"));
    if (what->reason.len)
        value_set_str(a, after, KEY(reason), what->reason);
    unit_add(c.u, &SQL_slot_cancel, c.tenant, c.slots);
    unit_add(c.u, &SQL_slot_free_resources, c.tenant, c.slots);
    add_rows(&c, "cancel", what->count, what->reason);
    for (int i = 0; i < what->count; i++)
        add_audit(&c, what->slots[i], "slot.cancel", NULL, after);
    return end(&c);
}

static const struct schedule_slot *slot_of(const struct schedule_facts *f, int64_t slot)
{
    for (int i = 0; i < f->slot_count; i++)
        if (f->slots[i].id == slot)
            return &f->slots[i];
    return NULL;
}

static struct value *time_value(struct arena *a, int64_t starts_us)
{
    struct value *v = value_object(a);
    value_set_int(a, v, KEY(starts_us), starts_us);
    return v;
}

enum schedule_result slot_move(struct arena *a, const struct schedule_ask *ask,
    const struct slot_moving *what, int64_t *change)
{
    struct schedule_facts *f = schedule_read(a, ask->site, 0, clock_now_us());
    if (!f)
        return SCHEDULE_UNAVAILABLE;
    const struct schedule_slot *s = slot_of(f, what->slot);
    if (!s)
        return SCHEDULE_NOT_FOUND;
    struct change c = begin(a, ask, &what->slot, 1, change);
    struct str slot = db_i64(a, what->slot), by = db_i64(a, what->to_us - s->starts_us);
    if (s->rule)
        unit_add(c.u, &SQL_slot_leave, c.tenant, slot);
    unit_add(
        c.u, &SQL_slot_move, c.tenant, slot, db_time(a, what->to_us), db_i64(a, what->version));
    unit_add(c.u, &SQL_slot_move_resources, c.tenant, slot, by);
    unit_add(c.u, &SQL_slot_move_lines, c.tenant, slot, by, c.now);
    unit_add(c.u, &SQL_slot_tell_baskets, c.tenant, c.slots);
    add_rows(&c, "move", 1, what->reason);
    add_audit(&c, what->slot, "slot.move", time_value(a, s->starts_us), time_value(a, what->to_us));
    return end(&c);
}
