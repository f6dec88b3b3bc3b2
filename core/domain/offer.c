#include "domain/offer.h"

#include "base/clock.h"
#include "base/id.h"
#include "data/audit.h"
#include "data/revision.h"
#include "domain/event.h"
#include "domain/offer.sql.h"
#include "domain/offer_follow.h"
#include "domain/offer_own.h"

int offer_add(struct unit *u, int64_t id)
{
    struct arena *a = unit_arena(u);
    return unit_add(u, &SQL_offer_load, db_i64(a, unit_tenant(u)), db_i64(a, id));
}

bool offer_take(struct arena *a, const struct rows *rows, struct offer *out)
{
    if (!rows->count)
        return false;
    *out = (struct offer){.id = rows_i64(rows, 0, KEY(offer_id)),
        .version = rows_i64(rows, 0, KEY(version)),
        .state = rows_str(rows, 0, KEY(state)),
        .image = rows_str(rows, 0, KEY(image)),
        .sample = rows_bool(rows, 0, KEY(sample)),
        .rate_count = rows_i64(rows, 0, KEY(rate_count)),
        .doc = rows_json(a, rows, 0, KEY(doc))};
    return true;
}

struct change {
    struct arena *a;
    const struct offer_actor *by;
    struct unit *u;
    struct str tenant, id;
};

static struct change begin(struct arena *a, const struct offer_actor *by, int64_t id)
{
    return (struct change){.a = a,
        .by = by,
        .u = unit_new(a, DB_WRITE, by->site->tenant),
        .tenant = db_i64(a, by->site->tenant),
        .id = db_i64(a, id)};
}

struct recorded {
    const char *kind;
    struct str id;
    const char *action;
    const struct value *before, *after;
};

static void record_of(struct change *c, const struct recorded *what)
{
    struct audit audit = {.actor_kind = c->by->who->kind,
        .actor_id = c->by->who->id,
        .actor_name = c->by->who->name,
        .action = str_of(what->action),
        .object_kind = str_of(what->kind),
        .object_id = what->id,
        .before = what->before,
        .after = what->after};
    audit_add(c->u, &audit);
}

static void record(
    struct change *c, const char *action, const struct value *before, const struct value *after)
{
    record_of(c, &(struct recorded){"offer", c->id, action, before, after});
}

static enum offer_result refusal(struct str code)
{
    if (str_is(code, "offer_incomplete"))
        return OFFER_INCOMPLETE;
    if (str_is(code, "offer_resource_archived"))
        return OFFER_RESOURCE_ARCHIVED;
    if (str_is(code, "schedule_changed"))
        return OFFER_BUSY;
    return str_is(code, "offer_gone") ? OFFER_GONE : OFFER_CHANGED;
}

static enum offer_result finish(struct change *c)
{
    revision_touch(c->u);
    switch (unit_run(c->u)) {
    case DB_OK:
        return OFFER_DONE;
    case DB_REFUSED:
        return refusal(unit_refusal(c->u));
    case DB_CONFLICT:
        // 23505: another has this address or code; 23503: something refers to it; 23P01: somebody
        // took a resource since it was looked at.
        if (str_is(str_of(unit_sqlstate(c->u)), "23P01"))
            return OFFER_BUSY;
        return str_is(str_of(unit_sqlstate(c->u)), "23505") ? OFFER_TAKEN : OFFER_IN_USE;
    case DB_BUSY:
        return OFFER_BUSY;
    default:
        return OFFER_UNAVAILABLE;
    }
}

static void add_names(struct change *c, const struct value *doc)
{
    unit_add(c->u, &SQL_offer_check_names, c->tenant, value_get_str(doc, KEY(category)),
        value_get_str(doc, KEY(tax)));
}

static void write_resources(struct change *c, const struct value *doc)
{
    unit_add(c->u, &SQL_offer_clear_resources, c->tenant, c->id);
    unit_add(c->u, &SQL_offer_set_resources, c->tenant, c->id, db_json(c->a, doc));
}

enum offer_result offer_create(struct arena *a, const struct offer_actor *by,
    const struct value *doc, const struct value *rate, int64_t *id)
{
    *id = id_number();
    struct change c = begin(a, by, *id);
    add_names(&c, doc);
    unit_add(c.u, &SQL_offer_insert, c.tenant, c.id, db_json(a, doc));
    write_resources(&c, doc);
    record(&c, "offer.create", NULL, doc);
    if (rate) {
        struct str rate_id = db_i64(a, id_number());
        unit_add(c.u, &SQL_offer_rate_insert, c.tenant, c.id, rate_id, db_json(a, rate));
        record_of(&c, &(struct recorded){"rate", rate_id, "offer.rate_add", NULL, rate});
    }
    return finish(&c);
}

// What a slot holds: a party for each of its resources, or so many people.
static int64_t slot_size(const struct value *doc)
{
    return value_get_bool(doc, KEY(exclusive), false)
               ? (int64_t)value_count(value_get(doc, KEY(resources)))
               : value_get_int(doc, KEY(capacity), 1);
}

static enum offer_result save_once(struct arena *a, const struct offer_actor *by,
    const struct offer *offer, const struct value *doc, const struct offer_follow *follow)
{
    struct change c = begin(a, by, offer->id);
    offer_follow_guard(c.u, follow);
    unit_add(c.u, &SQL_offer_guard, c.tenant, c.id, db_i64(a, offer->version));
    offer_own(c.u, offer->id);
    add_names(&c, doc);
    unit_add(c.u, &SQL_offer_update, c.tenant, c.id, db_json(a, doc));
    write_resources(&c, doc);
    offer_follow_add(c.u, follow);
    if (slot_size(offer->doc) != slot_size(doc))
        unit_add(c.u, &SQL_offer_resize_slots, c.tenant, c.id, db_i64(a, slot_size(offer->doc)),
            db_i64(a, slot_size(doc)), db_time(a, clock_now_us()));
    record(&c, "offer.change", offer->doc, doc);
    return finish(&c);
}

enum { TRIES = 3 };

// What is in use isn't sold twice, whatever the offer: times that exist follow as well.
enum offer_result offer_save(struct arena *a, const struct offer_actor *by,
    const struct offer *offer, const struct value *doc, struct offer_follow *follow)
{
    enum offer_result result = OFFER_BUSY;
    for (int i = 0; i < TRIES && result == OFFER_BUSY; i++) {
        if (!offer_follow_read(a, by->site, offer, doc, follow))
            return OFFER_UNAVAILABLE;
        if (offer_follow_asks(follow))
            return OFFER_ASKS;
        result = save_once(a, by, offer, doc, follow);
    }
    return result;
}

static struct value *state_doc(struct arena *a, struct str state)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(state), state);
    return v;
}

enum offer_result offer_set_state(
    struct arena *a, const struct offer_actor *by, const struct offer *offer, const char *state)
{
    struct change c = begin(a, by, offer->id);
    bool publishes = str_is(STR("published"), state);
    unit_add(c.u, &SQL_offer_guard, c.tenant, c.id, db_i64(a, offer->version));
    if (publishes) {
        offer_own(c.u, offer->id);
        unit_add(c.u, &SQL_offer_check_rates, c.tenant, c.id);
        unit_add(c.u, &SQL_offer_check_resources, c.tenant, c.id);
    }
    unit_add(c.u, &SQL_offer_set_state, c.tenant, c.id, str_of(state));
    const char *action = publishes                          ? "offer.publish"
                         : str_is(STR("archived"), state)   ? "offer.archive"
                         : str_is(offer->state, "archived") ? "offer.restore"
                                                            : "offer.unpublish";
    record(&c, action, state_doc(a, offer->state), state_doc(a, str_of(state)));
    if (publishes)
        event_add(c.u, EVENT_offer_published, offer->id, NULL);
    enum offer_result result = finish(&c);
    // Its weekly times become slots now, not tomorrow; the daily job does it otherwise.
    if (result == OFFER_DONE && publishes)
        (void)schedule_extend(a, by->site, clock_now_us());
    return result;
}

static struct value *image_doc(struct arena *a, struct str image)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(image), image);
    return v;
}

enum offer_result offer_set_image(
    struct arena *a, const struct offer_actor *by, const struct offer *offer, struct str image)
{
    struct change c = begin(a, by, offer->id);
    unit_add(c.u, &SQL_offer_guard, c.tenant, c.id, db_i64(a, offer->version));
    offer_own(c.u, offer->id);
    unit_add(c.u, &SQL_offer_set_image, c.tenant, c.id, image);
    record(&c, image.len ? "offer.picture" : "offer.picture_remove", image_doc(a, offer->image),
        image_doc(a, image));
    return finish(&c);
}

enum offer_result offer_delete(
    struct arena *a, const struct offer_actor *by, const struct offer *offer)
{
    struct change c = begin(a, by, offer->id);
    unit_add(c.u, &SQL_offer_guard, c.tenant, c.id, db_i64(a, offer->version));
    // A line that was ever sold refers to its slot: then nothing is deleted.
    unit_add(c.u, &SQL_offer_delete_slots, c.tenant, c.id);
    unit_add(c.u, &SQL_offer_delete, c.tenant, c.id);
    record(&c, "offer.delete", offer->doc, NULL);
    return finish(&c);
}

enum offer_result offer_save_rate(
    struct arena *a, const struct offer_actor *by, int64_t offer, const struct offer_rate *rate)
{
    struct change c = begin(a, by, offer);
    struct str id = db_i64(a, rate->id ? rate->id : id_number());
    offer_own(c.u, offer);
    unit_add(c.u, &SQL_offer_rate_guard, c.tenant, c.id, id, db_i64(a, rate->version));
    unit_add(c.u, rate->id ? &SQL_offer_rate_update : &SQL_offer_rate_insert, c.tenant, c.id, id,
        db_json(a, rate->doc));
    record_of(&c, &(struct recorded){"rate", id, rate->id ? "offer.rate_change" : "offer.rate_add",
                      rate->before, rate->doc});
    return finish(&c);
}

int offer_add_uses(struct unit *u, int64_t id, int64_t now_us)
{
    struct arena *a = unit_arena(u);
    return unit_add(
        u, &SQL_offer_uses, db_i64(a, unit_tenant(u)), db_i64(a, id), db_time(a, now_us));
}

struct offer_uses offer_take_uses(const struct rows *rows)
{
    return (struct offer_uses){.lines = rows_i64(rows, 0, KEY(lines)),
        .ahead = rows_i64(rows, 0, KEY(ahead)),
        .profiles = rows_i64(rows, 0, KEY(profiles))};
}
