#include "web/office/mails/refused.h"

#include "base/clock.h"
#include "data/db.h"
#include "http/form.h"
#include "http/format.h"
#include "http/respond.h"
#include "web/office/frame/list.h"
#include "web/office/frame/nav.h"
#include "web/office/mails/refused.sql.h"

// Who hasn't been reached in a month has been and gone.
#define SHOWN_US (30 * US_PER_DAY)

// Mails to colleagues are for those who see to the mails.
static struct str sees_all(const struct request *r)
{
    return db_bool(role_has(role_of(r->session.role), PERMIT_NOTIFICATIONS_CHANGE));
}

int mails_refused_count_add(const struct request *r, struct unit *u)
{
    struct arena *a = unit_arena(u);
    return unit_add(u, &SQL_mails_refused_count, db_i64(a, r->site->tenant),
        db_time(a, clock_now_us() - SHOWN_US), sees_all(r));
}

static void add_row(struct request *r, struct value *items, const struct rows *rows, int i)
{
    struct arena *a = r->arena;
    struct value *v = value_append_object(a, items);
    struct str code = rows_str(rows, i, KEY(order_code));
    struct str customer = rows_str(rows, i, KEY(customer_id));
    value_set_str(a, v, KEY(id), rows_str(rows, i, KEY(mail_id)));
    value_set_str(a, v, KEY(mail_subject), rows_str(rows, i, KEY(subject)));
    value_set_str(a, v, KEY(recipient), rows_str(rows, i, KEY(recipient)));
    value_set(a, v, KEY(when),
        format_time_value(a, r->format, r->site->zone, rows_us(rows, i, KEY(at_us))));
    value_set_str(a, v, KEY(order_code), code);
    value_set_str(a, v, KEY(order_url),
        code.p ? request_url(r, str_join(a, STR("/manage/orders/"), code, STR_NULL)) : STR_NULL);
    value_set_str(a, v, KEY(customer_url),
        customer.p ? request_url(r, str_join(a, STR("/manage/customers/"), customer, STR_NULL))
                   : STR_NULL);
}

static void on_list(struct request *r)
{
    struct arena *a = r->arena;
    struct office_list list = office_list_of(r, OFFICE_LIST_NUMBER);
    if (form_refused(r) && r->wants_json) {
        respond_invalid(r, "office/mails/refused", page_view(r));
        return;
    }
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int place = unit_add(u, &SQL_mails_refused, db_i64(a, r->site->tenant),
        db_time(a, clock_now_us() - SHOWN_US), sees_all(r), office_list_below(&list),
        office_list_limit(&list));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    const struct rows *rows = unit_rows(u, place);
    for (int i = 0; office_list_more(rows, i); i++)
        add_row(r, list.items, rows, i);
    office_list_next(&list, rows, KEY(mail_id), KEY(mail_id));
    office_list_respond(r, "office/mails/refused", page_view(r), &list);
}

static const struct form form_list = FORM(OFFICE_LIST_FIELDS);

static const struct route routes[] = {
    {HTTP_GET, "/manage/mails", PERMIT_CUSTOMERS_READ, on_list, &form_list, 0, 0},
};

OFFICE_PAGE(routes, NULL)
