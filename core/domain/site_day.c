#include "domain/site_day.h"

#include "base/clock.h"
#include "data/db.h"
#include "data/jobs.h"
#include "domain/customer_merge.h"
#include "domain/customer_merge.sql.h"
#include "domain/export.h"
#include "domain/ledger.h"
#include "domain/ledger_verify.h"
#include "domain/schedule.h"
#include "domain/site_day.sql.h"
#include "domain/site_export.h"
#include "io/fiber.h"

// A submit is repeated within minutes; a browser that restores its tabs may do it days later.
#define ANSWERS_KEPT_US (7 * US_PER_DAY)
// What was sent to endpoints, with its log.
#define EVENTS_KEPT_US (30 * US_PER_DAY)
// Long enough for a question about a payment that went wrong.
#define BASKETS_KEPT_US (30 * US_PER_DAY)

enum { BATCHES_MAX = 1000, SPREAD_S = 7200 };

// A few hours into the venue's next day, spread over the sites.
static bool add_next(struct arena *a, const struct site *site, int64_t now)
{
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    int64_t start = zone_day_start(site->zone, date_add_days(zone_date(site->zone, now), 1));
    int64_t later_s = (site->tenant >> 20) % SPREAD_S;
    job_add(u, STR("site.day"), value_object(a), start + later_s * US_PER_SECOND, STR("daily"));
    return unit_run(u) == DB_OK;
}

static bool clean(struct arena *a, const struct site *site, struct sql *sql, int64_t before_us)
{
    int64_t removed = 1;
    for (int i = 0; i < BATCHES_MAX && removed > 0; i++) {
        struct unit *u = unit_new(a, DB_WRITE, site->tenant);
        int place = unit_add(u, sql, db_i64(a, site->tenant), db_time(a, before_us));
        if (unit_run(u) != DB_OK)
            return false;
        removed = unit_rows(u, place)->affected;
    }
    return true;
}

// Plugins that keep something of a person with a basket do the same. False when the database
// refused; `*found` says how many there were.
static bool forget_batch(struct arena *a, const struct site *site, int64_t before_us, int *found)
{
    struct str tenant = db_i64(a, site->tenant);
    struct unit *read = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(read, &SQL_site_day_old_baskets, tenant, db_time(a, before_us));
    if (unit_run(read) != DB_OK)
        return false;
    const struct rows *old = unit_rows(read, place);
    int64_t *ids = arena_new_array(a, int64_t, (size_t)old->count + 1);
    struct value *data = value_object(a), *list = value_list(a);
    value_set(a, data, KEY(order_ids), list);
    for (int i = 0; i < old->count; i++) {
        ids[i] = rows_i64(old, i, KEY(order_id));
        value_append(a, list, value_str(a, str_of_i64(a, ids[i])));
    }
    *found = old->count;
    if (!old->count)
        return true;
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    struct str these = db_i64_array(a, ids, (size_t)old->count);
    unit_add(u, &SQL_site_day_forget_baskets, tenant, these);
    unit_add(u, &SQL_site_day_forget_mails, tenant, these);
    hook_notify(u, a, site, HOOK_baskets_forgotten, data);
    return unit_run(u) == DB_OK;
}

static bool forget_baskets(struct arena *a, const struct site *site, int64_t before_us)
{
    int found = 1;
    for (int i = 0; i < BATCHES_MAX && found; i++)
        if (!forget_batch(a, site, before_us, &found))
            return false;
    return true;
}

bool site_day_first(struct arena *a, const struct site *site, int64_t now_us)
{
    return schedule_extend(a, site, now_us) && add_next(a, site, now_us);
}

static bool begin_day(struct arena *a, const struct site *site, int64_t now)
{
    return add_next(a, site, now) && schedule_extend(a, site, now) &&
           clean(a, site, &SQL_site_day_clean_sessions, now) &&
           clean(a, site, &SQL_site_day_clean_answers, now - ANSWERS_KEPT_US) &&
           clean(a, site, &SQL_site_day_clean_exports, now - EXPORT_KEPT_DAYS * US_PER_DAY) &&
           clean(a, site, &SQL_site_day_clean_site_exports,
               now - SITE_EXPORT_KEPT_DAYS * US_PER_DAY) &&
           clean(a, site, &SQL_site_day_clean_events, now - EVENTS_KEPT_US) &&
           clean(a, site, &SQL_site_day_clean_replays, now - ANSWERS_KEPT_US) &&
           clean(a, site, &SQL_customer_merge_forget, now - CUSTOMER_UNDO_US) &&
           forget_baskets(a, site, now - BASKETS_KEPT_US) && ledger_expire(a, site->tenant, now) &&
           ledger_verify_later(a, site->tenant, now);
}

static enum job_result run(struct job *job)
{
    struct site *site;
    enum site_result found = site_acquire_by_tenant(job->tenant, &site);
    if (found != SITE_FOUND)
        return found == SITE_UNKNOWN ? JOB_DONE : JOB_RETRY;
    bool ok = begin_day(fiber_arena(), site, clock_now_us());
    site_release(site);
    return ok ? JOB_DONE : JOB_RETRY;
}

void site_day_start(void)
{
    job_handler("site.day", run);
}
