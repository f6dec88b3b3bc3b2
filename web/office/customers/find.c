#include "web/office/customers/find.h"

#include "base/log.h"
#include "base/text.h"
#include "data/db.h"
#include "domain/hook.h"
#include "web/office/customers/customers.sql.h"

// A first look is short; the further two filters are apart, the more is read at once.
enum { CHUNK_LEAST = 200, CHUNK_MAX = 20000, COUNTED_AT_ONCE = 5000 };

const char *const customers_states[] = {"account", "no_account", "asks", NULL};

struct value *customers_filters(struct arena *a, const struct site *site)
{
    return hook_collect(a, site, HOOK_customer_filters, value_object(a));
}

struct str customers_filter_key(struct arena *a, const struct value *filter)
{
    return str_join(a, value_get_str(filter, KEY(plugin)), STR("."),
        value_get_str(filter, KEY(name)), STR_NULL);
}

struct str customers_filter_chosen(const struct value *fields, struct str key)
{
    const struct value *with = value_get(fields, KEY(with));
    for (size_t i = 0; i < value_count(with); i++)
        if (str_eq(value_get_str(value_at(with, i), KEY(key)), key))
            return value_get_str(value_at(with, i), KEY(text));
    return STR_NULL;
}

static bool part_of(const struct value *filter, struct str value, struct customers_part *out)
{
    const struct value *options = value_get(filter, KEY(options));
    for (size_t i = 0; i < value_count(options); i++) {
        const struct value *option = value_at(options, i);
        if (!str_eq(value_get_str(option, KEY(value)), value))
            continue;
        *out = (struct customers_part){.plugin = value_get_str(filter, KEY(plugin)),
            .statement = value_get_str(filter, KEY(statement)),
            .value = value,
            .title = value_get_str(filter, KEY(title)),
            .label = value_get_str(option, KEY(label))};
        return true;
    }
    return false;
}

// A filter whose feature is off, or an option that is gone, finds nobody: whoever deletes or writes
// to "those of the club" never means everybody.
static void add_parts(
    struct arena *a, const struct site *site, const struct value *with, struct customers_filter *f)
{
    const struct value *offered = value_count(with) ? customers_filters(a, site) : NULL;
    for (size_t i = 0; i < value_count(with); i++) {
        struct str key = value_get_str(value_at(with, i), KEY(key));
        bool found = false;
        for (size_t k = 0; k < value_count(offered) && !found; k++)
            found = f->part_count < CUSTOMERS_PARTS_MAX &&
                    str_eq(customers_filter_key(a, value_at(offered, k)), key) &&
                    part_of(value_at(offered, k), value_get_str(value_at(with, i), KEY(text)),
                        &f->parts[f->part_count]);
        f->part_count += found;
        f->nothing |= !found;
    }
}

// Numbers that aren't ones name nobody.
static void add_chosen(struct arena *a, const struct value *chosen, struct customers_filter *f)
{
    size_t count = value_count(chosen);
    if (!count)
        return;
    f->chosen = arena_new_array(a, int64_t, count);
    for (size_t i = 0; i < count && f->chosen_count < CUSTOMERS_CHOSEN_MAX; i++)
        if (str_to_i64(value_get_str(value_at(chosen, i), KEY(key)), &f->chosen[f->chosen_count]))
            f->chosen_count++;
    f->nothing = !f->chosen_count;
}

struct customers_filter customers_filter_of(
    struct arena *a, const struct site *site, const struct value *fields)
{
    struct str typed = value_get_str(fields, KEY(q)), state = value_get_str(fields, KEY(state));
    struct str tag = value_get_str(fields, KEY(tag));
    struct customers_filter f = {0};
    add_chosen(a, value_get(fields, KEY(chosen)), &f);
    if (f.chosen)
        return f;
    f = (struct customers_filter){
        .state = state.len ? state : STR_NULL, .tag = tag.len ? text_fold(a, tag) : STR_NULL};
    if (typed.len)
        f.words = search_query_of(a, typed);
    f.nothing = typed.len && !f.words.count;
    add_parts(a, site, value_get(fields, KEY(with)), &f);
    return f;
}

static int add_core(struct unit *u, const struct customers_filter *f, int64_t below, int limit)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, unit_tenant(u)), most = db_i64(a, limit);
    struct str from = db_i64(a, below ? below : INT64_MAX);
    size_t words = (size_t)f->words.count;
    if (f->chosen)
        return unit_add(u, &SQL_customers_chosen, tenant, from, most,
            db_i64_array(a, f->chosen, (size_t)f->chosen_count));
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

// Customers' numbers of one filter, from the highest on.
struct stream {
    const int64_t *ids;
    int count, at;
    bool over; // nothing comes after them
};

// What a feature answers has to be what it was asked for, or the streams never meet.
static bool take_stream(
    struct arena *a, const struct rows *rows, int64_t below, int size, struct stream *out)
{
    int64_t *ids = arena_new_array(a, int64_t, (size_t)rows->count + 1);
    int at = 0;
    while (at < rows->columns && rows->keys[at] != KEY(customer_id))
        at++;
    if (rows->count && at == rows->columns)
        return false;
    for (int i = 0; i < rows->count; i++) {
        if (!str_to_i64(rows->cells[i * rows->columns + at], &ids[i]) || ids[i] >= below)
            return false;
        below = ids[i];
    }
    *out = (struct stream){.ids = ids, .count = rows->count, .over = rows->count < size};
    return true;
}

static bool is_narrowed(const struct customers_filter *f)
{
    return f->words.count || f->tag.p || f->state.p || !f->part_count;
}

// All filters of one search, read side by side.
struct meeting {
    struct arena *arena;
    const struct site *site;
    const struct customers_filter *filter;
    struct stream streams[CUSTOMERS_PARTS_MAX + 1];
    int count;
};

static bool add_part(struct unit *u, const struct customers_part *part, int64_t below, int size)
{
    struct arena *a = unit_arena(u);
    struct value *step = value_object(a), *params = value_list(a);
    value_set_str(a, step, KEY(statement), part->statement);
    value_set(a, step, KEY(params), params);
    value_append(a, params, value_str(a, part->value));
    value_append(a, params, value_int(a, below));
    value_append(a, params, value_int(a, size));
    return hook_add_guard(u, part->plugin, step);
}

// The next numbers of every filter, in one round trip.
static bool read_streams(struct meeting *m, int64_t below, int size)
{
    struct unit *u = unit_new(m->arena, DB_READ, m->site->tenant);
    if (is_narrowed(m->filter))
        add_core(u, m->filter, below, size);
    for (int i = 0; i < m->filter->part_count; i++)
        if (!add_part(u, &m->filter->parts[i], below, size))
            return false;
    if (unit_run(u) != DB_OK)
        return false;
    for (int i = 0; i < m->count; i++)
        if (!take_stream(m->arena, unit_rows(u, i), below, size, &m->streams[i])) {
            log_error("a filter of customers isn't in order", "site", m->site->slug);
            return false;
        }
    return true;
}

static bool all_have(struct stream *streams, int count, int64_t id)
{
    for (int i = 0; i < count; i++) {
        struct stream *s = &streams[i];
        while (s->at < s->count && s->ids[s->at] > id)
            s->at++;
        if (s->at == s->count || s->ids[s->at] != id)
            return false;
    }
    return true;
}

// Above this number every stream is known; 0: to its end.
static int64_t known_above(const struct stream *streams, int count)
{
    int64_t least = 0;
    for (int i = 0; i < count; i++)
        if (!streams[i].over && streams[i].ids[streams[i].count - 1] > least)
            least = streams[i].ids[streams[i].count - 1];
    // Where one has ended, the others needn't be read on.
    for (int i = 0; i < count; i++)
        if (streams[i].over && (!streams[i].count || streams[i].ids[streams[i].count - 1] >= least))
            return 0;
    return least;
}

static const struct rows *rows_of(struct arena *a, const int64_t *ids, int count)
{
    struct rows *rows = arena_new_object(a, struct rows);
    value_key *keys = arena_new_object(a, value_key);
    struct str *cells = arena_new_array(a, struct str, (size_t)count + 1);
    *keys = KEY(customer_id);
    for (int i = 0; i < count; i++)
        cells[i] = str_of_i64(a, ids[i]);
    *rows = (struct rows){.count = count, .columns = 1, .keys = keys, .cells = cells};
    return rows;
}

static const struct rows *find_in_all(struct meeting *m, int64_t below, int limit)
{
    int64_t *ids = arena_new_array(m->arena, int64_t, (size_t)limit);
    const struct stream *first = &m->streams[0];
    int found = 0;
    for (int size = CHUNK_LEAST; below && found < limit; size *= size < CHUNK_MAX / 4 ? 4 : 1) {
        if (!read_streams(m, below, size))
            return NULL;
        int64_t least = known_above(m->streams, m->count);
        for (int i = 0; i < first->count && first->ids[i] >= least && found < limit; i++)
            if (all_have(m->streams, m->count, first->ids[i]))
                ids[found++] = first->ids[i];
        below = least;
    }
    return rows_of(m->arena, ids, found);
}

const struct rows *customers_find(struct arena *a, const struct site *site,
    const struct customers_filter *f, int64_t below, int limit)
{
    static const struct rows none;
    if (f->nothing)
        return &none;
    if (f->part_count) {
        struct meeting m = {
            .arena = a, .site = site, .filter = f, .count = f->part_count + is_narrowed(f)};
        return find_in_all(&m, below ? below : INT64_MAX, limit);
    }
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = add_core(u, f, below, limit);
    return unit_run(u) == DB_OK ? unit_rows(u, place) : NULL;
}

int64_t customers_count(const struct site *site, const struct customers_filter *f)
{
    struct arena *a = arena_new();
    int64_t all = 0, below = 0;
    for (int count = COUNTED_AT_ONCE; count == COUNTED_AT_ONCE; arena_reset(a)) {
        const struct rows *rows = customers_find(a, site, f, below, COUNTED_AT_ONCE);
        count = rows ? rows->count : -1;
        all = rows ? all + count : -1;
        if (count > 0)
            below = rows_i64(rows, count - 1, KEY(customer_id));
    }
    arena_free(a);
    return all;
}
