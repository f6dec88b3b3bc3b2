// The log of an endpoint: what was sent, every try with its answer, and sending it again.
#include "data/db.h"
#include "http/form.h"
#include "http/respond.h"
#include "web/office/frame/list.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/webhooks/deliveries.sql.h"
#include "web/office/webhooks/pages.h"

static const char *const states[] = {"", "waiting", "delivered", "given_up", "stopped", NULL};

static struct value *time_of(struct request *r, int64_t at_us)
{
    return format_time_value(r->arena, r->format, r->site->zone, at_us);
}

const char *webhooks_delivery_look(struct str state)
{
    return str_is(state, "delivered") ? "on"
           : str_is(state, "waiting") ? "waiting"
           : str_is(state, "stopped") ? "off"
                                      : "bad";
}

// What a try came to, in words: the answer's status, or why there was none.
static void add_outcome(struct request *r, struct value *v, const struct rows *rows, int i)
{
    struct arena *a = r->arena;
    bool answered = !rows_is_null(rows, i, KEY(status));
    struct str fault = rows_str(rows, i, KEY(fault));
    value_set(
        a, v, KEY(status), answered ? value_int(a, rows_i64(rows, i, KEY(status))) : value_null());
    value_set_str(a, v, KEY(fault), fault);
    value_set_str(a, v, KEY(fault_text),
        fault.p
            ? message(a, r->words, STR("office.webhook.fault"), "fault", value_str(a, fault), NULL)
            : STR_NULL);
}

static struct value *delivery_of(
    struct request *r, const struct webhook *w, const struct rows *rows, int i)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    struct str id = rows_str(rows, i, KEY(delivery_id)), state = rows_str(rows, i, KEY(state));
    value_set_str(a, v, KEY(id), id);
    value_set_str(a, v, KEY(type), rows_str(rows, i, KEY(type)));
    value_set_str(a, v, KEY(state), state);
    value_set_str(a, v, KEY(look), str_of(webhooks_delivery_look(state)));
    value_set_str(a, v, KEY(state_text),
        message(
            a, r->words, STR("office.webhook.delivery_state"), "state", value_str(a, state), NULL));
    value_set_int(a, v, KEY(tries), rows_i64(rows, i, KEY(tries)));
    value_set(a, v, KEY(created), time_of(r, rows_us(rows, i, KEY(created_us))));
    value_set(a, v, KEY(next),
        str_is(state, "waiting") ? time_of(r, rows_us(rows, i, KEY(next_us))) : NULL);
    value_set_str(a, v, KEY(delivery_url),
        request_url(r, str_join(a, webhooks_path(a, w->id, "/deliveries/"), id, STR_NULL)));
    return v;
}

static void on_list(struct request *r)
{
    struct arena *a = r->arena;
    struct webhook w;
    struct str state = form_str(r, KEY(state));
    struct office_list list = office_list_of(r, OFFICE_LIST_NUMBER);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int64_t id;
    if (!str_to_i64(r->params[0], &id)) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    struct str tenant = db_i64(a, r->site->tenant), below = office_list_below(&list);
    int place = state.len ? unit_add(u, &SQL_webhook_deliveries_of_state, tenant, db_i64(a, id),
                                below, office_list_limit(&list), state)
                          : unit_add(u, &SQL_webhook_deliveries, tenant, db_i64(a, id), below,
                                office_list_limit(&list));
    if (!webhooks_of_route(r, u, &w))
        return;
    const struct rows *rows = unit_rows(u, place);
    struct value *view = page_view(r);
    for (int i = 0; office_list_more(rows, i); i++) {
        struct value *v = delivery_of(r, &w, rows, i);
        add_outcome(r, v, rows, i);
        value_append(a, list.items, v);
    }
    office_list_next(&list, rows, KEY(delivery_id), KEY(delivery_id));
    office_list_filter(r, view, &(struct office_filter){"state", "office.webhook.filter", states});
    value_set_str(a, view, KEY(endpoint), w.url);
    value_set_str(a, view, KEY(endpoint_url), request_url(r, webhooks_path(a, w.id, "")));
    value_set_str(a, view, KEY(endpoints_url), request_url(r, STR("/manage/webhooks")));
    office_list_respond(r, "office/webhooks/deliveries", view, &list);
}

static void add_tries(struct request *r, struct value *view, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    value_set(a, view, KEY(tries), list);
    value_set_bool(a, view, KEY(has_tries), rows->count > 0);
    for (int i = 0; i < rows->count; i++) {
        struct value *v = value_append_object(a, list);
        value_set_int(a, v, KEY(number), rows_i64(rows, i, KEY(number)));
        value_set(a, v, KEY(when), time_of(r, rows_us(rows, i, KEY(at_us))));
        value_set_int(a, v, KEY(took_ms), rows_i64(rows, i, KEY(took_ms)));
        value_set_str(a, v, KEY(answer), rows_str(rows, i, KEY(answer)));
        add_outcome(r, v, rows, i);
    }
}

static void on_delivery(struct request *r)
{
    struct arena *a = r->arena;
    struct webhook w;
    int64_t id, delivery;
    if (!str_to_i64(r->params[0], &id) || !str_to_i64(r->params[1], &delivery)) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    struct str tenant = db_i64(a, r->site->tenant), number = db_i64(a, delivery);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int place = unit_add(u, &SQL_webhook_one_delivery, tenant, db_i64(a, id), number);
    int tries = unit_add(u, &SQL_webhook_tries, tenant, number);
    if (!webhooks_of_route(r, u, &w))
        return;
    const struct rows *rows = unit_rows(u, place);
    if (!rows->count) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    struct value *view = page_view(r), *v = delivery_of(r, &w, rows, 0);
    struct str body = rows_str(rows, 0, KEY(body));
    office_object_view(r, view,
        &(struct office_object){.title = rows_str(rows, 0, KEY(type)),
            .list_path = webhooks_path(a, w.id, "/deliveries").p,
            .list_label = "office.webhook.deliveries"});
    value_set(a, view, KEY(delivery), v);
    value_set_str(
        a, v, KEY(event), str_join(a, STR("evt_"), rows_str(rows, 0, KEY(event_id)), STR_NULL));
    value_set_str(a, v, KEY(body), body);
    value_set_str(a, v, KEY(again_url),
        str_is(w.state, "on") &&
                (rows_i64(rows, 0, KEY(tries)) || !str_is(rows_str(rows, 0, KEY(state)), "waiting"))
            ? request_url(r, str_join(a, webhooks_path(a, w.id, "/deliveries/"), number,
                                 STR("/again"), STR_NULL))
            : STR_NULL);
    value_set_str(a, view, KEY(endpoint), w.url);
    value_set_str(a, view, KEY(endpoint_url), request_url(r, webhooks_path(a, w.id, "")));
    add_tries(r, view, unit_rows(u, tries));
    office_done(r, view, STR(""));
    respond_page(r, 200, "office/webhooks/delivery", view);
}

static void on_again(struct request *r)
{
    struct arena *a = r->arena;
    struct webhook w;
    int64_t delivery;
    if (!str_to_i64(r->params[1], &delivery)) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int place = unit_add(u, &SQL_webhook_one_delivery, db_i64(a, r->site->tenant), r->params[0],
        db_i64(a, delivery));
    int64_t id;
    if (!str_to_i64(r->params[0], &id)) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    if (!webhooks_of_route(r, u, &w))
        return;
    if (!unit_rows(u, place)->count) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    if (!webhooks_may_call(r))
        return;
    struct webhook_by by = webhooks_by(r);
    enum webhook_result result = webhook_again(a, &by, w.id, delivery);
    if (result != WEBHOOK_DONE) {
        webhooks_problem(r, result);
        return;
    }
    struct str path = str_join(a, webhooks_path(a, w.id, "/deliveries/"), db_i64(a, delivery),
        STR("?done=webhook_again"), STR_NULL);
    respond_done(r, 200, path, value_object(a));
}

static const struct form form_list =
    FORM(OFFICE_LIST_FIELDS, {"state", .kind = FIELD_CHOICE, .choices = states + 1});
static const struct form form_show = FORM({"done", .kind = FIELD_TEXT, .max = 40});
static const struct form form_plain = FORM({"csrf", .kind = FIELD_TEXT});

static const struct route routes[] = {
    {HTTP_GET, "/manage/webhooks/{id}/deliveries", PERMIT_WEBHOOKS_CHANGE, on_list, &form_list, 0,
        0},
    {HTTP_GET, "/manage/webhooks/{id}/deliveries/{delivery}", PERMIT_WEBHOOKS_CHANGE, on_delivery,
        &form_show, 0, 0},
    {HTTP_POST, "/manage/webhooks/{id}/deliveries/{delivery}/again", PERMIT_WEBHOOKS_CHANGE,
        on_again, &form_plain, 0, 0},
};

OFFICE_PAGE(routes, NULL)
