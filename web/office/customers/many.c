// Many customers at once: those chosen in the list or all that match its filter; what may be done
// to them; how many it would change, how many not and why; and then the batch with its progress,
// what became of each, and the way back.
#include "web/office/customers/many.h"

#include "base/id.h"
#include "data/db.h"
#include "http/permission.h"
#include "web/office/customers/customers.sql.h"
#include "web/office/customers/find.h"
#include "web/office/customers/many_page.h"
#include "web/office/customers/pages.h"
#include "web/office/feature_view.h"
#include "web/office/frame/list.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"

static const struct form form_filter =
    FORM({"q", .max = 100}, CUSTOMERS_FILTER_FIELDS, CUSTOMERS_CHOSEN_FIELD);

static bool is_all(const struct request *r)
{
    return form_bool(r, KEY(all));
}

// All that match the list's filter, or those chosen and nobody else.
static struct value *filter_of(struct request *r)
{
    struct value *sent = office_filter_of(r, &form_filter), *filter = value_object(r->arena);
    for (uint32_t i = 0; i < sent->object.count; i++) {
        const struct value_field *field = &sent->object.fields[i];
        if ((field->key == KEY(chosen)) != is_all(r))
            value_set(r->arena, filter, field->key, field->value);
    }
    return filter;
}

// What would become of them, as far as it was read.
struct tally {
    int64_t all, will, upto;
    struct {
        struct str why;
        int64_t count;
    } whys[MANY_WHYS];
    int why_count;
    int64_t sample[MANY_SAMPLE]; // who would change, newest first
    int sampled;
};

static void count_why(struct request *r, struct tally *t, struct str why)
{
    int i = 0;
    while (i < t->why_count && !str_eq(t->whys[i].why, why))
        i++;
    if (i == MANY_WHYS)
        return;
    if (i == t->why_count) {
        t->whys[i].why = str_dup(r->arena, why);
        t->whys[t->why_count++].count = 0;
    }
    t->whys[i].count++;
}

static void count_one(struct request *r, struct tally *t, int64_t id, struct str why)
{
    if (why.len) {
        count_why(r, t, why);
        return;
    }
    t->will++;
    if (t->sampled < MANY_SAMPLE)
        t->sample[t->sampled++] = id;
}

static bool count_page(struct request *r, struct arena *a, struct tally *t,
    const struct many_action *action, const struct rows *found)
{
    int64_t *ids = arena_new_array(a, int64_t, (size_t)found->count + 1);
    for (int i = 0; i < found->count; i++)
        ids[i] = rows_i64(found, i, KEY(customer_id));
    t->all += found->count;
    if (!t->upto && found->count)
        t->upto = ids[0];
    if (!action) {
        for (int i = 0; i < found->count; i++)
            count_one(r, t, ids[i], STR_NULL);
        return true;
    }
    const struct rows *looked =
        found->count ? many_look(a, r->site, action, ids, (size_t)found->count) : NULL;
    for (int i = 0; looked && i < looked->count; i++)
        count_one(r, t, rows_i64(looked, i, KEY(customer_id)), rows_str(looked, i, KEY(why)));
    return looked || !found->count;
}

// Without an action everybody counts. False when the database doesn't answer.
static bool tally_of(struct request *r, const struct value *filter,
    const struct many_action *action, struct tally *t)
{
    struct customers_filter f = customers_filter_of(r->arena, r->site, filter);
    int64_t below = 0;
    int count = MANY_LOOKED_AT;
    bool ok = true;
    *t = (struct tally){0};
    while (ok && count == MANY_LOOKED_AT) {
        struct arena *a = arena_new();
        const struct rows *found = customers_find(a, r->site, &f, below, MANY_LOOKED_AT);
        ok = found && count_page(r, a, t, action, found);
        count = ok ? found->count : 0;
        if (count)
            below = rows_i64(found, count - 1, KEY(customer_id));
        arena_free(a);
    }
    return ok;
}

static struct value *people_of(struct request *r, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    for (int i = 0; i < rows->count; i++) {
        struct value *v = value_append_object(a, list);
        struct customer c = {.first_name = rows_str(rows, i, KEY(first_name)),
            .last_name = rows_str(rows, i, KEY(last_name))};
        int64_t id = rows_i64(rows, i, KEY(customer_id));
        value_set_str(a, v, KEY(id), str_of_i64(a, id));
        value_set_str(a, v, KEY(name), customer_name(a, &c));
        value_set_str(a, v, KEY(email), rows_str(rows, i, KEY(email)));
        value_set_str(a, v, KEY(customer_url), request_url(r, customers_path(r, id, "")));
    }
    return list;
}

// Of the form that was sent: which action on which value.
static struct str value_of(const struct request *r, struct str name)
{
    if (str_is(name, "tag"))
        return form_str(r, KEY(add_tag));
    return str_is(name, "untag") ? form_str(r, KEY(remove_tag)) : form_str(r, KEY(choice));
}

static const char *field_of(struct str name)
{
    return str_is(name, "tag") ? "add_tag" : str_is(name, "untag") ? "remove_tag" : "choice";
}

// The action that was asked for; refuses its field when there is none such.
static bool find_action(struct request *r, struct many_action *action)
{
    struct str name = form_str(r, KEY(do)), value = value_of(r, name);
    bool found = many_action_find(r->arena, r->site, name, value, action);
    action->day = form_str(r, KEY(day));
    if (!found)
        form_refuse(r, field_of(name),
            !value.len                 ? "required"
            : str_index(name, '.') > 0 ? "choice"
                                       : "tag");
    return found;
}

static void add_hidden(struct request *r, struct value *many, const struct value *filter)
{
    struct arena *a = r->arena;
    struct value *fields = office_filter_fields(a, filter);
    if (is_all(r)) {
        struct value *all = value_append_object(a, fields);
        value_set_str(a, all, KEY(name), STR("all"));
        value_set_str(a, all, KEY(value), STR("1"));
    }
    value_set(a, many, KEY(fields), fields);
}

static void add_urls(struct request *r, struct value *many, const struct value *filter)
{
    struct arena *a = r->arena;
    struct str query = office_filter_query(a, &form_filter, filter);
    struct str list = is_all(r) ? query : STR("");
    value_set_str(a, many, KEY(action_url), request_url(r, STR("/manage/customers/many")));
    value_set_str(a, many, KEY(list_url),
        request_url(r, str_join(a, STR("/manage/customers"), list, STR_NULL)));
    value_set_str(a, many, KEY(export_url),
        role_has(role_of(r->session.role), PERMIT_CUSTOMERS_EXPORT)
            ? request_url(r, str_join(a, STR("/manage/customers/export"), query, STR_NULL))
            : STR_NULL);
}

static void add_offered(struct request *r, struct value *many)
{
    struct arena *a = r->arena;
    const struct value *offered = many_offered(a, r->site);
    struct value *actions = value_list(a);
    for (size_t i = 0; i < value_count(offered); i++) {
        const struct value *one = value_at(offered, i);
        if (!value_count(value_get(one, KEY(options))))
            continue;
        struct value *v = value_append_object(a, actions);
        struct str id = str_join(
            a, value_get_str(one, KEY(plugin)), STR("-"), value_get_str(one, KEY(name)), STR_NULL);
        value_set_str(a, v, KEY(id), id);
        value_set_str(a, v, KEY(action),
            str_join(a, value_get_str(one, KEY(plugin)), STR("."), value_get_str(one, KEY(name)),
                STR_NULL));
        value_set_str(a, v, KEY(title), value_get_str(one, KEY(title)));
        value_set_str(a, v, KEY(choose), value_get_str(one, KEY(choose)));
        value_set_str(a, v, KEY(day_title), value_get_str(one, KEY(day)));
        value_set(a, v, KEY(options), value_get(one, KEY(options)));
    }
    value_set(a, many, KEY(actions), actions);
}

static void add_preview(
    struct request *r, struct value *many, const struct many_action *action, const struct tally *t)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a), *whys = value_list(a), *fields = value_list(a);
    struct str name = action->name;
    const struct str pairs[][2] = {{STR("do"), name}, {str_of(field_of(name)), action->value},
        {STR("day"), action->day}, {STR("seen_all"), str_of_i64(a, t->all)},
        {STR("seen_will"), str_of_i64(a, t->will)}, {STR("number"), str_of_i64(a, id_number())}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (!pairs[i][1].len)
            continue;
        struct value *field = value_append_object(a, fields);
        value_set_str(a, field, KEY(name), pairs[i][0]);
        value_set_str(a, field, KEY(value), pairs[i][1]);
    }
    for (int i = 0; i < t->why_count; i++) {
        struct value *why = value_append_object(a, whys);
        value_set_str(a, why, KEY(why), t->whys[i].why);
        value_set_str(a, why, KEY(text), many_why(a, r->words, action, t->whys[i].why));
        value_set_int(a, why, KEY(customers), t->whys[i].count);
    }
    value_set(a, many, KEY(preview), v);
    value_set_str(a, v, KEY(title), many_title(r, action));
    value_set_int(a, v, KEY(will), t->will);
    value_set_int(a, v, KEY(wont), t->all - t->will);
    value_set_bool(a, v, KEY(any), t->will > 0);
    value_set_bool(a, v, KEY(none_kept), t->all == t->will);
    value_set(a, v, KEY(whys), whys);
    value_set(a, v, KEY(fields), fields);
}

static bool add_people(struct request *r, struct value *many, const struct tally *t)
{
    struct arena *a = r->arena;
    struct str tenant = db_i64(a, r->site->tenant);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    unit_add(u, &SQL_customers_shown, tenant, db_i64_array(a, t->sample, (size_t)t->sampled));
    unit_add(u, &SQL_customers_tags, tenant);
    if (unit_run(u) != DB_OK)
        return false;
    struct value *tags = value_list(a);
    for (int i = 0; i < unit_rows(u, 1)->count; i++)
        value_append(a, tags, value_str(a, rows_str(unit_rows(u, 1), i, KEY(tag))));
    value_set(a, many, KEY(tags), tags);
    value_set(a, many, KEY(sample), people_of(r, unit_rows(u, 0)));
    value_set_int(a, many, KEY(more), t->will > t->sampled ? t->will - t->sampled : 0);
    value_set_bool(a, many, KEY(has_more), t->will > t->sampled);
    return true;
}

static void show(struct request *r, const struct value *filter, const struct many_action *action,
    const struct tally *t, int status)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r), *many = value_object(a);
    office_object_view(r, view,
        &(struct office_object){.title = message(a, r->words, STR("office.many.of"), "count",
                                    value_int(a, t->all), NULL),
            .list_path = "/manage/customers",
            .list_label = "office.nav.customers"});
    value_set(a, view, KEY(many), many);
    value_set_int(a, many, KEY(count), t->all);
    value_set_bool(a, many, KEY(any), t->all > 0);
    value_set_bool(a, many, KEY(changed), status == 409);
    value_set(a, many, KEY(preview), value_null());
    value_set_bool(a, many, KEY(choosing), !action && t->all > 0);
    add_hidden(r, many, filter);
    add_urls(r, many, filter);
    add_offered(r, many);
    if (action)
        add_preview(r, many, action, t);
    if (!add_people(r, many, t) || !many_add_latest(r, many))
        respond_problem(r, PROBLEM_UNAVAILABLE);
    else if (status == 409 && r->wants_json)
        respond_problem(r, PROBLEM_CONFLICT);
    else if (form_refused(r))
        respond_invalid(r, "office/customers/many", view);
    else
        respond_page(r, status, "office/customers/many", view);
}

static void on_many(struct request *r)
{
    struct many_action action;
    struct tally t;
    const struct value *filter = filter_of(r);
    if (!is_all(r) && !filter->object.count)
        form_refuse(r, "chosen", "nobody");
    bool asked = form_str(r, KEY(do)).len > 0 && !form_refused(r);
    bool found = asked && find_action(r, &action);
    // Nobody chosen is nobody, not everybody.
    bool nobody = !is_all(r) && !filter->object.count;
    t = (struct tally){0};
    if (!nobody && !tally_of(r, filter, found ? &action : NULL, &t))
        respond_problem(r, PROBLEM_UNAVAILABLE);
    else
        show(r, filter, found ? &action : NULL, &t, 200);
}

static void answer_made(struct request *r, int64_t id)
{
    struct value *view = value_object(r->arena);
    value_set_str(r->arena, view, KEY(id), str_of_i64(r->arena, id));
    respond_done(r, 201, many_path(r, id, ""), view);
}

// The second of two clicks: by then the numbers that were looked at may not hold any more.
static bool is_made(struct request *r)
{
    struct customer_batch b = {.tenant = r->site->tenant};
    if (!str_to_i64(form_str(r, KEY(number)), &b.id) || batch_find(r->arena, &b) != BATCH_DONE)
        return false;
    answer_made(r, b.id);
    return true;
}

static void make(struct request *r, struct value *filter, const struct many_action *action,
    const struct tally *t)
{
    struct arena *a = r->arena;
    struct customer_batch b = {.tenant = r->site->tenant,
        .actor = feature_actor_of(r),
        .action = action->name,
        .value = action->value,
        .label = action->label,
        .day = action->day,
        .filter = filter,
        .upto = t->upto};
    if (!str_to_i64(form_str(r, KEY(number)), &b.id))
        b.id = id_number();
    switch (batch_make(a, &b)) {
    case BATCH_DONE:
    case BATCH_OVER: // made at the same moment
        answer_made(r, b.id);
        break;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static void on_apply(struct request *r)
{
    struct many_action action;
    struct tally t;
    struct value *filter = filter_of(r);
    if (is_made(r))
        return;
    if (!is_all(r) && !filter->object.count)
        form_refuse(r, "chosen", "nobody");
    bool found = find_action(r, &action);
    bool nobody = !is_all(r) && !filter->object.count;
    t = (struct tally){0};
    if (!nobody && !tally_of(r, filter, found ? &action : NULL, &t)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    bool as_seen = form_int(r, KEY(seen_all), -1) == t.all &&
                   form_int(r, KEY(seen_will), -1) == t.will && t.will > 0;
    if (form_refused(r))
        show(r, filter, found ? &action : NULL, &t, 422);
    else if (!as_seen)
        show(r, filter, &action, &t, 409);
    else
        make(r, filter, &action, &t);
}

#define MANY_FIELDS                                                                           \
    {"q", .max = 100}, CUSTOMERS_FILTER_FIELDS, CUSTOMERS_CHOSEN_FIELD,                       \
        {"all", .kind = FIELD_BOOL}, {"do", .max = 80}, {"add_tag", .max = CUSTOMER_TAG_MAX}, \
        {"remove_tag", .max = CUSTOMER_TAG_MAX}, {"choice", .max = 60},                       \
    {                                                                                         \
        "day", .kind = FIELD_DATE                                                             \
    }
static const struct form form_look = FORM(MANY_FIELDS);
static const struct form form_apply = FORM({"csrf", .kind = FIELD_TEXT}, MANY_FIELDS,
    FORM_SEEN("seen_all"), FORM_SEEN("seen_will"), {"number", .kind = FIELD_ID});

static const struct route routes[] = {
    {HTTP_GET, "/manage/customers/many", PERMIT_CUSTOMERS_CHANGE, on_many, &form_look,
        ROUTE_REFUSES, 0},
    {HTTP_POST, "/manage/customers/many", PERMIT_CUSTOMERS_CHANGE, on_apply, &form_apply, 0, 0},
};

OFFICE_PAGE(routes, NULL)
