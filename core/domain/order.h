// An order as it was read: a basket until it is placed. Lives in the reader's arena and is never
// shared; changes go through basket.h, order_place.h and payment.h, each as one guarded unit.
#pragma once

#include "data/db.h"
#include "domain/line_state.h"
#include "domain/site.h"

enum { ORDER_LINES_MAX = 50 };

// Whether a line's places could be sold now; said of a basket's lines.
enum line_sale {
    LINE_ON_SALE,
    LINE_GONE,   // it has begun
    LINE_CLOSED, // its sale has ended, its slot was cancelled, its offer withdrawn
};

struct order_line {
    int64_t id, offer, slot, rate;
    enum line_state state;
    struct str offer_slug, title, rate_code, rate_name; // names as they were when it was held
    struct str image;
    int64_t starts_us, ends_us;
    int64_t sequence;      // of its calendar entry
    int64_t moved_from_us; // when it was to begin before the office moved it; 0: never
    int64_t hold_until_us; // 0: firm
    int64_t quantity, min, max;
    int64_t unit_minor;
    struct value *discounts; // [{source, code, label, minor}], minor below zero
    int64_t tax_ppm, tax_minor, total_minor;
    bool tax_included, exclusive, numbered;
    int64_t returned_minor; // of its total, once it was cancelled
    int64_t cancelled_us;   // 0: it wasn't
    int64_t no_show_us;     // 0: nobody said that they didn't come
    struct str tax_name;    // in the order's language
    struct str place;       // numbered places or the resource, as people read them; may be absent
    enum line_sale sale;
    bool slot_cancelled;     // by the venue
    int64_t slot_left;       // places that nobody has
    bool is_new;             // not written yet
    bool wanted;             // is to take capacity once the change is written
    int64_t stored_quantity; // that takes capacity now
    int64_t resource;        // that is wished for in this change; 0: any
};

struct order {
    int64_t id, session, channel, version;
    int64_t customer; // whose account it is in; 0: a guest's
    struct str code, language;
    int64_t created_us, placed_us; // placed_us 0: a basket
    int64_t hold_started_us, hold_until_us;
    bool hold_extended;
    struct str name, email, phone;
    struct value *plugin_data;
    int64_t total_minor, tax_minor, due_minor;
    int64_t returned_minor; // of the total, what was given back or isn't owed any more
    struct order_line *lines;
    int count;
};

// Why something wasn't done. Every caller handles every one of them.
enum order_result {
    ORDER_DONE,
    ORDER_SOLD_OUT,
    ORDER_NOT_ON_SALE, // slot or rate isn't there, not open, closed or past
    ORDER_TOO_FEW,     // below the offer's least number
    ORDER_TOO_MANY,    // above its greatest, or the basket is full
    ORDER_EXPIRED,     // places of the basket were taken over by somebody else
    ORDER_CHANGED,     // another tab or the office changed it meanwhile
    ORDER_EMPTY,
    ORDER_REFUSED, // a plugin's check: the refusal says why
    ORDER_NOT_FOUND,
    ORDER_ALREADY,     // it has been done before
    ORDER_TOO_MUCH,    // more than can be given back
    ORDER_REPRICED,    // its prices held no more: the basket says those of now
    ORDER_BUSY,        // try again in a moment
    ORDER_UNAVAILABLE, // the database
};

// Who does something to an order, as audit.h names them.
struct order_actor {
    struct str kind; // "customer", "staff", "system"
    int64_t id;
    struct str name;
};

struct order_outcome {
    enum order_result result;
    struct hook_refusal refusal;
};

// Adds the statements that read an order to a unit; order_take reads their rows.
struct order_places {
    int order, lines;
};
struct order_places order_add_by_session(struct unit *u, int64_t session);
struct order_places order_add_by_code(struct unit *u, struct str code);
// NULL when there is none.
struct order *order_take(struct arena *a, struct unit *u, struct order_places places);

// In a unit of its own. NULL with ORDER_NOT_FOUND or ORDER_UNAVAILABLE.
struct order *order_find(
    struct arena *a, const struct site *site, int64_t id, enum order_result *result);

// A unit's failure in terms of orders; guards' codes are those of order.c's table.
enum order_result order_result_of(struct unit *u, enum db_result result);

// Of a basket: some of its places were taken over by somebody else, or can't be had any more.
bool order_has_lost(const struct order *o);

// The signed part of an order's link.
struct str order_token(struct arena *a, const struct site *site, int64_t order);
bool order_token_fits(const struct site *site, int64_t order, struct str token);
// The same as a value, for hooks: {order: {...}, lines: [...]}.
struct value *order_value(struct arena *a, const struct site *site, const struct order *o);
