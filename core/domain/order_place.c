#include "domain/order_place.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/text.h"
#include "data/audit.h"
#include "data/jobs.h"
#include "domain/basket.h"
#include "domain/event.h"
#include "domain/order_place.sql.h"
#include "domain/order_sale.h"
#include "domain/price.h"
#include "domain/search.h"

enum { TRIES = 3 };

struct order_outcome order_set_contact(
    struct arena *a, const struct site *site, struct order *o, const struct order_contact *contact)
{
    struct order_outcome outcome = {.result = ORDER_DONE};
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    struct str tenant = db_i64(a, site->tenant), id = db_i64(a, o->id);
    unit_add(u, &SQL_order_set_contact, tenant, id, contact->name, contact->email,
        text_fold(a, contact->email), contact->phone, contact->language,
        contact->terms_version ? db_i64(a, contact->terms_version) : STR_NULL);
    if (contact->customer)
        unit_add(u, &SQL_order_set_basket_customer, tenant, id, db_i64(a, contact->customer));
    if (!str_eq(o->language, contact->language))
        unit_add(u, &SQL_order_translate_lines, tenant, id, contact->language);
    o->name = contact->name;
    o->email = contact->email;
    o->phone = contact->phone;
    outcome.result = order_result_of(u, unit_run(u));
    return outcome;
}

static int64_t count_of(const struct order *o, enum line_state state)
{
    int64_t count = 0;
    for (int i = 0; i < o->count; i++)
        count += o->lines[i].state == state;
    return count;
}

static void add_tickets(struct unit *u, struct str tenant, const struct order *o)
{
    struct arena *a = unit_arena(u);
    struct value *tickets = value_list(a);
    for (int i = 0; i < o->count; i++)
        for (int64_t n = 1; o->lines[i].wanted && n <= o->lines[i].quantity; n++) {
            struct value *t = value_append_object(a, tickets);
            value_set_int(a, t, KEY(line_id), o->lines[i].id);
            value_set_int(a, t, KEY(number), n);
            value_set_str(a, t, KEY(code), id_code(a));
        }
    unit_add(u, &SQL_order_insert_tickets, tenant, db_json(a, tickets));
}

static struct value *placed_value(struct arena *a, const struct order *o)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(order_id), str_of_i64(a, o->id));
    value_set_str(a, v, KEY(code), o->code);
    return v;
}

static void audit_placed(struct unit *u, const struct order *o, const struct sale *sale)
{
    struct arena *a = unit_arena(u);
    struct value *after = value_object(a);
    value_set_int(a, after, KEY(total_minor), o->total_minor);
    value_set_int(a, after, KEY(due_minor), sale->due_minor);
    struct audit what = {.actor_kind = sale->actor->kind,
        .actor_id = sale->actor->id,
        .actor_name = sale->actor->name,
        .action = STR("order.place"),
        .object_kind = STR("order"),
        .object_id = str_of_i64(a, o->id),
        .after = after};
    audit_add(u, &what);
}

void sale_add(
    struct unit *u, const struct site *site, const struct order *o, const struct sale *sale)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, site->tenant), id = db_i64(a, o->id);
    struct str now = db_time(a, sale->now_us);
    unit_add(u, &SQL_order_mark_placed, tenant, id, now, db_i64(a, sale->due_minor),
        db_i64(a, o->version));
    unit_add(u, &SQL_order_confirm_lines, tenant, id, sale->from_state,
        db_i64(a, count_of(o, line_state_of(sale->from_state))), now, sale->tender,
        sale->actor ? sale->actor->kind : STR("customer"));
    add_tickets(u, tenant, o);
    struct search_text found_by = {.words = o->name, .email = o->email, .code = o->code};
    search_add(u, STR("order"), o->id, &found_by);
    if (sale->actor)
        audit_placed(u, o, sale);
    hook_notify(u, a, site, HOOK_order_placed, placed_value(a, o));
    event_add(u, EVENT_order_placed, o->id, NULL);
    if (!sale->silent)
        job_add(u, STR("mail.order"), placed_value(a, o), sale->now_us, STR_NULL);
}

struct hook_refusal sale_check(
    struct unit *u, const struct site *site, const struct order *o, struct str tender)
{
    struct arena *a = unit_arena(u);
    if (!hook_list(site, HOOK_place_check)->count)
        return (struct hook_refusal){0};
    struct value *in = order_value(a, site, o);
    value_set_str(a, in, KEY(tender), tender);
    return hook_check(u, a, site, HOOK_place_check, in);
}

struct order_outcome sale_reprice(struct arena *a, const struct site *site, const struct order *o)
{
    struct order_outcome outcome = basket_reprice(a, site, o->session);
    if (outcome.result == ORDER_DONE)
        outcome.result = ORDER_REPRICED;
    return outcome;
}

static struct order_outcome place_once(
    struct arena *a, const struct site *site, struct order *o, const struct order_placing *how)
{
    struct order_outcome outcome = {.result = ORDER_REFUSED};
    // Of what is free, or paid at the venue, all is due.
    struct sale sale = {
        STR("held"), o->total_minor, how->tender, how->actor, clock_now_us(), how->silent};
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_route(u, (uint64_t)o->id);
    outcome.refusal = sale_check(u, site, o, how->tender);
    if (outcome.refusal.code.p)
        return outcome;
    if (how->add_guards && !how->add_guards(u, how->arg)) {
        outcome.result = ORDER_UNAVAILABLE;
        return outcome;
    }
    sale_add(u, site, o, &sale);
    outcome.result = order_result_of(u, unit_run(u));
    if (outcome.result == ORDER_REFUSED)
        outcome.refusal = hook_guard_refusal(unit_refusal(u));
    return outcome;
}

struct order_outcome order_place_by(
    struct arena *a, const struct site *site, struct order *o, const struct order_placing *how)
{
    struct order_outcome outcome = {.result = ORDER_BUSY};
    if (!count_of(o, LINE_held))
        outcome.result = ORDER_EMPTY;
    else if (order_has_lost(o))
        outcome.result = ORDER_EXPIRED;
    else if (!price_holds(a, site, o))
        outcome = sale_reprice(a, site, o);
    for (int i = 0; i < TRIES && outcome.result == ORDER_BUSY; i++)
        outcome = place_once(a, site, o, how);
    return outcome;
}

struct order_outcome order_place(
    struct arena *a, const struct site *site, struct order *o, struct str tender)
{
    return order_place_by(a, site, o, &(struct order_placing){.tender = tender});
}

static enum order_result read_rows(struct arena *a, const struct site *site, struct sql *sql,
    int64_t order, const struct rows **rows)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(u, sql, db_i64(a, site->tenant), db_i64(a, order));
    enum order_result result = order_result_of(u, unit_run(u));
    *rows = unit_rows(u, place);
    return result;
}

int order_tickets(struct arena *a, const struct site *site, int64_t order, struct ticket **tickets,
    enum order_result *result)
{
    const struct rows *r;
    *result = read_rows(a, site, &SQL_tickets_of_order, order, &r);
    if (*result != ORDER_DONE)
        return 0;
    *tickets = arena_new_array(a, struct ticket, (size_t)r->count + 1);
    for (int i = 0; i < r->count; i++)
        (*tickets)[i] = (struct ticket){rows_str(r, i, KEY(code)), rows_str(r, i, KEY(place)),
            rows_i64(r, i, KEY(line_id)), str_is(rows_str(r, i, KEY(state)), "void")};
    return r->count;
}

enum payment_state payment_state_of(struct str name)
{
    return str_is(name, "captured")    ? PAYMENT_CAPTURED
           : str_is(name, "refused")   ? PAYMENT_REFUSED
           : str_is(name, "abandoned") ? PAYMENT_ABANDONED
                                       : PAYMENT_STARTED;
}

int order_payments(struct arena *a, const struct site *site, int64_t order,
    struct order_payment **payments, enum order_result *result)
{
    const struct rows *r;
    *result = read_rows(a, site, &SQL_payments_of_order, order, &r);
    if (*result != ORDER_DONE)
        return 0;
    *payments = arena_new_array(a, struct order_payment, (size_t)r->count + 1);
    for (int i = 0; i < r->count; i++)
        (*payments)[i] = (struct order_payment){.id = rows_i64(r, i, KEY(payment_id)),
            .refund_of = rows_i64_or(r, i, KEY(refund_of), 0),
            .amount_minor = rows_i64(r, i, KEY(amount_minor)),
            .changed_us = rows_us(r, i, KEY(changed_at)),
            .provider = rows_str(r, i, KEY(provider)),
            .refusal = rows_str(r, i, KEY(refusal)),
            .state = payment_state_of(rows_str(r, i, KEY(state))),
            .is_refund = !rows_is_null(r, i, KEY(refund_of))};
    return r->count;
}
