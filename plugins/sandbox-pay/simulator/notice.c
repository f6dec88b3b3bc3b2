#include "notice.h"

#include "account.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"
#include "base/zone.h"
#include "io/fiber.h"
#include "io/transfer.h"

// A reordered payment's first word comes after those that follow it.
enum { REORDERED_S = 5, BODY_MAX = 64 * 1024, ANSWER_MAX = 64 * 1024, TIMEOUT_MS = 10000 };

struct notice {
    struct arena *arena;
    struct str id, event, payment, account, url, body; // a repetition has an id of its own
    int tries, status;
    bool sending, delivered, given_up;
    struct timer timer;
    struct notice *older, *newer;
};

static struct {
    struct notice *newest, *oldest;
    int count;
    bool paused;
} all;

static const int64_t pauses_ms[NOTICE_TRIES] = {1000, 5000, 30000, 120000, 600000, 0};

static bool is_over(const struct notice *n)
{
    return !n->sending && (n->delivered || n->given_up);
}

static void forget(struct notice *n)
{
    *(n->newer ? &n->newer->older : &all.newest) = n->older;
    *(n->older ? &n->older->newer : &all.oldest) = n->newer;
    all.count--;
    timer_stop(&n->timer);
    arena_free(n->arena);
}

static bool make_room(void)
{
    struct notice *n = all.oldest;
    if (all.count < NOTICES_MAX)
        return true;
    while (n && !is_over(n))
        n = n->newer;
    if (n)
        forget(n);
    return n != NULL;
}

static struct str signature(struct arena *a, const struct notice *n)
{
    struct str t = str_of_i64(a, clock_now_us() / US_PER_SECOND);
    struct str message = str_join(a, t, STR("."), n->body, STR_NULL);
    struct sha256 mac = hash_hmac_sha256(account_notify_secret(a, n->account), message);
    return str_join(a, STR("t="), t, STR(",v1="), str_hex(a, mac.bytes, 32), STR_NULL);
}

static void send_now(struct arena *a, struct notice *n)
{
    struct transfer_header headers[] = {{STR("Content-Type"), STR("application/json")},
        {STR("Vitrine-Signature"), signature(a, n)}};
    struct transfer_request request = {.method = STR("POST"),
        .url = n->url,
        .headers = headers,
        .header_count = sizeof headers / sizeof *headers,
        .body = n->body,
        .timeout_ms = TIMEOUT_MS,
        .max_response = ANSWER_MAX,
        .allow_private = true};
    struct transfer_response response;
    n->sending = true;
    n->tries++;
    enum transfer_result result = transfer_http(a, &request, &response);
    n->sending = false;
    n->status = result == TRANSFER_DONE ? response.status : 0;
    n->delivered |= n->status >= 200 && n->status < 300;
}

static void on_due(struct timer *t);

static void run(void *arg)
{
    struct notice *n = arg;
    send_now(fiber_arena(), n);
    if (!n->delivered && n->tries < NOTICE_TRIES)
        timer_start(&n->timer, pauses_ms[n->tries - 1], on_due);
    else
        n->given_up = !n->delivered;
}

static void on_due(struct timer *t)
{
    struct notice *n = (struct notice *)((char *)t - offsetof(struct notice, timer));
    if (all.paused || n->sending || !fiber_start(run, n, NULL))
        timer_start(t, 1000, on_due);
}

static struct str body_of(
    struct arena *a, struct str event, const struct payment *p, const struct refund *refund)
{
    struct value *v = value_object(a), *data = value_object(a);
    value_set_str(a, v, KEY(id), str_join(a, STR("evt_"), id_token(a), STR_NULL));
    value_set_str(a, v, KEY(type), event);
    value_set_str(a, v, KEY(created_at), instant_text(a, zone_utc(), clock_now_us()));
    value_set(a, v, KEY(data), data);
    value_set(a, data, KEY(payment), payment_value(a, p));
    if (refund)
        value_set(a, data, KEY(refund), refund_value(a, refund));
    struct buf b;
    buf_init(&b, a, BODY_MAX);
    json_write(&b, v);
    check(!b.full);
    return buf_str(&b);
}

static void add_one(const struct payment *p, struct str event, struct str body, int64_t after_ms)
{
    if (!make_room())
        return;
    struct arena *a = arena_new();
    struct notice *n = arena_new_object(a, struct notice);
    *n = (struct notice){.arena = a,
        .id = str_join(a, STR("ntc_"), id_token(a), STR_NULL),
        .event = str_dup(a, event),
        .payment = str_dup(a, p->id),
        .account = str_dup(a, p->account),
        .url = str_dup(a, p->notify_url),
        .body = str_dup(a, body)};
    n->older = all.newest;
    *(all.newest ? &all.newest->newer : &all.oldest) = n;
    all.newest = n;
    all.count++;
    timer_start(&n->timer, after_ms, on_due);
}

void notice_add(const struct payment *p, struct str event, const struct refund *refund)
{
    bool first = p->state != PAYMENT_CAPTURED;
    int64_t after_s = p->manner.delay_s + (p->manner.reordered && first ? REORDERED_S : 0);
    if (p->manner.silent)
        return;
    struct arena *a = arena_new();
    struct str body = body_of(a, event, p, refund);
    for (int i = 0; i < (p->manner.twice ? 2 : 1); i++)
        add_one(p, event, body, after_s * 1000);
    arena_free(a);
}

void notices_pause(bool on)
{
    all.paused = on;
}

struct value *notices_value(struct arena *a)
{
    struct value *list = value_list(a);
    for (struct notice *n = all.newest; n; n = n->older) {
        struct value *v = value_append_object(a, list);
        value_set_str(a, v, KEY(id), str_dup(a, n->id));
        value_set_str(a, v, KEY(type), str_dup(a, n->event));
        value_set_str(a, v, KEY(payment), str_dup(a, n->payment));
        value_set_str(a, v, KEY(state),
            n->delivered  ? STR("delivered")
            : n->given_up ? STR("given_up")
                          : STR("waiting"));
        value_set_int(a, v, KEY(tries), n->tries);
        value_set_int(a, v, KEY(status), n->status);
        value_set_str(a, v, KEY(url), str_dup(a, n->url));
        value_set_str(a, v, KEY(body), str_dup(a, n->body));
    }
    return list;
}

static struct notice *find(struct str id)
{
    struct notice *n = all.newest;
    while (n && !str_eq(n->id, id))
        n = n->older;
    return n;
}

int notice_deliver(struct arena *a, struct str id)
{
    struct notice *n;
    while ((n = find(id)) && n->sending)
        fiber_sleep(5);
    if (!n)
        return -1;
    timer_stop(&n->timer);
    send_now(a, n);
    // The plan goes on where it was when the shop didn't take it.
    if (!n->delivered)
        timer_start(&n->timer, pauses_ms[0], on_due);
    return n->status;
}
