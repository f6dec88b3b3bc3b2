#include "web/storefront/sale.h"

#include "base/check.h"
#include "web/storefront/account/account.h"

void sale_start(void)
{
    basket_start();
    checkout_start();
    pay_start();
    order_start();
    account_start();
    choice_start();
}

struct str sale_order_path(struct request *r, const struct order *o)
{
    return str_join(r->arena, STR("/orders/"), o->code, STR("?t="),
        order_token(r->arena, r->site, o->id), STR_NULL);
}

struct str sale_choice_path(struct request *r, const struct order *o)
{
    return str_join(r->arena, STR("/orders/"), o->code, STR("/choice?t="),
        order_token(r->arena, r->site, o->id), STR_NULL);
}

static bool leave_payment(struct request *r, const struct order *o)
{
    struct order_payment *payments;
    enum order_result result;
    int count = order_payments(r->arena, r->site, o->id, &payments, &result);
    for (int i = 0; i < count; i++) {
        enum payment_state state = payments[i].state;
        int64_t order;
        if (state != PAYMENT_STARTED)
            continue;
        payment_ask(r->arena, r->site, payments[i].id, &state, &order);
        if (state == PAYMENT_CAPTURED) {
            respond_redirect(r, request_url(r, sale_order_path(r, o)));
            return false;
        }
        struct payment_news news = {payments[i].id, PAYMENT_ABANDONED, STR("left")};
        if (state == PAYMENT_STARTED)
            payment_settle(r->arena, r->site, &news);
    }
    return true;
}

struct order *sale_find_basket(struct request *r, enum order_result *result)
{
    *result = ORDER_NOT_FOUND;
    if (!r->session.id)
        return NULL;
    struct order *o = basket_find(r->arena, r->site, r->session.id, result);
    if (o || *result == ORDER_NOT_FOUND)
        common_set_basket(r, o);
    return o;
}

struct order *sale_require_basket(struct request *r)
{
    enum order_result result;
    struct order *o = sale_find_basket(r, &result);
    if (o && str_is(str_of(sale_order_state(o)), "paying")) {
        if (!leave_payment(r, o))
            return NULL;
        o = sale_find_basket(r, &result);
    }
    if (o && o->count)
        return o;
    struct str location;
    if (result == ORDER_UNAVAILABLE || result == ORDER_BUSY)
        respond_problem(r, PROBLEM_UNAVAILABLE);
    else if (r->method != HTTP_GET && idempotency_known(r, &location))
        sale_lead_to(r, location);
    else if (r->wants_json || r->sent_json)
        respond_problem_code(r, PROBLEM_NOT_FOUND, "no_basket");
    else
        respond_redirect(r, request_url(r, STR("/basket")));
    return NULL;
}

struct order *sale_require_whole_basket(struct request *r)
{
    struct order *o = sale_require_basket(r);
    if (!o || !order_has_lost(o))
        return o;
    if (r->wants_json || r->sent_json)
        respond_problem_code(r, PROBLEM_CONFLICT, "hold_expired");
    else
        respond_redirect(r, request_url(r, STR("/basket")));
    return NULL;
}

void sale_lead_to(struct request *r, struct str location)
{
    if (!r->wants_json) {
        respond_redirect(r, location);
        return;
    }
    struct value *v = value_object(r->arena);
    value_set_str(r->arena, v, KEY(location), location);
    respond_header(r, "location", location);
    respond_json(r, 201, v);
}

bool sale_is_first(struct request *r)
{
    struct str location;
    switch (idempotency_begin(r, &location)) {
    case IDEMPOTENCY_FIRST:
        return true;
    case IDEMPOTENCY_REPEAT:
        sale_lead_to(r, location);
        return false;
    case IDEMPOTENCY_RUNNING:
        respond_problem_code(r, PROBLEM_CONFLICT, "still_running");
        return false;
    case IDEMPOTENCY_OTHER:
        respond_problem_code(r, PROBLEM_CONFLICT, "key_reused");
        return false;
    case IDEMPOTENCY_UNKNOWN:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    unreachable();
}

bool sale_asks_who(const struct request *r, const struct order *o)
{
    if (r->session.person || r->wants_json)
        return false;
    return r->site->login == SITE_LOGIN_REQUIRED ||
           (r->site->login == SITE_LOGIN_OPTIONAL && !o->name.len);
}

bool sale_is_stale(const struct request *r, const struct order *o)
{
    return form_int(r, KEY(version), o->version) != o->version;
}

static const char *code_of(enum order_result result)
{
    switch (result) {
    case ORDER_SOLD_OUT:
        return "sold_out";
    case ORDER_NOT_ON_SALE:
        return "not_on_sale";
    case ORDER_TOO_FEW:
        return "too_few";
    case ORDER_TOO_MANY:
        return "too_many";
    case ORDER_EXPIRED:
        return "hold_expired";
    case ORDER_CHANGED:
        return "changed";
    case ORDER_EMPTY:
        return "nothing_chosen";
    case ORDER_ALREADY:
        return "already_done";
    case ORDER_REPRICED:
        return "repriced";
    case ORDER_REFUSED:
        return "refused";
    default:
        return "conflict";
    }
}

const char *sale_refusal_code(const struct order_outcome *outcome)
{
    return code_of(outcome->result);
}

struct str sale_refusal_text(struct request *r, const struct order_outcome *outcome)
{
    if (outcome->refusal.text.len)
        return outcome->refusal.text;
    struct str key = str_join(r->arena, STR("error."), str_of(code_of(outcome->result)), STR_NULL);
    if (outcome->refusal.code.len)
        key = str_join(r->arena, STR("x."), outcome->refusal.plugin, STR(".refusal."),
            outcome->refusal.code, STR_NULL);
    return message(r->arena, r->words, key, NULL);
}

bool sale_failed(struct request *r, const struct order_outcome *outcome)
{
    switch (outcome->result) {
    case ORDER_DONE:
        return false;
    case ORDER_NOT_FOUND:
        respond_problem(r, PROBLEM_NOT_FOUND);
        return true;
    case ORDER_BUSY:
    case ORDER_UNAVAILABLE:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return true;
    default:
        respond_problem_code(r, PROBLEM_CONFLICT, code_of(outcome->result));
        return true;
    }
}
