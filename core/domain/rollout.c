#include "domain/rollout.h"

#include "base/clock.h"
#include "base/id.h"
#include "data/audit.h"
#include "data/db.h"
#include "data/jobs.h"
#include "domain/rollout.sql.h"
#include "io/fiber.h"

#define DRAFTS_KEPT_US (24 * 3600 * INT64_C(1000000))

static enum rollout_result run(struct unit *u)
{
    switch (unit_run(u)) {
    case DB_OK:
        return ROLLOUT_DONE;
    case DB_REFUSED:
        return str_is(unit_refusal(u), "none") ? ROLLOUT_NONE : ROLLOUT_CHANGED;
    default:
        return ROLLOUT_UNAVAILABLE;
    }
}

static void add_audit(
    struct unit *u, const char *action, int64_t id, const struct feature_actor *actor)
{
    audit_add(u, &(struct audit){.actor_kind = actor->kind,
                     .actor_id = actor->id,
                     .actor_name = actor->name,
                     .action = str_of(action),
                     .object_kind = STR("rollout"),
                     .object_id = str_of_i64(unit_arena(u), id)});
}

static struct str or_null(struct str s)
{
    return s.len ? s : STR_NULL;
}

enum rollout_result rollout_draft(struct arena *a, const struct feature_actor *actor,
    const struct value *changes, const struct rollout_sites *sites, int64_t *id)
{
    *id = id_number();
    struct str state = or_null(sites->state), practice = STR_NULL, number = db_i64(a, *id);
    if (str_is(state, "practice") || str_is(state, "open")) {
        practice = db_bool(str_is(state, "practice"));
        state = STR("open");
    }
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_rollout_insert, number, db_i64(a, actor->id), actor->name, actor->note,
        db_json(a, changes), db_time(a, clock_now_us()));
    unit_add(u, &SQL_rollout_choose, number, or_null(sites->slug), state, practice,
        or_null(sites->plan), or_null(sites->feature));
    return run(u);
}

static enum rollout_result start(
    struct arena *a, int64_t id, bool undo, const struct feature_actor *actor)
{
    struct str number = db_i64(a, id), now = db_time(a, clock_now_us());
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_rollout_start, number, undo ? STR("undone") : STR("applied"), now,
        undo ? STR("applied") : STR("draft"));
    unit_add(u, &SQL_rollout_jobs, number, db_bool(undo), actor->name, db_i64(a, actor->id), now);
    add_audit(u, undo ? "rollout.undo" : "rollout.apply", id, actor);
    return run(u);
}

enum rollout_result rollout_apply(struct arena *a, int64_t id, const struct feature_actor *actor)
{
    return start(a, id, false, actor);
}

enum rollout_result rollout_undo(struct arena *a, int64_t id, const struct feature_actor *actor)
{
    return start(a, id, true, actor);
}

static int64_t payload_number(const struct job *job, value_key key)
{
    int64_t n = 0;
    return str_to_i64(value_get_str(job->payload, key), &n) ? n : 0;
}

static enum job_result note(struct job *job, int64_t id, bool undo, enum setup_result result,
    const struct setup_change *change)
{
    static const char *const states[2][3] = {
        {"done", "same", "failed"}, {"undone", "undone", "kept"}};
    struct arena *a = fiber_arena();
    struct str error = STR_NULL;
    struct str state = str_of(states[undo][result]);
    if (result == SETUP_REFUSED)
        error = str_join(a, change->refused, STR(" "), change->why, STR_NULL);
    if (undo && result != SETUP_REFUSED && change->newer.len) {
        state = STR("kept");
        error = str_join(a, change->newer, STR(" newer"), STR_NULL);
    }
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_rollout_note, db_i64(a, job->tenant), db_i64(a, id), state, error,
        db_json(a, change->before), db_time(a, clock_now_us()), db_bool(undo));
    return unit_run(u) == DB_OK ? JOB_DONE : JOB_RETRY;
}

static enum job_result run_site(struct job *job)
{
    struct arena *a = fiber_arena();
    int64_t id = payload_number(job, KEY(rollout));
    bool undo = value_get_bool(job->payload, KEY(undo), false);
    struct feature_actor actor = {.kind = STR("operator"),
        .id = payload_number(job, KEY(who_id)),
        .name = value_get_str(job->payload, KEY(who))};
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = unit_add(u, &SQL_rollout_of_site, db_i64(a, id), db_i64(a, job->tenant));
    if (unit_run(u) != DB_OK)
        return JOB_RETRY;
    const struct rows *rows = unit_rows(u, place);
    if (!rows->count)
        return JOB_DONE;
    struct setup_change change = {
        .changes = rows_json(a, rows, 0, undo ? KEY(before) : KEY(changes)),
        .expected = undo ? rows_json(a, rows, 0, KEY(changes)) : NULL};
    enum setup_result result = setup_apply(a, job->tenant, &actor, &change);
    if (result == SETUP_UNAVAILABLE) {
        job->error = STR("the site could not be changed just now");
        return JOB_RETRY;
    }
    return note(job, id, undo, result, &change);
}

static bool clean(struct arena *a, int64_t now_us)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_rollout_clean, db_time(a, now_us - DRAFTS_KEPT_US));
    return unit_run(u) != DB_OK;
}

void rollout_init(void)
{
    job_handler("rollout.site", run_site);
    job_housekeeping(clean);
}
