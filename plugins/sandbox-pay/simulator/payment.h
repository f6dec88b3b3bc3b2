// Payments, in memory: created → authorized → captured, or refused, cancelled, expired; then
// refunds up to what was captured. Every change makes a notification. At most PAYMENTS_MAX are
// kept, a day each: the oldest finished one makes room. Owned by this file; a pointer is good until
// the next wait.
#pragma once

#include "base/money.h"
#include "base/value.h"
#include "io/loop.h"

enum { PAYMENTS_MAX = 4096, REFUNDS_MAX = 20 };

enum payment_state {
    PAYMENT_CREATED,
    PAYMENT_AUTHORIZED,
    PAYMENT_CAPTURED,
    PAYMENT_REFUSED,
    PAYMENT_CANCELLED,
    PAYMENT_EXPIRED,
};

// How the shop hears of it: the page's visitor chooses.
struct manner {
    int delay_s;
    bool twice, reordered, silent;
};

struct refund {
    struct str id, key;
    int64_t amount_minor, created_us;
};

struct payment {
    struct arena *arena;
    struct str id, account, key, fingerprint;
    struct str reference, shop, language, return_url, notify_url;
    struct currency currency;
    int64_t amount_minor, refunded_minor;
    enum payment_state state;
    struct str refusal;
    int64_t created_us, expires_us;
    struct refund refunds[REFUNDS_MAX];
    int refund_count;
    struct manner manner;
    struct timer timer;            // the session's end, later the record's
    struct payment *same_hash;     // the next one in its bucket
    struct payment *older, *newer; // in order of creation
};

struct payment_wish {
    struct str account, key, fingerprint;
    struct str reference, shop, language, return_url, notify_url;
    struct currency currency;
    int64_t amount_minor, session_s;
};

enum payment_result {
    PAYMENT_DONE,
    PAYMENT_SAME,     // it was so already; nothing happened
    PAYMENT_KEY_USED, // the idempotency key belongs to another request
    PAYMENT_NOT_NOW,  // its state doesn't allow it
    PAYMENT_TOO_MUCH, // more than is left to refund
    PAYMENT_FULL,     // no more room
};

enum payment_result payment_create(const struct payment_wish *wish, struct payment **payment);
// NULL when there is none.
struct payment *payment_find(struct str id);
struct payment *payment_newest(void);

enum payment_result payment_authorize(struct payment *p);
enum payment_result payment_refuse(struct payment *p, struct str reason);
enum payment_result payment_cancel(struct payment *p);
enum payment_result payment_expire(struct payment *p);
enum payment_result payment_capture(struct payment *p);
enum payment_result payment_refund(
    struct payment *p, struct str key, int64_t amount_minor, struct refund **refund);

struct str payment_state_name(enum payment_state state);
// As the API and notifications show it.
struct value *payment_value(struct arena *a, const struct payment *p);
struct value *refund_value(struct arena *a, const struct refund *r);
