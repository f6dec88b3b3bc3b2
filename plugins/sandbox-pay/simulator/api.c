#include "api.h"

#include "account.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/zone.h"

enum {
    ANSWER_MAX = 8 << 20,
    SESSION_LEAST_S = 60,
    SESSION_MOST_S = 86400,
    SESSION_USUAL_S = 1800,
    TEXT_MAX = 200,
    URL_MAX = 2000,
};

#define AMOUNT_MAX INT64_C(1000000000000)

static struct str public_origin;
static bool outage;

void api_init(struct str origin)
{
    public_origin = origin;
    // Only keys that somebody named are let in.
    (void)(KEY(amount_minor) + KEY(currency) + KEY(reference) + KEY(shop) + KEY(language) +
           KEY(return_url) + KEY(notify_url) + KEY(expires_in));
}

void api_outage(bool on)
{
    outage = on;
}

void answer_json(struct call *call, int status, struct value *v)
{
    struct buf b;
    buf_init(&b, call->arena, ANSWER_MAX);
    json_write(&b, v);
    check(!b.full);
    call->answer.status = status;
    call->answer.type = STR("application/json");
    call->answer.body = buf_str(&b);
}

static void refuse_field(
    struct call *call, int status, const char *code, const char *field, const char *message)
{
    struct arena *a = call->arena;
    struct value *v = value_object(a), *error = value_object(a);
    value_set(a, v, KEY(error), error);
    value_set_str(a, error, KEY(code), str_of(code));
    value_set_str(a, error, KEY(field), str_of(field));
    value_set_str(a, error, KEY(message), str_of(message));
    answer_json(call, status, v);
}

void answer_refused(struct call *call, int status, const char *code, const char *message)
{
    refuse_field(call, status, code, NULL, message);
}

struct value *call_object(struct call *call)
{
    struct json_error error;
    struct value *v = json_parse(call->arena, call->body, JSON_KNOWN_KEYS, &error);
    if (value_is(v, VALUE_OBJECT))
        return v;
    answer_refused(
        call, 400, "malformed", v ? "an object is wanted" : str_z(call->arena, error.text));
    return NULL;
}

struct str call_rest(const struct call *call, const char *prefix)
{
    struct str start = str_of(prefix);
    return str_starts(call->path, start) ? str_sub(call->path, start.len, call->path.len)
                                         : STR_NULL;
}

// Goes into a Location header and a content policy, so nothing but an address may be in it.
static bool is_address(struct str url)
{
    struct str http = STR("http://"), https = STR("https://");
    size_t start = str_starts(url, https) ? https.len : str_starts(url, http) ? http.len : 0;
    if (!start || url.len > URL_MAX || url.len == start)
        return false;
    for (size_t i = start; i < url.len; i++)
        if (url.p[i] <= ' ' || url.p[i] > '~' || strchr("\"'<>\\;,", url.p[i]))
            return false;
    return true;
}

static bool is_text(struct str s)
{
    return s.len > 0 && s.len <= TEXT_MAX && str_utf8_valid(s);
}

static struct str fingerprint(struct call *call)
{
    struct sha256 h = hash_sha256(call->body);
    return str_hex(call->arena, h.bytes, sizeof h.bytes);
}

// The name of the first field that won't do.
static const char *read_wish(struct call *call, const struct value *in, struct payment_wish *wish)
{
    wish->amount_minor = value_get_int(in, KEY(amount_minor), 0);
    wish->reference = value_get_str(in, KEY(reference));
    wish->shop = value_get_str(in, KEY(shop));
    wish->language = value_get_str(in, KEY(language));
    wish->return_url = value_get_str(in, KEY(return_url));
    wish->notify_url = value_get_str(in, KEY(notify_url));
    wish->session_s = value_get_int(in, KEY(expires_in), SESSION_USUAL_S);
    wish->key = call->idempotency_key;
    wish->fingerprint = fingerprint(call);
    if (wish->amount_minor < 1 || wish->amount_minor > AMOUNT_MAX)
        return "amount_minor";
    if (!currency_parse(value_get_str(in, KEY(currency)), &wish->currency))
        return "currency";
    if (!is_text(wish->reference))
        return "reference";
    if (!is_text(wish->shop))
        return "shop";
    if (wish->language.len > 10)
        return "language";
    if (!is_address(wish->return_url))
        return "return_url";
    if (!is_address(wish->notify_url))
        return "notify_url";
    if (wish->session_s < SESSION_LEAST_S || wish->session_s > SESSION_MOST_S)
        return "expires_in";
    return NULL;
}

static struct value *shop_value(struct arena *a, const struct payment *p)
{
    struct value *v = payment_value(a, p);
    value_set_str(
        a, v, KEY(redirect_url), str_join(a, public_origin, STR("/pay/"), p->id, STR_NULL));
    return v;
}

static void create(struct call *call, struct str account)
{
    struct payment_wish wish = {.account = account};
    struct payment *p;
    struct value *in = call_object(call);
    if (!in)
        return;
    if (!is_text(call->idempotency_key)) {
        answer_refused(call, 400, "key_missing", "an Idempotency-Key header is wanted");
        return;
    }
    const char *field = read_wish(call, in, &wish);
    if (field) {
        refuse_field(call, 422, "invalid", field, "missing, or not as it should be");
        return;
    }
    switch (payment_create(&wish, &p)) {
    case PAYMENT_DONE:
        answer_json(call, 201, shop_value(call->arena, p));
        break;
    case PAYMENT_SAME:
        answer_json(call, 200, shop_value(call->arena, p));
        break;
    case PAYMENT_KEY_USED:
        answer_refused(call, 409, "key_used", "this key was used for another payment");
        break;
    default:
        answer_refused(call, 503, "full", "too many payments are open");
    }
}

static void capture(struct call *call, struct payment *p)
{
    if (payment_capture(p) == PAYMENT_NOT_NOW)
        answer_refused(call, 409, "not_authorized", "only an authorized payment can be captured");
    else
        answer_json(call, 200, shop_value(call->arena, p));
}

static void refund(struct call *call, struct payment *p)
{
    struct refund *r;
    struct value *in = call_object(call);
    if (!in)
        return;
    int64_t amount = value_get_int(in, KEY(amount_minor), 0);
    if (!is_text(call->idempotency_key)) {
        answer_refused(call, 400, "key_missing", "an Idempotency-Key header is wanted");
        return;
    }
    if (amount < 1) {
        refuse_field(call, 422, "invalid", "amount_minor", "missing, or not as it should be");
        return;
    }
    switch (payment_refund(p, call->idempotency_key, amount, &r)) {
    case PAYMENT_DONE:
        answer_json(call, 201, refund_value(call->arena, r));
        break;
    case PAYMENT_SAME:
        answer_json(call, 200, refund_value(call->arena, r));
        break;
    case PAYMENT_KEY_USED:
        answer_refused(call, 409, "key_used", "this key was used for another refund");
        break;
    case PAYMENT_NOT_NOW:
        answer_refused(call, 409, "not_captured", "only a captured payment can be refunded");
        break;
    case PAYMENT_TOO_MUCH:
        refuse_field(call, 422, "too_much", "amount_minor", "more than is left");
        break;
    case PAYMENT_FULL:
        answer_refused(call, 409, "too_many", "no more refunds of this payment");
    }
}

// /v1/payments/ID, /v1/payments/ID/capture, /v1/payments/ID/refunds
static void one(struct call *call, struct str account, struct str rest)
{
    struct str id = str_cut(&rest, '/');
    struct payment *p = payment_find(id);
    bool post = str_is(call->method, "POST");
    if (!p || !str_eq(p->account, account))
        answer_refused(call, 404, "unknown", "there is no such payment");
    else if (!rest.p && str_is(call->method, "GET"))
        answer_json(call, 200, shop_value(call->arena, p));
    else if (post && str_is(rest, "capture"))
        capture(call, p);
    else if (post && str_is(rest, "refunds"))
        refund(call, p);
    else
        answer_refused(call, 404, "unknown", "there is no such address");
}

void api_serve(struct call *call)
{
    struct str account = account_of_key(call->arena, call->authorization);
    struct str rest = call_rest(call, "/v1/payments/");
    if (outage)
        answer_refused(call, 503, "outage", "try again later");
    else if (!account.p)
        answer_refused(call, 401, "key_wrong", "the secret key is missing or wrong");
    else if (str_is(call->path, "/v1/payments") && str_is(call->method, "POST"))
        create(call, account);
    else if (rest.len)
        one(call, account, rest);
    else
        answer_refused(call, 404, "unknown", "there is no such address");
}
