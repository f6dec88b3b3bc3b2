// The booking panel's times and the chosen one, as the template and JSON have them.
#include "domain/basket.h"
#include "http/form.h"
#include "web/storefront/booking.h"
#include "web/storefront/card.h"
#include "web/storefront/common.h"
#include "web/storefront/when.h"

static struct str slot_url(
    struct request *r, const struct booking *b, const struct catalogue_slot *slot)
{
    struct arena *a = r->arena;
    struct date day = zone_date(b->who.site->zone, slot->starts_us);
    return str_join(a, booking_date_url(r, b, "date", day), STR("&slot="), str_of_i64(a, slot->id),
        STR("#choose"), STR_NULL);
}

// The lowest price among the slot's rates, -1 for none, and whether others cost more.
static int64_t lowest_price(
    const struct booking *b, const struct catalogue_slot *slot, bool *others)
{
    int64_t lowest = -1;
    *others = false;
    for (int i = 0; i < b->offer->rate_count; i++) {
        const struct catalogue_rate *rate = &b->offer->rates[i];
        if (!catalogue_slot_sells(slot, rate->code))
            continue;
        *others |= lowest >= 0 && rate->price_minor != lowest;
        if (lowest < 0 || rate->price_minor < lowest)
            lowest = rate->price_minor;
    }
    return lowest;
}

// How many places there are, and whether that is worth saying louder. A court has one or none.
static void add_places_left(
    struct request *r, const struct booking *b, const struct catalogue_slot *slot, struct value *v)
{
    bool free = booking_is_free(b, slot), exclusive = b->offer->card.exclusive;
    value_set(r->arena, v, KEY(places_left),
        free && !exclusive ? value_int(r->arena, slot->places_left) : NULL);
    value_set_bool(
        r->arena, v, KEY(few), free && card_few(r, exclusive, slot->places_left, slot->capacity));
}

static void add_slot(
    struct request *r, const struct booking *b, const struct catalogue_slot *slot, struct value *v)
{
    struct arena *a = r->arena;
    bool free = booking_is_free(b, slot);
    bool from;
    int64_t price = lowest_price(b, slot, &from);
    value_set_str(a, v, KEY(id), str_of_i64(a, slot->id));
    value_set_str(a, v, KEY(at), instant_text(a, b->who.site->zone, slot->starts_us));
    value_set_str(a, v, KEY(time_text), when_time(r, slot->starts_us));
    value_set(a, v, KEY(place), NULL);
    value_set(a, v, KEY(price),
        price < 0 ? NULL : format_money_value(a, r->format, price, b->who.site->currency));
    value_set_bool(a, v, KEY(from), from);
    add_places_left(r, b, slot, v);
    value_set_bool(a, v, KEY(current), slot->id == b->slot);
    value_set(a, v, KEY(slot_url), free ? value_str(a, slot_url(r, b, slot)) : NULL);
}

static const char *part_of(const struct booking *b, const struct catalogue_slot *slot)
{
    int hour = zone_local(b->who.site->zone, slot->starts_us).second / 3600;
    return hour < 5 || hour >= 23 ? "night"
           : hour < 12            ? "morning"
           : hour < 18            ? "afternoon"
                                  : "evening";
}

static struct value *parts(struct request *r, const struct booking *b)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a), *slots = NULL;
    const char *name = NULL;
    for (int i = 0; i < b->slots.count; i++) {
        const char *part = part_of(b, &b->slots.items[i]);
        if (part != name) {
            struct value *v = value_append_object(a, list);
            slots = value_list(a);
            value_set_str(a, v, KEY(name), str_of(part));
            value_set(a, v, KEY(slots), slots);
            name = part;
        }
        add_slot(r, b, &b->slots.items[i], value_append_object(a, slots));
    }
    return list;
}

static struct value *day(struct request *r, const struct booking *b)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    bool full = b->slots.count > 0;
    for (int i = 0; i < b->slots.count; i++)
        full = full && !booking_is_free(b, &b->slots.items[i]);
    value_set_str(a, v, KEY(date), date_text(a, b->day));
    value_set_str(a, v, KEY(text), when_day(r, b->who.now_us, b->day));
    value_set_bool(a, v, KEY(full), full);
    value_set(a, v, KEY(closed), booking_closed(r, b, b->day));
    value_set(a, v, KEY(parts), parts(r, b));
    return v;
}

static struct value *list(struct request *r, const struct booking *b)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a), *days = value_list(a), *slots = NULL;
    struct date last = {0};
    value_set(a, v, KEY(days), days);
    for (int i = 0; i < b->slots.count; i++) {
        struct date d = zone_date(b->who.site->zone, b->slots.items[i].starts_us);
        if (date_cmp(d, last) != 0) {
            struct value *item = value_append_object(a, days);
            slots = value_list(a);
            value_set_str(a, item, KEY(date), date_text(a, d));
            value_set_str(a, item, KEY(text), format_date(a, r->format, d, FORMAT_DATE_FULL));
            value_set(a, item, KEY(slots), slots);
            last = d;
        }
        add_slot(r, b, &b->slots.items[i], value_append_object(a, slots));
    }
    value_set(a, v, KEY(more_url), NULL);
    if (b->has_more)
        value_set_str(a, v, KEY(more_url),
            str_join(a, booking_date_url(r, b, "from", date_add_days(last, 1)), STR("&view=list"),
                STR_NULL));
    return v;
}

// After the day, or before it when nothing follows; beside a list only where that is empty.
static struct value *next_free(struct request *r, const struct booking *b)
{
    struct arena *a = r->arena;
    int64_t at = b->next_us ? b->next_us : b->offer->card.soonest_us;
    if (!at || (b->as_list && b->slots.count))
        return NULL;
    struct date d = zone_date(b->who.site->zone, at);
    if (!b->as_list && date_cmp(d, b->day) == 0)
        return NULL;
    struct value *v = value_object(a);
    value_set(a, v, KEY(text), value_get(when_value(r, b->who.now_us, at, WHEN_FULL), KEY(text)));
    value_set_str(a, v, KEY(next_free_url), booking_date_url(r, b, "date", d));
    return v;
}

static struct value *calendar(struct request *r, const struct booking *b)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(days_url),
        b->as_list ? card_url(r, b->slug) : booking_date_url(r, b, "date", b->day));
    value_set_str(
        a, v, KEY(list_url), str_join(a, card_url(r, b->slug), STR("?view=list"), STR_NULL));
    value_set(a, v, KEY(list), b->as_list ? list(r, b) : NULL);
    value_set(a, v, KEY(strip), b->as_list ? NULL : booking_strip(r, b));
    value_set_str(a, v, KEY(month_url), booking_month_url(r, b, b->month_first));
    value_set(a, v, KEY(month), b->has_month && !b->as_list ? booking_month(r, b) : NULL);
    value_set(a, v, KEY(day), b->as_list ? NULL : day(r, b));
    value_set(a, v, KEY(next_free), next_free(r, b));
    return v;
}

static int64_t typed_quantity(const struct request *r, struct str rate)
{
    const struct value *typed = value_get(r->form, KEY(quantity));
    for (size_t i = 0; i < value_count(typed); i++)
        if (str_eq(value_get_str(value_at(typed, i), KEY(key)), rate))
            return value_get_int(value_at(typed, i), KEY(count), 0);
    return -1;
}

static struct value *error_of(const struct request *r, struct str field)
{
    for (size_t i = 0; i < value_count(r->errors); i++)
        if (str_eq(value_get_str(value_at(r->errors, i), KEY(field)), field))
            return value_get(value_at(r->errors, i), KEY(text));
    return NULL;
}

struct sum {
    int64_t minor, tax;
};

// As the order will count it: tax rounded once a line.
static void add_line(struct sum *sum, const struct catalogue_offer *o, int64_t price, int64_t count)
{
    int64_t line;
    if (!money_multiply(price, count, &line))
        return;
    int64_t tax =
        o->tax_included ? money_tax_included(line, o->tax_ppm) : money_share(line, o->tax_ppm);
    sum->tax += tax;
    sum->minor += o->tax_included ? line : line + tax;
}

static struct value *rates(
    struct request *r, const struct booking *b, const struct catalogue_slot *slot, struct sum *sum)
{
    struct arena *a = r->arena;
    const struct catalogue_offer *o = b->offer;
    struct value *list = value_list(a);
    int64_t most = slot->places_left < o->max_per_order ? slot->places_left : o->max_per_order;
    bool is_typed = value_get(r->form, KEY(quantity)) != NULL;
    int sold = 0;
    for (int i = 0; i < o->rate_count; i++)
        sold += catalogue_slot_sells(slot, o->rates[i].code);
    for (int i = 0; i < o->rate_count; i++) {
        const struct catalogue_rate *rate = &o->rates[i];
        if (!catalogue_slot_sells(slot, rate->code))
            continue;
        int64_t typed = typed_quantity(r, rate->code);
        int64_t count = typed >= 0 ? typed : !is_typed && !value_count(list) ? o->min_per_order : 0;
        struct value *v = value_append_object(a, list);
        struct str field = str_join(a, STR("quantity_"), rate->code, STR_NULL);
        value_set_str(a, v, KEY(code), rate->code);
        value_set_str(a, v, KEY(name), rate->name);
        value_set(a, v, KEY(note), rate->note.p ? value_str(a, rate->note) : NULL);
        value_set(a, v, KEY(price),
            format_money_value(a, r->format, rate->price_minor, b->who.site->currency));
        value_set_str(a, v, KEY(field), field);
        value_set_int(a, v, KEY(quantity), count);
        value_set_int(a, v, KEY(min), sold == 1 ? o->min_per_order : 0);
        value_set_int(a, v, KEY(max), most);
        value_set(a, v, KEY(error), error_of(r, field));
        add_line(sum, o, rate->price_minor, count);
    }
    return list;
}

static struct value *tax_text(struct request *r, const struct catalogue_offer *o, int64_t tax)
{
    struct arena *a = r->arena;
    if (!o->tax_ppm || !tax)
        return NULL;
    struct str key = o->tax_included ? STR("storefront.booking.tax_included")
                                     : STR("storefront.booking.tax_added");
    struct str text = message(a, r->words, key, "name", value_str(a, o->tax_name), "rate",
        value_str(a, format_percent(a, r->format, o->tax_ppm)), "amount",
        value_str(a, format_money(a, r->format, tax, r->site->currency)), NULL);
    return value_str(a, text);
}

static struct value *chosen(
    struct request *r, const struct booking *b, const struct catalogue_slot *slot)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    struct sum sum = {0, 0};
    value_set_str(a, v, KEY(id), str_of_i64(a, slot->id));
    value_set(a, v, KEY(when), when_value(r, b->who.now_us, slot->starts_us, WHEN_FULL));
    value_set(a, v, KEY(place), NULL);
    add_places_left(r, b, slot, v);
    value_set(a, v, KEY(rates), rates(r, b, slot, &sum));
    value_set(a, v, KEY(total), format_money_value(a, r->format, sum.minor, r->site->currency));
    value_set_int(a, v, KEY(added_ppm), b->offer->tax_included ? 0 : b->offer->tax_ppm);
    value_set(a, v, KEY(tax_text), tax_text(r, b->offer, sum.tax));
    value_set_bool(a, v, KEY(reserve), false);
    return v;
}

static struct value *shut(struct request *r, const struct booking *b)
{
    static const char *const reasons[] = {[CATALOGUE_SOLD_OUT] = "sold_out",
        [CATALOGUE_NOT_YET] = "not_yet",
        [CATALOGUE_OVER] = "over",
        [CATALOGUE_NOTHING] = "none"};
    struct arena *a = r->arena;
    if (b->offer->shut == CATALOGUE_OPEN)
        return NULL;
    struct value *v = value_object(a), *opens = NULL;
    value_set_str(a, v, KEY(reason), str_of(reasons[b->offer->shut]));
    if (b->offer->shut == CATALOGUE_NOT_YET) {
        struct date d = zone_date(r->site->zone, b->offer->opens_us);
        opens = value_str(a, when_day(r, b->who.now_us, d));
    }
    value_set(a, v, KEY(opens_text), opens);
    return v;
}

// What the panel's words call the reason of a refused form.
static const char *refusal_of_form(const struct request *r)
{
    static const struct {
        const char *code, *word;
    } words[] = {{"sold_out", "sold_out"}, {"not_on_sale", "gone"}, {"too_many", "limit"},
        {"too_large", "limit"}, {"too_many_holds", "wait"}, {"too_few", "quantity"},
        {"nothing_chosen", "quantity"}, {"too_small", "quantity"}, {"number", "quantity"},
        {"choice", "gone"}};
    if (r->method == HTTP_GET || !value_count(r->errors))
        return NULL;
    struct str code = value_get_str(value_at(r->errors, 0), KEY(code));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_is(code, words[i].code))
            return words[i].word;
    return "other";
}

static struct value *refused(
    struct request *r, const struct booking *b, const struct catalogue_slot *slot)
{
    struct arena *a = r->arena;
    const char *code = refusal_of_form(r);
    if (!code && b->slot_text.len && !slot)
        code = "gone";
    if (!code && slot && !booking_is_free(b, slot))
        code = "sold_out";
    if (!code)
        return NULL;
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(kind), STR("warning"));
    value_set_str(a, v, KEY(code), str_of(code));
    return v;
}

struct value *booking_value(struct request *r, const struct booking *b)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    const struct catalogue_slot *slot = booking_chosen(b);
    bool open = b->offer->shut == CATALOGUE_OPEN;
    value_set_str(a, v, KEY(action), card_url(r, b->slug));
    value_set(a, v, KEY(refused), refused(r, b, slot));
    value_set(a, v, KEY(shut), shut(r, b));
    value_set_int(a, v, KEY(hold_minutes), BASKET_HOLD_US / US_PER_SECOND / 60);
    value_set(a, v, KEY(calendar), open ? calendar(r, b) : NULL);
    value_set(a, v, KEY(slot), slot && booking_is_free(b, slot) ? chosen(r, b, slot) : NULL);
    return v;
}
