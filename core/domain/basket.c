#include "domain/basket.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/id.h"
#include "domain/basket.sql.h"
#include "domain/basket_save.h"
#include "domain/price.h"

static struct order_outcome outcome(enum order_result result)
{
    return (struct order_outcome){.result = result};
}

bool basket_is_expired(const struct order *o, int64_t now_us)
{
    return o->hold_until_us <= now_us;
}

struct order *basket_find(
    struct arena *a, const struct site *site, int64_t session, enum order_result *result)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    struct order_places places = order_add_by_session(u, session);
    *result = order_result_of(u, unit_run(u));
    if (*result != ORDER_DONE)
        return NULL;
    struct order *o = order_take(a, u, places);
    if (!o)
        *result = ORDER_NOT_FOUND;
    return o;
}

// What the slot says of itself, read with the basket in one flush.
struct slot_facts {
    const struct rows *slot, *rates;
    int64_t starts_us, min, max;
    int64_t resource; // that is wished for; 0: any
};

// From the venue's midnight, so many days before, as its calendar shows.
static bool is_on_sale(
    const struct site *site, const struct slot_facts *f, struct str offer, int64_t now)
{
    int64_t closes =
        f->starts_us - rows_i64(f->slot, 0, KEY(closes_min_before)) * 60 * US_PER_SECOND;
    struct date first = date_add_days(
        zone_date(site->zone, f->starts_us), -rows_i64(f->slot, 0, KEY(opens_days_before)));
    return str_eq(rows_str(f->slot, 0, KEY(slug)), offer) &&
           str_is(rows_str(f->slot, 0, KEY(state)), "open") &&
           str_is(rows_str(f->slot, 0, KEY(offer_state)), "published") && now < closes &&
           now >= zone_day_start(site->zone, first);
}

static int rate_row(struct arena *a, const struct slot_facts *f, struct str code)
{
    struct value *only = rows_json(a, f->slot, 0, KEY(rate_codes));
    bool allowed = !value_is(only, VALUE_LIST);
    for (size_t i = 0; i < value_count(only); i++)
        allowed |= str_eq(value_as_str(value_at(only, i)), code);
    for (int row = 0; allowed && row < f->rates->count; row++)
        if (str_eq(rows_str(f->rates, row, KEY(code)), code))
            return row;
    return -1;
}

static struct order_line *line_for(struct order *o, int64_t slot, int64_t rate)
{
    for (int i = 0; i < o->count; i++)
        if (o->lines[i].slot == slot && o->lines[i].rate == rate)
            return &o->lines[i];
    return NULL;
}

static struct order_line *new_line(
    struct arena *a, const struct site *site, struct order *o, const struct slot_facts *f, int row)
{
    const struct rows *s = f->slot;
    struct order_line *l = &o->lines[o->count++];
    *l = (struct order_line){
        .id = id_number(),
        .offer = rows_i64(s, 0, KEY(offer_id)),
        .slot = rows_i64(s, 0, KEY(slot_id)),
        .rate = rows_i64(f->rates, row, KEY(rate_id)),
        .state = LINE_held,
        .offer_slug = rows_str(s, 0, KEY(slug)),
        .title = site_text_in(site, rows_json(a, s, 0, KEY(title)), o->language),
        .rate_code = rows_str(f->rates, row, KEY(code)),
        .rate_name = site_text_in(site, rows_json(a, f->rates, row, KEY(name)), o->language),
        .starts_us = f->starts_us,
        .ends_us = rows_us(s, 0, KEY(ends_at)),
        .unit_minor = rows_i64(f->rates, row, KEY(price_minor)),
        .tax_ppm = rows_i64(s, 0, KEY(rate_ppm)),
        .tax_included = rows_bool(s, 0, KEY(included)),
        .exclusive = rows_bool(s, 0, KEY(exclusive)),
        .numbered = rows_bool(s, 0, KEY(numbered)),
        .is_new = true,
        .wanted = true,
    };
    return l;
}

static enum order_result apply_wish(struct arena *a, const struct site *site, struct order *o,
    const struct slot_facts *f, const struct value *wish)
{
    int64_t count = value_get_int(wish, KEY(count), 0);
    int row = rate_row(a, f, value_get_str(wish, KEY(key)));
    if (row < 0)
        return ORDER_NOT_ON_SALE;
    struct order_line *l =
        line_for(o, rows_i64(f->slot, 0, KEY(slot_id)), rows_i64(f->rates, row, KEY(rate_id)));
    if (!l && o->count >= ORDER_LINES_MAX)
        return ORDER_TOO_MANY;
    if (!l)
        l = new_line(a, site, o, f, row);
    l->quantity = count;
    l->resource = f->resource;
    l->wanted = true;
    return ORDER_DONE;
}

// The offer's limits hold for all rates of a slot together.
static enum order_result check_count(const struct order *o, int64_t slot, int64_t min, int64_t max)
{
    int64_t count = 0;
    for (int i = 0; i < o->count; i++)
        if (o->lines[i].slot == slot && o->lines[i].wanted)
            count += o->lines[i].quantity;
    return count > max ? ORDER_TOO_MANY : count && count < min ? ORDER_TOO_FEW : ORDER_DONE;
}

static enum order_result apply_wishes(struct arena *a, const struct site *site, struct order *o,
    const struct slot_facts *f, const struct value *wishes)
{
    int applied = 0;
    for (size_t i = 0; i < value_count(wishes); i++) {
        const struct value *wish = value_at(wishes, i);
        if (value_get_int(wish, KEY(count), 0) <= 0)
            continue;
        enum order_result result = apply_wish(a, site, o, f, wish);
        if (result != ORDER_DONE)
            return result;
        applied++;
    }
    return applied ? check_count(o, rows_i64(f->slot, 0, KEY(slot_id)), f->min, f->max)
                   : ORDER_EMPTY;
}

static int64_t channel_of(const struct site *site, const struct basket_owner *owner)
{
    return owner->channel ? owner->channel : site->web_channel;
}

static struct order *new_order(
    struct arena *a, const struct site *site, const struct basket_owner *owner)
{
    struct order *o = arena_new_object(a, struct order);
    *o = (struct order){
        .id = id_number(),
        .session = owner->session,
        .channel = channel_of(site, owner),
        .customer = owner->customer,
        .language = owner->language,
        .code = id_code(a),
        .lines = arena_new_array(a, struct order_line, ORDER_LINES_MAX * 2),
    };
    return o;
}

// What is asked of a basket; each change reads the members it needs.
struct ask {
    struct arena *arena;
    const struct site *site;
    int64_t session;
    int64_t line, quantity;
    struct str plugin;
    struct value *data;
};

// A lost race costs one and says that another change of the basket was made, so a dozen tabs at the
// same moment all come through; each wait for a lock is a second, or a deadlock, and costs four.
enum { PATIENCE = 12, BUSY_COST = 4 };

// Another tab or a buyer who took over was faster, or two met in a deadlock: what was asked for is
// done again on the basket as it is now.
static bool is_worth_another_try(enum order_result result, int *patience)
{
    *patience -= result == ORDER_BUSY ? BUSY_COST : 1;
    return *patience > 0 &&
           (result == ORDER_CHANGED || result == ORDER_EXPIRED || result == ORDER_BUSY);
}

static struct order_outcome change(
    const struct ask *ask, struct order_outcome (*make)(const struct ask *ask, struct order *o))
{
    struct order_outcome last = {0};
    int patience = PATIENCE;
    do {
        struct order *o = basket_find(ask->arena, ask->site, ask->session, &last.result);
        if (o)
            last = make(ask, o);
    } while (is_worth_another_try(last.result, &patience));
    return last;
}

// A stranger is taken to have no basket yet, which spares reading it; one that was begun meanwhile
// refuses the new one, and the next try reads it.
static struct order_outcome add_once(struct arena *a, const struct site *site,
    const struct basket_owner *owner, const struct basket_wish *wish, bool stranger)
{
    int64_t now = clock_now_us();
    struct str tenant = db_i64(a, site->tenant), number = db_i64(a, wish->slot);
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    struct order_places places = {0};
    if (!stranger)
        places = order_add_by_session(u, owner->session);
    int slot_place = unit_add(u, &SQL_basket_slot, tenant, number);
    int rates_place = unit_add(u, &SQL_basket_rates, tenant, number);
    int profile_place = unit_add(u, &SQL_basket_profile, tenant, db_i64(a, channel_of(site, owner)),
        number, date_text(a, zone_date(site->zone, now)));
    enum order_result result = order_result_of(u, unit_run(u));
    if (result != ORDER_DONE)
        return outcome(result);
    struct slot_facts f = {
        unit_rows(u, slot_place), unit_rows(u, rates_place), 0, 0, 0, wish->resource};
    if (!f.slot->count || !rows_i64(unit_rows(u, profile_place), 0, KEY(allowed)))
        return outcome(ORDER_NOT_ON_SALE);
    f.starts_us = rows_us(f.slot, 0, KEY(starts_at));
    f.min = rows_i64(f.slot, 0, KEY(min_per_order));
    f.max = rows_i64(f.slot, 0, KEY(max_per_order));
    if (!is_on_sale(site, &f, wish->offer, now))
        return outcome(ORDER_NOT_ON_SALE);
    struct order *o = stranger ? NULL : order_take(a, u, places);
    struct basket_change made = {.order = o ? o : new_order(a, site, owner),
        .is_new = !o,
        .session_hash = owner->session_insert_hash};
    result = apply_wishes(a, site, made.order, &f, wish->counts);
    return result == ORDER_DONE ? basket_save(a, site, &made) : outcome(result);
}

struct order_outcome basket_add(struct arena *a, const struct site *site,
    const struct basket_owner *owner, const struct basket_wish *wish)
{
    struct order_outcome last = {0};
    int patience = PATIENCE;
    bool stranger = owner->session_insert_hash.p;
    do {
        last = add_once(a, site, owner, wish, stranger);
        stranger = false;
    } while (is_worth_another_try(last.result, &patience));
    return last;
}

static struct order_line *line_of(struct order *o, int64_t id)
{
    for (int i = 0; i < o->count; i++)
        if (o->lines[i].id == id)
            return &o->lines[i];
    return NULL;
}

static struct order_outcome set_quantity(const struct ask *ask, struct order *o)
{
    struct order_line *l = line_of(o, ask->line);
    if (!l)
        return outcome(ORDER_NOT_FOUND);
    if (ask->quantity > l->stored_quantity && l->sale != LINE_ON_SALE)
        return outcome(ORDER_NOT_ON_SALE);
    l->quantity = ask->quantity;
    l->wanted = ask->quantity > 0;
    enum order_result result = check_count(o, l->slot, l->min, l->max);
    if (result != ORDER_DONE)
        return outcome(result);
    return basket_save(ask->arena, ask->site, &(struct basket_change){.order = o});
}

struct order_outcome basket_set_quantity(
    struct arena *a, const struct site *site, int64_t session, int64_t line, int64_t quantity)
{
    struct ask ask = {
        .arena = a, .site = site, .session = session, .line = line, .quantity = quantity};
    return change(&ask, set_quantity);
}

bool basket_can_extend(const struct order *o)
{
    return !o->hold_extended && o->hold_until_us < o->hold_started_us + BASKET_HOLD_MAX_US;
}

// Every line whose places can still be sold, or just one of those that were lost.
static struct order_outcome renew_lines(const struct ask *ask, struct order *o, int64_t only)
{
    for (int i = 0; i < o->count; i++) {
        struct order_line *l = &o->lines[i];
        if (!l->wanted && (!only || l->id == only))
            l->wanted = l->sale == LINE_ON_SALE;
    }
    return basket_save(ask->arena, ask->site, &(struct basket_change){.order = o});
}

static struct order_outcome renew_all(const struct ask *ask, struct order *o)
{
    if (!order_has_lost(o) && !basket_is_expired(o, clock_now_us()))
        return outcome(ORDER_DONE);
    struct order_outcome renewed = renew_lines(ask, o, 0);
    return renewed.result == ORDER_DONE && order_has_lost(o) ? outcome(ORDER_SOLD_OUT) : renewed;
}

static struct order_outcome renew_one(const struct ask *ask, struct order *o)
{
    // The number of no line: those that aren't lost are held on.
    return renew_lines(ask, o, ask->line ? ask->line : -1);
}

// All together, which is one unit; when that can't be, one after the other.
static struct order_outcome renew(const struct ask *ask, struct order *o)
{
    struct ask each = *ask;
    struct order_outcome all = renew_all(ask, o);
    if (all.result != ORDER_SOLD_OUT && all.result != ORDER_REFUSED)
        return all;
    struct order_outcome rest = change(&each, renew_one);
    for (int i = 0; i < o->count; i++) {
        if (o->lines[i].stored_quantity || o->lines[i].sale != LINE_ON_SALE)
            continue;
        each.line = o->lines[i].id;
        rest = change(&each, renew_one);
        if (rest.result != ORDER_DONE && rest.result != ORDER_SOLD_OUT &&
            rest.result != ORDER_REFUSED)
            return rest;
    }
    return all;
}

struct order_outcome basket_renew(struct arena *a, const struct site *site, int64_t session)
{
    struct ask ask = {.arena = a, .site = site, .session = session};
    return change(&ask, renew);
}

static struct order_outcome extend(const struct ask *ask, struct order *o)
{
    if (basket_is_expired(o, clock_now_us()))
        return renew(ask, o);
    if (!basket_can_extend(o))
        return outcome(ORDER_ALREADY);
    return basket_save(ask->arena, ask->site, &(struct basket_change){.order = o, .extends = true});
}

struct order_outcome basket_extend(struct arena *a, const struct site *site, int64_t session)
{
    struct ask ask = {.arena = a, .site = site, .session = session};
    return change(&ask, extend);
}

static struct order_outcome set_data(const struct ask *ask, struct order *o)
{
    if (!value_is(o->plugin_data, VALUE_OBJECT))
        o->plugin_data = value_object(ask->arena);
    value_set(ask->arena, o->plugin_data, value_key_intern(ask->plugin), ask->data);
    return basket_save(
        ask->arena, ask->site, &(struct basket_change){.order = o, .keeps_hold = true});
}

struct order_outcome basket_set_data(struct arena *a, const struct site *site, int64_t session,
    struct str plugin, struct value *data)
{
    struct ask ask = {.arena = a, .site = site, .session = session, .plugin = plugin, .data = data};
    return change(&ask, set_data);
}

static struct order_outcome reprice(const struct ask *ask, struct order *o)
{
    if (price_holds(ask->arena, ask->site, o))
        return outcome(ORDER_DONE);
    return basket_save(
        ask->arena, ask->site, &(struct basket_change){.order = o, .keeps_hold = true});
}

struct order_outcome basket_reprice(struct arena *a, const struct site *site, int64_t session)
{
    struct ask ask = {.arena = a, .site = site, .session = session};
    return change(&ask, reprice);
}
