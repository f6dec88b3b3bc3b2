#include "web/office/customers/pick.h"

#include "base/buf.h"
#include "base/phone.h"
#include "data/db.h"
#include "web/office/customers/customers.sql.h"
#include "web/office/customers/find.h"
#include "web/office/customers/pages.h"

enum { MATCHES = 8 };

struct value *customers_picked(struct request *r, const struct customer *c)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(id), str_of_i64(a, c->id));
    value_set_str(a, v, KEY(name), customer_name(a, c));
    value_set_str(a, v, KEY(email), c->email);
    value_set_str(a, v, KEY(phone_text), phone_text(a, c->phone));
    value_set_str(a, v, KEY(customer_url), request_url(r, customers_path(r, c->id, "")));
    return v;
}

static bool add_matches(struct request *r, struct value *list, struct str typed)
{
    struct arena *a = r->arena;
    struct customers_filter f = {.words = search_query_of(a, typed)};
    int64_t ids[MATCHES];
    f.nothing = !f.words.count;
    const struct rows *found = customers_find(a, r->site, &f, 0, MATCHES);
    if (!found)
        return false;
    for (int i = 0; i < found->count; i++)
        ids[i] = rows_i64(found, i, KEY(customer_id));
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    unit_add(u, &SQL_customers_shown, db_i64(a, r->site->tenant),
        db_i64_array(a, ids, (size_t)found->count));
    if (unit_run(u) != DB_OK)
        return false;
    const struct rows *rows = unit_rows(u, 0);
    for (int i = 0; i < rows->count; i++) {
        struct customer c = {.id = rows_i64(rows, i, KEY(customer_id)),
            .first_name = rows_str(rows, i, KEY(first_name)),
            .last_name = rows_str(rows, i, KEY(last_name)),
            .email = rows_str(rows, i, KEY(email)),
            .phone = rows_str(rows, i, KEY(phone))};
        value_append(a, list, customers_picked(r, &c));
    }
    return true;
}

bool customers_pick_view(struct request *r, struct value *view, struct str typed)
{
    struct value *list = value_list(r->arena);
    value_set(r->arena, view, KEY(matches), list);
    value_set_str(r->arena, view, KEY(who), typed.len ? typed : STR(""));
    if (typed.len && !add_matches(r, list, typed))
        return false;
    value_set_bool(r->arena, view, KEY(has_matches), value_count(list) > 0);
    value_set_bool(r->arena, view, KEY(no_matches), typed.len && !value_count(list));
    return true;
}

struct str customers_new_url(struct request *r, struct str back)
{
    struct buf b;
    buf_init(&b, r->arena, 2048);
    buf_add(&b, STR("/manage/customers/new?next="));
    buf_add_url(&b, back);
    return request_url(r, buf_str(&b));
}

// "/manage/orders/new" or "/manage/orders/CODE/customer".
static bool takes_customer(struct str path)
{
    struct str orders = STR("/manage/orders/"), end = STR("/customer");
    if (!str_starts(path, orders))
        return false;
    struct str rest = str_sub(path, orders.len, path.len);
    if (str_is(rest, "new"))
        return true;
    return rest.len > end.len && str_ends(rest, end) &&
           str_find(str_sub(rest, 0, rest.len - end.len), STR("/")) < 0;
}

struct str customers_back(const struct request *r)
{
    struct str next = form_str(r, KEY(next));
    ptrdiff_t query = str_find(next, STR("?"));
    for (size_t i = 0; i < next.len; i++) {
        char c = next.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain && str_find(STR("/-?&="), str_sub(next, i, i + 1)) < 0)
            return STR_NULL;
    }
    return takes_customer(query < 0 ? next : str_sub(next, 0, (size_t)query)) ? next : STR_NULL;
}
