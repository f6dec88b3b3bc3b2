#include "domain/ownership_settle.h"

#include "base/clock.h"
#include "base/id.h"
#include "data/jobs.h"
#include "domain/letter.h"
#include "domain/ownership.sql.h"
#include "domain/staff_invitation.sql.h"
#include "domain/staff_member.h"
#include "domain/staff_member.sql.h"
#include "io/fiber.h"

static const char job_kind[] = "ownership.settle";

void ownership_settle_at(struct unit *u, int64_t id, int64_t at_us)
{
    struct arena *a = unit_arena(u);
    struct value *payload = value_object(a);
    value_set_str(a, payload, KEY(transfer), str_of_i64(a, id));
    job_add(u, str_of(job_kind), payload, at_us, STR_NULL);
}

static struct value *letter_words(
    struct arena *a, const struct site *site, const struct ownership *o)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(venue), site->name);
    value_set_str(a, v, KEY(who), o->operator_name);
    value_set_str(a, v, KEY(email), o->email);
    value_set_str(a, v, KEY(former), o->former);
    return v;
}

// What was before and is now, with everybody's address, since former owners may be gone.
static void tell(
    struct unit *u, const struct site *site, const struct ownership *o, const struct rows *holders)
{
    struct arena *a = unit_arena(u);
    struct letter yours = {.key = STR("ownership_yours"),
        .arguments = letter_words(a, site, o),
        .path = STR("/manage/staff")};
    struct letter moved = {.key = STR("ownership_moved"), .arguments = letter_words(a, site, o)};
    letter_to_address(u, &yours, o->email);
    for (int i = 0; i < holders->count; i++)
        letter_to_address(u, &moved, rows_str(holders, i, KEY(email)));
}

static void move_holders(struct unit *u, const struct ownership *o)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, unit_tenant(u)), id = db_i64(a, o->id);
    if (str_is(o->former, "owner"))
        return;
    unit_add(u, &SQL_ownership_drop_invitations, tenant, id);
    unit_add(u,
        str_is(o->former, "leave") ? &SQL_ownership_remove_holders : &SQL_ownership_demote_holders,
        tenant, id);
}

// In the name of who asked for it.
static void record(struct unit *u, const struct ownership *o, const struct rows *holders)
{
    struct arena *a = unit_arena(u);
    struct value *after = value_object(a), *before = value_list(a);
    struct feature_actor actor = {.kind = STR("operator"), .name = o->operator_name};
    for (int i = 0; i < holders->count; i++)
        value_append(a, before, value_str(a, rows_str(holders, i, KEY(email))));
    value_set_str(a, after, KEY(email), o->email);
    value_set_str(a, after, KEY(former), o->former);
    value_set(a, after, KEY(owners), before);
    ownership_audit(u, "ownership.done", &actor, after);
}

static enum ownership_result hand_over(
    struct arena *a, const struct site *site, const struct ownership *o)
{
    struct str tenant = db_i64(a, site->tenant), id = db_i64(a, o->id);
    struct str now = db_time(a, clock_now_us());
    struct unit *read = unit_new(a, DB_READ, site->tenant);
    int holders = unit_add(read, &SQL_ownership_holders, tenant, id);
    if (unit_run(read) != DB_OK)
        return OWNERSHIP_BUSY;
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_staff_lock_owners, tenant);
    unit_add(u, &SQL_ownership_guard_due, tenant, id, now);
    unit_add(u, &SQL_ownership_promote, tenant, id);
    unit_add(u, &SQL_ownership_insert, tenant, id, db_i64(a, id_number()), now);
    unit_add(u, &SQL_ownership_guard_new, tenant, id);
    unit_add(u, &SQL_ownership_drop_own_invitation, tenant, id);
    move_holders(u, o);
    unit_add(u, &SQL_ownership_end, tenant, id, STR("done"), now, o->operator_name);
    tell(u, site, o, unit_rows(read, holders));
    record(u, o, unit_rows(read, holders));
    enum ownership_result result = ownership_finish(u);
    bool nobody = result == OWNERSHIP_GONE && str_is(unit_refusal(u), "nobody");
    return nobody ? OWNERSHIP_OWNERLESS : result;
}

enum ownership_result ownership_settle(struct arena *a, const struct site *site, int64_t id)
{
    struct ownership o;
    int64_t now = clock_now_us();
    struct feature_actor actor = {.kind = STR("system"), .name = STR("Vitrine")};
    struct ownership_ending ending = {"expired", "ownership.expire", &actor, 0};
    enum ownership_result result = ownership_load(a, site, id, &o);
    if (result != OWNERSHIP_DONE)
        return result;
    if (!str_is(o.state, "open"))
        return OWNERSHIP_GONE;
    if (!o.confirmed_us)
        return now >= o.expires_us ? ownership_end(a, site, &o, &ending) : OWNERSHIP_GONE;
    if (!o.consented_us && now < o.ready_us)
        return OWNERSHIP_GONE;
    result = hand_over(a, site, &o);
    // Who confirmed works there no more.
    return result == OWNERSHIP_OWNERLESS ? ownership_end(a, site, &o, &ending) : result;
}

static enum job_result run(struct job *job)
{
    struct site *site;
    int64_t id = 0;
    if (!str_to_i64(value_get_str(job->payload, KEY(transfer)), &id))
        return JOB_FAILED;
    switch (site_acquire_by_tenant(job->tenant, &site)) {
    case SITE_UNKNOWN:
        return JOB_DONE;
    case SITE_UNAVAILABLE:
        return JOB_RETRY;
    case SITE_FOUND:
        break;
    }
    enum ownership_result result = ownership_settle(fiber_arena(), site, id);
    site_release(site);
    return result == OWNERSHIP_BUSY ? JOB_RETRY : JOB_DONE;
}

static struct value *role_of_member(struct arena *a, const char *role)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(role), str_of(role));
    return v;
}

// The actor's own step down, in its own record.
static void step_down(struct unit *u, const struct staff_change *c)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, c->site->tenant), self = db_i64(a, c->actor.id);
    struct staff_change own = *c;
    own.id = c->actor.id;
    unit_add(u, &SQL_staff_set_role, tenant, self, STR("manager"));
    unit_add(u, &SQL_staff_invitation_drop_of, tenant, self);
    staff_audit(u, &own, "staff.role", role_of_member(a, "owner"), role_of_member(a, "manager"));
}

enum staff_result ownership_hand_over(struct arena *a, const struct staff_change *c, bool stays)
{
    struct str tenant = db_i64(a, c->site->tenant);
    struct value *words = value_object(a);
    struct letter letter = {
        .key = STR("ownership_handed"), .arguments = words, .path = STR("/manage/staff")};
    value_set_str(a, words, KEY(venue), c->site->name);
    value_set_str(a, words, KEY(who), c->actor.name);
    struct unit *u = unit_new(a, DB_WRITE, c->site->tenant);
    unit_add(u, &SQL_staff_lock_owners, tenant);
    unit_add(u, &SQL_ownership_hand_over, tenant, db_i64(a, c->id), db_i64(a, c->version),
        db_i64(a, c->actor.id));
    // To all owners: who hands over, who takes over, and whoever else owns it.
    letter_to_owners(u, &letter);
    if (!stays)
        step_down(u, c);
    staff_audit(u, c, "staff.hand_over", NULL, role_of_member(a, "owner"));
    return staff_finish(u);
}

void ownership_init(void)
{
    job_handler(job_kind, run);
}
