#include "domain/offer_follow.h"

#include "base/clock.h"
#include "domain/offer.sql.h"

static int64_t resource_of_code(const struct schedule_facts *f, struct str code)
{
    for (int i = 0; i < f->names->count; i++)
        if (str_eq(rows_str(f->names, i, KEY(code)), code))
            return rows_i64(f->names, i, KEY(resource_id));
    return 0;
}

static bool set_resources(
    struct arena *a, struct schedule_facts *f, int64_t offer, const struct value *codes)
{
    for (int i = 0; i < f->offer_count; i++) {
        struct schedule_offer *o = &f->offers[i];
        if (o->id != offer)
            continue;
        o->resources = arena_new_array(a, int64_t, value_count(codes) + 1);
        o->resource_count = 0;
        for (size_t k = 0; k < value_count(codes); k++) {
            int64_t id = resource_of_code(f, value_as_str(value_at(codes, k)));
            if (id)
                o->resources[o->resource_count++] = id;
        }
        return true;
    }
    return false;
}

bool offer_follow_read(struct arena *a, const struct site *site, const struct offer *offer,
    const struct value *doc, struct offer_follow *follow)
{
    const struct value *codes = value_get(doc, KEY(resources));
    bool shared = !value_get_bool(offer->doc, KEY(exclusive), false) &&
                  !value_get_bool(doc, KEY(exclusive), false);
    follow->facts = NULL;
    if (!shared || value_equal(value_get(offer->doc, KEY(resources)), codes))
        return true;
    struct schedule_facts *f = schedule_read_with(a, site, offer->id, clock_now_us(), codes);
    if (!f)
        return false;
    struct schedule_plan *before = schedule_plan(a, f);
    // What was put away has no times.
    if (before->too_many || !set_resources(a, f, offer->id, codes))
        return true;
    f->takes_anew = true;
    follow->facts = f;
    follow->plan = schedule_plan(a, f);
    schedule_plan_news(follow->plan, before, 0);
    return true;
}

bool offer_follow_asks(const struct offer_follow *follow)
{
    return follow->facts && !follow->agreed &&
           (follow->plan->kept_count || schedule_missing_count(follow->plan, SCHEDULE_IN_USE));
}

void offer_follow_guard(struct unit *u, const struct offer_follow *follow)
{
    if (follow->facts)
        schedule_add_guard(u, follow->facts);
}

void offer_follow_add(struct unit *u, const struct offer_follow *follow)
{
    const struct schedule_facts *f = follow->facts;
    if (!f)
        return;
    struct arena *a = unit_arena(u);
    unit_add(u, &SQL_offer_release_resources, db_i64(a, unit_tenant(u)), db_i64(a, f->offers[0].id),
        db_time(a, f->now_us));
    schedule_add_plan(u, f, follow->plan);
}
