// Customers of the site who may be one person: pairs with the same address, phone, or name and
// birth date. Each leads to the look before merging, or is told apart for good.
#include "base/clock.h"
#include "base/date.h"
#include "base/phone.h"
#include "data/audit.h"
#include "web/office/customers/alike.sql.h"
#include "web/office/customers/pages.h"
#include "web/office/feature_view.h"
#include "web/office/frame/list.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"

static const char *const ways[] = {"email", "phone", "birth", NULL};

static struct sql *statement_of(struct str by)
{
    if (str_is(by, "phone"))
        return &SQL_alike_by_phone;
    return str_is(by, "birth") ? &SQL_alike_by_birth : &SQL_alike_by_email;
}

// "ada@example.org 123": what they share, and the first of them.
static void read_spot(
    const struct office_list *list, struct str by, struct str *key, struct str *id)
{
    struct str spot = list->after;
    bool birth = str_is(by, "birth");
    struct date day;
    int64_t number;
    size_t at = spot.len;
    *key = birth ? STR("0001-01-01") : STR("");
    *id = STR("0");
    while (at > 0 && spot.p[at - 1] != ' ')
        at--;
    struct str last = str_sub(spot, at, spot.len), first = str_sub(spot, 0, at ? at - 1 : 0);
    if (!list->after_id.p || !at || !str_to_i64(last, &number) ||
        (birth && !date_parse(first, &day)))
        return;
    *key = first;
    *id = last;
}

static struct value *person_view(struct request *r, const struct rows *rows, int i)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    struct customer c = {.first_name = rows_str(rows, i, KEY(first_name)),
        .last_name = rows_str(rows, i, KEY(last_name))};
    int64_t id = rows_i64(rows, i, KEY(customer_id));
    value_set_str(a, v, KEY(id), str_of_i64(a, id));
    value_set_str(a, v, KEY(name), customer_name(a, &c));
    value_set_str(a, v, KEY(email), rows_str(rows, i, KEY(email)));
    value_set_str(a, v, KEY(phone_text), phone_text(a, rows_str(rows, i, KEY(phone))));
    value_set_str(a, v, KEY(birthdate), rows_str(rows, i, KEY(birthdate)));
    value_set_str(a, v, KEY(account), customers_account(rows, i));
    value_set(a, v, KEY(created), customers_time(r, rows_us(rows, i, KEY(created_us))));
    value_set_str(a, v, KEY(customer_url), request_url(r, customers_path(r, id, "")));
    return v;
}

static struct str apart_path(struct request *r, struct str one, struct str two, const char *end)
{
    return str_join(
        r->arena, STR("/manage/customers/"), one, STR("/apart/"), two, str_of(end), STR_NULL);
}

// Both side by side, and who of them stays: the one who was there first.
static bool add_pairs(struct request *r, struct office_list *list, const struct rows *found)
{
    struct arena *a = r->arena;
    int64_t ids[2 * OFFICE_LIST_ROWS];
    size_t count = 0;
    for (int i = 0; office_list_more(found, i); i++) {
        ids[count++] = rows_i64(found, i, KEY(one_id));
        ids[count++] = rows_i64(found, i, KEY(two_id));
    }
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    unit_add(u, &SQL_alike_shown, db_i64(a, r->site->tenant), db_i64_array(a, ids, count));
    if (unit_run(u) != DB_OK)
        return false;
    const struct rows *rows = unit_rows(u, 0);
    // Who is deleted in between leaves the other one without a pair.
    for (int i = 0; i + 1 < rows->count; i++) {
        int64_t place = rows_i64(rows, i, KEY(place));
        if (place % 2 == 0 || rows_i64(rows, i + 1, KEY(place)) != place + 1)
            continue;
        struct value *v = value_append_object(a, list->items);
        struct str one = str_of_i64(a, ids[place - 1]), two = str_of_i64(a, ids[place]);
        value_set(a, v, KEY(one), person_view(r, rows, i));
        value_set(a, v, KEY(two), person_view(r, rows, i + 1));
        value_set_str(a, v, KEY(merge_url),
            request_url(r,
                str_join(a, STR("/manage/customers/"), one, STR("/merge?with="), two, STR_NULL)));
        value_set_str(a, v, KEY(apart_url), request_url(r, apart_path(r, one, two, "")));
    }
    return true;
}

// What has just been told apart can be taken back: "one-two".
static void add_notice(struct request *r, struct value *view)
{
    struct str pair = form_str(r, KEY(what)), one = str_cut(&pair, '-');
    struct value *notice = office_done(r, view, STR(""));
    int64_t id;
    if (notice && str_is(form_str(r, KEY(done)), "customers_apart") && str_to_i64(one, &id) &&
        str_to_i64(pair, &id))
        office_notice_undo(r, notice, apart_path(r, one, pair, "/undo"));
}

static void on_list(struct request *r)
{
    struct arena *a = r->arena;
    struct office_list list = office_list_of(r, OFFICE_LIST_TEXT);
    struct str by = form_str(r, KEY(by)), key, id;
    struct value *view = page_view(r);
    if (form_refused(r) && r->wants_json) {
        respond_problem(r, PROBLEM_INVALID);
        return;
    }
    read_spot(&list, by, &key, &id);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    unit_add(u, statement_of(by), db_i64(a, r->site->tenant), key, id,
        list.after_id.p ? list.after_id : STR("0"), office_list_limit(&list));
    if (unit_run(u) != DB_OK || !add_pairs(r, &list, unit_rows(u, 0))) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    office_list_next(&list, unit_rows(u, 0), KEY(spot), KEY(two_id));
    value_set_str(a, view, KEY(list_url), request_url(r, STR("/manage/customers")));
    office_list_filter(r, view, &(struct office_filter){"by", "office.alike.by", ways});
    add_notice(r, view);
    office_list_respond(r, "office/customers/alike", view, &list);
}

// The route's two numbers, the smaller one first; answers 404 and is false when they are none.
static bool read_pair(struct request *r, int64_t *one, int64_t *two)
{
    if (!str_to_i64(r->params[0], one) || !str_to_i64(r->params[1], two) || *one == *two) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return false;
    }
    if (*one > *two) {
        int64_t first = *two;
        *two = *one;
        *one = first;
    }
    return true;
}

// Both are the site's; else answered.
static bool are_there(struct request *r, int64_t one, int64_t two)
{
    struct customer c;
    enum customer_result result = customer_find(r->arena, r->site, one, &c);
    if (result == CUSTOMER_DONE)
        result = customer_find(r->arena, r->site, two, &c);
    if (result != CUSTOMER_DONE)
        customer_problem(r, result);
    return result == CUSTOMER_DONE;
}

static void tell(struct request *r, bool apart)
{
    struct arena *a = r->arena;
    struct feature_actor who = feature_actor_of(r);
    int64_t one, two;
    if (!read_pair(r, &one, &two) || !are_there(r, one, two))
        return;
    struct unit *u = unit_new(a, DB_WRITE, r->site->tenant);
    struct str tenant = db_i64(a, r->site->tenant);
    if (apart)
        unit_add(u, &SQL_alike_apart, tenant, db_i64(a, one), db_i64(a, two),
            db_time(a, clock_now_us()));
    else
        unit_add(u, &SQL_alike_together, tenant, db_i64(a, one), db_i64(a, two));
    for (int i = 0; i < 2; i++)
        audit_add(u, &(struct audit){.actor_kind = who.kind,
                         .actor_id = who.id,
                         .actor_name = who.name,
                         .action = apart ? STR("customer.apart") : STR("customer.together"),
                         .object_kind = STR("customer"),
                         .object_id = str_of_i64(a, i ? two : one)});
    enum db_result result = unit_run(u);
    struct str pair = str_join(a, str_of_i64(a, one), STR("-"), str_of_i64(a, two), STR_NULL);
    // Said already: the second of two clicks.
    if (result == DB_OK || result == DB_REFUSED)
        respond_done(r, 200,
            str_join(a, STR("/manage/customers/duplicates?done="),
                apart ? STR("customers_apart&what=") : STR("customers_together&what="), pair,
                STR_NULL),
            value_object(a));
    else
        respond_problem(r, result == DB_CONFLICT ? PROBLEM_NOT_FOUND : PROBLEM_UNAVAILABLE);
}

static void on_apart(struct request *r)
{
    tell(r, true);
}

static void on_together(struct request *r)
{
    tell(r, false);
}

static const struct form form_list =
    FORM(OFFICE_LIST_FIELDS, {"by", .kind = FIELD_CHOICE, .choices = ways});
static const struct form form_plain = FORM({"csrf", .kind = FIELD_TEXT});

static const struct route routes[] = {
    {HTTP_GET, "/manage/customers/duplicates", PERMIT_CUSTOMERS_DELETE, on_list, &form_list, 0, 0},
    {HTTP_POST, "/manage/customers/{id}/apart/{other}", PERMIT_CUSTOMERS_DELETE, on_apart,
        &form_plain, 0, 0},
    {HTTP_POST, "/manage/customers/{id}/apart/{other}/undo", PERMIT_CUSTOMERS_DELETE, on_together,
        &form_plain, 0, 0},
};

OFFICE_PAGE(routes, NULL)
