#include "domain/customer_merge.h"

#include "base/clock.h"
#include "base/id.h"
#include "data/audit.h"
#include "domain/customer_email.sql.h"
#include "domain/customer_merge.sql.h"
#include "domain/customer_rows.h"
#include "domain/notification.h"
#include "domain/personal_merge.h"
#include "domain/search.h"

const char *const customer_part_names[CUSTOMER_PARTS] = {[CUSTOMER_NAME] = "name",
    [CUSTOMER_PHONE] = "phone",
    [CUSTOMER_GENDER] = "gender",
    [CUSTOMER_BIRTHDATE] = "birthdate",
    [CUSTOMER_COUNTRY] = "country"};

void customer_merge_choose(struct customer_merge *m)
{
    const struct customer_record *k = &m->kept, *o = &m->other;
    // What a verified person confirmed is the person's.
    if (k->c.person)
        return;
    m->take[CUSTOMER_NAME] = false;
    m->take[CUSTOMER_PHONE] = !k->c.phone.len && o->c.phone.len;
    m->take[CUSTOMER_GENDER] = !k->gender.len && o->gender.len;
    m->take[CUSTOMER_BIRTHDATE] = !k->birthdate.len && o->birthdate.len;
    m->take[CUSTOMER_COUNTRY] = !k->country.len && o->country.len;
}

// Whether the other one's account becomes that of who stays.
static bool moves_account(const struct customer_merge *m)
{
    return m->other.c.registered_us && !m->kept.c.registered_us && !m->kept.c.person;
}

static struct str both_tags(struct arena *a, struct str one, struct str two)
{
    bool ignored;
    struct str all = one.len && two.len ? str_join(a, one, STR(", "), two, STR_NULL)
                     : one.len          ? one
                                        : two;
    return customer_tags_of(a, all, &ignored);
}

struct customer_record customer_merge_outcome(struct arena *a, const struct customer_merge *m)
{
    struct customer_record out = m->kept;
    const struct customer_record *o = &m->other;
    if (m->take[CUSTOMER_NAME]) {
        out.c.first_name = o->c.first_name;
        out.c.last_name = o->c.last_name;
    }
    if (m->take[CUSTOMER_PHONE])
        out.c.phone = o->c.phone;
    if (m->take[CUSTOMER_GENDER])
        out.gender = o->gender;
    if (m->take[CUSTOMER_BIRTHDATE])
        out.birthdate = o->birthdate;
    if (m->take[CUSTOMER_COUNTRY])
        out.country = o->country;
    if (moves_account(m)) {
        out.c.email = o->c.email;
        out.c.language = o->c.language;
        out.c.registered_us = o->c.registered_us;
        out.c.verified_us = o->c.verified_us;
        out.c.has_password = o->c.has_password;
    }
    out.tags = both_tags(a, m->kept.tags, o->tags);
    return out;
}

static void add_audit(struct unit *u, const struct customer_editor *by, const char *action,
    int64_t id, const struct value *states[2])
{
    audit_add(u, &(struct audit){.actor_kind = by->actor->kind,
                     .actor_id = by->actor->id,
                     .actor_name = by->actor->name,
                     .action = str_of(action),
                     .object_kind = STR("customer"),
                     .object_id = str_of_i64(unit_arena(u), id),
                     .before = states[0],
                     .after = states[1]});
}

static void add_records(struct unit *u, const struct customer_editor *by,
    const struct customer_merge *m, const struct customer_record *out)
{
    struct arena *a = unit_arena(u);
    struct value *after = customer_record_value(a, out), *into = value_object(a);
    const struct value *kept[2] = {customer_record_value(a, &m->kept), after};
    const struct value *other[2] = {customer_record_value(a, &m->other), into};
    value_set_str(a, after, KEY(merged_from), customer_who(a, &m->other.c));
    value_set_str(a, into, KEY(merged_into), customer_who(a, &m->kept.c));
    add_audit(u, by, "customer.merge", m->kept.c.id, kept);
    add_audit(u, by, "customer.merged", m->other.c.id, other);
}

// Programs hear of it as they hear of every customer who changes or is no more.
static void tell_programs(struct unit *u, const struct customer_editor *by,
    const struct customer_merge *m, const struct customer_record *out)
{
    struct arena *a = unit_arena(u);
    struct value *gone = value_object(a);
    value_set_str(a, gone, KEY(by), by->actor->kind);
    value_set_str(a, gone, KEY(merged_into), str_of_i64(a, m->kept.c.id));
    event_add(u, EVENT_customer_deleted, m->other.c.id, gone);
    customer_tell(u, EVENT_customer_changed,
        &(struct customer_told){m->kept.c.id, by->actor->kind, customer_record_value(a, &m->kept),
            customer_record_value(a, out)});
}

// Whoever had an account that is no more hears of it, at the address that opened it.
static void tell(struct unit *u, const struct customer_merge *m)
{
    struct arena *a = unit_arena(u);
    struct value *variables = value_object(a);
    if (!m->other.c.registered_us || moves_account(m))
        return;
    value_set_str(a, variables, KEY(name), m->other.c.first_name);
    notification_add(u, &(struct notification){.plugin = STR("core"),
                            .key = STR("customer_merged"),
                            .to = m->other.c.email,
                            .language = m->other.c.language,
                            .customer = m->kept.c.id,
                            .variables = variables});
}

enum customer_result customer_merge(
    struct arena *a, const struct customer_editor *by, const struct customer_merge *m, int64_t *id)
{
    struct str tenant = db_i64(a, by->site->tenant);
    struct str kept = db_i64(a, m->kept.c.id), other = db_i64(a, m->other.c.id);
    struct customer_record out = customer_merge_outcome(a, m);
    if (m->kept.c.id == m->other.c.id)
        return CUSTOMER_GONE;
    if (m->other.c.person)
        return CUSTOMER_VERIFIED;
    *id = id_number();
    struct str merge = db_i64(a, *id);
    struct personal_merge rows = {m->kept.c.id, m->other.c.id, *id};
    struct unit *u = unit_new(a, DB_WRITE, by->site->tenant);
    unit_add(u, &SQL_customer_merge_guard, tenant, kept, other, db_i64(a, m->kept.c.version),
        db_i64(a, m->other.c.version));
    unit_add(u, &SQL_customer_merge_insert, tenant, kept, other, merge, db_time(a, clock_now_us()),
        by->actor->name);
    personal_merge_add(u, &rows);
    unit_add(u, &SQL_customer_merge_passkeys, tenant, other, merge);
    unit_add(u, &SQL_customer_log_out, tenant, other);
    unit_add(u, &SQL_customer_merge_unfind, tenant, other);
    unit_add(u, &SQL_customer_merge_delete, tenant, other);
    unit_add(u, &SQL_customer_merge_take, tenant, kept, merge, db_bool(m->take[CUSTOMER_NAME]),
        db_bool(m->take[CUSTOMER_PHONE]), db_bool(m->take[CUSTOMER_GENDER]),
        db_bool(m->take[CUSTOMER_BIRTHDATE]), db_bool(m->take[CUSTOMER_COUNTRY]));
    unit_add(u, &SQL_customer_merge_note, tenant, kept, merge);
    customer_add_search(u, &out.c);
    add_records(u, by, m, &out);
    tell(u, m);
    tell_programs(u, by, m, &out);
    customer_tell_features(u, by->site, m->kept.c.id, m->other.c.id);
    return customer_finish(u);
}

struct merge_row {
    int64_t kept, other;
    struct customer was;
};

static enum customer_result load(
    struct arena *a, const struct site *site, int64_t id, struct merge_row *out)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    unit_add(u, &SQL_customer_merge_load, db_i64(a, site->tenant), db_i64(a, id));
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    const struct rows *rows = unit_rows(u, 0);
    if (!rows->count || rows_is_null(rows, 0, KEY(email)))
        return CUSTOMER_GONE;
    int64_t other = rows_i64(rows, 0, KEY(other_id));
    *out = (struct merge_row){.kept = rows_i64(rows, 0, KEY(customer_id)),
        .other = other,
        .was = {.id = other,
            .first_name = rows_str(rows, 0, KEY(first_name)),
            .last_name = rows_str(rows, 0, KEY(last_name)),
            .email = rows_str(rows, 0, KEY(email)),
            .phone = rows_str(rows, 0, KEY(phone))}};
    return CUSTOMER_DONE;
}

// Name, address and phone of who stayed are what they turn out to be: read after they are written.
static enum customer_result find_again(
    struct arena *a, const struct customer_editor *by, int64_t id)
{
    struct customer c;
    enum customer_result found = customer_find(a, by->site, id, &c);
    if (found != CUSTOMER_DONE)
        return found;
    struct unit *u = unit_new(a, DB_WRITE, by->site->tenant);
    customer_add_search(u, &c);
    return customer_finish(u);
}

enum customer_result customer_merge_undo(
    struct arena *a, const struct customer_editor *by, const struct customer *kept, int64_t id)
{
    struct merge_row row;
    enum customer_result found = load(a, by->site, id, &row);
    if (found != CUSTOMER_DONE || row.kept != kept->id)
        return found == CUSTOMER_DONE ? CUSTOMER_GONE : found;
    struct str tenant = db_i64(a, by->site->tenant), merge = db_i64(a, id);
    struct str stays = db_i64(a, kept->id);
    struct personal_merge rows = {kept->id, row.other, id};
    struct value *apart = value_object(a), *again = value_object(a);
    const struct value *states[2] = {NULL, apart}, *other[2] = {NULL, again};
    value_set_str(a, apart, KEY(merged_from), customer_who(a, &row.was));
    value_set_str(a, again, KEY(merged_into), customer_who(a, kept));
    struct unit *u = unit_new(a, DB_WRITE, by->site->tenant);
    unit_add(u, &SQL_customer_unmerge_guard, tenant, stays, merge, db_i64(a, kept->version),
        db_time(a, clock_now_us() - CUSTOMER_UNDO_US));
    unit_add(u, &SQL_customer_unmerge_kept, tenant, stays, merge);
    unit_add(u, &SQL_customer_unmerge_other, tenant, merge);
    personal_merge_undo(u, &rows);
    unit_add(u, &SQL_customer_merge_passkeys_back, tenant, merge);
    unit_add(u, &SQL_customer_log_out, tenant, stays);
    unit_add(u, &SQL_customer_unmerge_end, tenant, merge);
    customer_add_search(u, &row.was);
    add_audit(u, by, "customer.unmerge", kept->id, states);
    add_audit(u, by, "customer.unmerged", row.other, other);
    customer_tell(
        u, EVENT_customer_created, &(struct customer_told){.id = row.other, .by = by->actor->kind});
    customer_tell(
        u, EVENT_customer_changed, &(struct customer_told){.id = kept->id, .by = by->actor->kind});
    customer_tell_features(u, by->site, kept->id, row.other);
    enum customer_result result = customer_finish(u);
    return result == CUSTOMER_DONE ? find_again(a, by, kept->id) : result;
}

// As the search sees names: without accents, whatever the case or order of their words.
static bool same_name(
    struct arena *a, const struct search_query *words, const struct rows *rows, int i)
{
    struct customer other = {.first_name = rows_str(rows, i, KEY(first_name)),
        .last_name = rows_str(rows, i, KEY(last_name))};
    struct search_query theirs = search_query_of(a, customer_name(a, &other));
    int same = 0;
    for (int w = 0; w < words->count; w++)
        for (int t = 0; t < theirs.count; t++)
            same += str_eq(words->from[w], theirs.from[t]);
    return same && same == words->count && same == theirs.count;
}

enum customer_result customer_twins(
    struct arena *a, const struct site *site, const struct customer *c, int64_t *ids, int *count)
{
    struct search_query words = search_query_of(a, customer_name(a, c));
    struct str phone = c->phone.len ? str_sub(c->phone, 1, c->phone.len) : STR_NULL;
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    unit_add(u, &SQL_customer_twins, db_i64(a, site->tenant), db_i64(a, c->id), phone,
        db_str_array(a, words.from, (size_t)words.count));
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    const struct rows *rows = unit_rows(u, 0);
    *count = 0;
    for (int i = 0; i < rows->count && *count < CUSTOMER_TWINS_MAX; i++)
        if ((c->phone.len && str_eq(rows_str(rows, i, KEY(phone)), c->phone)) ||
            same_name(a, &words, rows, i))
            ids[(*count)++] = rows_i64(rows, i, KEY(customer_id));
    return CUSTOMER_DONE;
}

enum customer_result customer_merged_into(
    struct arena *a, const struct site *site, int64_t id, int64_t *kept)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    unit_add(u, &SQL_customer_merged_into, db_i64(a, site->tenant), db_i64(a, id));
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    *kept = unit_rows(u, 0)->count ? rows_i64(unit_rows(u, 0), 0, KEY(customer_id)) : 0;
    return CUSTOMER_DONE;
}
