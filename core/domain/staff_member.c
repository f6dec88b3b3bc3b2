#include "domain/staff_member.h"

#include "data/audit.h"
#include "data/db.h"
#include "data/revision.h"
#include "domain/letter.h"
#include "domain/staff_invitation.sql.h"
#include "domain/staff_member.sql.h"

void staff_audit(struct unit *u, const struct staff_change *c, const char *action,
    const struct value *before, const struct value *after)
{
    audit_add(u, &(struct audit){.actor_kind = c->actor.kind,
                     .actor_id = c->actor.id,
                     .actor_name = c->actor.name,
                     .action = str_of(action),
                     .object_kind = c->site ? STR("staff") : STR("operator"),
                     .object_id = str_of_i64(unit_arena(u), c->id),
                     .before = before,
                     .after = after});
}

enum staff_result staff_finish(struct unit *u)
{
    static const struct {
        const char *code;
        enum staff_result result;
    } refusals[] = {{"staff_changed", STAFF_CHANGED}, {"staff_gone", STAFF_GONE},
        {"last_owner", STAFF_LAST_OWNER}, {"code_used", STAFF_REFUSED}};
    enum db_result result = unit_run(u);
    if (result == DB_OK)
        return STAFF_DONE;
    for (size_t i = 0; result == DB_REFUSED && i < sizeof refusals / sizeof *refusals; i++)
        if (str_is(unit_refusal(u), refusals[i].code))
            return refusals[i].result;
    return result == DB_CONFLICT ? STAFF_TAKEN : STAFF_BUSY;
}

// What the audit says of a member; NULL with `*result` when there is none.
static struct value *member(
    struct arena *a, const struct staff_change *c, enum staff_result *result)
{
    struct unit *u = unit_new(a, DB_READ, c->site->tenant);
    int place = unit_add(u, &SQL_staff_member, db_i64(a, c->site->tenant), db_i64(a, c->id));
    *result = STAFF_BUSY;
    if (unit_run(u) != DB_OK)
        return NULL;
    const struct rows *rows = unit_rows(u, place);
    *result = STAFF_GONE;
    if (!rows->count)
        return NULL;
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(name), rows_str(rows, 0, KEY(name)));
    value_set_str(a, v, KEY(email), rows_str(rows, 0, KEY(email)));
    value_set_str(a, v, KEY(role), rows_str(rows, 0, KEY(role)));
    return v;
}

// A unit that goes on only if the member is as it was looked at.
static struct unit *change_of(struct arena *a, const struct staff_change *c)
{
    struct unit *u = unit_new(a, DB_WRITE, c->site->tenant);
    unit_add(u, &SQL_staff_lock_owners, db_i64(a, c->site->tenant));
    unit_add(u, &SQL_staff_guard_version, db_i64(a, c->site->tenant), db_i64(a, c->id),
        db_i64(a, c->version));
    return u;
}

void staff_tell_owners(struct unit *u, const struct staff_change *c, struct str email)
{
    struct value *words = value_object(unit_arena(u));
    struct letter letter = {
        .key = STR("owner_added"), .arguments = words, .path = STR("/manage/staff")};
    value_set_str(unit_arena(u), words, KEY(venue), c->site->name);
    value_set_str(unit_arena(u), words, KEY(who), c->actor.name);
    value_set_str(unit_arena(u), words, KEY(email), email);
    letter_to_owners(u, &letter);
}

enum staff_result staff_set_role(struct arena *a, const struct staff_change *c, struct str role)
{
    enum staff_result result;
    struct value *before = member(a, c, &result);
    if (!before)
        return result;
    struct value *after = value_copy(a, before);
    struct unit *u = change_of(a, c);
    struct str tenant = db_i64(a, c->site->tenant), id = db_i64(a, c->id);
    value_set_str(a, after, KEY(role), role);
    if (!str_is(role, "owner")) {
        unit_add(u, &SQL_staff_guard_owner, tenant, id);
        unit_add(u, &SQL_staff_invitation_drop_of, tenant, id);
    }
    unit_add(u, &SQL_staff_set_role, tenant, id, role);
    if (str_is(role, "owner"))
        staff_tell_owners(u, c, value_get_str(before, KEY(email)));
    staff_audit(u, c, "staff.role", before, after);
    return staff_finish(u);
}

enum staff_result staff_remove(struct arena *a, const struct staff_change *c)
{
    enum staff_result result;
    struct value *before = member(a, c, &result);
    if (!before)
        return result;
    struct unit *u = change_of(a, c);
    unit_add(u, &SQL_staff_guard_owner, db_i64(a, c->site->tenant), db_i64(a, c->id));
    unit_add(u, &SQL_staff_invitation_drop_of, db_i64(a, c->site->tenant), db_i64(a, c->id));
    unit_add(u, &SQL_staff_remove, db_i64(a, c->site->tenant), db_i64(a, c->id));
    staff_audit(u, c, "staff.remove", before, NULL);
    return staff_finish(u);
}

enum staff_result staff_end_sessions(struct arena *a, const struct staff_change *c, int64_t keep)
{
    enum staff_result result;
    if (!member(a, c, &result))
        return result;
    struct unit *u = unit_new(a, DB_WRITE, c->site->tenant);
    unit_add(
        u, &SQL_staff_end_sessions, db_i64(a, c->site->tenant), db_i64(a, c->id), db_i64(a, keep));
    staff_audit(u, c, "staff.end_sessions", NULL, NULL);
    return staff_finish(u);
}

enum staff_result staff_end_session(struct arena *a, const struct staff_change *c, int64_t session)
{
    struct unit *u = unit_new(a, DB_WRITE, c->site->tenant);
    unit_add(u, &SQL_staff_end_session, db_i64(a, c->site->tenant), db_i64(a, c->id),
        db_i64(a, session));
    staff_audit(u, c, "staff.end_session", NULL, NULL);
    return staff_finish(u);
}

enum staff_result staff_require_factor(struct arena *a, const struct staff_change *c, bool required)
{
    struct value *before = value_object(a), *after = value_object(a);
    struct str word = required ? STR("required") : STR("optional");
    struct str now = value_get_str(c->site->settings, KEY(second_factor));
    struct unit *u = unit_new(a, DB_WRITE, c->site->tenant);
    value_set_str(a, before, KEY(second_factor), now.len ? now : STR("optional"));
    value_set_str(a, after, KEY(second_factor), word);
    unit_add(u, &SQL_staff_require_factor, db_i64(a, c->site->tenant), word);
    staff_audit(u, c, "staff.require_factor", before, after);
    revision_touch(u);
    return staff_finish(u);
}
