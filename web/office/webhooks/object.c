// What an event is about, as JSON: the same that the pages of the office answer, with whole
// addresses.
#include "data/db.h"
#include "domain/offer.h"
#include "domain/order_place.h"
#include "domain/webhook_send.h"
#include "web/mail/mail.h"
#include "web/office/customers/pages.h"
#include "web/office/offers/offer_page.h"
#include "web/office/orders/order.sql.h"
#include "web/office/orders/pages.h"
#include "web/office/schedule/effect.h"
#include "web/office/schedule/slot.sql.h"
#include "web/office/webhooks/object.sql.h"

// Addresses in a view are those of its site; elsewhere they need its host.
static void make_absolute(struct request *r, struct value *v)
{
    if (value_is(v, VALUE_LIST))
        for (size_t i = 0; i < value_count(v); i++)
            make_absolute(r, value_at(v, i));
    if (!value_is(v, VALUE_OBJECT))
        return;
    for (uint32_t i = 0; i < v->object.count; i++) {
        struct value_field *f = &v->object.fields[i];
        struct str text = value_as_str(f->value);
        if (!text.p)
            make_absolute(r, f->value);
        else if (str_ends(value_key_name(f->key), STR("_url")) && str_starts(text, STR("/")))
            f->value = value_str(r->arena, request_absolute_url(r, text));
    }
}

struct found {
    struct request *r;
    struct value *data;
    bool gone;
};

static bool add_order(struct found *f, int64_t id, value_key key)
{
    struct request *r = f->r;
    struct arena *a = r->arena;
    enum order_result result;
    struct order *o = order_find(a, r->site, id, &result);
    f->gone = result == ORDER_NOT_FOUND;
    if (!o)
        return false;
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int channel =
        unit_add(u, &SQL_order_channel, db_i64(a, r->site->tenant), db_i64(a, o->channel));
    if (unit_run(u) != DB_OK)
        return false;
    const struct rows *rows = unit_rows(u, channel);
    struct value *v = orders_view(r, o, rows->count ? rows_str(rows, 0, KEY(kind)) : STR_NULL);
    value_set_str(a, v, KEY(id), str_of_i64(a, o->id));
    value_set_str(a, v, KEY(order_url), request_url(r, orders_path(r, o, "")));
    value_set(a, f->data, key, v);
    return orders_add_payments(r, o, v);
}

// The payment, and its order beside it.
static bool add_payment(struct found *f, int64_t id)
{
    struct arena *a = f->r->arena;
    struct unit *u = unit_new(a, DB_READ, f->r->site->tenant);
    int place = unit_add(u, &SQL_event_payment, db_i64(a, f->r->site->tenant), db_i64(a, id));
    if (unit_run(u) != DB_OK)
        return false;
    const struct rows *rows = unit_rows(u, place);
    f->gone = !rows->count;
    if (f->gone || !add_order(f, rows_i64(rows, 0, KEY(order_id)), KEY(order)))
        return false;
    const struct value *payments = value_get(value_get(f->data, KEY(order)), KEY(payments));
    struct str wanted = str_of_i64(a, id);
    for (size_t i = 0; i < value_count(payments); i++)
        if (str_eq(value_get_str(value_at(payments, i), KEY(id)), wanted))
            value_set(a, f->data, KEY(object), value_copy(a, value_at(payments, i)));
    return true;
}

static bool add_slot(struct found *f, int64_t id)
{
    struct request *r = f->r;
    struct arena *a = r->arena;
    struct value *view = value_object(a);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int place = unit_add(u, &SQL_office_slot, db_i64(a, r->site->tenant), db_i64(a, id));
    if (unit_run(u) != DB_OK)
        return false;
    f->gone = !unit_rows(u, place)->count;
    if (f->gone)
        return false;
    schedule_slot_facts(r, view, unit_rows(u, place));
    struct value *v = value_get(view, KEY(slot));
    value_set_str(a, v, KEY(slot_url), request_url(r, schedule_slot_path(a, id)));
    value_set_str(a, v, KEY(offer_id), rows_str(unit_rows(u, place), 0, KEY(offer_id)));
    value_set(a, f->data, KEY(object), v);
    return true;
}

static bool add_offer(struct found *f, int64_t id)
{
    struct request *r = f->r;
    struct offer offer;
    struct value *view = value_object(r->arena);
    struct unit *u = unit_new(r->arena, DB_READ, r->site->tenant);
    int place = offer_add(u, id);
    if (unit_run(u) != DB_OK)
        return false;
    f->gone = !offer_take(r->arena, unit_rows(u, place), &offer);
    if (f->gone)
        return false;
    offer_view(r, view, &offer);
    struct value *v = value_get(view, KEY(offer));
    value_set_str(
        r->arena, v, KEY(offer_url), request_url(r, offer_path(r, str_of_i64(r->arena, id), "")));
    value_set(r->arena, f->data, KEY(object), v);
    return true;
}

static struct value *moment(struct request *r, int64_t at_us)
{
    return at_us ? customers_time(r, at_us) : NULL;
}

// Who they are isn't told: that is asked for at their address, by whom the site lets.
static bool add_customer(struct found *f, int64_t id)
{
    struct request *r = f->r;
    struct arena *a = r->arena;
    struct customer c;
    enum customer_result result = customer_find(a, r->site, id, &c);
    f->gone = result == CUSTOMER_GONE;
    if (result != CUSTOMER_DONE)
        return false;
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(id), str_of_i64(a, id));
    value_set_int(a, v, KEY(version), c.version);
    value_set_str(a, v, KEY(customer_language), c.language);
    value_set(a, v, KEY(since), moment(r, c.created_us));
    value_set(a, v, KEY(registered), moment(r, c.registered_us));
    value_set(a, v, KEY(verified), moment(r, c.verified_us));
    value_set_str(a, v, KEY(customer_url), request_url(r, customers_path(r, id, "")));
    value_set(a, f->data, KEY(object), v);
    return true;
}

static bool add_former(struct found *f, int64_t id)
{
    struct arena *a = f->r->arena;
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(id), str_of_i64(a, id));
    value_set(a, f->data, KEY(object), v);
    return true;
}

static struct value *data_of(
    struct arena *a, struct site *site, enum event event, int64_t object, bool *gone)
{
    struct found f = {.r = mail_request(a, site, site->languages[0]), .data = value_object(a)};
    bool found = true;
    f.r->surface = SURFACE_OFFICE;
    f.r->wants_json = true;
    value_set(a, f.data, KEY(object), NULL);
    switch (event_infos[event].object) {
    case EVENT_OBJECT_order:
        found = add_order(&f, object, KEY(object));
        break;
    case EVENT_OBJECT_payment:
        found = add_payment(&f, object);
        break;
    case EVENT_OBJECT_slot:
        found = add_slot(&f, object);
        break;
    case EVENT_OBJECT_offer:
        found = add_offer(&f, object);
        break;
    case EVENT_OBJECT_customer:
        found = add_customer(&f, object);
        break;
    case EVENT_OBJECT_former:
        found = add_former(&f, object);
        break;
    case EVENT_OBJECT_nothing:
        break;
    }
    make_absolute(f.r, f.data);
    *gone = f.gone;
    return found ? f.data : NULL;
}

__attribute__((constructor)) static void declare(void)
{
    webhook_data = data_of;
}
