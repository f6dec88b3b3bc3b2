// Offers as the office edits them. What can be edited is one object with the fields that the form
// and the audit share: slug, kind, category (slug or null), tax (code), title, line, description
// and image_alt (by language), duration_min, buffer_min, capacity, exclusive, resources (codes),
// min_per_order, max_per_order, opens_days_before, closes_min_before. Rates are objects {code,
// name, note, price_minor, position, archived}. Each change is one unit: guarded by the version it
// was made from, audited, with a raised revision.
#pragma once

#include "data/db.h"
#include "domain/feature.h"

enum { OFFER_RATES_MAX = 50 };
#define OFFER_PRICE_MAX INT64_C(100000000000)

enum offer_result {
    OFFER_DONE,
    OFFER_CHANGED,           // somebody else saved since that version
    OFFER_TAKEN,             // the address, or a rate's code
    OFFER_IN_USE,            // can't be deleted
    OFFER_INCOMPLETE,        // can't be published without a rate
    OFFER_RESOURCE_ARCHIVED, // can't be published with a resource that was put away
    OFFER_GONE,              // what it refers to isn't there (any more)
    OFFER_ASKS,              // something is in the way, and nobody agreed to it
    OFFER_BUSY,              // try again
    OFFER_UNAVAILABLE,
};

struct offer {
    int64_t id, version;
    struct str state, image;
    bool sample;
    int64_t rate_count; // not archived
    struct value *doc;
};

struct offer_actor {
    const struct site *site;
    const struct feature_actor *who;
};

// Adds the statement; offer_take is false when there is none.
int offer_add(struct unit *u, int64_t id);
bool offer_take(struct arena *a, const struct rows *rows, struct offer *out);

enum offer_result offer_create(struct arena *a, const struct offer_actor *by,
    const struct value *doc, const struct value *rate, int64_t *id);
// `offer` as it was read, with the version that the form was made from. `follow` (offer_follow.h)
// has what follows for its times, also when that is in the way and nothing was saved.
struct offer_follow;
enum offer_result offer_save(struct arena *a, const struct offer_actor *by,
    const struct offer *offer, const struct value *doc, struct offer_follow *follow);
// draft, published or archived.
enum offer_result offer_set_state(
    struct arena *a, const struct offer_actor *by, const struct offer *offer, const char *state);
enum offer_result offer_set_image(
    struct arena *a, const struct offer_actor *by, const struct offer *offer, struct str image);
enum offer_result offer_delete(
    struct arena *a, const struct offer_actor *by, const struct offer *offer);

struct offer_rate {
    int64_t id, version; // 0: a new one
    const struct value *before, *doc;
};
enum offer_result offer_save_rate(
    struct arena *a, const struct offer_actor *by, int64_t offer, const struct offer_rate *rate);

// What stands in the way of deleting: order lines, those to come among them (both counted up to a
// thousand), sales profiles.
struct offer_uses {
    int64_t lines, ahead, profiles;
};
int offer_add_uses(struct unit *u, int64_t id, int64_t now_us);
struct offer_uses offer_take_uses(const struct rows *rows);
