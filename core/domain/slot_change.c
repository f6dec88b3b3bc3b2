#include "domain/slot_change.h"

#include "base/clock.h"
#include "base/id.h"
#include "data/jobs.h"
#include "data/revision.h"
#include "domain/event.h"
#include "domain/offer_own.h"
#include "domain/schedule.sql.h"
#include "domain/slot_change.sql.h"
#include "domain/slot_change_job.h"
#include "domain/slot_choice.h"

struct slot_change slot_change_begin(struct arena *a, const struct schedule_ask *ask,
    int64_t number, const int64_t *slots, int count)
{
    struct slot_change c = {
        .a = a, .ask = ask, .number = number, .u = unit_new(a, DB_WRITE, ask->site->tenant)};
    c.tenant = db_i64(a, ask->site->tenant);
    c.id = db_i64(a, number);
    c.slots = db_i64_array(a, slots, (size_t)count);
    c.now = db_time(a, clock_now_us());
    offer_own_of_slots(c.u, c.slots);
    unit_add(c.u, &SQL_slot_lock_orders, c.tenant, c.slots);
    unit_add(c.u, &SQL_schedule_lock, c.tenant, c.slots);
    return c;
}

// Of the change itself, for its own page.
static void record(const struct slot_change *c, struct str action, const struct value *after)
{
    struct audit audit = *c->ask->who;
    audit.action = action;
    audit.object_kind = STR("slot_change");
    audit.object_id = c->id;
    audit.after = after;
    audit_add(c->u, &audit);
}

void slot_change_audit(const struct slot_change *c, int64_t slot, const char *action,
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

static void add_job(const struct slot_change *c)
{
    struct value *payload = value_object(c->a);
    value_set_str(c->a, payload, KEY(change_id), c->id);
    job_add(c->u, STR(SLOT_CHANGE_JOB), payload, clock_now_us(), c->id);
}

void slot_change_add(const struct slot_change *c, const char *kind, int slots, struct str reason)
{
    unit_add(c->u, &SQL_slot_change_insert, c->tenant, c->id, str_of(kind), db_i64(c->a, slots),
        reason.p ? reason : STR(""), c->ask->who->actor_kind, db_i64(c->a, c->ask->who->actor_id),
        c->ask->who->actor_name, c->now);
    struct value *after = value_object(c->a);
    value_set_int(c->a, after, KEY(slots), slots);
    if (reason.len)
        value_set_str(c->a, after, KEY(reason), reason);
    record(c, str_join(c->a, STR("slot_change."), str_of(kind), STR_NULL), after);
    add_job(c);
}

enum schedule_result slot_change_end(const struct slot_change *c, bool *again)
{
    revision_touch(c->u);
    enum db_result result = unit_run(c->u);
    *again = result == DB_BUSY || result == DB_CONFLICT;
    if (result == DB_REFUSED && str_is(unit_refusal(c->u), "changed"))
        return SCHEDULE_CHANGED;
    return schedule_result_of(c->u, result);
}

static void add_targets(const struct slot_change *c, const struct slot_remedy *remedy)
{
    int64_t *from = arena_new_array(c->a, int64_t, (size_t)remedy->count + 1);
    int64_t *to = arena_new_array(c->a, int64_t, (size_t)remedy->count + 1);
    size_t count = 0;
    for (int i = 0; !remedy->asks && remedy->targets && i < remedy->count; i++)
        if (remedy->targets[i]) {
            from[count] = remedy->slots[i];
            to[count++] = remedy->targets[i];
        }
    if (count)
        unit_add(c->u, &SQL_slot_change_targets, c->tenant, c->id, db_i64_array(c->a, from, count),
            db_i64_array(c->a, to, count), c->now);
}

static struct str remedy_name(const struct slot_remedy *remedy)
{
    return remedy->asks ? STR("ask") : remedy->targets ? STR("rebook") : STR("refund");
}

static struct str choose_until(struct arena *a, const struct slot_remedy *remedy)
{
    int64_t until = remedy->choose_until_us;
    if (!until && remedy->asks)
        until = clock_now_us() + SLOT_CHOOSE_DAYS * US_PER_DAY;
    return until ? db_time(a, until) : STR_NULL;
}

static enum schedule_result cancel_once(struct arena *a, const struct schedule_ask *ask,
    const struct slot_cancelling *what, int64_t number, bool *again)
{
    const struct slot_remedy *remedy = &what->remedy;
    struct slot_change c = slot_change_begin(a, ask, number, remedy->slots, remedy->count);
    struct value *after = value_object(a);
    value_set_str(a, after, KEY(state), STR("cancelled"));
    value_set_str(a, after, KEY(remedy), remedy_name(remedy));
    if (what->reason.len)
        value_set_str(a, after, KEY(reason), what->reason);
    unit_add(c.u, &SQL_slot_cancel, c.tenant, c.slots);
    unit_add(c.u, &SQL_slot_free_resources, c.tenant, c.slots);
    // Whoever is just paying is through by now, and is concerned, or looks again and is refused.
    unit_add(c.u, &SQL_slot_tell_orders, c.tenant, c.slots);
    slot_change_add(&c, "cancel", remedy->count, what->reason);
    unit_add(c.u, &SQL_slot_change_rows, c.tenant, c.id, c.slots, remedy_name(remedy),
        choose_until(a, remedy));
    add_targets(&c, remedy);
    struct value *facts = value_object(a);
    value_set_str(a, facts, KEY(reason), what->reason.len ? what->reason : STR_NULL);
    for (int i = 0; i < remedy->count; i++) {
        slot_change_audit(&c, remedy->slots[i], "slot.cancel", NULL, after);
        event_add(c.u, EVENT_slot_cancelled, remedy->slots[i], facts);
    }
    return slot_change_end(&c, again);
}

enum schedule_result slot_cancel(struct arena *a, const struct schedule_ask *ask,
    const struct slot_cancelling *what, int64_t *change)
{
    enum schedule_result result = SCHEDULE_CHANGED;
    bool again = true;
    *change = id_number();
    for (int i = 0; i < SLOT_CHANGE_TRIES && again; i++)
        result = cancel_once(a, ask, what, *change, &again);
    return result;
}

enum schedule_result slot_settle(struct arena *a, const struct schedule_ask *ask, int64_t change,
    const struct slot_remedy *remedy)
{
    struct slot_change c = {.a = a,
        .ask = ask,
        .number = change,
        .u = unit_new(a, DB_WRITE, ask->site->tenant),
        .tenant = db_i64(a, ask->site->tenant),
        .id = db_i64(a, change),
        .now = db_time(a, clock_now_us())};
    struct value *after = value_object(a);
    bool again;
    value_set_str(a, after, KEY(remedy), remedy_name(remedy));
    unit_add(
        c.u, &SQL_slot_change_again, c.tenant, c.id, remedy_name(remedy), choose_until(a, remedy));
    add_targets(&c, remedy);
    add_job(&c);
    record(&c, STR("slot_change.settle"), after);
    for (int i = 0; i < remedy->count; i++)
        slot_change_audit(&c, remedy->slots[i], "slot.settle", NULL, after);
    return slot_change_end(&c, &again);
}
