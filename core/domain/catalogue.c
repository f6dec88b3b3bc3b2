#include "domain/catalogue.h"

#include "base/check.h"
#include "base/text.h"
#include "domain/catalogue.sql.h"

enum { WORDS_MAX = 8 };

static struct str tenant_of(struct unit *u)
{
    return db_i64(unit_arena(u), unit_tenant(u));
}

static struct str channel_of(struct unit *u, const struct catalogue_reader *who)
{
    return db_i64(unit_arena(u), who->site->web_channel);
}

// Absent for 0.
static struct str time_or_none(struct unit *u, int64_t us)
{
    return us ? db_time(unit_arena(u), us) : STR_NULL;
}

static struct str number_or_none(struct unit *u, int64_t n)
{
    return n ? db_i64(unit_arena(u), n) : STR_NULL;
}

int catalogue_add_cards(
    struct unit *u, const struct catalogue_reader *who, const struct catalogue_filter *f)
{
    struct arena *a = unit_arena(u);
    check(f->limit > 0 && f->limit <= CATALOGUE_CARDS_MAX);
    return unit_add(u, &SQL_catalogue_cards, tenant_of(u), channel_of(u, who),
        db_time(a, who->now_us), who->language, who->site->languages[0], zone_name(who->site->zone),
        time_or_none(u, f->time.from_us), time_or_none(u, f->time.to_us),
        number_or_none(u, f->category), f->ids ? db_i64_array(a, f->ids, f->id_count) : STR_NULL,
        f->after_id ? db_i64(a, f->after_position) : STR_NULL, number_or_none(u, f->after_id),
        db_i64(a, f->limit), f->near);
}

static struct catalogue_card take_card(const struct rows *r, int row)
{
    return (struct catalogue_card){.id = rows_i64(r, row, KEY(offer_id)),
        .category = rows_i64_or(r, row, KEY(category_id), 0),
        .slug = rows_str(r, row, KEY(slug)),
        .kind = rows_str(r, row, KEY(kind)),
        .title = rows_str(r, row, KEY(title)),
        .line = rows_str(r, row, KEY(line)),
        .image = rows_str(r, row, KEY(image)),
        .image_alt = rows_str(r, row, KEY(image_alt)),
        .exclusive = rows_bool(r, row, KEY(exclusive)),
        .soonest_us = rows_i64_or(r, row, KEY(soonest), 0),
        .from_minor = -1};
}

static void take_place(struct catalogue_card *c, const struct rows *r, int row)
{
    c->position = rows_i64(r, row, KEY(position));
    c->sold_out = rows_bool(r, row, KEY(sold_out));
    c->from_minor = rows_i64_or(r, row, KEY(from_minor), -1);
    c->soonest_minor = rows_i64_or(r, row, KEY(soonest_minor), -1);
    c->places_left = rows_i64_or(r, row, KEY(places_left), 0);
    c->capacity = rows_i64_or(r, row, KEY(capacity), 0);
}

struct catalogue_cards catalogue_take_cards(struct arena *a, const struct rows *r)
{
    struct catalogue_cards cards = {
        arena_new_array(a, struct catalogue_card, (size_t)r->count), 0, 0};
    for (int i = 0; i < r->count; i++) {
        struct catalogue_card *before = cards.count ? &cards.items[cards.count - 1] : NULL;
        // Of an offer with several profiles the first row has its first free time.
        if (before && before->id == rows_i64(r, i, KEY(offer_id))) {
            before->sold_out |= !before->soonest_us && rows_bool(r, i, KEY(sold_out));
            continue;
        }
        struct catalogue_card *c = &cards.items[cards.count++];
        *c = take_card(r, i);
        take_place(c, r, i);
        cards.total = rows_i64(r, i, KEY(total));
    }
    return cards;
}

int catalogue_add_titles(struct unit *u, const struct catalogue_reader *who)
{
    return unit_add(u, &SQL_catalogue_titles, tenant_of(u), channel_of(u, who),
        db_time(unit_arena(u), who->now_us), who->language, who->site->languages[0],
        zone_name(who->site->zone));
}

struct words {
    struct str all[WORDS_MAX];
    size_t count;
};

static struct words words_of(struct str text, char between)
{
    struct words w = {.count = 0};
    while (text.p && w.count < WORDS_MAX) {
        struct str word = str_cut(&text, between);
        if (word.len)
            w.all[w.count++] = word;
    }
    return w;
}

static bool has_words(struct str text, const struct words *w)
{
    for (size_t i = 0; i < w->count; i++)
        if (str_find(text, w->all[i]) < 0)
            return false;
    return w->count > 0;
}

struct catalogue_ids catalogue_take_matches(struct arena *a, const struct rows *r, struct str text)
{
    struct words typed = words_of(text_fold(a, text), ' ');
    // Without accents, where the script has any letters left then.
    struct words plain = words_of(text_slug(a, text), '-');
    struct catalogue_ids found = {arena_new_array(a, int64_t, (size_t)r->count + 1), 0};
    for (int i = 0; i < r->count; i++) {
        struct str both =
            str_join(a, rows_str(r, i, KEY(title)), STR(" "), rows_str(r, i, KEY(line)), STR_NULL);
        if (has_words(text_fold(a, both), &typed) || has_words(text_slug(a, both), &plain))
            found.ids[found.count++] = rows_i64(r, i, KEY(offer_id));
    }
    return found;
}

int catalogue_add_slugs(struct unit *u, const struct catalogue_reader *who)
{
    return unit_add(u, &SQL_catalogue_slugs, tenant_of(u), channel_of(u, who),
        db_time(unit_arena(u), who->now_us), zone_name(who->site->zone));
}

struct catalogue_offer_places catalogue_add_offer(
    struct unit *u, const struct catalogue_reader *who, struct str slug)
{
    struct catalogue_offer_places places;
    places.offer = unit_add(u, &SQL_catalogue_offer, tenant_of(u), channel_of(u, who),
        db_time(unit_arena(u), who->now_us), who->language, who->site->languages[0],
        zone_name(who->site->zone), slug);
    places.rates = unit_add(
        u, &SQL_catalogue_rates, tenant_of(u), who->language, who->site->languages[0], slug);
    return places;
}

static void take_rates(struct arena *a, struct catalogue_offer *o, const struct rows *r)
{
    o->rate_count = r->count;
    o->rates = arena_new_array(a, struct catalogue_rate, (size_t)r->count + 1);
    for (int i = 0; i < r->count; i++)
        o->rates[i] = (struct catalogue_rate){.code = rows_str(r, i, KEY(code)),
            .name = rows_str(r, i, KEY(name)),
            .note = rows_str(r, i, KEY(note)),
            .price_minor = rows_i64(r, i, KEY(price_minor))};
}

struct catalogue_offer *catalogue_take_offer(
    struct arena *a, struct unit *u, struct catalogue_offer_places places)
{
    const struct rows *r = unit_rows(u, places.offer);
    if (!r->count)
        return NULL;
    struct catalogue_offer *o = arena_new_object(a, struct catalogue_offer);
    *o = (struct catalogue_offer){.card = take_card(r, 0),
        .description = rows_str(r, 0, KEY(description)),
        .place = rows_str(r, 0, KEY(place)),
        .tax_name = rows_str(r, 0, KEY(tax_name)),
        .duration_min = rows_i64(r, 0, KEY(duration_min)),
        .capacity = rows_i64(r, 0, KEY(group_max)),
        .min_per_order = rows_i64(r, 0, KEY(min_per_order)),
        .max_per_order = rows_i64(r, 0, KEY(max_per_order)),
        .opens_days_before = rows_i64(r, 0, KEY(opens_days_before)),
        .tax_ppm = rows_i64(r, 0, KEY(rate_ppm)),
        .tax_included = rows_bool(r, 0, KEY(included)),
        .resources = rows_json(a, r, 0, KEY(resources))};
    take_rates(a, o, unit_rows(u, places.rates));
    o->card.from_minor = rows_i64_or(r, 0, KEY(from_minor), -1);
    return o;
}

int catalogue_add_shut(struct unit *u, const struct catalogue_reader *who, struct str slug)
{
    return unit_add(u, &SQL_catalogue_shut, tenant_of(u), channel_of(u, who),
        db_time(unit_arena(u), who->now_us), zone_name(who->site->zone), slug);
}

// When slots of a day start to be on sale: the day itself is the last of `opens_days_before`.
static int64_t catalogue_opens_us(
    const struct zone *zone, int64_t starts_us, int64_t opens_days_before)
{
    struct date day = zone_date(zone, starts_us);
    return zone_day_start(zone, date_add_days(day, -(int32_t)opens_days_before));
}

void catalogue_take_shut(
    struct catalogue_offer *o, const struct catalogue_reader *who, const struct rows *r)
{
    o->shut = CATALOGUE_NOTHING;
    if (!r->count)
        return;
    // The first row is that of a profile with slots, if there is one.
    int64_t later = rows_i64_or(r, 0, KEY(not_yet), 0);
    o->card.sold_out = rows_bool(r, 0, KEY(sold_out));
    if (o->card.sold_out)
        o->shut = CATALOGUE_SOLD_OUT;
    else if (later)
        o->shut = CATALOGUE_NOT_YET;
    else if (rows_bool(r, 0, KEY(over)))
        o->shut = CATALOGUE_OVER;
    if (o->shut == CATALOGUE_NOT_YET)
        o->opens_us = catalogue_opens_us(who->site->zone, later, o->opens_days_before);
}

int catalogue_add_days(struct unit *u, const struct catalogue_reader *who, struct str slug,
    struct date first, int count)
{
    struct arena *a = unit_arena(u);
    struct str from[CATALOGUE_DAYS_MAX], to[CATALOGUE_DAYS_MAX];
    check(count > 0 && count <= CATALOGUE_DAYS_MAX);
    struct str at = db_time(a, zone_day_start(who->site->zone, first));
    for (int i = 0; i < count; i++) {
        from[i] = at;
        to[i] = at = db_time(a, zone_day_start(who->site->zone, date_add_days(first, i + 1)));
    }
    return unit_add(u, &SQL_catalogue_days, tenant_of(u), channel_of(u, who),
        db_time(a, who->now_us), zone_name(who->site->zone), slug,
        db_str_array(a, from, (size_t)count), db_str_array(a, to, (size_t)count));
}

void catalogue_take_days(const struct rows *r, enum catalogue_day *days, int count)
{
    // No row at all: the offer isn't sold through this channel.
    for (int i = 0; i < count; i++)
        days[i] =
            i < r->count ? (enum catalogue_day)rows_i64(r, i, KEY(state)) : CATALOGUE_DAY_NONE;
}

int catalogue_add_slots(struct unit *u, const struct catalogue_reader *who, struct str slug,
    struct catalogue_time time, int limit)
{
    struct arena *a = unit_arena(u);
    check(limit > 0 && limit <= CATALOGUE_SLOTS_MAX);
    return unit_add(u, &SQL_catalogue_slots, tenant_of(u), channel_of(u, who),
        db_time(a, who->now_us), zone_name(who->site->zone), slug, time_or_none(u, time.from_us),
        time_or_none(u, time.to_us), db_i64(a, limit));
}

struct catalogue_slots catalogue_take_slots(struct arena *a, const struct rows *r)
{
    struct catalogue_slots slots = {
        arena_new_array(a, struct catalogue_slot, (size_t)r->count + 1), 0};
    for (int i = 0; i < r->count; i++) {
        int64_t id = rows_i64(r, i, KEY(slot_id));
        // Two profiles that overlap both let it through.
        if (slots.count && slots.items[slots.count - 1].id == id)
            continue;
        slots.items[slots.count++] = (struct catalogue_slot){.id = id,
            .starts_us = rows_us(r, i, KEY(starts_at)),
            .places_left = rows_i64(r, i, KEY(places_left)),
            .capacity = rows_i64(r, i, KEY(capacity)),
            .rate_codes = rows_str(r, i, KEY(rate_codes))};
    }
    return slots;
}

bool catalogue_slot_sells(const struct catalogue_slot *slot, struct str rate_code)
{
    struct str rest = slot->rate_codes;
    if (!rest.p)
        return true;
    while (rest.p)
        if (str_eq(str_cut(&rest, ','), rate_code))
            return true;
    return false;
}

int catalogue_add_next(
    struct unit *u, const struct catalogue_reader *who, struct str slug, int64_t from_us)
{
    struct arena *a = unit_arena(u);
    return unit_add(u, &SQL_catalogue_next, tenant_of(u), channel_of(u, who),
        db_time(a, who->now_us), zone_name(who->site->zone), slug, db_time(a, from_us));
}

int catalogue_add_slot_start(struct unit *u, struct str slug, int64_t slot)
{
    return unit_add(u, &SQL_catalogue_slot_start, tenant_of(u), slug, db_i64(unit_arena(u), slot));
}

int64_t catalogue_take_start(const struct rows *r)
{
    return r->count ? rows_us(r, 0, KEY(starts_at)) : 0;
}
