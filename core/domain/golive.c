#include "domain/golive.h"

#include "base/clock.h"
#include "data/audit.h"
#include "data/db.h"
#include "data/revision.h"
#include "domain/golive.sql.h"

const char *golive_name(enum golive_check check)
{
    static const char *const names[] = {
#define GOLIVE_CHECK_TEXT(name, path) #name,
        GOLIVE_CHECKS(GOLIVE_CHECK_TEXT)
#undef GOLIVE_CHECK_TEXT
    };
    return names[check];
}

const char *golive_path(enum golive_check check)
{
    static const char *const paths[] = {
#define GOLIVE_CHECK_PATH(name, path) path,
        GOLIVE_CHECKS(GOLIVE_CHECK_PATH)
#undef GOLIVE_CHECK_PATH
    };
    return paths[check];
}

bool golive_takes_payment(const struct site *site, struct str plugin)
{
    const struct feature_info *info = feature_info_find(plugin);
    return info && info->test == site->practice;
}

// A way to pay that is there when the tests are gone.
static bool has_payment(const struct site *site)
{
    for (size_t i = 0; i < feature_info_count(); i++) {
        const struct feature_info *info = feature_info_at(i);
        if (!info->test && feature_names_have(info->provides, STR("payment")) &&
            site_feature_state(site, info->name) == FEATURE_ON)
            return true;
    }
    return false;
}

bool golive_look(struct arena *a, const struct site *site, struct golive_look *out)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(u, &SQL_golive_look, db_i64(a, site->tenant));
    *out = (struct golive_look){.ready = true};
    if (unit_run(u) != DB_OK)
        return false;
    const struct rows *rows = unit_rows(u, place);
    const struct value *legal = value_get(site->settings, KEY(legal));
    const struct value *pages = value_get(site->settings, KEY(pages));
    out->done[GOLIVE_legal] = value_get_str(legal, KEY(company)).len > 0 &&
                              value_get_str(legal, KEY(legal_address)).len > 0;
    out->done[GOLIVE_pages] =
        value_get_int(pages, KEY(notice), 0) > 0 && value_get_int(pages, KEY(privacy), 0) > 0;
    out->done[GOLIVE_payment] = has_payment(site);
    out->done[GOLIVE_offer] = rows_i64(rows, 0, KEY(own)) > 0;
    out->done[GOLIVE_look] = rows_bool(rows, 0, KEY(own_look));
    out->samples = rows_i64(rows, 0, KEY(samples));
    out->bookings = rows_i64(rows, 0, KEY(bookings));
    for (int i = 0; i < GOLIVE_CHECK_COUNT; i++)
        out->ready = out->ready && out->done[i];
    return true;
}

int golive_add_samples(struct unit *u, int count)
{
    struct arena *a = unit_arena(u);
    return unit_add(u, &SQL_golive_samples, db_i64(a, unit_tenant(u)), db_i64(a, count));
}

static void end_practice(struct unit *u)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, unit_tenant(u)), now = db_time(a, clock_now_us());
    unit_add(u, &SQL_golive_note_lines, tenant, now);
    unit_add(u, &SQL_golive_cancel_lines, tenant, now);
    unit_add(u, &SQL_golive_mark_orders, tenant);
    unit_add(u, &SQL_golive_free_slots, tenant);
    unit_add(u, &SQL_golive_free_places, tenant);
    unit_add(u, &SQL_golive_free_resources, tenant);
    unit_add(u, &SQL_golive_void_tickets, tenant);
    unit_add(u, &SQL_golive_drop_rules, tenant);
    unit_add(u, &SQL_golive_drop_slots, tenant);
    unit_add(u, &SQL_golive_drop_offers, tenant);
    unit_add(u, &SQL_golive_archive_offers, tenant);
}

static void drop_tests(struct unit *u)
{
    struct arena *a = unit_arena(u);
    struct str *names = arena_new_array(a, struct str, feature_info_count() + 1);
    size_t count = 0;
    for (size_t i = 0; i < feature_info_count(); i++)
        if (feature_info_at(i)->test)
            names[count++] = feature_info_at(i)->name;
    unit_add(u, &SQL_golive_drop_tests, db_i64(a, unit_tenant(u)), db_str_array(a, names, count),
        db_time(a, clock_now_us()));
}

static struct value *practice(struct arena *a, bool is)
{
    struct value *v = value_object(a);
    value_set_bool(a, v, KEY(practice), is);
    return v;
}

enum golive_result golive_go(
    struct arena *a, const struct site *site, const struct feature_actor *actor)
{
    struct golive_look look;
    if (!golive_look(a, site, &look))
        return GOLIVE_BUSY;
    if (!site->practice)
        return GOLIVE_ALREADY;
    if (!look.ready)
        return GOLIVE_NOT_READY;
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    struct str tenant = db_i64(a, site->tenant);
    unit_add(u, &SQL_golive_guard, tenant);
    unit_add(u, &SQL_golive_guard_offer, tenant);
    end_practice(u);
    drop_tests(u);
    unit_add(u, &SQL_golive_open, tenant);
    audit_add(u, &(struct audit){.actor_kind = actor->kind,
                     .actor_id = actor->id,
                     .actor_name = actor->name,
                     .action = STR("site.go_live"),
                     .object_kind = STR("site"),
                     .object_id = STR("practice"),
                     .before = practice(a, true),
                     .after = practice(a, false)});
    revision_touch(u);
    switch (unit_run(u)) {
    case DB_OK:
        return GOLIVE_DONE;
    case DB_REFUSED:
        return str_is(unit_refusal(u), "not_ready") ? GOLIVE_NOT_READY : GOLIVE_ALREADY;
    default:
        return GOLIVE_BUSY;
    }
}
