#include "domain/erasure.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/zone.h"
#include "data/audit.h"
#include "data/jobs.h"
#include "domain/customer_rows.h"
#include "domain/erasure.sql.h"
#include "domain/erasure_job.h"
#include "domain/notification.h"
#include "domain/personal_statement.h"

enum { EXPORT_MAX = 64 << 20 };

// What is known of a customer before anything is done.
struct survey {
    struct customer customer;
    struct str address; // folded, if it was shown to be theirs, or is taken for theirs
    bool assumed;       // nobody showed it
    int64_t *over, *open, *open_until_us;
    size_t over_count, open_count;
};

static void sort_orders(struct arena *a, const struct rows *rows, struct survey *s)
{
    s->over = arena_new_array(a, int64_t, (size_t)rows->count + 1);
    s->open = arena_new_array(a, int64_t, (size_t)rows->count + 1);
    s->open_until_us = arena_new_array(a, int64_t, (size_t)rows->count + 1);
    for (int i = 0; i < rows->count; i++) {
        int64_t order = rows_i64(rows, i, KEY(order_id));
        int64_t until_us = rows_i64_or(rows, i, KEY(until_us), 0);
        if (until_us) {
            s->open_until_us[s->open_count] = until_us;
            s->open[s->open_count++] = order;
        } else {
            s->over[s->over_count++] = order;
        }
    }
}

enum customer_result customer_address_goes(
    struct arena *a, const struct site *site, const struct customer *c, bool *goes)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    *goes = c->verified_us != 0;
    if (*goes || !c->email.len)
        return CUSTOMER_DONE;
    unit_add(
        u, &SQL_erasure_address, db_i64(a, site->tenant), db_i64(a, c->id), text_fold(a, c->email));
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    *goes = !rows_bool(unit_rows(u, 0), 0, KEY(shared));
    return CUSTOMER_DONE;
}

static enum customer_result look(
    struct arena *a, const struct site *site, int64_t id, bool by_site, struct survey *s)
{
    *s = (struct survey){.over_count = 0};
    enum customer_result found = customer_find(a, site, id, &s->customer);
    if (found != CUSTOMER_DONE)
        return found;
    if (by_site && !s->customer.verified_us)
        found = customer_address_goes(a, site, &s->customer, &s->assumed);
    if (found != CUSTOMER_DONE)
        return found;
    if (s->customer.verified_us || s->assumed)
        s->address = text_fold(a, s->customer.email);
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    unit_add(u, &SQL_erasure_orders, db_i64(a, site->tenant), db_i64(a, id), s->address,
        db_time(a, clock_now_us()));
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    sort_orders(a, unit_rows(u, 0), s);
    return CUSTOMER_DONE;
}

enum customer_result customer_open_bookings(
    struct arena *a, const struct site *site, int64_t id, struct customer_bookings *out)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    unit_add(u, &SQL_erasure_bookings, db_i64(a, site->tenant), db_i64(a, id),
        db_time(a, clock_now_us()));
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    const struct rows *rows = unit_rows(u, 0);
    *out = (struct customer_bookings){.count = rows->count,
        .all = rows->count ? rows_i64(rows, 0, KEY(bookings)) : 0,
        .items = arena_new_array(a, struct customer_booking, (size_t)rows->count + 1)};
    for (int i = 0; i < rows->count; i++)
        out->items[i] = (struct customer_booking){.code = rows_str(rows, i, KEY(code)),
            .title = rows_str(rows, i, KEY(title)),
            .rate_name = rows_str(rows, i, KEY(rate_name)),
            .quantity = rows_i64(rows, i, KEY(quantity)),
            .starts_us = rows_us(rows, i, KEY(starts_us)),
            .ends_us = rows_us(rows, i, KEY(ends_us))};
    return CUSTOMER_DONE;
}

static void add_exports(struct unit *u, const struct survey *s)
{
    struct arena *a = unit_arena(u);
    size_t count, all_count = s->over_count + s->open_count;
    int64_t *all = arena_new_array(a, int64_t, all_count + 1);
    if (s->over_count)
        memcpy(all, s->over, s->over_count * sizeof *all);
    if (s->open_count)
        memcpy(all + s->over_count, s->open, s->open_count * sizeof *all);
    const struct str given[PERSONAL_INPUTS] = {
        [PERSONAL_CUSTOMER] = db_i64(a, s->customer.id),
        [PERSONAL_ADDRESS] = s->address,
        [PERSONAL_ORDERS] = db_i64_array(a, all, all_count),
        [PERSONAL_UNTIL] = db_time(a, clock_now_us()),
    };
    struct personal_statement *statements = personal_statements(&count);
    for (size_t i = 0; i < count; i++)
        if (statements[i].exports)
            personal_add(u, &statements[i], &statements[i].export, given);
}

static void add_tables(struct buf *b, const struct unit *u)
{
    size_t count;
    int place = 0;
    bool first = true;
    const struct personal_statement *statements = personal_statements(&count);
    // The customer first, then what hangs on them.
    for (size_t i = 0; i < count; i++)
        place += statements[i].exports;
    for (size_t i = count; i-- > 0;) {
        if (!statements[i].exports)
            continue;
        struct str items = rows_str(unit_rows(u, --place), 0, KEY(items));
        if (str_is(items, "[]"))
            continue;
        buf_add(b, first ? STR("\n{\"table\":\"") : STR(",\n{\"table\":\""));
        buf_add(b, str_of(statements[i].table->table));
        buf_add(b, STR("\",\"rows\":"));
        buf_add(b, items);
        buf_add_char(b, '}');
        first = false;
    }
}

enum customer_result customer_export(
    struct arena *a, const struct site *site, int64_t id, struct str *json)
{
    struct survey s;
    enum customer_result found = look(a, site, id, false, &s);
    if (found != CUSTOMER_DONE)
        return found;
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    add_exports(u, &s);
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    struct buf b;
    struct value *head = value_object(a);
    value_set_str(a, head, KEY(site), site->name);
    value_set_str(a, head, KEY(made_at), db_time(a, clock_now_us()));
    buf_init(&b, a, EXPORT_MAX);
    json_write(&b, head);
    b.len--;
    buf_add(&b, STR(",\"tables\":["));
    add_tables(&b, u);
    buf_add(&b, STR("\n]}\n"));
    *json = buf_str(&b);
    return b.full ? CUSTOMER_BUSY : CUSTOMER_DONE;
}

static void tell(struct unit *u, const struct customer *c)
{
    struct arena *a = unit_arena(u);
    struct value *variables = value_object(a);
    value_set_str(a, variables, KEY(name), c->first_name);
    notification_add(u, &(struct notification){.plugin = STR("core"),
                            .key = STR("customer_deleted"),
                            .to = c->email,
                            .language = c->language,
                            .customer = c->id,
                            .variables = variables});
}

static void record(struct unit *u, int64_t id, const struct feature_actor *actor)
{
    bool self = str_is(actor->kind, "customer");
    audit_add(u, &(struct audit){.actor_kind = actor->kind,
                     .actor_id = actor->id,
                     .actor_name = self ? STR("") : actor->name,
                     .action = STR("customer.delete"),
                     .object_kind = STR("customer"),
                     .object_id = str_of_i64(unit_arena(u), id)});
}

static void add_all(
    struct unit *u, const struct survey *s, const struct customer_erasure *what, int64_t now_us)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, unit_tenant(u)), id = db_i64(a, s->customer.id);
    struct str over = db_i64_array(a, s->over, s->over_count);
    const struct str given[PERSONAL_INPUTS] = {
        [PERSONAL_CUSTOMER] = id,
        [PERSONAL_ADDRESS] = s->address,
        [PERSONAL_ORDERS] = over,
        [PERSONAL_UNTIL] = db_time(a, now_us),
    };
    unit_add(u, &SQL_erasure_guard, tenant, id, db_i64(a, what->version));
    if (s->assumed)
        unit_add(u, &SQL_erasure_address_guard, tenant, id, s->address);
    erasure_add(u, given);
    unit_add(u, &SQL_erasure_let_go, tenant, db_i64_array(a, s->open, s->open_count));
    for (size_t i = 0; i < s->open_count; i++)
        erasure_add_order_job(u, s->open[i], s->open_until_us[i]);
    struct erasure_rest rest = {s->customer.id, s->over, s->over_count, now_us, 0};
    erasure_add_job(u, &rest, now_us);
    record(u, s->customer.id, &what->actor);
    customer_tell(u, EVENT_customer_deleted,
        &(struct customer_told){.id = s->customer.id, .by = what->actor.kind});
    if (what->tell)
        tell(u, &s->customer);
}

enum customer_result customer_erase(
    struct arena *a, const struct site *site, int64_t id, const struct customer_erasure *what)
{
    struct survey s;
    enum customer_result found = look(a, site, id, what->by_site, &s);
    if (found != CUSTOMER_DONE)
        return found;
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    add_all(u, &s, what, clock_now_us());
    enum customer_result done = customer_finish(u);
    // Mails of done jobs are found by the address now, which nobody knows afterwards.
    if (done == CUSTOMER_DONE)
        erasure_clean_jobs(a, site->tenant, id, s.customer.email);
    return done;
}
