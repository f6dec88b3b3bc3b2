#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "web/storefront/hold_limit.h"
#include "web/storefront/sale.h"
#include "web/storefront/storefront.h"

// Code boxes of plugins: what they keep of this order.
static struct value *codes_view(struct request *r, const struct order *o)
{
    struct arena *a = r->arena;
    if (!hook_list(r->site, HOOK_basket_fields)->count)
        return NULL;
    struct value *fields = hook_collect(a, r->site, HOOK_basket_fields, order_value(a, r->site, o));
    struct value *v = value_object(a), *all = value_list(a);
    value_set_str(a, v, KEY(action), request_url(r, STR("/basket/codes")));
    value_set(a, v, KEY(applied), all);
    for (size_t i = 0; i < value_count(fields); i++) {
        const struct value *applied = value_get(value_at(fields, i), KEY(applied));
        struct str plugin = value_get_str(value_at(fields, i), KEY(plugin));
        for (size_t n = 0; n < value_count(applied); n++) {
            struct value *one = value_copy(a, value_at(applied, n));
            struct str path = str_join(a, STR("/basket/codes/"), plugin, STR("/remove"), STR_NULL);
            value_set_str(a, one, KEY(remove_url), request_url(r, path));
            value_append(a, all, one);
        }
    }
    return v;
}

static struct value *basket_view(struct request *r, const struct order *o)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r);
    if (!o || !o->count) {
        value_set(a, view, KEY(order), NULL);
        return view;
    }
    bool lost = order_has_lost(o) || basket_is_expired(o, clock_now_us());
    value_set(a, view, KEY(order), sale_order_view(r, o));
    value_set(a, view, KEY(hold), sale_hold_view(r, o, "basket"));
    value_set(a, view, KEY(codes), codes_view(r, o));
    value_set_str(a, view, KEY(idempotency_key), idempotency_key(r));
    bool who = o && sale_asks_who(r, o);
    value_set_bool(a, view, KEY(asks_who), who);
    value_set_str(a, view, KEY(checkout_url),
        lost ? STR_NULL : request_url(r, who ? STR("/checkout/who") : STR("/checkout")));
    return view;
}

// The basket again, with what was refused; also the answer to a refused change.
static void show(struct request *r, int status)
{
    enum order_result result;
    struct order *o = sale_find_basket(r, &result);
    if (result == ORDER_UNAVAILABLE || result == ORDER_BUSY) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    if (status == 429 && (r->wants_json || r->sent_json))
        respond_problem(r, PROBLEM_TOO_MANY);
    else if (status == 422)
        respond_invalid(r, "storefront/basket", basket_view(r, o));
    else
        respond_page(r, status, "storefront/basket", basket_view(r, o));
}

static void on_basket(struct request *r)
{
    show(r, 200);
}

// The address that a refused form left behind, opened again.
static void on_basket_again(struct request *r)
{
    respond_redirect(r, request_url(r, STR("/basket")));
}

// After a change: back to the page it was made on, or the basket as JSON.
static void done(struct request *r, int status)
{
    enum order_result result;
    struct str next = form_str(r, KEY(next));
    if (!r->wants_json) {
        respond_redirect(r, request_url(r, str_is(next, "details") ? STR("/checkout")
                                           : str_is(next, "pay")   ? STR("/checkout/pay")
                                                                   : STR("/basket")));
        return;
    }
    struct order *o = sale_find_basket(r, &result);
    if (o)
        respond_done(r, status, STR("/basket"), basket_view(r, o));
    else
        respond_problem(r, PROBLEM_UNAVAILABLE);
}

static bool is_conflict(enum order_result result)
{
    return result == ORDER_SOLD_OUT || result == ORDER_EXPIRED || result == ORDER_CHANGED ||
           result == ORDER_ALREADY;
}

// A refused change: 409 when somebody else was faster, 422 when it can't be asked for.
static void refused(struct request *r, const struct order_outcome *outcome, const char *field)
{
    if (outcome->result == ORDER_NOT_FOUND || outcome->result == ORDER_BUSY ||
        outcome->result == ORDER_UNAVAILABLE) {
        sale_failed(r, outcome);
        return;
    }
    form_refuse_text(r, field, sale_refusal_code(outcome), sale_refusal_text(r, outcome));
    if (is_conflict(outcome->result) && (r->wants_json || r->sent_json))
        sale_failed(r, outcome);
    else
        show(r, is_conflict(outcome->result) ? 409 : 422);
}

// A guest's first line makes the session in the same unit.
static struct basket_owner owner_of(struct request *r)
{
    struct basket_owner owner = {
        .session = r->session.id, .language = r->language, .customer = r->session.person};
    if (!r->session.id)
        owner.session_insert_hash = session_begin_guest(r, &owner.session);
    return owner;
}

static bool is_about_count(enum order_result result)
{
    return result == ORDER_EMPTY || result == ORDER_TOO_FEW || result == ORDER_TOO_MANY;
}

static int64_t places_of(const struct value *counts)
{
    int64_t places = 0;
    for (size_t i = 0; i < value_count(counts); i++)
        places += value_get_int(value_at(counts, i), KEY(count), 0);
    return places;
}

// Whether so many places more may be held; else the basket has been answered.
static bool may_hold(struct request *r, int64_t places, const char *field)
{
    bool may = hold_limit_take(r, places, field);
    if (!may)
        show(r, 429);
    return may;
}

static void on_book(struct request *r)
{
    int64_t slot;
    struct str slug = r->params[0];
    if (form_refused(r)) {
        offer_page(r, slug, 422);
        return;
    }
    if (!str_to_i64(form_str(r, KEY(slot)), &slot)) {
        form_refuse(r, "slot", "choice");
        offer_page(r, slug, 422);
        return;
    }
    struct basket_wish wish = {slug, slot, value_get(r->form, KEY(quantity)), 0};
    int64_t places = places_of(wish.counts);
    if (!hold_limit_take(r, places, "quantity")) {
        offer_page(r, slug, 429);
        return;
    }
    struct basket_owner owner = owner_of(r);
    struct order_outcome outcome = basket_add(r->arena, r->site, &owner, &wish);
    if (outcome.result != ORDER_DONE)
        hold_limit_give_back(r, places);
    switch (outcome.result) {
    case ORDER_DONE:
        done(r, 201);
        break;
    case ORDER_BUSY:
    case ORDER_UNAVAILABLE:
    case ORDER_NOT_FOUND:
        sale_failed(r, &outcome);
        break;
    default:
        form_refuse_text(r, is_about_count(outcome.result) ? "quantity" : "slot",
            sale_refusal_code(&outcome), sale_refusal_text(r, &outcome));
        if (is_conflict(outcome.result) && (r->wants_json || r->sent_json))
            sale_failed(r, &outcome);
        else
            offer_page(r, slug, is_conflict(outcome.result) ? 409 : 422);
    }
}

static int64_t held_of(const struct order *o, int64_t line)
{
    for (int i = 0; i < o->count; i++)
        if (o->lines[i].id == line)
            return o->lines[i].stored_quantity;
    return 0;
}

static void change_line(struct request *r, int64_t quantity)
{
    int64_t line;
    struct order *o = sale_require_basket(r);
    if (!o)
        return;
    if (!str_to_i64(r->params[0], &line)) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    int64_t more = quantity - held_of(o, line);
    if (!may_hold(r, more, "quantity"))
        return;
    struct order_outcome outcome =
        basket_set_quantity(r->arena, r->site, r->session.id, line, quantity);
    if (outcome.result == ORDER_DONE) {
        done(r, 200);
        return;
    }
    hold_limit_give_back(r, more);
    refused(r, &outcome, "quantity");
}

static void on_line(struct request *r)
{
    if (form_refused(r))
        show(r, 422);
    else
        change_line(r, form_int(r, KEY(quantity), 1));
}

static void on_line_remove(struct request *r)
{
    change_line(r, 0);
}

static void on_extend(struct request *r)
{
    if (!sale_require_basket(r))
        return;
    struct order_outcome outcome = basket_extend(r->arena, r->site, r->session.id);
    if (outcome.result == ORDER_DONE || outcome.result == ORDER_ALREADY)
        done(r, 200);
    else
        refused(r, &outcome, "hold");
}

// The lines that couldn't be had again, each said for itself.
static void refuse_lost(struct request *r, const struct order_outcome *outcome)
{
    enum order_result result;
    struct order *o = basket_find(r->arena, r->site, r->session.id, &result);
    for (int i = 0; o && i < o->count; i++) {
        const struct order_line *l = &o->lines[i];
        if (l->wanted)
            continue;
        struct str field = str_join(r->arena, STR("line-"), str_of_i64(r->arena, l->id), STR_NULL);
        struct str text = str_join(r->arena, l->title, STR(", "), l->rate_name, STR(": "),
            sale_refusal_text(r, outcome), STR_NULL);
        form_refuse_text(r, str_z(r->arena, field), sale_refusal_code(outcome), text);
    }
}

static int64_t lost_places(const struct order *o)
{
    int64_t places = 0;
    for (int i = 0; i < o->count; i++)
        if (!o->lines[i].wanted)
            places += o->lines[i].quantity;
    return places;
}

static void on_renew(struct request *r)
{
    struct order *o = sale_require_basket(r);
    if (!o || !may_hold(r, lost_places(o), "hold"))
        return;
    struct order_outcome outcome = basket_renew(r->arena, r->site, r->session.id);
    if (outcome.result == ORDER_SOLD_OUT) {
        refuse_lost(r, &outcome);
        if (r->wants_json || r->sent_json)
            sale_failed(r, &outcome);
        else
            show(r, 409);
    } else if (outcome.result == ORDER_DONE) {
        done(r, 200);
    } else {
        refused(r, &outcome, "hold");
    }
}

// The first plugin that knows the code keeps it; else the last one's reason is shown, and how long
// to wait when there were too many tries.
static struct value *ask_plugins(struct request *r, const struct order *o, struct str *plugin,
    struct str *refusal, int64_t *wait_s)
{
    const struct hook_list *list = hook_list(r->site, HOOK_basket_apply);
    struct value *in = order_value(r->arena, r->site, o);
    value_set_str(r->arena, in, KEY(code), form_str(r, KEY(code)));
    value_set_str(r->arena, in, KEY(session), str_of_i64(r->arena, r->session.id));
    value_set_str(r->arena, in, KEY(address), r->remote);
    *refusal = message(r->arena, r->words, STR("error.code_unknown"), NULL);
    for (uint32_t i = 0; i < list->count; i++) {
        struct value *out =
            hook_ask(r->arena, r->site, HOOK_basket_apply, list->entries[i].plugin, in);
        const struct value *refused = value_get(out, KEY(refuse));
        struct str text = value_get_str(refused, KEY(text));
        if (text.len)
            *refusal = text;
        if (!*wait_s)
            *wait_s = value_get_int(refused, KEY(wait_s), 0);
        *plugin = list->entries[i].plugin;
        if (value_get(out, KEY(data)))
            return value_get(out, KEY(data));
    }
    return NULL;
}

static void refuse_code(struct request *r, struct str text, int64_t wait_s)
{
    if (wait_s > 0)
        respond_retry_after(r, wait_s);
    form_refuse_text(r, "code", wait_s > 0 ? "too_many" : "code_refused", text);
    show(r, wait_s > 0 ? 429 : 422);
}

static void on_code(struct request *r)
{
    struct str plugin, refusal;
    struct order *o = form_refused(r) ? NULL : sale_require_basket(r);
    if (!o) {
        if (form_refused(r))
            show(r, 422);
        return;
    }
    int64_t wait_s = 0;
    struct value *data = ask_plugins(r, o, &plugin, &refusal, &wait_s);
    if (!data) {
        refuse_code(r, refusal, wait_s);
        return;
    }
    struct order_outcome outcome = basket_set_data(r->arena, r->site, r->session.id, plugin, data);
    if (outcome.result == ORDER_DONE)
        done(r, 200);
    else
        refused(r, &outcome, "code");
}

static void on_code_remove(struct request *r)
{
    if (!sale_require_basket(r))
        return;
    struct order_outcome outcome =
        basket_set_data(r->arena, r->site, r->session.id, r->params[0], NULL);
    if (outcome.result == ORDER_DONE)
        done(r, 200);
    else
        refused(r, &outcome, "code");
}

#define TOKENS                               \
    {.name = "csrf"},                        \
    {                                        \
        .name = "idempotency_key", .max = 64 \
    }

static const struct form book_form = FORM(TOKENS, {.name = "slot", .required = true, .max = 20},
    {.name = "quantity", .kind = FIELD_COUNTS, .max = 10000});
static const struct form line_form =
    FORM(TOKENS, {.name = "quantity", .kind = FIELD_INT, .required = true, .min = 0, .max = 10000});
static const struct form code_form = FORM(TOKENS, {.name = "code", .required = true, .max = 40});
static const struct form no_form = FORM(TOKENS);
static const char *const steps[] = {"basket", "details", "pay", NULL};
static const struct form hold_form =
    FORM(TOKENS, {.name = "next", .kind = FIELD_CHOICE, .choices = steps});

static const struct route routes[] = {
    {HTTP_GET, "/basket", PERMIT_PUBLIC, on_basket, NULL, 0, 0},
    {HTTP_GET, "/basket/codes", PERMIT_PUBLIC, on_basket_again, NULL, 0, 0},
    {HTTP_GET, "/basket/extend", PERMIT_PUBLIC, on_basket_again, NULL, 0, 0},
    {HTTP_GET, "/basket/renew", PERMIT_PUBLIC, on_basket_again, NULL, 0, 0},
    {HTTP_GET, "/basket/lines/{line}", PERMIT_PUBLIC, on_basket_again, NULL, 0, 0},
    {HTTP_POST, "/offers/{slug}", PERMIT_PUBLIC, on_book, &book_form, ROUTE_ANONYMOUS_FORM, 0},
    {HTTP_POST, "/basket/lines/{line}", PERMIT_PUBLIC, on_line, &line_form, 0, 0},
    {HTTP_POST, "/basket/lines/{line}/remove", PERMIT_PUBLIC, on_line_remove, &no_form, 0, 0},
    {HTTP_POST, "/basket/extend", PERMIT_PUBLIC, on_extend, &hold_form, 0, 0},
    {HTTP_POST, "/basket/renew", PERMIT_PUBLIC, on_renew, &hold_form, 0, 0},
    {HTTP_POST, "/basket/codes", PERMIT_PUBLIC, on_code, &code_form, 0, 0},
    {HTTP_POST, "/basket/codes/{plugin}/remove", PERMIT_PUBLIC, on_code_remove, &no_form, 0, 0},
};

void basket_start(void)
{
    routes_add(SURFACE_STOREFRONT, routes, sizeof routes / sizeof *routes);
}
