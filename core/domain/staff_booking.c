#include "domain/staff_booking.h"

#include "base/check.h"
#include "base/clock.h"
#include "domain/staff_booking.sql.h"

const char *staff_obstacle_name(enum staff_obstacle obstacle)
{
    static const char *const names[] = {
        [STAFF_FREE] = NULL,
        [STAFF_CLOCK] = "clock",
        [STAFF_PAST] = "past",
        [STAFF_HOLIDAY] = "holiday",
        [STAFF_CLOSED] = "closed",
        [STAFF_HOURS] = "hours",
        [STAFF_EARLY] = "early",
        [STAFF_LATE] = "late",
        [STAFF_NO_TIME] = "no_time",
        [STAFF_BUSY] = "busy",
        [STAFF_FULL] = "full",
        [STAFF_TOO_FEW] = "too_few",
        [STAFF_TOO_MANY] = "too_many",
        [STAFF_NOT_SOLD] = "not_sold",
    };
    return names[obstacle];
}

// A look under way.
struct look {
    const struct site *site;
    const struct staff_ask *ask;
    const struct rows *offer;
    int64_t now_us, duration_us;
    bool exclusive;
};

static int64_t offer_number(const struct look *l, value_key column)
{
    return rows_i64(l->offer, 0, column);
}

// A closure of the whole venue, or of the resource that is asked for.
static bool is_closed(const struct look *l, struct staff_time *t)
{
    const struct opening *opening = l->site->opening;
    int64_t ends_us = t->starts_us + l->duration_us;
    const struct closure *c =
        opening ? opening_closure(opening, l->ask->resource, t->starts_us, ends_us) : NULL;
    if (!c)
        return false;
    t->obstacle = c->holiday ? STAFF_HOLIDAY : STAFF_CLOSED;
    t->reason = c->reason;
    return true;
}

static enum staff_obstacle without_slot(const struct look *l, const struct staff_time *t)
{
    const struct opening *opening = l->site->opening;
    bool open = !opening || opening_covers(opening, l->ask->resource, t->starts_us,
                                t->starts_us + l->duration_us);
    return open ? STAFF_NO_TIME : STAFF_HOURS;
}

// As the basket sees it: from the venue's midnight, so many days before.
static bool is_early(const struct look *l, struct staff_time *t)
{
    struct date first = date_add_days(
        zone_date(l->site->zone, t->starts_us), -(int32_t)offer_number(l, KEY(opens_days_before)));
    t->opens_us = zone_day_start(l->site->zone, first);
    return l->now_us < t->opens_us;
}

static enum staff_obstacle for_everybody(const struct look *l, struct staff_time *t)
{
    int64_t closes_us = t->starts_us - offer_number(l, KEY(closes_min_before)) * 60 * US_PER_SECOND;
    bool sold =
        str_is(rows_str(l->offer, 0, KEY(state)), "published") && rows_bool(l->offer, 0, KEY(sold));
    if (!sold)
        return STAFF_NOT_SOLD;
    if (l->ask->quantity < offer_number(l, KEY(min_per_order)))
        return STAFF_TOO_FEW;
    if (l->ask->quantity > offer_number(l, KEY(max_per_order)))
        return STAFF_TOO_MANY;
    if (t->starts_us <= l->now_us)
        return STAFF_PAST;
    if (is_closed(l, t))
        return t->obstacle;
    if (is_early(l, t))
        return STAFF_EARLY;
    return l->now_us >= closes_us ? STAFF_LATE : STAFF_FREE;
}

static enum staff_obstacle in_slot(const struct look *l, const struct rows *slots, int row)
{
    if (!str_is(rows_str(slots, row, KEY(state)), "open"))
        return STAFF_CLOSED;
    if (l->exclusive && rows_i64(slots, row, KEY(resources_free)) < l->ask->quantity)
        return STAFF_BUSY;
    return rows_i64(slots, row, KEY(places_left)) < l->ask->quantity ? STAFF_FULL : STAFF_FREE;
}

static void resolve(const struct look *l, struct staff_time *times, int64_t *starts_us)
{
    for (size_t i = 0; i < l->ask->count; i++) {
        struct zone_instant at = zone_instant(l->site->zone, l->ask->times[i]);
        times[i] = (struct staff_time){
            .obstacle = at.result == ZONE_GAP ? STAFF_CLOCK : STAFF_FREE,
            .starts_us = at.result == ZONE_GAP ? 0 : at.first_us,
            .twice = at.result == ZONE_AMBIGUOUS,
        };
        starts_us[i] = times[i].starts_us;
    }
}

static void judge(const struct look *l, const struct rows *slots, struct staff_time *times)
{
    int row = 0;
    for (size_t i = 0; i < l->ask->count; i++) {
        bool has_slot = row < slots->count && rows_i64(slots, row, KEY(number)) == (int64_t)i + 1;
        if (times[i].obstacle == STAFF_FREE)
            times[i].obstacle = for_everybody(l, &times[i]);
        if (times[i].obstacle == STAFF_FREE)
            times[i].obstacle = has_slot ? in_slot(l, slots, row) : without_slot(l, &times[i]);
        if (has_slot)
            times[i].slot = rows_i64(slots, row++, KEY(slot_id));
    }
}

enum order_result staff_booking_look(
    struct arena *a, const struct site *site, const struct staff_ask *ask, struct staff_time *times)
{
    struct look l = {.site = site, .ask = ask, .now_us = clock_now_us()};
    struct str tenant = db_i64(a, site->tenant), offer = db_i64(a, ask->offer);
    int64_t *starts_us = arena_new_array(a, int64_t, ask->count + 1);
    check(ask->count <= STAFF_BOOKING_TIMES_MAX);
    resolve(&l, times, starts_us);
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int offer_place = unit_add(
        u, &SQL_staff_booking_offer, tenant, offer, date_text(a, zone_date(site->zone, l.now_us)));
    int slots_place =
        unit_add(u, &SQL_staff_booking_slots, tenant, offer, db_i64_array(a, starts_us, ask->count),
            db_time(a, l.now_us), ask->resource ? db_i64(a, ask->resource) : STR_NULL,
            db_i64_array(a, ask->own, ask->own_count));
    enum order_result result = order_result_of(u, unit_run(u));
    if (result != ORDER_DONE)
        return result;
    l.offer = unit_rows(u, offer_place);
    if (!l.offer->count)
        return ORDER_NOT_FOUND;
    l.duration_us = offer_number(&l, KEY(duration_min)) * 60 * US_PER_SECOND;
    l.exclusive = rows_bool(l.offer, 0, KEY(exclusive));
    judge(&l, unit_rows(u, slots_place), times);
    return ORDER_DONE;
}

static struct str slug_of(const struct rows *parts, int64_t slot)
{
    for (int i = 0; i < parts->count; i++)
        if (rows_i64(parts, i, KEY(slot_id)) == slot)
            return rows_str(parts, i, KEY(slug));
    return STR_NULL;
}

static enum order_result read_parts(struct arena *a, const struct site *site,
    const struct staff_booking *b, const struct rows **rows)
{
    int64_t slots[ORDER_LINES_MAX];
    for (int i = 0; i < b->count; i++)
        slots[i] = b->parts[i].slot;
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(u, &SQL_staff_booking_parts, db_i64(a, site->tenant),
        db_i64_array(a, slots, (size_t)b->count));
    enum order_result result = order_result_of(u, unit_run(u));
    *rows = unit_rows(u, place);
    return result;
}

static struct order_outcome hold(
    struct arena *a, const struct site *site, const struct staff_booking *b, int *part)
{
    const struct rows *rows;
    struct order_outcome outcome = {.result = read_parts(a, site, b, &rows)};
    struct basket_owner owner = {
        .session = b->session, .language = b->contact.language, .customer = b->contact.customer};
    for (int i = 0; outcome.result == ORDER_DONE && i < b->count; i++) {
        const struct staff_part *p = &b->parts[i];
        struct basket_wish wish = {slug_of(rows, p->slot), p->slot, p->counts, p->resource};
        if (wish.offer.p && !rows_is_null(rows, 0, KEY(channel_id))) {
            owner.channel = rows_i64(rows, 0, KEY(channel_id));
            outcome = basket_add(a, site, &owner, &wish);
        } else {
            outcome.result = ORDER_NOT_ON_SALE;
        }
        *part = outcome.result == ORDER_DONE ? -1 : i;
    }
    return outcome;
}

struct order_outcome staff_booking_make(struct arena *a, const struct site *site,
    const struct staff_booking *b, struct order **placed, int *part)
{
    *part = -1;
    *placed = NULL;
    // Placing would be refused as well, but what is held for it would stay.
    if (site->state != SITE_OPEN)
        return (struct order_outcome){.result = ORDER_NOT_ON_SALE};
    if (b->count > ORDER_LINES_MAX)
        return (struct order_outcome){.result = ORDER_TOO_MANY};
    struct order_outcome outcome = hold(a, site, b, part);
    if (outcome.result != ORDER_DONE)
        return outcome;
    *placed = basket_find(a, site, b->session, &outcome.result);
    if (*placed)
        outcome = order_set_contact(a, site, *placed, &b->contact);
    if (outcome.result == ORDER_DONE)
        outcome = order_place_by(a, site, *placed, &b->placing);
    return outcome;
}
