#include "web/office/orders/find.h"

#include "data/db.h"
#include "web/office/orders/orders.sql.h"

const char *const orders_states[] = {"confirmed", "reserved", "due", "cancelled", "no_show",
    "refunding", "left_over", ORDERS_PRACTICE, NULL};

// A number that names nothing rather than anything when it isn't one.
static struct str number_of(const struct value *fields, value_key key)
{
    int64_t n;
    struct str text = value_get_str(fields, key);
    if (!text.len)
        return STR_NULL;
    return str_to_i64(text, &n) && n > 0 ? text : STR("0");
}

static int64_t day_of(const struct site *site, const struct value *fields, value_key key, int more)
{
    struct date day;
    if (!date_parse(value_get_str(fields, key), &day))
        return 0;
    return zone_day_start(site->zone, date_add_days(day, more));
}

struct orders_filter orders_filter_of(
    struct arena *a, const struct site *site, const struct value *fields)
{
    struct str typed = value_get_str(fields, KEY(q)), state = value_get_str(fields, KEY(state));
    bool practice = str_is(state, ORDERS_PRACTICE);
    struct orders_filter f = {.state = state.len && !practice ? state : STR_NULL,
        .practice = practice,
        .offer = number_of(fields, KEY(offer)),
        .channel = number_of(fields, KEY(channel)),
        .slot = number_of(fields, KEY(slot)),
        .from_us = day_of(site, fields, KEY(from), 0),
        .to_us = day_of(site, fields, KEY(to), 1)};
    if (typed.len)
        f.words = search_query_of(a, typed);
    f.nothing = typed.len && !f.words.count;
    return f;
}

// The parameters that every one of the statements begins with.
struct common {
    struct str tenant, after, after_id, limit, from, until, practice;
};

static struct common common_of(struct arena *a, const struct site *site,
    const struct orders_filter *f, const struct orders_place *after, int limit)
{
    return (struct common){.tenant = db_i64(a, site->tenant),
        .after = after->placed_us ? db_time(a, after->placed_us) : STR("infinity"),
        .after_id = db_i64(a, after->placed_us ? after->order : INT64_MAX),
        .limit = db_i64(a, limit),
        .from = f->from_us ? db_time(a, f->from_us) : STR("-infinity"),
        .until = f->to_us ? db_time(a, f->to_us) : STR("infinity"),
        .practice = db_bool(f->practice)};
}

#define COMMON(c) (c).tenant, (c).after, (c).after_id, (c).limit, (c).from, (c).until, (c).practice

static int add_by_state(struct unit *u, struct common c, const struct orders_filter *f)
{
    if (str_is(f->state, "due"))
        return unit_add(u, &SQL_orders_due, COMMON(c));
    if (str_is(f->state, "cancelled"))
        return unit_add(u, &SQL_orders_cancelled, COMMON(c));
    if (str_is(f->state, "no_show"))
        return unit_add(u, &SQL_orders_no_show, COMMON(c));
    if (str_is(f->state, "refunding"))
        return unit_add(u, &SQL_orders_refunding, COMMON(c));
    if (str_is(f->state, "left_over"))
        return unit_add(u, &SQL_orders_left_over, COMMON(c));
    return unit_add(u, &SQL_orders_newest, COMMON(c), f->state);
}

static int add_best(struct unit *u, struct common c, const struct orders_filter *f)
{
    struct arena *a = unit_arena(u);
    size_t words = (size_t)f->words.count;
    if (f->words.count || f->slot.p)
        return unit_add(u, &SQL_orders_found, COMMON(c), f->state, f->channel, f->offer,
            db_str_array(a, f->words.from, words), db_str_array(a, f->words.until, words), f->slot);
    if (f->offer.p)
        return unit_add(u, &SQL_orders_of_offer, COMMON(c), f->state, f->channel, f->offer);
    if (f->channel.p)
        return unit_add(u, &SQL_orders_of_channel, COMMON(c), f->state, f->channel);
    return add_by_state(u, c, f);
}

int orders_find_add(struct unit *u, const struct site *site, const struct orders_filter *f,
    const struct orders_place *after, int limit)
{
    return f->nothing ? -1 : add_best(u, common_of(unit_arena(u), site, f, after, limit), f);
}

const struct rows *orders_find(struct arena *a, const struct site *site,
    const struct orders_filter *f, const struct orders_place *after, int limit)
{
    static const struct rows none;
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = orders_find_add(u, site, f, after, limit);
    if (place < 0)
        return &none;
    return unit_run(u) == DB_OK ? unit_rows(u, place) : NULL;
}
