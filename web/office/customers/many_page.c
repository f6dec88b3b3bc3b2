// A batch's page: how far it is, who stayed as they were and why, and the way back.
#include "web/office/customers/many_page.h"

#include "base/clock.h"
#include "domain/customer_batch.sql.h"
#include "web/office/customers/pages.h"
#include "web/office/feature_view.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"

struct str many_path(struct request *r, int64_t id, const char *end)
{
    return str_join(
        r->arena, STR("/manage/customers/many/"), str_of_i64(r->arena, id), str_of(end), STR_NULL);
}

struct str many_title(struct request *r, const struct many_action *action)
{
    struct arena *a = r->arena;
    if (action->feature)
        return message(a, r->words, STR("office.many.feature"), "title",
            value_str(a, action->title), "value", value_str(a, action->label), NULL);
    return message(a, r->words,
        str_is(action->name, "tag") ? STR("office.many.tag_one") : STR("office.many.untag_one"),
        "value", value_str(a, action->label), NULL);
}

// Of a batch whose feature may be off by now: then its value alone.
static struct many_action action_of(struct request *r, const struct customer_batch *b)
{
    struct many_action action;
    if (!many_action_find(r->arena, r->site, b->action, b->value, &action) &&
        str_index(b->action, '.') > 0)
        action.feature = value_object(r->arena);
    action.name = b->action;
    action.label = b->label;
    action.day = b->day;
    if (action.feature && !action.title.len)
        action.title = b->action;
    return action;
}

static bool may_undo(const struct customer_batch *b)
{
    int64_t oldest = clock_now_us() - BATCH_UNDO_DAYS * 86400LL * 1000000;
    return str_is(b->state, "done") && b->changed > 0 && b->made_us > oldest;
}

static struct value *batch_view(struct request *r, const struct customer_batch *b)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    struct many_action action = action_of(r, b);
    bool done = str_is(b->state, "done"), undone = str_is(b->state, "undone");
    int64_t seen = b->changed + b->kept;
    value_set_str(a, v, KEY(id), str_of_i64(a, b->id));
    value_set_str(a, v, KEY(title), many_title(r, &action));
    value_set_str(a, v, KEY(action), b->action);
    value_set_str(a, v, KEY(state), b->state);
    value_set_str(a, v, KEY(who), b->actor.name);
    value_set(a, v, KEY(made), customers_time(r, b->made_us));
    value_set_bool(a, v, KEY(running), !done && !undone);
    value_set_bool(a, v, KEY(counted), str_is(b->state, "running"));
    value_set_bool(a, v, KEY(done), done);
    value_set_bool(a, v, KEY(undone), undone);
    value_set_int(a, v, KEY(customers), b->customers);
    value_set_int(a, v, KEY(changed), b->changed);
    value_set_int(a, v, KEY(kept), b->kept);
    value_set_int(a, v, KEY(seen), seen);
    value_set_int(a, v, KEY(most), b->customers ? b->customers : 1);
    value_set_str(a, v, KEY(batch_url), request_url(r, many_path(r, b->id, "")));
    value_set_str(
        a, v, KEY(undo_url), may_undo(b) ? request_url(r, many_path(r, b->id, "/undo")) : STR_NULL);
    return v;
}

bool many_add_latest(struct request *r, struct value *many)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    const struct rows *rows = batch_latest(a, r->site->tenant);
    for (int i = 0; rows && i < rows->count; i++) {
        struct customer_batch b = batch_of_row(a, r->site->tenant, rows, i);
        value_append(a, list, batch_view(r, &b));
    }
    value_set(a, many, KEY(latest), list);
    value_set_bool(a, many, KEY(has_latest), value_count(list) > 0);
    return rows;
}

static bool find(struct request *r, struct customer_batch *b)
{
    *b = (struct customer_batch){.tenant = r->site->tenant};
    enum batch_result result =
        str_to_i64(r->params[0], &b->id) ? batch_find(r->arena, b) : BATCH_UNKNOWN;
    if (result != BATCH_DONE)
        respond_problem(r, result == BATCH_UNKNOWN ? PROBLEM_NOT_FOUND : PROBLEM_UNAVAILABLE);
    return result == BATCH_DONE;
}

static void add_kept(struct request *r, struct value *v, const struct customer_batch *b,
    const struct rows *whys, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct many_action action = action_of(r, b);
    struct value *reasons = value_list(a), *people = value_list(a);
    for (int i = 0; i < whys->count; i++) {
        struct value *why = value_append_object(a, reasons);
        struct str code = rows_str(whys, i, KEY(why));
        value_set_str(a, why, KEY(why), code);
        value_set_str(a, why, KEY(text), many_why(a, r->words, &action, code));
        value_set_int(a, why, KEY(customers), rows_i64(whys, i, KEY(customers)));
    }
    for (int i = 0; i < rows->count; i++) {
        struct value *one = value_append_object(a, people);
        struct customer c = {.first_name = rows_str(rows, i, KEY(first_name)),
            .last_name = rows_str(rows, i, KEY(last_name))};
        int64_t id = rows_i64(rows, i, KEY(customer_id));
        value_set_str(a, one, KEY(id), str_of_i64(a, id));
        value_set_str(a, one, KEY(name), customer_name(a, &c));
        value_set_str(a, one, KEY(email), rows_str(rows, i, KEY(email)));
        value_set_str(
            a, one, KEY(text), many_why(a, r->words, &action, rows_str(rows, i, KEY(why))));
        value_set_str(a, one, KEY(customer_url), request_url(r, customers_path(r, id, "")));
    }
    value_set(a, v, KEY(whys), reasons);
    value_set(a, v, KEY(people), people);
    value_set_bool(a, v, KEY(has_people), rows->count > 0);
}

static void on_batch(struct request *r)
{
    struct arena *a = r->arena;
    struct customer_batch b;
    if (!find(r, &b))
        return;
    struct str tenant = db_i64(a, r->site->tenant), id = db_i64(a, b.id);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    unit_add(u, &SQL_batch_whys, tenant, id);
    unit_add(u, &SQL_batch_kept, tenant, id);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = page_view(r), *v = batch_view(r, &b);
    office_object_view(r, view,
        &(struct office_object){.title = value_get_str(v, KEY(title)),
            .list_path = "/manage/customers",
            .list_label = "office.nav.customers"});
    add_kept(r, v, &b, unit_rows(u, 0), unit_rows(u, 1));
    value_set_int(a, v, KEY(days), BATCH_UNDO_DAYS);
    value_set(a, view, KEY(batch), v);
    respond_page(r, 200, "office/customers/batch", view);
}

static void on_undo(struct request *r)
{
    struct customer_batch b;
    if (!find(r, &b))
        return;
    struct feature_actor who = feature_actor_of(r);
    switch (batch_undo(r->arena, &b, &who)) {
    case BATCH_DONE: {
        struct value *view = value_object(r->arena);
        value_set_str(r->arena, view, KEY(id), str_of_i64(r->arena, b.id));
        respond_done(r, 200, many_path(r, b.id, ""), view);
        break;
    }
    case BATCH_UNAVAILABLE:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        break;
    default:
        respond_problem(r, PROBLEM_CONFLICT);
    }
}

static const struct form form_plain = FORM({"csrf", .kind = FIELD_TEXT});

static const struct route routes[] = {
    {HTTP_GET, "/manage/customers/many/{batch}", PERMIT_CUSTOMERS_CHANGE, on_batch, NULL, 0, 0},
    {HTTP_POST, "/manage/customers/many/{batch}/undo", PERMIT_CUSTOMERS_CHANGE, on_undo,
        &form_plain, 0, 0},
};

OFFICE_PAGE(routes, NULL)
