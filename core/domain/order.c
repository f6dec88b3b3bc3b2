#include "domain/order.h"

#include "base/check.h"
#include "base/clock.h"
#include "data/seal.h"
#include "domain/order.sql.h"

// One of the three names it; the others are absent.
static struct order_places add(struct unit *u, struct str id, struct str code, struct str session)
{
    struct str tenant = db_i64(unit_arena(u), unit_tenant(u));
    struct order_places places = {
        .order = unit_add(u, &SQL_order_read, tenant, id, code, session),
        .lines = unit_add(u, &SQL_order_read_lines, tenant, id, code, session),
    };
    return places;
}

struct order_places order_add_by_session(struct unit *u, int64_t session)
{
    return add(u, STR_NULL, STR_NULL, db_i64(unit_arena(u), session));
}

struct order_places order_add_by_code(struct unit *u, struct str code)
{
    return add(u, STR_NULL, code, STR_NULL);
}

static struct order_places order_add_by_id(struct unit *u, int64_t id)
{
    return add(u, db_i64(unit_arena(u), id), STR_NULL, STR_NULL);
}

static enum line_sale sale_of(const struct rows *r, int row, int64_t starts_us, int64_t now)
{
    int64_t closes = starts_us - rows_i64(r, row, KEY(closes_min_before)) * 60 * US_PER_SECOND;
    if (now >= starts_us)
        return LINE_GONE;
    return str_is(rows_str(r, row, KEY(slot_state)), "open") &&
                   str_is(rows_str(r, row, KEY(offer_state)), "published") && now < closes
               ? LINE_ON_SALE
               : LINE_CLOSED;
}

// A hold outlasts the end of the sale, but not its slot.
static bool can_go_on(const struct rows *r, int row, const struct order_line *l, int64_t now)
{
    return str_is(rows_str(r, row, KEY(slot_state)), "open") && now < l->ends_us;
}

static void take_line(
    struct arena *a, struct order_line *l, const struct order *o, const struct rows *r, int row)
{
    *l = (struct order_line){
        .id = rows_i64(r, row, KEY(line_id)),
        .offer = rows_i64(r, row, KEY(offer_id)),
        .slot = rows_i64(r, row, KEY(slot_id)),
        .rate = rows_i64(r, row, KEY(rate_id)),
        .state = line_state_of(rows_str(r, row, KEY(state))),
        .offer_slug = rows_str(r, row, KEY(slug)),
        .title = rows_str(r, row, KEY(title)),
        .rate_code = rows_str(r, row, KEY(rate_code)),
        .rate_name = rows_str(r, row, KEY(rate_name)),
        .image = rows_str(r, row, KEY(image)),
        .starts_us = rows_us(r, row, KEY(starts_at)),
        .ends_us = rows_us(r, row, KEY(ends_at)),
        .sequence = rows_i64(r, row, KEY(sequence)),
        .moved_from_us = rows_i64_or(r, row, KEY(moved_from), 0),
        .hold_until_us = rows_i64_or(r, row, KEY(hold_until), 0),
        .quantity = rows_i64(r, row, KEY(quantity)),
        .min = rows_i64(r, row, KEY(min_per_order)),
        .max = rows_i64(r, row, KEY(max_per_order)),
        .unit_minor = rows_i64(r, row, KEY(unit_minor)),
        .discounts = rows_json(a, r, row, KEY(discounts)),
        .tax_ppm = rows_i64(r, row, KEY(tax_ppm)),
        .tax_minor = rows_i64(r, row, KEY(tax_minor)),
        .total_minor = rows_i64(r, row, KEY(total_minor)),
        .tax_included = rows_bool(r, row, KEY(tax_included)),
        .exclusive = rows_bool(r, row, KEY(exclusive)),
        .numbered = rows_bool(r, row, KEY(numbered)),
        .tax_name = value_get_str(rows_json(a, r, row, KEY(tax_name)), value_key_find(o->language)),
        .returned_minor = rows_i64(r, row, KEY(returned_minor)),
        .cancelled_us = rows_i64_or(r, row, KEY(cancelled_at), 0),
        .no_show_us = rows_i64_or(r, row, KEY(no_show_at), 0),
    };
    struct str places = rows_str(r, row, KEY(places));
    l->place = places.p ? places : rows_str(r, row, KEY(resources));
    int64_t now = clock_now_us();
    l->sale = sale_of(r, row, l->starts_us, now);
    l->slot_cancelled = str_is(rows_str(r, row, KEY(slot_state)), "cancelled");
    l->slot_left = rows_i64(r, row, KEY(slot_left));
    l->wanted = line_takes_capacity(l->state);
    l->stored_quantity = l->wanted ? l->quantity : 0;
    if (l->state == LINE_held && !can_go_on(r, row, l, now))
        l->wanted = false;
}

struct order *order_take(struct arena *a, struct unit *u, struct order_places places)
{
    const struct rows *r = unit_rows(u, places.order), *lines = unit_rows(u, places.lines);
    if (!r->count)
        return NULL;
    struct order *o = arena_new_object(a, struct order);
    *o = (struct order){
        .id = rows_i64(r, 0, KEY(order_id)),
        .session = rows_i64_or(r, 0, KEY(session_id), 0),
        .customer = rows_i64_or(r, 0, KEY(customer_id), 0),
        .channel = rows_i64(r, 0, KEY(channel_id)),
        .version = rows_i64(r, 0, KEY(version)),
        .code = rows_str(r, 0, KEY(code)),
        .language = rows_str(r, 0, KEY(language)),
        .created_us = rows_us(r, 0, KEY(created_at)),
        .placed_us = rows_i64_or(r, 0, KEY(placed_at), 0),
        .hold_started_us = rows_us(r, 0, KEY(hold_started_at)),
        .hold_until_us = rows_us(r, 0, KEY(hold_until)),
        .hold_extended = rows_bool(r, 0, KEY(hold_extended)),
        .name = rows_str(r, 0, KEY(name)),
        .email = rows_str(r, 0, KEY(email)),
        .phone = rows_str(r, 0, KEY(phone)),
        .plugin_data = rows_json(a, r, 0, KEY(plugin_data)),
        .total_minor = rows_i64(r, 0, KEY(total_minor)),
        .tax_minor = rows_i64(r, 0, KEY(tax_minor)),
        .due_minor = rows_i64(r, 0, KEY(due_minor)),
        .returned_minor = rows_i64(r, 0, KEY(returned_minor)),
    };
    // Room for what a change adds.
    o->lines = arena_new_array(a, struct order_line, ORDER_LINES_MAX * 2);
    for (int i = 0; i < lines->count && o->count < ORDER_LINES_MAX; i++)
        take_line(a, &o->lines[o->count++], o, lines, i);
    return o;
}

struct order *order_find(
    struct arena *a, const struct site *site, int64_t id, enum order_result *result)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    struct order_places places = order_add_by_id(u, id);
    *result = order_result_of(u, unit_run(u));
    if (*result != ORDER_DONE)
        return NULL;
    struct order *o = order_take(a, u, places);
    if (!o)
        *result = ORDER_NOT_FOUND;
    return o;
}

bool order_has_lost(const struct order *o)
{
    for (int i = 0; i < o->count; i++)
        if (!o->lines[i].wanted)
            return true;
    return false;
}

// What guards say. A code that isn't here comes from a plugin's own guard.
static const struct {
    const char *code;
    enum order_result result;
} guards[] = {
    {"sold_out", ORDER_SOLD_OUT},
    {"not_on_sale", ORDER_NOT_ON_SALE},
    {"site_closed", ORDER_NOT_ON_SALE},
    {"expired", ORDER_EXPIRED},
    {"changed", ORDER_CHANGED},
    {"already", ORDER_ALREADY},
    {"too_much", ORDER_TOO_MUCH},
};

enum order_result order_result_of(struct unit *u, enum db_result result)
{
    switch (result) {
    case DB_OK:
        return ORDER_DONE;
    case DB_REFUSED:
        for (size_t i = 0; i < sizeof guards / sizeof *guards; i++)
            if (str_is(unit_refusal(u), guards[i].code))
                return guards[i].result;
        return ORDER_REFUSED;
    case DB_CONFLICT:
    case DB_BUSY:
        return ORDER_BUSY;
    case DB_DOWN:
    case DB_FAILED:
        return ORDER_UNAVAILABLE;
    }
    unreachable();
}

static struct str token_message(struct arena *a, const struct site *site, int64_t order)
{
    return str_format(a, "%lld/%lld", (long long)site->tenant, (long long)order);
}

struct str order_token(struct arena *a, const struct site *site, int64_t order)
{
    return seal_sign(a, STR("order"), token_message(a, site, order));
}

bool order_token_fits(const struct site *site, int64_t order, struct str token)
{
    struct arena *a = arena_new();
    bool fits = seal_verify(STR("order"), token_message(a, site, order), token);
    arena_free(a);
    return fits;
}

static struct value *line_value(struct arena *a, const struct order_line *l)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(id), str_of_i64(a, l->id));
    value_set_str(a, v, KEY(offer), l->offer_slug);
    value_set_str(a, v, KEY(slot), str_of_i64(a, l->slot));
    value_set_str(a, v, KEY(rate), l->rate_code);
    value_set_str(a, v, KEY(state), line_state_name(l->state));
    value_set_str(a, v, KEY(title), l->title);
    value_set_int(a, v, KEY(starts_us), l->starts_us);
    value_set_int(a, v, KEY(ends_us), l->ends_us);
    value_set_int(a, v, KEY(quantity), l->quantity);
    value_set_int(a, v, KEY(unit_minor), l->unit_minor);
    value_set_str(a, v, KEY(rate_name), l->rate_name);
    value_set(a, v, KEY(discounts), l->discounts ? value_copy(a, l->discounts) : value_list(a));
    return v;
}

struct value *order_value(struct arena *a, const struct site *site, const struct order *o)
{
    struct value *v = value_object(a), *order = value_object(a), *lines = value_list(a);
    value_set(a, v, KEY(order), order);
    value_set(a, v, KEY(lines), lines);
    value_set_str(a, order, KEY(id), str_of_i64(a, o->id));
    value_set_str(a, order, KEY(code), o->code);
    value_set_str(a, order, KEY(language), o->language);
    value_set_str(a, order, KEY(currency), str_of(site->currency.code));
    value_set_str(a, order, KEY(name), o->name);
    value_set_str(a, order, KEY(email), o->email);
    value_set_int(a, order, KEY(total_minor), o->total_minor);
    value_set_int(a, order, KEY(version), o->version);
    value_set_int(a, order, KEY(placed_us), o->placed_us);
    value_set_str(a, order, KEY(customer_id), o->customer ? str_of_i64(a, o->customer) : STR_NULL);
    // The channel sells to customers who log in only, and this one didn't.
    value_set_bool(a, order, KEY(login_missing),
        site->login == SITE_LOGIN_REQUIRED && o->channel == site->web_channel && !o->customer);
    value_set(a, order, KEY(data), o->plugin_data);
    for (int i = 0; i < o->count; i++)
        if (o->lines[i].wanted)
            value_append(a, lines, line_value(a, &o->lines[i]));
    return v;
}
