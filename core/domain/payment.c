#include "base/check.h"
#include "base/clock.h"
#include "base/id.h"
#include "data/audit.h"
#include "data/jobs.h"
#include "domain/basket.h"
#include "domain/basket.sql.h"
#include "domain/basket_save.h"
#include "domain/event.h"
#include "domain/golive.h"
#include "domain/order_place.h"
#include "domain/order_place.sql.h"
#include "domain/order_sale.h"
#include "domain/price.h"
#include "io/fiber.h"

// A silent payment is asked for this often, until its session is over and a while after.
enum { CHECK_EVERY_S = 60, CHECK_AFTER_S = 600, CAPTURE_TRIES = 3 };

struct found_payment {
    int64_t id;
    struct order *order;
    int64_t amount;
    struct str provider, currency, reference;
    enum payment_state state;
};

static const struct str state_names[] = {[PAYMENT_STARTED] = {"started", 7},
    [PAYMENT_CAPTURED] = {"captured", 8},
    [PAYMENT_REFUSED] = {"refused", 7},
    [PAYMENT_ABANDONED] = {"abandoned", 9}};

static struct order_outcome outcome(enum order_result result)
{
    return (struct order_outcome){.result = result};
}

static struct value *payment_value(
    struct arena *a, int64_t payment, int64_t amount, struct str currency, struct str reference)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(id), str_of_i64(a, payment));
    value_set_int(a, v, KEY(amount_minor), amount);
    value_set_str(a, v, KEY(currency), currency);
    value_set_str(a, v, KEY(reference), reference);
    return v;
}

static void add_check_job(struct unit *u, int64_t payment, int64_t run_at_us, int64_t until_us)
{
    struct arena *a = unit_arena(u);
    struct value *payload = value_object(a);
    value_set_str(a, payload, KEY(payment), str_of_i64(a, payment));
    value_set_int(a, payload, KEY(until_us), until_us);
    job_add(u, STR("payment.check"), payload, run_at_us, str_of_i64(a, payment));
}

static int64_t payable_lines(const struct order *o)
{
    int64_t count = 0;
    for (int i = 0; i < o->count; i++)
        count += o->lines[i].state == LINE_held || o->lines[i].state == LINE_paying;
    return count;
}

struct begin {
    struct str plugin;
    int64_t payment, now;
};

static struct order_outcome hold_for_payment(
    struct arena *a, const struct site *site, struct order *o, const struct begin *begin)
{
    int64_t payment = begin->payment, now = begin->now;
    struct order_outcome result = {.result = ORDER_REFUSED};
    struct str tenant = db_i64(a, site->tenant), id = db_i64(a, o->id), at = db_time(a, now);
    struct str until = db_time(a, now + PAYMENT_SESSION_MAX_US);
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_route(u, (uint64_t)o->id);
    result.refusal = sale_check(u, site, o, begin->plugin);
    if (result.refusal.code.p)
        return result;
    unit_add(u, &SQL_payment_hold_order, tenant, id, db_i64(a, o->version), until);
    unit_add(u, &SQL_payment_insert, tenant, db_i64(a, payment), id, begin->plugin,
        db_i64(a, o->total_minor), str_of(site->currency.code), at);
    unit_add(u, &SQL_payment_abandon_others, tenant, id, db_i64(a, payment), at);
    unit_add(u, &SQL_payment_hold_lines, tenant, id, db_i64(a, payable_lines(o)), until, at);
    add_check_job(u, payment, now + CHECK_EVERY_S * US_PER_SECOND,
        now + PAYMENT_SESSION_MAX_US + CHECK_AFTER_S * US_PER_SECOND);
    result.result = order_result_of(u, unit_run(u));
    if (result.result == ORDER_REFUSED)
        result.refusal = hook_guard_refusal(unit_refusal(u));
    return result;
}

static struct str fill_payment(struct arena *a, struct str url, int64_t payment)
{
    ptrdiff_t at = str_find(url, STR("{payment}"));
    check(at >= 0);
    return str_join(a, str_sub(url, 0, (size_t)at), str_of_i64(a, payment),
        str_sub(url, (size_t)at + 9, url.len), STR_NULL);
}

static struct value *ask_to_start(struct arena *a, const struct site *site, const struct order *o,
    const struct payment_start *start, int64_t payment)
{
    struct value *in = order_value(a, site, o);
    value_set(a, in, KEY(payment),
        payment_value(a, payment, o->total_minor, str_of(site->currency.code), STR_NULL));
    value_set_str(a, in, KEY(return_url), fill_payment(a, start->return_url, payment));
    value_set_str(a, in, KEY(notify_url), start->notify_url);
    return hook_ask(a, site, HOOK_payment_start, start->plugin, in);
}

// The payment didn't happen: the places are held again as before.
static enum order_result release(struct arena *a, const struct site *site, int64_t order,
    const struct payment_news *news, int64_t now)
{
    struct str tenant = db_i64(a, site->tenant), at = db_time(a, now);
    struct str payment = db_i64(a, news->payment);
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_route(u, (uint64_t)order);
    unit_add(u, &SQL_payment_give_up, tenant, payment, state_names[news->state], news->refusal, at);
    unit_add(u, &SQL_payment_release_lines, tenant, db_i64(a, order), payment,
        db_time(a, now + BASKET_HOLD_US), at);
    if (news->state == PAYMENT_REFUSED)
        event_add(u, EVENT_payment_refused, news->payment, NULL);
    // Whoever heard of it at the same moment has done it.
    enum order_result result = order_result_of(u, unit_run(u));
    return result == ORDER_ALREADY ? ORDER_DONE : result;
}

// What the provider answered: its name for the payment, and how long its page can be used; the
// places are held no longer than that.
static enum order_result keep_answer(struct arena *a, const struct site *site, int64_t order,
    int64_t payment, const struct value *answer)
{
    int64_t now = clock_now_us(), most = now + PAYMENT_SESSION_MAX_US;
    int64_t until = value_get_int(answer, KEY(session_until), 0) * US_PER_SECOND;
    struct str tenant = db_i64(a, site->tenant), id = db_i64(a, order);
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_route(u, (uint64_t)order);
    unit_add(u, &SQL_payment_set_reference, tenant, db_i64(a, payment),
        value_get_str(answer, KEY(reference)), db_time(a, now));
    if (until > now && until < most) {
        unit_add(u, &SQL_payment_order_until, tenant, id, db_time(a, until));
        unit_add(u, &SQL_payment_lines_until, tenant, id, db_time(a, until));
    }
    return order_result_of(u, unit_run(u));
}

struct order_outcome payment_begin(struct arena *a, const struct site *site, struct order *o,
    const struct payment_start *start, struct str *redirect_url)
{
    int64_t now = clock_now_us(), payment = id_number();
    if (!payable_lines(o) || o->total_minor <= 0)
        return outcome(ORDER_EMPTY);
    if (!golive_takes_payment(site, start->plugin))
        return outcome(ORDER_UNAVAILABLE);
    if (order_has_lost(o))
        return outcome(ORDER_EXPIRED);
    if (!price_holds(a, site, o))
        return sale_reprice(a, site, o);
    struct begin begin = {start->plugin, payment, now};
    struct order_outcome held = hold_for_payment(a, site, o, &begin);
    if (held.result != ORDER_DONE)
        return held;
    struct value *answer = ask_to_start(a, site, o, start, payment);
    bool answered = value_get_str(answer, KEY(reference)).len > 0;
    *redirect_url = value_get_str(answer, KEY(redirect_url));
    if (answered && redirect_url->len && keep_answer(a, site, o->id, payment, answer) == ORDER_DONE)
        return held;
    struct payment_news news = {payment, PAYMENT_ABANDONED, STR("unavailable")};
    enum order_result ignored = release(a, site, o->id, &news, now);
    (void)ignored; // the check job releases it later
    return outcome(ORDER_UNAVAILABLE);
}

// Lines that left the payment meanwhile: back in the basket, or taken over by somebody.
struct again {
    int64_t slots[ORDER_LINES_MAX], deltas[ORDER_LINES_MAX], lines[ORDER_LINES_MAX];
    int64_t exclusive_offers[ORDER_LINES_MAX];
    size_t slot_count, line_count, exclusive_count;
};

static struct again find_again(const struct order *o)
{
    struct again again = {.slot_count = 0};
    for (int i = 0; i < o->count; i++) {
        const struct order_line *l = &o->lines[i];
        if (l->state != LINE_expired && l->state != LINE_held)
            continue;
        again.lines[again.line_count++] = l->id;
        if (l->state == LINE_held)
            continue;
        again.slots[again.slot_count] = l->slot;
        again.deltas[again.slot_count++] = l->quantity;
        if (l->exclusive)
            again.exclusive_offers[again.exclusive_count++] = l->offer;
    }
    return again;
}

// In the order of basket_save.c: resources, slots, what expired, guards.
static void lock_again(struct unit *u, struct str tenant, const struct again *again, struct str now)
{
    struct arena *a = unit_arena(u);
    if (again->exclusive_count)
        unit_add(u, &SQL_basket_lock_resources, tenant,
            db_i64_array(a, again->exclusive_offers, again->exclusive_count));
    unit_add(u, &SQL_basket_lock_slots, tenant, db_i64_array(a, again->slots, again->slot_count));
    for (size_t i = 0; i < again->slot_count; i++)
        basket_take_slot(u, again->slots[i], again->deltas[i], again->exclusive_count > 0, now);
}

// Places that somebody took over while the buyer paid are taken again, or the unit is refused.
static void take_again(struct unit *u, const struct site *site, const struct order *o, int64_t now)
{
    struct arena *a = unit_arena(u);
    struct again again = find_again(o);
    struct str tenant = db_i64(a, site->tenant);
    if (again.line_count)
        unit_add(u, &SQL_payment_revive_lines, tenant, db_i64(a, o->id),
            db_i64_array(a, again.lines, again.line_count), db_time(a, now));
    if (again.slot_count)
        lock_again(u, tenant, &again, db_time(a, now));
    for (int i = 0; i < o->count; i++) {
        const struct order_line *l = &o->lines[i];
        if (l->state == LINE_expired && (l->exclusive || l->numbered))
            basket_choose(u, l, l->slot, 0);
    }
}

static void add_capture(
    struct unit *u, const struct site *site, const struct found_payment *found, int64_t now)
{
    struct arena *a = unit_arena(u);
    unit_add(u, &SQL_payment_capture, db_i64(a, site->tenant), db_i64(a, found->id),
        db_time(a, now), state_names[found->state]);
    event_add(u, EVENT_payment_captured, found->id, NULL);
}

static enum order_result capture(
    struct arena *a, const struct site *site, const struct found_payment *found)
{
    int64_t now = clock_now_us();
    struct order *o = found->order;
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_route(u, (uint64_t)o->id);
    add_capture(u, site, found, now);
    // While it was given up, somebody else may have had the last use of what plugins count.
    if (found->state != PAYMENT_STARTED && sale_check(u, site, o, found->provider).code.p)
        return ORDER_REFUSED;
    take_again(u, site, o, now);
    for (int i = 0; i < o->count; i++) {
        struct order_line *l = &o->lines[i];
        if (l->state == LINE_expired || l->state == LINE_held)
            l->state = LINE_paying;
        l->wanted = l->state == LINE_paying;
    }
    struct sale sale = {STR("paying"), 0, found->provider, NULL, now, false};
    sale_add(u, site, o, &sale);
    return order_result_of(u, unit_run(u));
}

static void add_record(struct unit *u, const struct found_payment *found)
{
    struct arena *a = unit_arena(u);
    struct value *after = value_object(a);
    value_set_int(a, after, KEY(back_minor), found->amount);
    value_set_str(
        a, after, KEY(why), found->order->placed_us ? STR("paid_before") : STR("too_late"));
    audit_add(u, &(struct audit){.actor_kind = STR("system"),
                     .actor_name = STR("Vitrine"),
                     .action = STR("order.payment_returned"),
                     .object_kind = STR("order"),
                     .object_id = str_of_i64(a, found->order->id),
                     .after = after});
}

// The money came but there is nothing to give for it.
static enum order_result capture_and_refund(
    struct arena *a, const struct site *site, const struct found_payment *found)
{
    int64_t now = clock_now_us(), refund = id_number();
    struct str tenant = db_i64(a, site->tenant), at = db_time(a, now);
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    struct value *payload = value_object(a);
    value_set_str(a, payload, KEY(refund), str_of_i64(a, refund));
    value_set_str(a, payload, KEY(order_id), str_of_i64(a, found->order->id));
    unit_route(u, (uint64_t)found->order->id);
    add_capture(u, site, found, now);
    unit_add(u, &SQL_payment_insert_refund, tenant, db_i64(a, found->id), db_i64(a, refund),
        db_i64(a, found->amount), at);
    job_add(u, STR("payment.refund"), payload, now, STR_NULL);
    job_add(u, STR("mail.refund"), payload, now, STR_NULL);
    add_record(u, found);
    return order_result_of(u, unit_run(u));
}

static enum order_result find(
    struct arena *a, const struct site *site, int64_t payment, struct found_payment *found)
{
    enum order_result result;
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(u, &SQL_payment_by_id, db_i64(a, site->tenant), db_i64(a, payment));
    result = order_result_of(u, unit_run(u));
    if (result != ORDER_DONE)
        return result;
    const struct rows *r = unit_rows(u, place);
    if (!r->count)
        return ORDER_NOT_FOUND;
    found->id = payment;
    found->amount = rows_i64(r, 0, KEY(amount_minor));
    found->provider = rows_str(r, 0, KEY(provider));
    found->currency = rows_str(r, 0, KEY(currency));
    found->reference = rows_str(r, 0, KEY(reference));
    found->state = payment_state_of(rows_str(r, 0, KEY(state)));
    found->order = order_find(a, site, rows_i64(r, 0, KEY(order_id)), &result);
    return result;
}

static bool may_be_otherwise_by_now(enum order_result result)
{
    return result == ORDER_ALREADY || result == ORDER_EXPIRED || result == ORDER_CHANGED ||
           result == ORDER_BUSY;
}

// Confirms what was paid, or gives the money back: paid twice, the basket changed after the payment
// began, the places gone, or a coupon used up by somebody else.
static enum order_result capture_once(
    struct arena *a, const struct site *site, const struct found_payment *found)
{
    if (found->order->placed_us || found->order->total_minor != found->amount)
        return capture_and_refund(a, site, found);
    enum order_result result = capture(a, site, found);
    bool in_vain =
        result == ORDER_SOLD_OUT || result == ORDER_NOT_ON_SALE || result == ORDER_REFUSED;
    return in_vain ? capture_and_refund(a, site, found) : result;
}

static enum order_result settle_capture(
    struct arena *a, const struct site *site, struct found_payment *found)
{
    enum order_result result = ORDER_BUSY;
    for (int i = 0; i < CAPTURE_TRIES; i++) {
        result = capture_once(a, site, found);
        if (!may_be_otherwise_by_now(result))
            return result;
        enum order_result again = find(a, site, found->id, found);
        if (again != ORDER_DONE || found->state == PAYMENT_CAPTURED)
            return again;
    }
    // Nobody is in between any more, and yet a line can't be confirmed: its slot was cancelled.
    return result == ORDER_EXPIRED ? capture_and_refund(a, site, found) : result;
}

struct order_outcome payment_settle(
    struct arena *a, const struct site *site, const struct payment_news *news)
{
    struct found_payment found = {0};
    enum order_result result = find(a, site, news->payment, &found);
    if (result != ORDER_DONE || news->state == PAYMENT_STARTED || found.state == PAYMENT_CAPTURED)
        return outcome(result);
    if (news->state == PAYMENT_CAPTURED)
        return outcome(settle_capture(a, site, &found));
    if (found.state != PAYMENT_STARTED)
        return outcome(ORDER_DONE);
    return outcome(release(a, site, found.order->id, news, clock_now_us()));
}

int64_t payment_by_reference(
    struct arena *a, const struct site *site, struct str plugin, struct str reference)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(u, &SQL_payment_by_reference, db_i64(a, site->tenant), plugin, reference);
    if (unit_run(u) != DB_OK || !unit_rows(u, place)->count)
        return 0;
    return rows_i64(unit_rows(u, place), 0, KEY(payment_id));
}

struct order_outcome payment_ask(struct arena *a, const struct site *site, int64_t payment,
    enum payment_state *state, int64_t *order)
{
    struct found_payment found = {0};
    enum order_result result = find(a, site, payment, &found);
    if (result != ORDER_DONE)
        return outcome(result);
    *state = found.state;
    *order = found.order->id;
    // Nothing to ask of a payment whose start never got an answer; its session ends by itself.
    if (found.state == PAYMENT_CAPTURED || !found.reference.len)
        return outcome(ORDER_DONE);
    struct value *in = value_object(a);
    value_set(a, in, KEY(payment),
        payment_value(a, payment, found.amount, found.currency, found.reference));
    struct value *answer = hook_ask(a, site, HOOK_payment_status, found.provider, in);
    if (!answer)
        return outcome(ORDER_UNAVAILABLE);
    struct payment_news news = {payment, payment_state_of(value_get_str(answer, KEY(state))),
        value_get_str(answer, KEY(refusal))};
    if (news.state != PAYMENT_STARTED)
        *state = news.state;
    return payment_settle(a, site, &news);
}

static int64_t payload_number(const struct job *job, value_key key)
{
    int64_t n = 0;
    return str_to_i64(value_get_str(job->payload, key), &n) ? n : 0;
}

static enum job_result check_again(
    struct job *job, struct arena *a, const struct site *site, int64_t payment)
{
    int64_t now = clock_now_us(), until = value_get_int(job->payload, KEY(until_us), 0);
    if (now >= until) {
        struct payment_news news = {payment, PAYMENT_ABANDONED, STR("no_answer")};
        return payment_settle(a, site, &news).result == ORDER_DONE ? JOB_DONE : JOB_RETRY;
    }
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    add_check_job(u, payment, now + CHECK_EVERY_S * US_PER_SECOND, until);
    return unit_run(u) == DB_OK ? JOB_DONE : JOB_RETRY;
}

static enum job_result run_check(struct job *job)
{
    struct arena *a = fiber_arena();
    struct site *site;
    int64_t payment = payload_number(job, KEY(payment)), order;
    enum payment_state state = PAYMENT_STARTED;
    if (site_acquire_by_tenant(job->tenant, &site) != SITE_FOUND)
        return JOB_RETRY;
    enum order_result asked = payment_ask(a, site, payment, &state, &order).result;
    bool over = asked == ORDER_NOT_FOUND || (asked == ORDER_DONE && state != PAYMENT_STARTED);
    enum job_result result = over ? JOB_DONE : check_again(job, a, site, payment);
    site_release(site);
    return result;
}

static enum job_result refund(struct job *job, struct arena *a, const struct site *site)
{
    int64_t id = payload_number(job, KEY(refund));
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(u, &SQL_payment_by_id, db_i64(a, site->tenant), db_i64(a, id));
    if (unit_run(u) != DB_OK)
        return JOB_RETRY;
    const struct rows *r = unit_rows(u, place);
    if (!r->count || !str_is(rows_str(r, 0, KEY(state)), "started"))
        return JOB_DONE;
    struct found_payment paid = {0};
    if (find(a, site, rows_i64(r, 0, KEY(refund_of)), &paid) != ORDER_DONE)
        return JOB_RETRY;
    struct value *in = value_object(a);
    // The refund's own number makes asking twice harmless.
    value_set(a, in, KEY(payment),
        payment_value(
            a, rows_i64(r, 0, KEY(refund_of)), paid.amount, paid.currency, paid.reference));
    value_set_str(a, in, KEY(refund), str_of_i64(a, id));
    value_set_int(a, in, KEY(amount_minor), rows_i64(r, 0, KEY(amount_minor)));
    struct value *answer = hook_ask(a, site, HOOK_payment_refund, paid.provider, in);
    struct str reference = value_get_str(answer, KEY(reference));
    bool refused = str_is(value_get_str(answer, KEY(state)), "refused");
    bool gives_up = !reference.len && !refused;
    if (gives_up && job->attempt < JOB_TRIES)
        return JOB_RETRY;
    struct unit *done = unit_new(a, DB_WRITE, site->tenant);
    // Where nobody answered for days, people see it and may ask again.
    unit_add(done, &SQL_payment_refund_done, db_i64(a, site->tenant), db_i64(a, id), reference,
        db_time(a, clock_now_us()), refused || gives_up ? STR("refused") : STR("captured"),
        refused    ? value_get_str(answer, KEY(refusal))
        : gives_up ? STR("unavailable")
                   : STR_NULL);
    if (!refused && !gives_up)
        event_add(done, EVENT_payment_refunded, id, NULL);
    if (unit_run(done) != DB_OK)
        return JOB_RETRY;
    return gives_up ? JOB_FAILED : JOB_DONE;
}

static enum job_result run_refund(struct job *job)
{
    struct site *site;
    if (site_acquire_by_tenant(job->tenant, &site) != SITE_FOUND)
        return JOB_RETRY;
    enum job_result result = refund(job, fiber_arena(), site);
    site_release(site);
    return result;
}

void payment_jobs_start(void)
{
    job_handler("payment.check", run_check);
    job_handler("payment.refund", run_refund);
}
