// The page of one order: what was booked, what was paid and what came back, tickets, mails, notes,
// history; notes, mails sent again and no-shows.
#include "base/clock.h"
#include "base/id.h"
#include "data/audit.h"
#include "data/jobs.h"
#include "domain/event.h"
#include "web/office/frame/history.h"
#include "web/office/frame/object.h"
#include "web/office/orders/order.sql.h"
#include "web/office/orders/pages.h"
#include "web/storefront/sale.h"

enum { MAIL_PAUSE_S = 3 };

struct order *orders_of_route(struct request *r)
{
    struct arena *a = r->arena;
    struct str code = id_code_normal(a, r->params[0]);
    struct order *o = NULL;
    if (code.p) {
        struct unit *u = unit_new(a, DB_READ, r->site->tenant);
        struct order_places places = order_add_by_code(u, code);
        if (unit_run(u) != DB_OK) {
            respond_problem(r, PROBLEM_UNAVAILABLE);
            return NULL;
        }
        o = order_take(a, u, places);
    }
    if (o && o->placed_us)
        return o;
    respond_problem(r, PROBLEM_NOT_FOUND);
    return NULL;
}

struct str orders_path(struct request *r, const struct order *o, const char *end)
{
    return str_join(r->arena, STR("/manage/orders/"), o->code, str_of(end), STR_NULL);
}

struct str orders_state(int live, int cancelled, int reserved, int no_show)
{
    if (!live)
        return STR("cancelled");
    if (cancelled)
        return STR("part_cancelled");
    if (no_show)
        return STR("no_show");
    return reserved ? STR("reserved") : STR("confirmed");
}

struct str orders_way(struct arena *a, struct catalogue *words, struct str provider)
{
    if (!provider.len || str_is(provider, "venue"))
        return message(a, words, STR("office.order.at_venue"), NULL);
    struct str key = str_join(a, STR("x."), provider, STR(".tender"), STR_NULL);
    return message(a, words, key, NULL);
}

struct order_actor orders_actor(const struct request *r)
{
    return (struct order_actor){request_actor_kind(r), r->session.person, r->session.name};
}

struct value *orders_money(struct request *r, int64_t minor)
{
    return format_money_value(r->arena, r->format, minor, r->site->currency);
}

struct value *orders_time(struct request *r, int64_t at_us)
{
    return format_time_value(r->arena, r->format, r->site->zone, at_us);
}

void orders_done(struct request *r, const struct order *o, const char *done, struct value *view)
{
    struct str path =
        str_join(r->arena, orders_path(r, o, ""), STR("?done="), str_of(done), STR_NULL);
    value_set_str(r->arena, view, KEY(code), o->code);
    value_set_str(r->arena, view, KEY(result), str_of(done));
    respond_done(r, 200, path, view);
}

static struct value *line_view(struct request *r, const struct order *o, const struct order_line *l)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    bool begun = l->starts_us <= clock_now_us();
    struct str id = str_of_i64(a, l->id);
    value_set_str(a, v, KEY(id), id);
    value_set_str(a, v, KEY(title), l->title);
    value_set(a, v, KEY(when), orders_time(r, l->starts_us));
    value_set_str(a, v, KEY(place), l->place);
    value_set_str(a, v, KEY(rate), l->rate_name);
    value_set_int(a, v, KEY(quantity), l->quantity);
    value_set(a, v, KEY(total), orders_money(r, l->total_minor));
    value_set(a, v, KEY(returned), l->returned_minor ? orders_money(r, l->returned_minor) : NULL);
    value_set_str(a, v, KEY(state), l->no_show_us ? STR("no_show") : line_state_name(l->state));
    value_set_str(a, v, KEY(slot_url),
        request_url(r, str_join(a, STR("/manage/orders?slot="), str_of_i64(a, l->slot), STR_NULL)));
    value_set_bool(a, v, KEY(no_show), l->no_show_us > 0);
    value_set_str(a, v, KEY(no_show_url),
        begun && l->state == LINE_confirmed
            ? request_url(
                  r, str_join(a, orders_path(r, o, "/lines/"), id, STR("/no-show"), STR_NULL))
            : STR_NULL);
    return v;
}

struct value *orders_view(struct request *r, const struct order *o, struct str channel)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a), *lines = value_list(a);
    int live = 0, cancelled = 0, reserved = 0, no_show = 0;
    for (int i = 0; i < o->count; i++) {
        const struct order_line *l = &o->lines[i];
        value_append(a, lines, line_view(r, o, l));
        live += order_line_returns(l);
        cancelled += l->state == LINE_cancelled;
        reserved += l->state == LINE_reserved;
        no_show += l->no_show_us > 0;
    }
    value_set_str(a, v, KEY(code), o->code);
    value_set_str(a, v, KEY(state), orders_state(live, cancelled, reserved, no_show));
    value_set_int(a, v, KEY(version), o->version);
    value_set(a, v, KEY(placed), orders_time(r, o->placed_us));
    value_set_str(a, v, KEY(channel), channel);
    value_set_str(a, v, KEY(name), o->name);
    value_set_str(a, v, KEY(email), o->email);
    value_set_str(a, v, KEY(phone), o->phone);
    value_set_str(a, v, KEY(order_language), o->language);
    value_set(a, v, KEY(lines), lines);
    value_set(a, v, KEY(total), orders_money(r, o->total_minor));
    value_set(a, v, KEY(returned), o->returned_minor ? orders_money(r, o->returned_minor) : NULL);
    value_set(a, v, KEY(worth), orders_money(r, o->total_minor - o->returned_minor));
    value_set(a, v, KEY(due), o->due_minor ? orders_money(r, o->due_minor) : NULL);
    value_set_bool(a, v, KEY(live), live > 0);
    return v;
}

static const char *payment_state(const struct order_payment *p)
{
    static const char *const names[] = {[PAYMENT_STARTED] = "started",
        [PAYMENT_CAPTURED] = "captured",
        [PAYMENT_REFUSED] = "refused",
        [PAYMENT_ABANDONED] = "abandoned"};
    return names[p->state];
}

bool orders_add_payments(struct request *r, const struct order *o, struct value *view)
{
    struct arena *a = r->arena;
    struct order_payment *payments;
    enum order_result result;
    int count = order_payments(a, r->site, o->id, &payments, &result);
    struct value *list = value_list(a);
    int64_t left = 0;
    for (int i = 0; i < count; i++) {
        const struct order_payment *p = &payments[i];
        struct value *v = value_append_object(a, list);
        struct str id = str_of_i64(a, p->id);
        bool again = p->is_refund && p->state == PAYMENT_REFUSED;
        value_set_str(a, v, KEY(id), id);
        value_set_str(a, v, KEY(way), orders_way(r->arena, r->words, p->provider));
        value_set_str(a, v, KEY(provider), p->provider);
        value_set_str(a, v, KEY(state), str_of(payment_state(p)));
        value_set_bool(a, v, KEY(is_refund), p->is_refund);
        value_set(a, v, KEY(amount), orders_money(r, p->amount_minor));
        value_set(a, v, KEY(when), orders_time(r, p->changed_us));
        value_set_str(a, v, KEY(refusal), p->refusal);
        value_set_str(a, v, KEY(again_url),
            again ? request_url(
                        r, str_join(a, orders_path(r, o, "/refunds/"), id, STR("/again"), STR_NULL))
                  : STR_NULL);
        if (p->is_refund && p->state != PAYMENT_ABANDONED)
            left -= p->amount_minor;
        else if (!p->is_refund && p->state == PAYMENT_CAPTURED)
            left += p->amount_minor;
    }
    value_set(a, view, KEY(payments), list);
    value_set_bool(a, view, KEY(has_payments), count > 0);
    value_set(a, view, KEY(refundable), left > 0 ? orders_money(r, left) : NULL);
    return result == ORDER_DONE;
}

static bool add_tickets(struct request *r, const struct order *o, struct value *view)
{
    struct arena *a = r->arena;
    struct ticket *tickets;
    enum order_result result;
    int count = order_tickets(a, r->site, o->id, &tickets, &result);
    struct value *list = value_list(a);
    for (int i = 0; i < count; i++) {
        struct value *v = value_append_object(a, list);
        value_set_str(a, v, KEY(code), tickets[i].code);
        value_set_str(a, v, KEY(place), tickets[i].place);
        value_set_bool(a, v, KEY(is_void), tickets[i].is_void);
        for (int l = 0; l < o->count; l++)
            if (o->lines[l].id == tickets[i].line)
                value_set_str(a, v, KEY(title), o->lines[l].title);
    }
    value_set(a, view, KEY(tickets), list);
    value_set_bool(a, view, KEY(has_tickets), count > 0);
    return result == ORDER_DONE;
}

// Rows as objects with their time as people read it.
static void add_timed(
    struct request *r, struct value *view, value_key list_key, const struct rows *rows)
{
    struct value *list = value_list(r->arena);
    for (int i = 0; i < rows->count; i++) {
        struct value *v = rows_object(r->arena, rows, i);
        value_set(r->arena, v, KEY(when), orders_time(r, rows_us(rows, i, KEY(at_us))));
        value_append(r->arena, list, v);
    }
    value_set(r->arena, view, list_key, list);
}

static void add_links(struct request *r, const struct order *o, struct value *view)
{
    struct arena *a = r->arena;
    enum role role = role_of(r->session.role);
    bool may_return = role_has(role, PERMIT_ORDERS_RETURN);
    value_set_bool(a, view, KEY(may_change), role_has(role, PERMIT_ORDERS_CHANGE));
    value_set_bool(a, view, KEY(may_return), may_return);
    value_set_str(a, view, KEY(note_url), request_url(r, orders_path(r, o, "/notes")));
    value_set_str(a, view, KEY(mail_url),
        o->email.len ? request_url(r, orders_path(r, o, "/mails")) : STR_NULL);
    value_set_str(a, view, KEY(refund_url), request_url(r, orders_path(r, o, "/refunds")));
    value_set_str(a, view, KEY(cancel_url), request_url(r, orders_path(r, o, "/cancel")));
    value_set_str(a, view, KEY(customer_url), request_url(r, sale_order_path(r, o)));
    value_set_str(a, view, KEY(whose_url), request_url(r, orders_path(r, o, "/customer")));
    value_set_str(a, view, KEY(profile_url),
        o->customer
            ? request_url(r, str_format(a, "/manage/customers/%lld", (long long)o->customer))
            : STR_NULL);
}

static bool add_rest(struct request *r, const struct order *o, struct value *view)
{
    struct arena *a = r->arena;
    struct str tenant = db_i64(a, r->site->tenant), id = db_i64(a, o->id);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int channel = unit_add(u, &SQL_order_channel, tenant, db_i64(a, o->channel));
    int mails = unit_add(u, &SQL_order_mails, tenant, id);
    int notes = unit_add(u, &SQL_order_notes, tenant, id);
    int history = office_history_add(r, u, "order", id);
    if (unit_run(u) != DB_OK || !orders_add_payments(r, o, view) || !add_tickets(r, o, view))
        return false;
    value_set(
        a, view, KEY(order), orders_view(r, o, rows_str(unit_rows(u, channel), 0, KEY(kind))));
    add_timed(r, view, KEY(mails), unit_rows(u, mails));
    add_timed(r, view, KEY(notes), unit_rows(u, notes));
    office_history_view(r, view, unit_rows(u, history));
    return true;
}

void orders_show(struct request *r, struct order *o, int status)
{
    struct value *view = page_view(r);
    office_object_view(
        r, view, &(struct office_object){o->code, "/manage/orders", "office.nav.orders"});
    if (!add_rest(r, o, view)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    add_links(r, o, view);
    office_done(r, view, o->code);
    if (status == 409)
        office_notice(
            r, view, "warning", message(r->arena, r->words, STR("office.order.changed"), NULL));
    if (form_refused(r))
        respond_invalid(r, "office/orders/order", view);
    else
        respond_page(r, status, "office/orders/order", view);
}

void on_order_page(struct request *r)
{
    struct order *o = orders_of_route(r);
    if (o)
        orders_show(r, o, 200);
}

static void audit(
    struct request *r, struct unit *u, const struct order *o, const char *action, struct str what)
{
    struct value *after = value_object(r->arena);
    if (what.len)
        value_set_str(r->arena, after, KEY(text), what);
    struct audit row = {.actor_kind = request_actor_kind(r),
        .actor_id = r->session.person,
        .actor_name = r->session.name,
        .action = str_of(action),
        .object_kind = STR("order"),
        .object_id = str_of_i64(r->arena, o->id),
        .after = what.len ? after : NULL};
    audit_add(u, &row);
}

static void finish(struct request *r, struct order *o, struct unit *u, const char *done)
{
    enum order_result result = order_result_of(u, unit_run(u));
    if (result == ORDER_DONE)
        orders_done(r, o, done, value_object(r->arena));
    else if (result == ORDER_ALREADY)
        orders_show(r, o, 409);
    else
        respond_problem(r, PROBLEM_UNAVAILABLE);
}

void on_order_note(struct request *r)
{
    struct arena *a = r->arena;
    struct order *o = orders_of_route(r);
    if (!o)
        return;
    if (form_refused(r)) {
        orders_show(r, o, 422);
        return;
    }
    struct unit *u = unit_new(a, DB_WRITE, r->site->tenant);
    struct str note = form_str(r, KEY(note));
    unit_add(u, &SQL_order_add_note, db_i64(a, r->site->tenant), db_i64(a, o->id),
        db_time(a, clock_now_us()), r->session.name, note);
    audit(r, u, o, "order.note", note);
    finish(r, o, u, "noted");
}

void on_order_mail(struct request *r)
{
    struct arena *a = r->arena;
    struct order *o = orders_of_route(r);
    if (!o)
        return;
    if (!o->email.len) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    struct unit *u = unit_new(a, DB_WRITE, r->site->tenant);
    struct value *payload = value_object(a);
    value_set_str(a, payload, KEY(order_id), str_of_i64(a, o->id));
    value_set_str(a, payload, KEY(code), o->code);
    // Clicked twice in a moment it is still one mail.
    job_add(u, STR("mail.order"), payload, clock_now_us() + MAIL_PAUSE_S * US_PER_SECOND,
        str_join(a, STR("again/"), str_of_i64(a, o->id), STR_NULL));
    audit(r, u, o, "order.mail", o->email);
    finish(r, o, u, "mailed");
}

void on_order_no_show(struct request *r)
{
    struct arena *a = r->arena;
    int64_t line;
    bool marked = form_bool(r, KEY(marked));
    struct order *o = orders_of_route(r);
    if (!o)
        return;
    if (!str_to_i64(r->params[1], &line)) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    struct unit *u = unit_new(a, DB_WRITE, r->site->tenant);
    unit_add(u, &SQL_order_set_no_show, db_i64(a, r->site->tenant), db_i64(a, o->id),
        db_i64(a, line), db_bool(marked), db_time(a, clock_now_us()));
    for (int i = 0; i < o->count; i++)
        if (o->lines[i].id == line)
            audit(r, u, o, marked ? "order.no_show" : "order.came", o->lines[i].title);
    struct value *change = value_object(a);
    value_set_str(a, change, KEY(line), db_i64(a, line));
    value_set_bool(a, change, KEY(no_show), marked);
    event_add(u, EVENT_order_changed, o->id, change);
    finish(r, o, u, marked ? "no_show" : "came");
}
