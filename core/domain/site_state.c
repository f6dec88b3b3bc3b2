#include "domain/site_state.h"

#include "base/check.h"
#include "base/clock.h"
#include "data/audit.h"
#include "data/db.h"
#include "data/revision.h"
#include "domain/letter.h"
#include "domain/plan.h"
#include "domain/site_state.sql.h"

static const struct {
    const char *name, *action, *letter;
} states[] = {
    [SITE_CREATING] = {"creating", NULL, NULL},
    [SITE_OPEN] = {"open", "site.resume", "site_resumed"},
    [SITE_SUSPENDED] = {"suspended", "site.suspend", "site_suspended"},
    [SITE_CLOSED] = {"closed", "site.close", "site_closed"},
};

static void add_audit(struct unit *u, const struct audit *what, const struct feature_actor *actor)
{
    struct audit audit = *what;
    audit.actor_kind = actor->kind;
    audit.actor_id = actor->id;
    audit.actor_name = actor->name;
    audit.object_kind = STR("site");
    audit.object_id = str_of_i64(unit_arena(u), unit_tenant(u));
    audit_add(u, &audit);
}

static struct value *one(struct arena *a, value_key key, struct str text)
{
    struct value *v = value_object(a);
    value_set_str(a, v, key, text);
    return v;
}

static enum site_state_result run(struct unit *u)
{
    revision_touch(u);
    switch (unit_run(u)) {
    case DB_OK:
        return SITE_STATE_DONE;
    case DB_REFUSED:
        return SITE_STATE_CHANGED;
    default:
        return SITE_STATE_UNAVAILABLE;
    }
}

enum site_state_result site_set_state(struct arena *a, const struct site *site,
    enum site_state state, const struct feature_actor *actor)
{
    check(state != SITE_CREATING);
    struct value *after = one(a, KEY(state), str_of(states[state].name));
    struct value *arguments = one(a, KEY(venue), site->name);
    value_set_str(a, after, KEY(reason), actor->note);
    value_set_str(a, arguments, KEY(reason), actor->note.len ? actor->note : STR("none"));
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_site_set_state, db_i64(a, site->tenant), str_of(states[site->state].name),
        str_of(states[state].name), actor->note.p ? actor->note : STR(""),
        db_time(a, clock_now_us()));
    add_audit(u,
        &(struct audit){.action = str_of(states[state].action),
            .before = one(a, KEY(state), str_of(states[site->state].name)),
            .after = after},
        actor);
    letter_to_owners(u,
        &(struct letter){
            .key = str_of(states[state].letter), .arguments = arguments, .path = STR("/manage")});
    return run(u);
}

enum site_state_result site_set_plan(
    struct arena *a, const struct site *site, struct str plan, const struct feature_actor *actor)
{
    const struct value *plans = plan_list(a);
    if (!plans)
        return SITE_STATE_UNAVAILABLE;
    if (!plan_in(plans, plan))
        return SITE_STATE_UNKNOWN;
    if (str_eq(site->plan, plan))
        return SITE_STATE_DONE;
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(u, &SQL_site_set_plan, db_i64(a, site->tenant), site->plan, plan);
    add_audit(u,
        &(struct audit){.action = STR("site.plan"),
            .before = one(a, KEY(plan), site->plan),
            .after = one(a, KEY(plan), plan)},
        actor);
    return run(u);
}
