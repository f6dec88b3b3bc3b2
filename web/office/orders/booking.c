// A booking by staff: for somebody at the desk or on the phone. It is sold through the box office's
// channel by the same steps as every sale, and paid at the venue.
#include "base/clock.h"
#include "base/id.h"
#include "base/phone.h"
#include "domain/staff_booking.h"
#include "web/office/customers/person.h"
#include "web/office/customers/pick.h"
#include "web/office/feature_view.h"
#include "web/office/frame/object.h"
#include "web/office/orders/booking.sql.h"
#include "web/office/orders/pages.h"
#include "web/storefront/sale.h"

struct choice {
    int64_t customer;       // whom one books for; 0: somebody who isn't one
    struct str offer, slot; // numbers as typed; absent: not chosen yet
    struct date day;
};

static struct str number_of(struct request *r, value_key field)
{
    int64_t n;
    struct str text = form_str(r, field);
    return str_to_i64(text, &n) && n > 0 ? text : STR_NULL;
}

static struct choice choice_of(struct request *r)
{
    struct choice c = {.offer = number_of(r, KEY(offer)), .slot = number_of(r, KEY(slot))};
    str_to_i64(form_str(r, KEY(customer)), &c.customer);
    if (!date_parse(form_str(r, KEY(day)), &c.day))
        c.day = zone_date(r->site->zone, clock_now_us());
    return c;
}

static void add_offers(
    struct request *r, struct value *view, const struct rows *rows, struct str chosen)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    value_set(a, view, KEY(offers), list);
    for (int i = 0; i < rows->count; i++) {
        struct value *v = value_append_object(a, list);
        value_set_str(a, v, KEY(offer_id), rows_str(rows, i, KEY(offer_id)));
        value_set_str(a, v, KEY(title),
            site_text_in(r->site, rows_json(a, rows, i, KEY(title)), r->language));
        value_set_bool(a, v, KEY(chosen), str_eq(rows_str(rows, i, KEY(offer_id)), chosen));
    }
}

// The page with these choices.
static struct str booking_path(
    struct request *r, const struct choice *c, struct str slot, int64_t customer)
{
    struct arena *a = r->arena;
    struct str path = str_join(a, STR("/manage/orders/new?day="), date_text(a, c->day), STR_NULL);
    if (c->offer.len)
        path = str_join(a, path, STR("&offer="), c->offer, STR_NULL);
    if (slot.len)
        path = str_join(a, path, STR("&slot="), slot, STR_NULL);
    if (customer)
        path = str_join(a, path, STR("&customer="), str_of_i64(a, customer), STR_NULL);
    return path;
}

static struct str booking_url(
    struct request *r, const struct choice *c, struct str slot, int64_t customer)
{
    return request_url(r, booking_path(r, c, slot, customer));
}

static void show_known(struct request *r, value_key field, struct str text)
{
    struct value *v = value_object(r->arena);
    if (!r->typed)
        r->typed = value_object(r->arena);
    if (value_get(r->typed, field))
        return;
    value_set_str(r->arena, v, KEY(value), text.p ? text : STR(""));
    value_set(r->arena, r->typed, field, v);
}

// Whom one books for: the one that was chosen, or who could be meant. False when that can't be
// read.
static bool add_customer(struct request *r, struct value *view, const struct choice *c)
{
    struct arena *a = r->arena;
    struct customer found;
    enum customer_result result =
        c->customer ? customer_find(a, r->site, c->customer, &found) : CUSTOMER_GONE;
    bool there = result == CUSTOMER_DONE;
    value_set(a, view, KEY(customer), there ? customers_picked(r, &found) : value_null());
    value_set_bool(a, view, KEY(customer_gone), c->customer && result == CUSTOMER_GONE);
    value_set_str(a, view, KEY(without_url), booking_url(r, c, c->slot, 0));
    value_set_str(a, view, KEY(new_url), customers_new_url(r, booking_path(r, c, c->slot, 0)));
    if (result == CUSTOMER_BUSY || !customers_pick_view(r, view, form_str(r, KEY(who))))
        return false;
    struct value *matches = value_get(view, KEY(matches));
    for (size_t i = 0; i < value_count(matches); i++) {
        int64_t id = 0;
        str_to_i64(value_get_str(value_at(matches, i), KEY(id)), &id);
        value_set_str(a, value_at(matches, i), KEY(pick_url), booking_url(r, c, c->slot, id));
    }
    if (there && !form_refused(r)) {
        show_known(r, KEY(name), customer_name(a, &found));
        show_known(r, KEY(email), found.email);
        show_known(r, KEY(phone), phone_text(a, found.phone));
    }
    return true;
}

static void add_slots(
    struct request *r, struct value *view, const struct rows *rows, const struct choice *c)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    value_set(a, view, KEY(slots), list);
    value_set_bool(a, view, KEY(has_slots), rows->count > 0);
    for (int i = 0; i < rows->count; i++) {
        struct value *v = value_append_object(a, list);
        struct str id = rows_str(rows, i, KEY(slot_id));
        int64_t starts_us = rows_us(rows, i, KEY(starts_us));
        int32_t minute = zone_local(r->site->zone, starts_us).second / 60;
        bool past = starts_us <= clock_now_us();
        value_set_str(a, v, KEY(slot_id), id);
        value_set_str(a, v, KEY(time_text), format_time_of_day(a, r->format, minute));
        value_set_int(a, v, KEY(left), rows_i64(rows, i, KEY(places_left)));
        value_set_bool(a, v, KEY(chosen), str_eq(id, c->slot));
        value_set_str(a, v, KEY(slot_url),
            rows_bool(rows, i, KEY(is_free)) && !past ? booking_url(r, c, id, c->customer)
                                                      : STR_NULL);
    }
}

static int64_t typed_count(struct request *r, struct str code)
{
    const struct value *counts = value_get(r->form, KEY(quantity));
    for (size_t i = 0; i < value_count(counts); i++)
        if (str_eq(value_get_str(value_at(counts, i), KEY(key)), code))
            return value_get_int(value_at(counts, i), KEY(count), 0);
    return 0;
}

static void add_slot(
    struct request *r, struct value *view, const struct rows *slot, const struct rows *rates)
{
    struct arena *a = r->arena;
    value_set(a, view, KEY(slot), value_null());
    if (!slot->count)
        return;
    struct value *v = value_object(a), *list = value_list(a);
    value_set(a, view, KEY(slot), v);
    value_set_str(a, v, KEY(slot_id), rows_str(slot, 0, KEY(slot_id)));
    value_set_str(
        a, v, KEY(title), site_text_in(r->site, rows_json(a, slot, 0, KEY(title)), r->language));
    value_set(a, v, KEY(when), orders_time(r, rows_us(slot, 0, KEY(starts_us))));
    value_set(a, v, KEY(rates), list);
    for (int i = 0; i < rates->count; i++) {
        struct value *rate = value_append_object(a, list);
        struct str code = rows_str(rates, i, KEY(code));
        value_set_str(a, rate, KEY(code), code);
        value_set_str(a, rate, KEY(rate_name),
            site_text_in(r->site, rows_json(a, rates, i, KEY(name)), r->language));
        value_set(a, rate, KEY(price), orders_money(r, rows_i64(rates, i, KEY(price_minor))));
        value_set_int(a, rate, KEY(count), typed_count(r, code));
        value_set_int(a, rate, KEY(most), rows_i64(slot, 0, KEY(max_per_order)));
    }
}

// `refused`: the address of a verified person, with other details; absent: none.
static void show_as(struct request *r, struct str refused)
{
    struct arena *a = r->arena;
    struct choice c = choice_of(r);
    struct str tenant = db_i64(a, r->site->tenant);
    int64_t from = zone_day_start(r->site->zone, c.day);
    int64_t to = zone_day_start(r->site->zone, date_add_days(c.day, 1));
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int offers = unit_add(u, &SQL_booking_offers, tenant);
    int slots = unit_add(u, &SQL_booking_slots, tenant, c.offer, db_time(a, from), db_time(a, to),
        db_time(a, clock_now_us()));
    int slot = unit_add(u, &SQL_booking_slot, tenant, c.slot);
    int rates = unit_add(u, &SQL_booking_rates, tenant, c.slot);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *early = value_object(a);
    if (!add_customer(r, early, &c)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = page_view(r);
    value_set(a, view, KEY(booked_for), early);
    office_object_view(r, view,
        &(struct office_object){message(a, r->words, STR("office.booking.title"), NULL),
            "/manage/orders", "office.nav.orders"});
    value_set_str(a, view, KEY(action), request_url(r, STR("/manage/orders/new")));
    value_set_str(a, view, KEY(day), date_text(a, c.day));
    value_set_str(a, view, KEY(day_text), format_date(a, r->format, c.day, FORMAT_DATE_FULL));
    value_set_str(a, view, KEY(chosen_offer), c.offer);
    value_set_str(a, view, KEY(idempotency_key), idempotency_key(r));
    add_offers(r, view, unit_rows(u, offers), c.offer);
    add_slots(r, view, unit_rows(u, slots), &c);
    add_slot(r, view, unit_rows(u, slot), unit_rows(u, rates));
    if (refused.len)
        customers_say_person(r, "office/orders/booking", view, refused);
    else if (form_refused(r))
        respond_invalid(r, "office/orders/booking", view);
    else
        respond_page(r, 200, "office/orders/booking", view);
}

static void show(struct request *r)
{
    show_as(r, STR_NULL);
}

void on_booking(struct request *r)
{
    show(r);
}

// In a basket that nobody else has.
static struct order_outcome place(struct request *r, struct order **placed)
{
    int part;
    struct staff_part wanted = {.counts = value_get(r->form, KEY(quantity))};
    struct order_actor actor = orders_actor(r);
    struct staff_booking booking = {.session = id_number(),
        .parts = &wanted,
        .count = 1,
        .contact = {.name = form_str(r, KEY(name)),
            .email = form_str(r, KEY(email)),
            .phone = form_str(r, KEY(phone)),
            .language = r->site->languages[0]},
        .placing = {.tender = STR("venue"), .actor = &actor}};
    str_to_i64(form_str(r, KEY(customer)), &booking.contact.customer);
    if (!str_to_i64(number_of(r, KEY(slot)), &wanted.slot))
        return (struct order_outcome){.result = ORDER_NOT_ON_SALE};
    return staff_booking_make(r->arena, r->site, &booking, placed, &part);
}

static void refuse(struct request *r, const struct order_outcome *outcome)
{
    bool slot = outcome->result == ORDER_NOT_ON_SALE;
    if (outcome->result == ORDER_BUSY || outcome->result == ORDER_UNAVAILABLE) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    form_refuse_text(
        r, slot ? "slot" : "quantity", sale_refusal_code(outcome), sale_refusal_text(r, outcome));
    show(r);
}

// Whoever was chosen may have been deleted meanwhile.
static bool customer_is_there(struct request *r)
{
    struct customer c;
    struct str typed = form_str(r, KEY(customer));
    int64_t id;
    if (!typed.len)
        return true;
    if (str_to_i64(typed, &id) && customer_find(r->arena, r->site, id, &c) == CUSTOMER_DONE)
        return true;
    form_refuse_text(
        r, "customer", "gone", message(r->arena, r->words, STR("office.customer.gone"), NULL));
    return false;
}

// A verified person's address is taken with what the person confirmed, as far as it was asked (C8).
// The booking is then a guest's, for the person to claim: the venue learns nothing by it.
static enum customer_result check_person(struct request *r)
{
    struct customer c;
    struct person person;
    int64_t id;
    struct feature_actor who = feature_actor_of(r);
    struct customer_editor by = {r->site, &who};
    struct person_claim claim = {.email = form_str(r, KEY(email)),
        .name = form_str(r, KEY(name)),
        .phone = form_str(r, KEY(phone))};
    bool chosen = str_to_i64(form_str(r, KEY(customer)), &id) &&
                  customer_find(r->arena, r->site, id, &c) == CUSTOMER_DONE;
    if (!claim.email.len || (chosen && str_eq(claim.email, c.email)))
        return CUSTOMER_DONE;
    enum customer_result result = person_check(r->arena, &by, &claim, &person);
    return result == CUSTOMER_GONE ? CUSTOMER_DONE : result;
}

// False: answered.
static bool person_fits_here(struct request *r)
{
    enum customer_result result = check_person(r);
    if (result == CUSTOMER_DONE)
        return true;
    idempotency_end(r, STR_NULL);
    if (result == CUSTOMER_VERIFIED)
        show_as(r, form_str(r, KEY(email)));
    else
        respond_problem(r, result == CUSTOMER_TRIED ? PROBLEM_TOO_MANY : PROBLEM_UNAVAILABLE);
    return false;
}

static void book(struct request *r)
{
    struct order *o = NULL;
    if (form_refused(r) || !customer_is_there(r)) {
        idempotency_end(r, STR_NULL);
        show(r);
        return;
    }
    if (!person_fits_here(r))
        return;
    struct order_outcome outcome = place(r, &o);
    if (outcome.result != ORDER_DONE) {
        idempotency_end(r, STR_NULL);
        refuse(r, &outcome);
        return;
    }
    struct str path =
        request_url(r, str_join(r->arena, orders_path(r, o, ""), STR("?done=booked"), STR_NULL));
    idempotency_end(r, path);
    sale_lead_to(r, path);
}

void on_book(struct request *r)
{
    if (sale_is_first(r))
        book(r);
}
