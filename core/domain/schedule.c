#include "domain/schedule.h"

#include "base/check.h"
#include "data/db.h"
#include "domain/schedule.sql.h"

enum { SLOTS_PER_OFFER_MAX = 20000 };

// The starts of one offer's slots, and the rule each comes from.
struct starts {
    struct str *at;
    int64_t *rule;
    size_t count;
};

// Weeks start on Monday; week 0 holds 1 January 1970, a Thursday.
static int64_t week_of(struct date d)
{
    int64_t days = date_to_days(d) + 3;
    return days >= 0 ? days / 7 : (days - 6) / 7;
}

static bool rule_applies(const struct rows *r, int row, const struct value *days, struct date d)
{
    struct date from, to;
    if (date_parse(rows_str(r, row, KEY(from_date)), &from) && date_cmp(d, from) < 0)
        return false;
    if (date_parse(rows_str(r, row, KEY(to_date)), &to) && date_cmp(d, to) > 0)
        return false;
    int64_t every = rows_i64(r, row, KEY(every_weeks));
    if (week_of(d) % every != rows_i64(r, row, KEY(week)))
        return false;
    for (size_t i = 0; i < value_count(days); i++)
        if (value_at(days, i)->integer == date_weekday(d))
            return true;
    return false;
}

struct window {
    const struct zone *zone;
    struct date first;
    int64_t now_us;
};

static void add_rule(
    struct arena *a, const struct window *w, const struct rows *r, int row, struct starts *starts)
{
    struct value *days = rows_json(a, r, row, KEY(days));
    struct value *minutes = rows_json(a, r, row, KEY(minutes));
    int64_t ahead = rows_i64(r, row, KEY(opens_days_before));
    if (ahead < SCHEDULE_DAYS_AHEAD)
        ahead = SCHEDULE_DAYS_AHEAD;
    for (int i = 0; i <= ahead; i++) {
        struct date d = date_add_days(w->first, i);
        if (!rule_applies(r, row, days, d))
            continue;
        for (size_t m = 0; m < value_count(minutes); m++) {
            struct local_time local = {d, (int32_t)value_at(minutes, m)->integer * 60};
            struct zone_instant at = zone_instant(w->zone, local);
            if (at.result == ZONE_GAP || at.first_us < w->now_us ||
                starts->count == SLOTS_PER_OFFER_MAX)
                continue;
            starts->at[starts->count] = db_time(a, at.first_us);
            starts->rule[starts->count++] = rows_i64(r, row, KEY(rule_id));
        }
    }
}

static bool write_offer(struct arena *a, const struct site *site, int64_t offer,
    const struct starts *starts, int64_t now)
{
    if (!starts->count)
        return true;
    struct tx *tx = tx_begin(a, site->tenant);
    if (!tx)
        return false;
    struct str tenant = db_i64(a, site->tenant), id = db_i64(a, offer);
    bool ok =
        tx_exec(tx, &SQL_schedule_insert_slots, NULL, tenant, id,
            db_str_array(a, starts->at, starts->count),
            db_i64_array(a, starts->rule, starts->count)) == DB_OK &&
        tx_exec(tx, &SQL_schedule_insert_allocations, NULL, tenant, id, db_time(a, now)) == DB_OK;
    if (!ok) {
        tx_rollback(tx);
        return false;
    }
    return tx_commit(tx) == DB_OK;
}

static bool write_slots(struct arena *a, const struct site *site, const struct rows *r, int64_t now)
{
    struct window w = {site->zone, zone_date(site->zone, now), now};
    struct starts starts = {arena_new_array(a, struct str, SLOTS_PER_OFFER_MAX),
        arena_new_array(a, int64_t, SLOTS_PER_OFFER_MAX), 0};
    for (int row = 0; row < r->count; row++) {
        int64_t offer = rows_i64(r, row, KEY(offer_id));
        add_rule(a, &w, r, row, &starts);
        bool last = row + 1 == r->count || rows_i64(r, row + 1, KEY(offer_id)) != offer;
        if (!last)
            continue;
        if (!write_offer(a, site, offer, &starts, now))
            return false;
        starts.count = 0;
    }
    return true;
}

bool schedule_extend(struct arena *a, const struct site *site, int64_t now)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(u, &SQL_schedule_rules, db_i64(a, site->tenant));
    return unit_run(u) == DB_OK && write_slots(a, site, unit_rows(u, place), now);
}
