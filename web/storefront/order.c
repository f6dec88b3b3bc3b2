#include "base/clock.h"
#include "base/id.h"
#include "domain/qr.h"
#include "domain/slot_choice.h"
#include "web/storefront/order_documents.h"
#include "web/storefront/sale.h"

// Somebody who knows the number but not the token learns nothing, not even that it exists.
struct order *sale_open_order(struct request *r)
{
    struct arena *a = r->arena;
    struct str code = id_code_normal(a, r->params[0]);
    if (!code.p) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return NULL;
    }
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    struct order_places places = order_add_by_code(u, code);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return NULL;
    }
    struct order *o = order_take(a, u, places);
    bool own =
        o && r->session.id &&
        (o->session == r->session.id || (r->session.person && o->customer == r->session.person));
    if (o && (own || order_token_fits(r->site, o->id, form_str(r, KEY(t)))))
        return o;
    respond_problem(r, PROBLEM_NOT_FOUND);
    return NULL;
}

void sale_keep_private(struct request *r)
{
    respond_header(r, "referrer-policy", STR("no-referrer"));
    respond_header(r, "cache-control", STR("no-store"));
}

// The page right after buying or choosing; later it is a plain order.
#define FRESH_US (15 * 60 * US_PER_SECOND)

static struct str part_url(struct request *r, const struct order *o, struct str part)
{
    struct str path = str_join(r->arena, STR("/orders/"), o->code, STR("/"), part, STR("?t="),
        order_token(r->arena, r->site, o->id), STR_NULL);
    return request_url(r, path);
}

static const struct order_line *line_of(const struct order *o, int64_t id)
{
    for (int i = 0; i < o->count; i++)
        if (o->lines[i].id == id)
            return &o->lines[i];
    return NULL;
}

static struct value *ticket_view(struct request *r, const struct order *o, const struct ticket *t)
{
    struct arena *a = r->arena;
    const struct order_line *l = line_of(o, t->line);
    struct value *v = value_object(a);
    bool over = t->is_void || l->ends_us < clock_now_us();
    value_set_str(a, v, KEY(code), t->code);
    value_set_str(a, v, KEY(title), l->title);
    value_set(a, v, KEY(when), sale_when_view(r, l->starts_us));
    value_set_str(a, v, KEY(duration), sale_duration(r, l));
    value_set_str(a, v, KEY(rate), l->rate_name);
    value_set_str(a, v, KEY(place), t->place.p ? t->place : l->place);
    value_set_str(a, v, KEY(state),
        t->is_void ? STR("cancelled")
        : over     ? STR("used")
                   : STR("valid"));
    value_set_bool(a, v, KEY(over), over);
    value_set_str(a, v, KEY(qr_url),
        part_url(r, o, str_join(a, STR("tickets/"), t->code, STR(".svg"), STR_NULL)));
    return v;
}

static bool add_tickets(struct request *r, const struct order *o, struct value *view)
{
    struct ticket *tickets;
    enum order_result result;
    int count = order_tickets(r->arena, r->site, o->id, &tickets, &result);
    struct value *list = value_list(r->arena);
    for (int i = 0; i < count; i++)
        value_append(r->arena, list, ticket_view(r, o, &tickets[i]));
    value_set(r->arena, view, KEY(tickets), list);
    return result == ORDER_DONE;
}

static struct value *customer_view(struct request *r, const struct order *o)
{
    struct value *v = value_object(r->arena);
    value_set_str(r->arena, v, KEY(name), o->name);
    value_set_str(r->arena, v, KEY(email), o->email);
    return v;
}

static bool add_order(struct request *r, const struct order *o, struct value *view)
{
    struct arena *a = r->arena;
    struct value *v = sale_order_view(r, o);
    value_set(a, view, KEY(order), v);
    value_set_str(a, v, KEY(order_url), request_absolute_url(r, sale_order_path(r, o)));
    value_set(a, v, KEY(placed), o->placed_us ? sale_when_view(r, o->placed_us) : NULL);
    value_set(a, v, KEY(customer), customer_view(r, o));
    value_set(a, v, KEY(due), o->due_minor ? sale_money(r, o->due_minor) : NULL);
    return sale_add_payments(r, o, v);
}

// What features let people do with it.
static void add_actions(struct request *r, const struct order *o, struct value *view)
{
    struct arena *a = r->arena;
    struct value *in = order_value(a, r->site, o), *list = value_list(a);
    value_set_str(a, in, KEY(token), order_token(a, r->site, o->id));
    const struct value *found =
        o->placed_us ? hook_collect(a, r->site, HOOK_order_actions, in) : NULL;
    for (size_t i = 0; i < value_count(found); i++) {
        struct str path = value_get_str(value_at(found, i), KEY(path));
        if (!str_starts(path, STR("/x/")))
            continue;
        struct value *action = value_append_object(a, list);
        value_set_str(a, action, KEY(title), value_get_str(value_at(found, i), KEY(title)));
        value_set_str(a, action, KEY(action_url), request_url(r, path));
    }
    value_set(a, view, KEY(actions), list);
}

// What the venue changed and they may choose about; what they chose a moment ago.
static bool add_choices(struct request *r, const struct order *o, struct value *view)
{
    struct arena *a = r->arena;
    struct slot_choice *choices;
    enum order_result result;
    struct value *list = value_list(a);
    int count = slot_choices(a, r->site, o->id, &choices, &result);
    value_set(a, view, KEY(choices), list);
    value_set_str(a, view, KEY(chosen), STR_NULL);
    for (int i = count - 1; i >= 0; i--) {
        const struct slot_choice *c = &choices[i];
        if (c->answer.p && clock_now_us() - c->chosen_us < FRESH_US)
            value_set_str(a, view, KEY(chosen), c->answer);
        if (!c->open)
            continue;
        struct value *v = value_append_object(a, list);
        value_set_str(a, v, KEY(kind), str_of(slot_choice_kind(c)));
        value_set(a, v, KEY(until), sale_when_view(r, c->until_us));
        value_set_str(a, v, KEY(choice_url), request_url(r, sale_choice_path(r, o)));
    }
    return result == ORDER_DONE;
}

static void on_order(struct request *r)
{
    struct arena *a = r->arena;
    struct order *o = sale_open_order(r);
    if (!o)
        return;
    struct value *view = page_view(r);
    bool placed = o->placed_us > 0;
    bool live = placed && !str_is(str_of(sale_order_state(o)), "cancelled");
    bool fresh = live && clock_now_us() - o->placed_us < FRESH_US;
    if (!add_order(r, o, view) || !add_tickets(r, o, view) || !add_choices(r, o, view)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    add_actions(r, o, view);
    value_set_bool(a, view, KEY(fresh), fresh);
    value_set_bool(a, view, KEY(pending), str_is(str_of(sale_order_state(o)), "paying"));
    value_set_str(a, view, KEY(sent_to), fresh ? o->email : STR_NULL);
    value_set(a, view, KEY(pay_url), NULL);
    value_set_str(a, view, KEY(pdf_url), live ? part_url(r, o, STR("tickets.pdf")) : STR_NULL);
    value_set_str(
        a, view, KEY(calendar_url), live ? part_url(r, o, STR("calendar.ics")) : STR_NULL);
    sale_keep_private(r);
    respond_page(r, 200, "storefront/order", view);
}

static void on_pdf(struct request *r)
{
    struct order *o = sale_open_order(r);
    if (!o)
        return;
    struct str pdf = order_ticket_pdf(r, o);
    sale_keep_private(r);
    if (!pdf.p) {
        respond_problem(r, o->placed_us ? PROBLEM_UNAVAILABLE : PROBLEM_NOT_FOUND);
        return;
    }
    respond_attachment(r, str_join(r->arena, o->code, STR(".pdf"), STR_NULL));
    respond_bytes(r, STR("application/pdf"), pdf);
}

static void on_calendar(struct request *r)
{
    struct order *o = sale_open_order(r);
    if (!o)
        return;
    sale_keep_private(r);
    respond_attachment(r, str_join(r->arena, o->code, STR(".ics"), STR_NULL));
    respond_bytes(r, STR("text/calendar; charset=utf-8"), order_calendar(r, o));
}

static void on_qr(struct request *r)
{
    struct ticket *tickets;
    enum order_result result;
    struct qr qr;
    struct order *o = sale_open_order(r);
    if (!o)
        return;
    int count = order_tickets(r->arena, r->site, o->id, &tickets, &result);
    sale_keep_private(r);
    for (int i = 0; i < count; i++) {
        struct str file = str_join(r->arena, tickets[i].code, STR(".svg"), STR_NULL);
        if (!str_eq(file, r->params[1]) || !qr_make(r->arena, tickets[i].code, &qr))
            continue;
        respond_bytes(r, STR("image/svg+xml"), qr_svg(r->arena, &qr, tickets[i].code));
        return;
    }
    respond_problem(r, result == ORDER_DONE ? PROBLEM_NOT_FOUND : PROBLEM_UNAVAILABLE);
}

static const struct form token_form = FORM({.name = "t", .max = 40});

static const struct route routes[] = {
    {HTTP_GET, "/orders/{code}", PERMIT_PUBLIC, on_order, &token_form, 0, 0},
    {HTTP_GET, "/orders/{code}/tickets.pdf", PERMIT_PUBLIC, on_pdf, &token_form, 0, 0},
    {HTTP_GET, "/orders/{code}/calendar.ics", PERMIT_PUBLIC, on_calendar, &token_form, 0, 0},
    {HTTP_GET, "/orders/{code}/tickets/{file}", PERMIT_PUBLIC, on_qr, &token_form, 0, 0},
};

void order_start(void)
{
    routes_add(SURFACE_STOREFRONT, routes, sizeof routes / sizeof *routes);
}
