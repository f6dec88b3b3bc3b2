#include "domain/golive.h"
#include "web/storefront/sale.h"

static struct value *contact_view(struct request *r, const struct order *o)
{
    struct value *v = value_object(r->arena);
    value_set_str(r->arena, v, KEY(name), o->name);
    value_set_str(r->arena, v, KEY(email), o->email);
    value_set_str(r->arena, v, KEY(edit_url), request_url(r, STR("/checkout")));
    return v;
}

static struct str plugin_of(const struct value *tender)
{
    return value_get_str(tender, KEY(plugin));
}

// Ways to pay, as the site's plugins offer them for this order: {key, kind, title, text, plugin};
// those that pay now come first.
static struct value *tenders(struct request *r, const struct order *o)
{
    struct value *all =
        hook_collect(r->arena, r->site, HOOK_tenders, order_value(r->arena, r->site, o));
    struct value *sorted = value_list(r->arena);
    for (int hosted = 1; hosted >= 0; hosted--)
        for (size_t i = 0; i < value_count(all); i++)
            if (str_is(value_get_str(value_at(all, i), KEY(kind)), "hosted") == hosted &&
                (!hosted || golive_takes_payment(r->site, plugin_of(value_at(all, i)))))
                value_append(r->arena, sorted, value_at(all, i));
    return sorted;
}

static struct value *methods_view(struct request *r, const struct value *all)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    struct str chosen = value_get_str(value_get(r->typed, KEY(method)), KEY(value));
    for (size_t i = 0; i < value_count(all); i++) {
        const struct value *t = value_at(all, i);
        struct value *v = value_append_object(a, list);
        struct str code = value_get_str(t, KEY(plugin));
        value_set_str(a, v, KEY(code), code);
        value_set_str(a, v, KEY(kind), value_get_str(t, KEY(kind)));
        value_set_bool(a, v, KEY(hosted), str_is(value_get_str(t, KEY(kind)), "hosted"));
        value_set_str(a, v, KEY(name), value_get_str(t, KEY(title)));
        value_set_str(a, v, KEY(text), value_get_str(t, KEY(text)));
        value_set_bool(a, v, KEY(checked), chosen.len ? str_eq(chosen, code) : i == 0);
    }
    return list;
}

static void show(struct request *r, const struct order *o, struct str refused)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r), *reason = NULL;
    if (refused.len) {
        reason = value_object(a);
        value_set_str(a, reason, KEY(reason), refused);
    }
    value_set(a, view, KEY(order), sale_order_view(r, o));
    value_set(a, view, KEY(hold), sale_hold_view(r, o, "pay"));
    value_set(a, view, KEY(steps), sale_steps_view(r, "pay", true));
    value_set(a, view, KEY(contact), contact_view(r, o));
    value_set(a, view, KEY(refused), reason);
    value_set(a, view, KEY(methods), methods_view(r, tenders(r, o)));
    value_set_str(a, view, KEY(action), request_url(r, STR("/checkout/pay")));
    value_set_str(a, view, KEY(idempotency_key), idempotency_key(r));
    // A provider's page is reached by the redirect that answers this form.
    r->forms_lead_to = STR("https: http:");
    if (form_refused(r))
        respond_invalid(r, "storefront/pay", view);
    else
        respond_page(r, 200, "storefront/pay", view);
}

static bool has_contact(struct request *r, const struct order *o)
{
    if (o->email.len)
        return true;
    if (r->wants_json || r->sent_json)
        respond_problem_code(r, PROBLEM_CONFLICT, "details_missing");
    else
        respond_redirect(r, request_url(r, STR("/checkout")));
    return false;
}

static void on_pay(struct request *r)
{
    struct order *o = sale_require_whole_basket(r);
    if (o && has_contact(r, o))
        show(r, o, form_str(r, KEY(refused)));
}

static const struct value *tender_find(const struct value *all, struct str plugin)
{
    for (size_t i = 0; i < value_count(all); i++)
        if (str_eq(value_get_str(value_at(all, i), KEY(plugin)), plugin))
            return value_at(all, i);
    return NULL;
}

static struct order_outcome begin_payment(
    struct request *r, struct order *o, struct str plugin, struct str *location)
{
    struct arena *a = r->arena;
    struct str notify = str_join(a, STR("/x/"), plugin, STR("/notify"), STR_NULL);
    struct payment_start start = {.plugin = plugin,
        .return_url = request_absolute_url(r, STR("/checkout/return?payment={payment}")),
        .notify_url = request_absolute_url(r, notify)};
    return payment_begin(a, r->site, o, &start, location);
}

// The page again with the prices of now, before anything is paid.
static void refuse_price(struct request *r, const struct order_outcome *outcome)
{
    enum order_result result;
    struct order *o = sale_find_basket(r, &result);
    form_refuse_text(r, "method", "repriced", sale_refusal_text(r, outcome));
    if (!o || r->wants_json || r->sent_json)
        sale_failed(r, outcome);
    else
        show(r, o, STR_NULL);
}

static void refuse(struct request *r, const struct order *o, const struct order_outcome *outcome)
{
    switch (outcome->result) {
    case ORDER_UNAVAILABLE:
        show(r, o, STR("unavailable"));
        break;
    case ORDER_REFUSED:
        form_refuse_text(r, "method", "refused", sale_refusal_text(r, outcome));
        show(r, o, STR_NULL);
        break;
    case ORDER_EXPIRED:
        if (r->wants_json || r->sent_json)
            sale_failed(r, outcome);
        else
            respond_redirect(r, request_url(r, STR("/basket")));
        break;
    case ORDER_REPRICED:
        refuse_price(r, outcome);
        break;
    case ORDER_CHANGED:
        form_refuse_text(r, "method", "changed", sale_refusal_text(r, outcome));
        if (r->wants_json || r->sent_json)
            sale_failed(r, outcome);
        else
            show(r, o, STR_NULL);
        break;
    default:
        sale_failed(r, outcome);
    }
}

static void pay(struct request *r, struct order *o, const struct value *tender)
{
    struct str location, plugin = value_get_str(tender, KEY(plugin));
    struct order_outcome outcome;
    if (str_is(value_get_str(tender, KEY(kind)), "venue")) {
        outcome = order_place(r->arena, r->site, o, plugin);
        location = request_url(r, sale_order_path(r, o));
    } else {
        outcome = begin_payment(r, o, plugin, &location);
    }
    if (outcome.result != ORDER_DONE) {
        idempotency_end(r, STR_NULL);
        refuse(r, o, &outcome);
        return;
    }
    idempotency_end(r, location);
    sale_lead_to(r, location);
}

static void on_choose(struct request *r)
{
    if (!sale_is_first(r))
        return;
    struct order *o = sale_require_whole_basket(r);
    if (!o || !has_contact(r, o)) {
        idempotency_end(r, STR_NULL);
        return;
    }
    const struct value *tender =
        form_refused(r) ? NULL : tender_find(tenders(r, o), form_str(r, KEY(method)));
    if (tender && !sale_is_stale(r, o)) {
        pay(r, o, tender);
        return;
    }
    idempotency_end(r, STR_NULL);
    if (tender)
        refuse(r, o, &(struct order_outcome){.result = ORDER_CHANGED});
    else if (!form_refused(r))
        form_refuse(r, "method", "choice");
    if (!tender)
        show(r, o, STR_NULL);
}

static void to_order(struct request *r, int64_t id)
{
    enum order_result result;
    struct order *o = order_find(r->arena, r->site, id, &result);
    if (o)
        respond_redirect(r, request_url(r, sale_order_path(r, o)));
    else
        respond_problem(r, PROBLEM_UNAVAILABLE);
}

// Only the browser that started a payment is led on: the order's page carries a token.
static bool is_own(struct request *r, int64_t order)
{
    enum order_result result;
    struct order *o = order_find(r->arena, r->site, order, &result);
    return o && r->session.id && o->session == r->session.id;
}

static const char *const reasons[] = {
    "declined", "authentication", "abandoned", "expired", "unavailable", "other", NULL};

// The class of refusal that the provider gave, if it is one that the page has words for.
static const char *reason_of(struct request *r, int64_t order, int64_t payment)
{
    struct order_payment *payments;
    enum order_result result;
    int count = order_payments(r->arena, r->site, order, &payments, &result);
    for (int i = 0; i < count; i++)
        for (int k = 0; payments[i].id == payment && reasons[k]; k++)
            if (str_is(payments[i].refusal, reasons[k]))
                return reasons[k];
    return "other";
}

static void back_to_choice(struct request *r, int64_t order, int64_t payment)
{
    struct str path = str_join(
        r->arena, STR("/checkout/pay?refused="), str_of(reason_of(r, order, payment)), STR_NULL);
    respond_redirect(r, request_url(r, path));
}

// The buyer comes back from the provider's page. What happened is asked, never believed.
static void on_return(struct request *r)
{
    int64_t payment, order = 0;
    enum payment_state state = PAYMENT_STARTED;
    if (!str_to_i64(form_str(r, KEY(payment)), &payment)) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    enum order_result asked = payment_ask(r->arena, r->site, payment, &state, &order).result;
    if (asked == ORDER_NOT_FOUND || !is_own(r, order))
        respond_problem(r, PROBLEM_NOT_FOUND);
    else if (state == PAYMENT_REFUSED || state == PAYMENT_ABANDONED)
        back_to_choice(r, order, payment);
    else
        to_order(r, order);
}

static const struct form pay_form =
    FORM({.name = "refused", .kind = FIELD_CHOICE, .choices = reasons});
static const struct form choose_form =
    FORM({.name = "csrf"}, {.name = "idempotency_key", .max = 64},
        {.name = "version", .kind = FIELD_INT}, {.name = "method", .required = true, .max = 40});
static const struct form return_form = FORM({.name = "payment", .required = true, .max = 20});

static const struct route routes[] = {
    {HTTP_GET, "/checkout/pay", PERMIT_PUBLIC, on_pay, &pay_form, 0, 0},
    {HTTP_POST, "/checkout/pay", PERMIT_PUBLIC, on_choose, &choose_form, 0, 0},
    {HTTP_GET, "/checkout/return", PERMIT_PUBLIC, on_return, &return_form, 0, 0},
};

void pay_start(void)
{
    routes_add(SURFACE_STOREFRONT, routes, sizeof routes / sizeof *routes);
}
