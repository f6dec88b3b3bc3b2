#include "payment.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/zone.h"
#include "notice.h"

enum { BUCKETS = 1024, KEPT_S = 86400 };

static struct {
    struct payment *buckets[BUCKETS], *newest, *oldest;
    int count;
} all;

static struct payment **bucket_of(struct str id)
{
    return &all.buckets[hash_bytes(id) % BUCKETS];
}

struct payment *payment_find(struct str id)
{
    struct payment *p = *bucket_of(id);
    while (p && !str_eq(p->id, id))
        p = p->same_hash;
    return p;
}

struct payment *payment_newest(void)
{
    return all.newest;
}

static struct payment *find_by_key(struct str account, struct str key)
{
    struct payment *p = all.newest;
    while (p && !(str_eq(p->account, account) && str_eq(p->key, key)))
        p = p->older;
    return p;
}

static void forget(struct payment *p)
{
    struct payment **link = bucket_of(p->id);
    while (*link != p)
        link = &(*link)->same_hash;
    *link = p->same_hash;
    *(p->newer ? &p->newer->older : &all.newest) = p->older;
    *(p->older ? &p->older->newer : &all.oldest) = p->newer;
    all.count--;
    timer_stop(&p->timer);
    arena_free(p->arena);
}

static bool is_open(const struct payment *p)
{
    return p->state == PAYMENT_CREATED || p->state == PAYMENT_AUTHORIZED;
}

static bool make_room(void)
{
    struct payment *p = all.oldest;
    if (all.count < PAYMENTS_MAX)
        return true;
    while (p && is_open(p))
        p = p->newer;
    if (p)
        forget(p);
    return p != NULL;
}

static void on_kept_long_enough(struct timer *t)
{
    forget((struct payment *)((char *)t - offsetof(struct payment, timer)));
}

static void on_session_end(struct timer *t)
{
    struct payment *p = (struct payment *)((char *)t - offsetof(struct payment, timer));
    // Money that is authorized waits for the shop; an open page doesn't wait for its visitor.
    payment_expire(p);
    timer_start(&p->timer, KEPT_S * INT64_C(1000), on_kept_long_enough);
}

static void insert(struct payment *p)
{
    struct payment **bucket = bucket_of(p->id);
    p->same_hash = *bucket;
    *bucket = p;
    p->older = all.newest;
    *(all.newest ? &all.newest->newer : &all.oldest) = p;
    all.newest = p;
    all.count++;
}

enum payment_result payment_create(const struct payment_wish *wish, struct payment **payment)
{
    *payment = find_by_key(wish->account, wish->key);
    if (*payment)
        return str_eq((*payment)->fingerprint, wish->fingerprint) ? PAYMENT_SAME : PAYMENT_KEY_USED;
    if (!make_room())
        return PAYMENT_FULL;
    struct arena *a = arena_new();
    struct payment *p = arena_new_object(a, struct payment);
    *p = (struct payment){
        .arena = a,
        .id = str_join(a, STR("pay_"), id_token(a), STR_NULL),
        .account = str_dup(a, wish->account),
        .key = str_dup(a, wish->key),
        .fingerprint = str_dup(a, wish->fingerprint),
        .reference = str_dup(a, wish->reference),
        .shop = str_dup(a, wish->shop),
        .language = str_dup(a, wish->language),
        .return_url = str_dup(a, wish->return_url),
        .notify_url = str_dup(a, wish->notify_url),
        .currency = wish->currency,
        .amount_minor = wish->amount_minor,
        .created_us = clock_now_us(),
    };
    p->expires_us = p->created_us + wish->session_s * US_PER_SECOND;
    insert(p);
    timer_start(&p->timer, wish->session_s * 1000, on_session_end);
    *payment = p;
    return PAYMENT_DONE;
}

static enum payment_result change(
    struct payment *p, enum payment_state from, enum payment_state to, const char *event)
{
    if (p->state == to)
        return PAYMENT_SAME;
    if (p->state != from)
        return PAYMENT_NOT_NOW;
    p->state = to;
    notice_add(p, str_of(event), NULL);
    return PAYMENT_DONE;
}

enum payment_result payment_authorize(struct payment *p)
{
    return change(p, PAYMENT_CREATED, PAYMENT_AUTHORIZED, "payment.authorized");
}

enum payment_result payment_refuse(struct payment *p, struct str reason)
{
    if (p->state == PAYMENT_CREATED)
        p->refusal = str_dup(p->arena, reason);
    return change(p, PAYMENT_CREATED, PAYMENT_REFUSED, "payment.refused");
}

enum payment_result payment_cancel(struct payment *p)
{
    return change(p, PAYMENT_CREATED, PAYMENT_CANCELLED, "payment.cancelled");
}

enum payment_result payment_expire(struct payment *p)
{
    return change(p, PAYMENT_CREATED, PAYMENT_EXPIRED, "payment.expired");
}

enum payment_result payment_capture(struct payment *p)
{
    return change(p, PAYMENT_AUTHORIZED, PAYMENT_CAPTURED, "payment.captured");
}

enum payment_result payment_refund(
    struct payment *p, struct str key, int64_t amount_minor, struct refund **refund)
{
    for (int i = 0; i < p->refund_count; i++)
        if (str_eq(p->refunds[i].key, key)) {
            *refund = &p->refunds[i];
            return p->refunds[i].amount_minor == amount_minor ? PAYMENT_SAME : PAYMENT_KEY_USED;
        }
    if (p->state != PAYMENT_CAPTURED)
        return PAYMENT_NOT_NOW;
    if (amount_minor > p->amount_minor - p->refunded_minor)
        return PAYMENT_TOO_MUCH;
    if (p->refund_count == REFUNDS_MAX)
        return PAYMENT_FULL;
    struct refund *r = &p->refunds[p->refund_count++];
    *r = (struct refund){str_join(p->arena, STR("ref_"), id_token(p->arena), STR_NULL),
        str_dup(p->arena, key), amount_minor, clock_now_us()};
    p->refunded_minor += amount_minor;
    notice_add(p, STR("refund.succeeded"), r);
    *refund = r;
    return PAYMENT_DONE;
}

struct str payment_state_name(enum payment_state state)
{
    static const struct str names[] = {
        [PAYMENT_CREATED] = {"created", 7},
        [PAYMENT_AUTHORIZED] = {"authorized", 10},
        [PAYMENT_CAPTURED] = {"captured", 8},
        [PAYMENT_REFUSED] = {"refused", 7},
        [PAYMENT_CANCELLED] = {"cancelled", 9},
        [PAYMENT_EXPIRED] = {"expired", 7},
    };
    return names[state];
}

struct value *refund_value(struct arena *a, const struct refund *r)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(id), r->id);
    value_set_str(a, v, KEY(state), STR("succeeded"));
    value_set_int(a, v, KEY(amount_minor), r->amount_minor);
    value_set_str(a, v, KEY(created_at), instant_text(a, zone_utc(), r->created_us));
    return v;
}

struct value *payment_value(struct arena *a, const struct payment *p)
{
    struct value *v = value_object(a), *refunds = value_list(a);
    value_set_str(a, v, KEY(id), p->id);
    value_set_str(a, v, KEY(state), payment_state_name(p->state));
    value_set_str(a, v, KEY(refusal), p->refusal);
    value_set_int(a, v, KEY(amount_minor), p->amount_minor);
    value_set_str(a, v, KEY(currency), str_dup(a, str_of(p->currency.code)));
    value_set_str(a, v, KEY(reference), p->reference);
    value_set_int(a, v, KEY(refunded_minor), p->refunded_minor);
    value_set_str(a, v, KEY(created_at), instant_text(a, zone_utc(), p->created_us));
    value_set_str(a, v, KEY(expires_at), instant_text(a, zone_utc(), p->expires_us));
    for (int i = 0; i < p->refund_count; i++)
        value_append(a, refunds, refund_value(a, &p->refunds[i]));
    value_set(a, v, KEY(refunds), refunds);
    return v;
}
