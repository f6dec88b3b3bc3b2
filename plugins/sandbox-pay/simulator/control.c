// Controls for tests, guarded by the installation's secret:
//   GET  /test/payments                      all payments, newest first
//   GET  /test/notices                       all notifications, newest first
//   POST /test/pause   {"paused": true}      keeps notifications back until told, or delivered
//   POST /test/deliver {"ids": ["ntc_…", …]} delivers these now, in this order; all waiting ones
//                                            when none is named: {"statuses": [200, …]}
//   POST /test/outage  {"on": true}          the API answers 503
//   POST /test/expire  {"payment": "pay_…"}  ends a session now
#include "account.h"
#include "api.h"
#include "notice.h"

static void list_payments(struct call *call)
{
    struct arena *a = call->arena;
    struct value *list = value_list(a);
    for (struct payment *p = payment_newest(); p; p = p->older)
        value_append(a, list, payment_value(a, p));
    answer_json(call, 200, list);
}

static struct value *waiting(struct arena *a)
{
    // Oldest first, as they would have gone.
    struct value *ids = value_list(a), *all = notices_value(a);
    for (size_t i = value_count(all); i > 0; i--) {
        struct value *n = value_at(all, i - 1);
        if (str_is(value_get_str(n, KEY(state)), "waiting"))
            value_append(a, ids, value_get(n, KEY(id)));
    }
    return ids;
}

static void deliver(struct call *call, const struct value *in)
{
    struct arena *a = call->arena;
    struct value *answer = value_object(a), *statuses = value_list(a);
    const struct value *ids = value_get(in, KEY(ids));
    if (!ids)
        ids = waiting(a);
    for (size_t i = 0; i < value_count(ids); i++)
        value_append(a, statuses, value_int(a, notice_deliver(a, value_as_str(value_at(ids, i)))));
    value_set(a, answer, KEY(statuses), statuses);
    answer_json(call, 200, answer);
}

static void expire(struct call *call, const struct value *in)
{
    struct payment *p = payment_find(value_get_str(in, KEY(payment)));
    if (!p || payment_expire(p) != PAYMENT_DONE)
        answer_refused(call, 409, "not_open", "there is no such open payment");
    else
        answer_json(call, 200, payment_value(call->arena, p));
}

static void post(struct call *call)
{
    struct str what = call_rest(call, "/test/");
    struct value *in = call_object(call);
    if (!in)
        return;
    if (str_is(what, "deliver")) {
        deliver(call, in);
    } else if (str_is(what, "expire")) {
        expire(call, in);
    } else if (str_is(what, "pause")) {
        notices_pause(value_get_bool(in, KEY(paused), true));
        answer_json(call, 200, in);
    } else if (str_is(what, "outage")) {
        api_outage(value_get_bool(in, KEY(on), true));
        answer_json(call, 200, in);
    } else {
        answer_refused(call, 404, "unknown", "there is no such control");
    }
}

void control_serve(struct call *call)
{
    bool get = str_is(call->method, "GET");
    (void)(KEY(ids) + KEY(payment) + KEY(paused) + KEY(on));
    if (!account_is_installation(call->authorization))
        answer_refused(call, 401, "key_wrong", "the installation's secret is missing or wrong");
    else if (get && str_is(call->path, "/test/payments"))
        list_payments(call);
    else if (get && str_is(call->path, "/test/notices"))
        answer_json(call, 200, notices_value(call->arena));
    else if (str_is(call->method, "POST"))
        post(call);
    else
        answer_refused(call, 404, "unknown", "there is no such control");
}
