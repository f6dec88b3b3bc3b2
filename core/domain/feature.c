#include "domain/feature.h"

#include "base/check.h"
#include "base/clock.h"
#include "data/audit.h"
#include "data/db.h"
#include "data/jobs.h"
#include "data/revision.h"
#include "domain/feature.sql.h"
#include "domain/letter.h"
#include "domain/plan.h"
#include "io/fiber.h"

enum { TRIES = 3 };
#define CLOSING_CHECK_US (3600 * INT64_C(1000000))

static bool takes_part(enum feature_state state)
{
    return state == FEATURE_ON || state == FEATURE_CLOSING;
}

static const char *const state_names[] = {[FEATURE_OFF] = "off",
    [FEATURE_WAITING] = "waiting",
    [FEATURE_ON] = "on",
    [FEATURE_CLOSING] = "closing"};

struct change {
    struct arena *arena;
    struct site *site; // as the database has it now
    const struct feature_info *info;
    const struct feature_actor *actor;
    bool consent, now, withdraws;
    const struct value *given;
    int64_t seen;
    struct feature_outcome outcome;
    struct unit *u;
};

static struct value *audit_state(struct arena *a, enum feature_state state)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(state), str_of(state_names[state]));
    return v;
}

static void add_audit(struct change *c, const char *action, const struct feature_info *info,
    const struct value *before, const struct value *after)
{
    struct audit audit = {.actor_kind = c->actor->kind,
        .actor_id = c->actor->id,
        .actor_name = c->actor->name,
        .action = str_of(action),
        .object_kind = STR("feature"),
        .object_id = info->name,
        .before = before,
        .after = after};
    audit_add(c->u, &audit);
}

static void tell_plugin(struct change *c, const struct feature_info *info, const char *hook)
{
    struct arena *a = c->arena;
    struct value *payload = value_object(a);
    value_set_str(a, payload, KEY(plugin), info->name);
    value_set_str(a, payload, KEY(hook), str_of(hook));
    value_set(a, payload, KEY(data), value_object(a));
    job_add(c->u, STR("plugin.hook"), payload, clock_now_us(), STR_NULL);
}

static void check_again_later(struct change *c)
{
    struct value *payload = value_object(c->arena);
    value_set_str(c->arena, payload, KEY(plugin), c->info->name);
    job_add(
        c->u, STR("feature.closing"), payload, clock_now_us() + CLOSING_CHECK_US, c->info->name);
}

static void set_state(struct change *c, const struct feature_info *info, enum feature_state state)
{
    static const char *const actions[] = {[FEATURE_OFF] = "feature.switch_off",
        [FEATURE_WAITING] = "feature.ask",
        [FEATURE_ON] = "feature.switch_on",
        [FEATURE_CLOSING] = "feature.close"};
    struct arena *a = c->arena;
    enum feature_state before = site_feature_state(c->site, info->name);
    unit_add(c->u, &SQL_feature_set_state, db_i64(a, c->site->tenant), info->name,
        str_of(state_names[state]), db_time(a, clock_now_us()));
    add_audit(c, actions[state], info, audit_state(a, before), audit_state(a, state));
    if (state == FEATURE_ON && before != FEATURE_CLOSING)
        tell_plugin(c, info, "switched_on");
    if (state == FEATURE_OFF && takes_part(before))
        tell_plugin(c, info, "switched_off");
    if (state == FEATURE_CLOSING)
        check_again_later(c);
}

// What a mail about this feature says: its names by language are looked up when it is read.
static void tell(struct change *c, const char *key, int64_t staff)
{
    struct arena *a = c->arena;
    struct value *arguments = value_object(a);
    struct letter letter = {.key = str_of(key),
        .arguments = arguments,
        .path = str_join(a, STR("/manage/features/"), c->info->name, STR_NULL)};
    value_set_str(a, arguments, KEY(feature), c->info->name);
    value_set_str(a, arguments, KEY(who), c->actor->name);
    value_set_str(a, arguments, KEY(note), c->actor->note.len ? c->actor->note : STR("none"));
    if (staff)
        letter_to_staff(c->u, &letter, staff);
    else
        letter_to_owners(c->u, &letter);
}

static void ask_approval(struct change *c)
{
    struct arena *a = c->arena;
    struct value *arguments = value_object(a);
    bool staff = str_is(c->actor->kind, "staff");
    value_set_str(a, arguments, KEY(feature), c->info->name);
    value_set_str(a, arguments, KEY(venue), c->site->name);
    value_set_str(a, arguments, KEY(who), c->actor->name);
    value_set_str(a, arguments, KEY(note), c->actor->note.len ? c->actor->note : STR("none"));
    unit_add(c->u, &SQL_feature_ask_approval, db_i64(a, c->site->tenant), c->info->name,
        db_time(a, clock_now_us()), c->actor->name, staff ? db_i64(a, c->actor->id) : STR_NULL,
        c->actor->note);
    letter_to_operators(c->u, &(struct letter){.key = STR("approval_asked"),
                                  .arguments = arguments,
                                  .path = STR("/console/approvals")});
}

static void audit_approval(struct change *c, const struct feature_info *info, const char *state)
{
    struct arena *a = c->arena;
    struct value *after = value_object(a);
    value_set_str(a, after, KEY(note), c->actor->note);
    add_audit(c, str_join(a, STR("approval."), str_of(state), STR_NULL).p, info, NULL, after);
}

static void end_approval(struct change *c, const char *state)
{
    struct arena *a = c->arena;
    audit_approval(c, c->info, state);
    unit_add(c->u, &SQL_feature_end_approval, db_i64(a, c->site->tenant), c->info->name,
        str_of(state), db_time(a, clock_now_us()), c->actor->name, c->actor->note);
}

// Of what is off and about to come on, what the plan leaves out, and whether somebody must approve.
// What takes up again what it was closing needs nobody's word.
static bool look_at_plan(struct change *c)
{
    struct feature_look *look = &c->outcome.look;
    struct entitlements e;
    if (look->state == FEATURE_CLOSING && !look->also_count)
        return true;
    if (!entitlements_load(c->arena, c->site, &e))
        return false;
    for (int i = -1; i < look->also_count; i++) {
        const struct feature_info *info = i < 0 ? c->info : look->also_on[i];
        enum entitlement entitlement = takes_part(site_feature_state(c->site, info->name))
                                           ? ENTITLED
                                           : entitlement_of(&e, info);
        look->asks |= entitlement == ENTITLED_ON_APPROVAL;
        if (entitlement == ENTITLED_BY_PLAN && !look->outside)
            look->outside = info;
    }
    return true;
}

static void switch_all_on(struct change *c)
{
    const struct feature_look *look = &c->outcome.look;
    for (int i = look->also_count; i-- > 0;)
        set_state(c, look->also_on[i], FEATURE_ON);
    set_state(c, c->info, FEATURE_ON);
}

static enum feature_result plan_on(struct change *c)
{
    struct feature_look *look = &c->outcome.look;
    if (look->state == FEATURE_ON || look->state == FEATURE_WAITING)
        return FEATURE_UNCHANGED;
    if (look->lacks.p)
        return FEATURE_LACKS;
    if (look->conflict_count)
        return FEATURE_CONFLICTS;
    if (!look_at_plan(c))
        return FEATURE_UNAVAILABLE;
    if (look->outside)
        return FEATURE_NOT_IN_PLAN;
    if (look->also_count && !c->consent)
        return FEATURE_NEEDS;
    if (look->asks) {
        set_state(c, c->info, FEATURE_WAITING);
        ask_approval(c);
        return FEATURE_WAITS;
    }
    switch_all_on(c);
    return FEATURE_DONE;
}

// The one who asked, 0 when nobody of the staff did; false when the database doesn't answer.
static bool find_asker(struct change *c, int64_t *staff)
{
    struct unit *u = unit_new(c->arena, DB_READ, c->site->tenant);
    int place =
        unit_add(u, &SQL_feature_asked_by, db_i64(c->arena, c->site->tenant), c->info->name);
    if (unit_run(u) != DB_OK)
        return false;
    const struct rows *r = unit_rows(u, place);
    *staff = r->count ? rows_i64_or(r, 0, KEY(asked_id), 0) : 0;
    return true;
}

static void give_approval(struct change *c, const struct feature_info *info)
{
    struct arena *a = c->arena;
    audit_approval(c, info, "given");
    unit_add(c->u, &SQL_feature_give_approval, db_i64(a, c->site->tenant), info->name,
        db_time(a, clock_now_us()), c->actor->name, c->actor->note);
}

// What it brings along and the site may not have by itself is granted with it.
static bool grant_others(struct change *c)
{
    struct entitlements e;
    if (!entitlements_load(c->arena, c->site, &e))
        return false;
    for (int i = 0; i < c->outcome.look.also_count; i++)
        if (entitlement_of(&e, c->outcome.look.also_on[i]) != ENTITLED)
            give_approval(c, c->outcome.look.also_on[i]);
    if (c->outcome.look.state == FEATURE_WAITING)
        end_approval(c, "approved");
    else if (entitlement_of(&e, c->info) != ENTITLED)
        give_approval(c, c->info);
    return true;
}

static enum feature_result plan_grant(struct change *c)
{
    const struct feature_look *look = &c->outcome.look;
    int64_t asker = 0;
    if (look->state == FEATURE_ON)
        return FEATURE_UNCHANGED;
    if (look->lacks.p)
        return FEATURE_LACKS;
    if (look->conflict_count)
        return FEATURE_CONFLICTS;
    if (!find_asker(c, &asker) || !grant_others(c))
        return FEATURE_UNAVAILABLE;
    switch_all_on(c);
    if (look->state == FEATURE_WAITING)
        tell(c, "approval_given", asker);
    return FEATURE_DONE;
}

static enum feature_result plan_refuse(struct change *c)
{
    int64_t asker = 0;
    if (c->outcome.look.state != FEATURE_WAITING)
        return FEATURE_UNCHANGED;
    if (!find_asker(c, &asker))
        return FEATURE_UNAVAILABLE;
    end_approval(c, "refused");
    set_state(c, c->info, FEATURE_OFF);
    tell(c, "approval_refused", asker);
    return FEATURE_DONE;
}

// NULL with `*unknown`: it should say, but didn't.
static struct value *ask_owed(struct change *c, bool *unknown)
{
    *unknown = false;
    if (!c->info->owes || !takes_part(c->outcome.look.state))
        return NULL;
    struct value *owed =
        hook_ask(c->arena, c->site, HOOK_obligations, c->info->name, value_object(c->arena));
    *unknown = !value_is(owed, VALUE_LIST);
    return *unknown || !value_count(owed) ? NULL : owed;
}

static enum feature_result plan_off(struct change *c)
{
    const struct feature_look *look = &c->outcome.look;
    bool unknown = false;
    if (look->state == FEATURE_OFF)
        return FEATURE_UNCHANGED;
    if (look->needed_count)
        return FEATURE_NEEDED;
    if (!c->now)
        c->outcome.owed = ask_owed(c, &unknown);
    bool closes = c->outcome.owed || unknown;
    if (closes && look->state == FEATURE_CLOSING)
        return FEATURE_CLOSES;
    if (look->state == FEATURE_WAITING)
        end_approval(c, "taken_back");
    set_state(c, c->info, closes ? FEATURE_CLOSING : FEATURE_OFF);
    return closes ? FEATURE_CLOSES : FEATURE_DONE;
}

static enum feature_result plan_withdraw(struct change *c)
{
    struct arena *a = c->arena;
    unit_add(c->u, &SQL_feature_end_grant, db_i64(a, c->site->tenant), c->info->name,
        db_time(a, clock_now_us()), c->actor->name, c->actor->note);
    enum feature_result result = plan_off(c);
    if (result == FEATURE_NEEDED || result == FEATURE_UNAVAILABLE)
        return result;
    audit_approval(c, c->info, "withdrawn");
    tell(c, "approval_withdrawn", 0);
    return result == FEATURE_UNCHANGED ? FEATURE_DONE : result;
}

static const struct value *stored_settings(const struct site *site, struct str plugin)
{
    for (int i = 0; i < site->feature_count; i++)
        if (str_eq(site->features[i].plugin, plugin))
            return site->features[i].settings;
    return NULL;
}

// A box that isn't ticked sends nothing; what else is absent stays as it was.
static struct value *completed(struct change *c, const struct value *before)
{
    struct value *all = value_object(c->arena);
    for (size_t i = 0; i < c->info->setting_count; i++) {
        const struct setting *s = &c->info->settings[i];
        struct value *v = value_get(c->given, s->key);
        if (value_is(v, VALUE_NULL))
            v = s->kind == SETTING_BOOLEAN ? value_bool(c->arena, false)
                                           : value_get(before, s->key);
        value_set(c->arena, all, s->key, v);
    }
    return all;
}

static enum feature_result plan_settings(struct change *c)
{
    struct arena *a = c->arena;
    struct value *before = feature_settings_read(
        a, c->info, stored_settings(c->site, c->info->name), c->site->currency, NULL);
    c->outcome.errors = value_list(a);
    struct value *after = feature_settings_read(
        a, c->info, completed(c, before), c->site->currency, c->outcome.errors);
    if (value_count(c->outcome.errors))
        return FEATURE_INVALID;
    if (value_equal(before, after))
        return FEATURE_UNCHANGED;
    if (c->seen)
        unit_add(c->u, &SQL_feature_version_guard, db_i64(a, c->site->tenant), c->info->name,
            db_i64(a, c->seen));
    unit_add(c->u, &SQL_feature_set_settings, db_i64(a, c->site->tenant), c->info->name,
        db_json(a, after), db_time(a, clock_now_us()));
    add_audit(c, "feature.settings", c->info, before, after);
    return FEATURE_DONE;
}

// The newest site: what this process has may be a second old.
static enum feature_result acquire_newest(struct change *c, int64_t tenant)
{
    struct unit *u = unit_new(c->arena, DB_READ, tenant);
    int place = unit_add(u, &SQL_feature_revision, db_i64(c->arena, tenant));
    if (unit_run(u) != DB_OK || !unit_rows(u, place)->count)
        return FEATURE_UNAVAILABLE;
    revision_learn(tenant, rows_i64(unit_rows(u, place), 0, KEY(revision)));
    return site_acquire_by_tenant(tenant, &c->site) == SITE_FOUND ? FEATURE_DONE
                                                                  : FEATURE_UNAVAILABLE;
}

static enum feature_result write_change(struct change *c)
{
    revision_touch(c->u);
    switch (unit_run(c->u)) {
    case DB_OK:
        return c->outcome.result;
    case DB_REFUSED:
        return str_is(unit_refusal(c->u), "settings_changed") ? FEATURE_EDITED
               : str_is(unit_refusal(c->u), "not_approved")   ? FEATURE_UNCHANGED
                                                              : FEATURE_BUSY;
    case DB_CONFLICT:
    case DB_BUSY:
        return FEATURE_BUSY;
    case DB_DOWN:
    case DB_FAILED:
        return FEATURE_UNAVAILABLE;
    }
    unreachable();
}

static bool writes(enum feature_result result, const struct change *c)
{
    // Closing that goes on closing changes nothing, unless somebody's approval ends with it.
    return result == FEATURE_DONE || result == FEATURE_WAITS ||
           (result == FEATURE_CLOSES && (c->withdraws || c->outcome.look.state != FEATURE_CLOSING));
}

static enum feature_result try_change(
    struct change *c, int64_t tenant, enum feature_result (*plan)(struct change *c))
{
    enum feature_result result = acquire_newest(c, tenant);
    if (result != FEATURE_DONE)
        return result;
    c->u = unit_new(c->arena, DB_WRITE, tenant);
    unit_add(
        c->u, &SQL_feature_guard, db_i64(c->arena, tenant), db_i64(c->arena, c->site->revision));
    feature_look(c->site, c->info, &c->outcome.look);
    c->outcome.result = plan(c);
    result = writes(c->outcome.result, c) ? write_change(c) : c->outcome.result;
    site_release(c->site);
    return result;
}

static struct feature_outcome change(struct change c, int64_t tenant, struct str plugin,
    enum feature_result (*plan)(struct change *))
{
    c.info = feature_info_find(plugin);
    enum feature_result result = c.info ? FEATURE_BUSY : FEATURE_UNKNOWN;
    for (int i = 0; i < TRIES && result == FEATURE_BUSY; i++)
        result = try_change(&c, tenant, plan);
    c.outcome.result = result;
    return c.outcome;
}

struct feature_outcome feature_switch_on(struct arena *a, const struct site *site,
    struct str plugin, const struct feature_actor *actor, bool consent)
{
    struct change c = {.arena = a, .actor = actor, .consent = consent};
    return change(c, site->tenant, plugin, plan_on);
}

struct feature_outcome feature_switch_off(
    struct arena *a, const struct site *site, struct str plugin, const struct feature_actor *actor)
{
    struct change c = {.arena = a, .actor = actor};
    return change(c, site->tenant, plugin, plan_off);
}

struct feature_outcome feature_switch_off_now(struct arena *a, const struct site *site,
    struct str plugin, const struct feature_actor *actor, struct str typed)
{
    struct change c = {.arena = a, .actor = actor, .now = true};
    if (!str_eq(str_trim(typed), plugin))
        return (struct feature_outcome){.result = FEATURE_UNCONFIRMED};
    return change(c, site->tenant, plugin, plan_off);
}

struct feature_outcome feature_grant(
    struct arena *a, const struct site *site, struct str plugin, const struct feature_actor *actor)
{
    struct change c = {.arena = a, .actor = actor, .consent = true};
    return change(c, site->tenant, plugin, plan_grant);
}

struct feature_outcome feature_refuse(
    struct arena *a, const struct site *site, struct str plugin, const struct feature_actor *actor)
{
    struct change c = {.arena = a, .actor = actor};
    return change(c, site->tenant, plugin, plan_refuse);
}

struct feature_outcome feature_withdraw(
    struct arena *a, const struct site *site, struct str plugin, const struct feature_actor *actor)
{
    struct change c = {.arena = a, .actor = actor, .withdraws = true};
    return change(c, site->tenant, plugin, plan_withdraw);
}

struct feature_outcome feature_save_settings(struct arena *a, const struct site *site,
    const struct feature_actor *actor, const struct feature_given *given)
{
    struct change c = {.arena = a, .actor = actor, .given = given->settings, .seen = given->seen};
    return change(c, site->tenant, given->plugin, plan_settings);
}

// Closing until nothing is owed any more.
static enum job_result run_closing(struct job *job)
{
    static const struct feature_actor system = {.kind = {"system", 6}, .name = {"Vitrine", 7}};
    struct arena *a = fiber_arena();
    struct str plugin = value_get_str(job->payload, KEY(plugin));
    struct site *site;
    if (site_acquire_by_tenant(job->tenant, &site) != SITE_FOUND)
        return JOB_RETRY;
    enum feature_result result = FEATURE_UNCHANGED;
    if (site_feature_state(site, plugin) == FEATURE_CLOSING)
        result = feature_switch_off(a, site, plugin, &system).result;
    site_release(site);
    if (result == FEATURE_DONE || result == FEATURE_UNCHANGED || result == FEATURE_UNKNOWN)
        return JOB_DONE;
    job->retry_at_us = clock_now_us() + CLOSING_CHECK_US;
    job->error = STR("something is owed still");
    return JOB_RETRY;
}

void feature_init(void)
{
    job_handler("feature.closing", run_closing);
    // Once an hour for as long as it takes.
    job_policy("feature.closing", 1000000, JOB_DEADLINE_MS);
}
