// What is on sale, as a reader of a site's storefront sees it now: published offers that the web
// channel's sale profiles allow, with prices, next times and places left. Statements are added to
// the caller's unit, so that a page reads everything in one flush and one snapshot; the take
// functions turn their rows into plain structs in the reader's arena. Places whose hold has run out
// count as free; whether a sale succeeds is decided by the sale alone.
#pragma once

#include "data/db.h"
#include "domain/site.h"

enum { CATALOGUE_CARDS_MAX = 100, CATALOGUE_SLOTS_MAX = 400, CATALOGUE_DAYS_MAX = 64 };

struct catalogue_reader {
    const struct site *site;
    struct str language;
    int64_t now_us;
};

// A time is from–to in microseconds; 0, 0 is none.
struct catalogue_time {
    int64_t from_us, to_us;
};

struct catalogue_filter {
    int64_t category;           // 0: any
    struct catalogue_time time; // offers with slots then, and their first free one then
    const int64_t *ids;         // NULL: any
    size_t id_count;
    int64_t after_position, after_id; // both of the last card of the page before; id 0: none
    struct str near;                  // first those of this offer's category; absent: by position
    int limit;
};

struct catalogue_card {
    int64_t id, category, position;
    struct str slug, kind, title, line, image, image_alt;
    bool exclusive, sold_out;
    int64_t from_minor;                           // lowest price of its next times; -1: none
    int64_t soonest_us;                           // first free time; 0: none
    int64_t soonest_minor, places_left, capacity; // then: lowest price, places
};

struct catalogue_cards {
    struct catalogue_card *items;
    int count;
    int64_t total; // that pass the filter, whatever the limit
};

int catalogue_add_cards(
    struct unit *u, const struct catalogue_reader *who, const struct catalogue_filter *filter);
struct catalogue_cards catalogue_take_cards(struct arena *a, const struct rows *r);

// Offers whose title or line has every word of the text, in any case; ids for a filter.
int catalogue_add_titles(struct unit *u, const struct catalogue_reader *who);
struct catalogue_ids {
    int64_t *ids;
    size_t count;
} catalogue_take_matches(struct arena *a, const struct rows *r, struct str text);

// Slugs of everything on sale, one column.
int catalogue_add_slugs(struct unit *u, const struct catalogue_reader *who);

enum catalogue_shut {
    CATALOGUE_OPEN,
    CATALOGUE_SOLD_OUT,
    CATALOGUE_NOT_YET, // opens_us says when
    CATALOGUE_OVER,
    CATALOGUE_NOTHING,
};

struct catalogue_rate {
    struct str code, name, note; // note may be absent
    int64_t price_minor;
};

struct catalogue_offer {
    struct catalogue_card card; // without position and what is said of its first time
    struct str description, place, tax_name;
    int64_t duration_min, capacity, min_per_order, max_per_order, opens_days_before;
    int64_t tax_ppm;
    bool tax_included;
    struct value *resources; // their numbers as texts
    struct catalogue_rate *rates;
    int rate_count;
    enum catalogue_shut shut;
    int64_t opens_us;
};

struct catalogue_offer_places {
    int offer, rates;
};
struct catalogue_offer_places catalogue_add_offer(
    struct unit *u, const struct catalogue_reader *who, struct str slug);
// NULL when there is none on sale.
struct catalogue_offer *catalogue_take_offer(
    struct arena *a, struct unit *u, struct catalogue_offer_places places);
// For an offer without a free time: why. Fills `shut` and what belongs to it.
int catalogue_add_shut(struct unit *u, const struct catalogue_reader *who, struct str slug);
void catalogue_take_shut(
    struct catalogue_offer *o, const struct catalogue_reader *who, const struct rows *r);

// What each of `count` days from `first` on has.
enum catalogue_day { CATALOGUE_DAY_NONE, CATALOGUE_DAY_FULL, CATALOGUE_DAY_FREE };
int catalogue_add_days(struct unit *u, const struct catalogue_reader *who, struct str slug,
    struct date first, int count);
void catalogue_take_days(const struct rows *r, enum catalogue_day *days, int count);

struct catalogue_slot {
    int64_t id, starts_us, places_left, capacity;
    struct str rate_codes; // separated by commas; absent: every rate of the offer
};
struct catalogue_slots {
    struct catalogue_slot *items;
    int count;
};
// Slots on sale that start in a time, at most `limit`; without an end those of the first day that
// has a free one from then on.
int catalogue_add_slots(struct unit *u, const struct catalogue_reader *who, struct str slug,
    struct catalogue_time time, int limit);
struct catalogue_slots catalogue_take_slots(struct arena *a, const struct rows *r);
bool catalogue_slot_sells(const struct catalogue_slot *slot, struct str rate_code);

// The start of the first free slot from a time on, and of a given slot: one row or none.
int catalogue_add_next(
    struct unit *u, const struct catalogue_reader *who, struct str slug, int64_t from_us);
int catalogue_add_slot_start(struct unit *u, struct str slug, int64_t slot);
// 0 for no row.
int64_t catalogue_take_start(const struct rows *r);
