#include "web/office/customers/find.h"

#include "base/text.h"
#include "data/db.h"
#include "web/office/customers/customers.sql.h"

const char *const customers_states[] = {"account", "no_account", "asks", NULL};

struct customers_filter customers_filter_of(struct arena *a, const struct value *fields)
{
    struct str typed = value_get_str(fields, KEY(q)), state = value_get_str(fields, KEY(state));
    struct str tag = value_get_str(fields, KEY(tag));
    struct customers_filter f = {
        .state = state.len ? state : STR_NULL, .tag = tag.len ? text_fold(a, tag) : STR_NULL};
    if (typed.len)
        f.words = search_query_of(a, typed);
    f.nothing = typed.len && !f.words.count;
    return f;
}

int customers_find_add(struct unit *u, const struct customers_filter *f, int64_t below, int limit)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, unit_tenant(u)), most = db_i64(a, limit);
    struct str from = db_i64(a, below ? below : INT64_MAX);
    size_t words = (size_t)f->words.count;
    if (f->nothing)
        return -1;
    if (words)
        return unit_add(u, &SQL_customers_found, tenant, from, most, f->state, f->tag,
            db_str_array(a, f->words.from, words), db_str_array(a, f->words.until, words));
    if (f->tag.p)
        return unit_add(u, &SQL_customers_of_tag, tenant, from, most, f->state, f->tag);
    if (str_is(f->state, "account"))
        return unit_add(u, &SQL_customers_with_account, tenant, from, most);
    if (str_is(f->state, "no_account"))
        return unit_add(u, &SQL_customers_without_account, tenant, from, most);
    if (str_is(f->state, "asks"))
        return unit_add(u, &SQL_customers_who_ask, tenant, from, most);
    return unit_add(u, &SQL_customers_newest, tenant, from, most);
}

const struct rows *customers_find(struct arena *a, const struct site *site,
    const struct customers_filter *f, int64_t below, int limit)
{
    static const struct rows none;
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = customers_find_add(u, f, below, limit);
    if (place < 0)
        return &none;
    return unit_run(u) == DB_OK ? unit_rows(u, place) : NULL;
}
