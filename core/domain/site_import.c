#include "domain/site_import.h"

#include "base/clock.h"
#include "base/text.h"
#include "data/audit.h"
#include "data/jobs.h"
#include "data/revision.h"
#include "domain/blueprint.sql.h"
#include "domain/feature_info.h"
#include "domain/site_import.sql.h"

enum { FEATURES_MAX = 512 };

enum address_result site_import_reserve(
    struct arena *a, const struct archive_head *head, struct str slug, int64_t *tenant)
{
    enum address_result address = blueprint_address(a, slug);
    if (address != ADDRESS_FREE)
        return address;
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    struct str now = db_time(a, clock_now_us());
    unit_add(u, &SQL_blueprint_drop_unfinished, slug, blueprint_unfinished_before(a));
    int place =
        unit_add(u, &SQL_site_import_reserve, slug, text_skeleton(a, slug), head->name, now);
    unit_add(u, &SQL_blueprint_insert_revision, slug);
    switch (unit_run(u)) {
    case DB_OK:
        *tenant = rows_i64(unit_rows(u, place), 0, KEY(tenant_id));
        return ADDRESS_FREE;
    case DB_CONFLICT:
        return ADDRESS_TAKEN;
    default:
        return ADDRESS_UNKNOWN;
    }
}

void site_import_forget(struct arena *a, int64_t tenant)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_blueprint_forget_site, db_i64(a, tenant));
    // What can't be removed now is dropped by the next one who wants the address.
    enum db_result ignored = unit_run(u);
    (void)ignored;
}

// A gated feature was approved there, not here.
static struct str features_allowed(struct arena *a)
{
    struct str names[FEATURES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < feature_info_count() && count < FEATURES_MAX; i++)
        if (!feature_info_at(i)->gated)
            names[count++] = feature_info_at(i)->name;
    return db_str_array(a, names, count);
}

struct archive_target site_import_target(
    struct arena *a, int64_t tenant, const struct archive_head *head)
{
    return (struct archive_target){.tenant = tenant,
        .features = features_allowed(a),
        .now = db_time(a, clock_now_us()),
        .reason = str_join(a, STR("Imported (export of "), str_sub(head->made_at, 0, 40),
            STR("): look at it, then resume it."), STR_NULL)};
}

static void add_note(struct unit *u, const char *action, const struct feature_actor *actor,
    const struct value *after)
{
    audit_add(u, &(struct audit){.actor_kind = actor->kind,
                     .actor_id = actor->id,
                     .actor_name = actor->name,
                     .action = str_of(action),
                     .object_kind = STR("site"),
                     .object_id = str_of_i64(unit_arena(u), unit_tenant(u)),
                     .after = after});
}

bool site_import_finish(struct arena *a, int64_t tenant, const struct archive_head *head,
    const struct feature_actor *actor)
{
    struct unit *u = unit_new(a, DB_WRITE, tenant);
    struct value *after = value_object(a);
    value_set_str(a, after, KEY(slug), head->slug);
    value_set_str(a, after, KEY(made_at), head->made_at);
    value_set_str(a, after, KEY(program), head->program);
    value_set_int(a, after, KEY(rows), head->rows);
    add_note(u, "site.import", actor, after);
    // Slots for the days ahead, and every day from then on.
    job_add(u, STR("site.day"), value_object(a), clock_now_us(), STR("daily"));
    revision_touch(u);
    return unit_run(u) == DB_OK;
}

bool site_export_note(
    struct arena *a, int64_t tenant, int64_t rows, const struct feature_actor *actor)
{
    struct unit *u = unit_new(a, DB_WRITE, tenant);
    struct value *after = value_object(a);
    value_set_int(a, after, KEY(rows), rows);
    add_note(u, "site.export", actor, after);
    return unit_run(u) == DB_OK;
}
