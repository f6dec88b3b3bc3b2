#include "domain/customer_bulk.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/text.h"
#include "data/audit.h"
#include "domain/customer_bulk.sql.h"
#include "domain/customer_rows.h"
#include "domain/personal_merge.h"
#include "domain/search.h"

enum { TRIES = 3 };

struct bulk {
    struct arena *a;
    const struct customer_bulk *b;
    struct customer_record *before; // beside the rows
    struct str tenant;
};

// What is written of the rows of one step that may be written, side by side.
struct columns {
    size_t count;
    int64_t *ids, *versions;
    struct str *first, *last, *email, *folded, *phone, *gender, *birthdate;
};

static enum customer_result judge(
    const struct customer_bulk_row *row, const struct customer_record *before, bool taken)
{
    bool there = before->c.id != 0;
    if (row->step == CUSTOMER_MAKE)
        return taken || there ? CUSTOMER_TAKEN : CUSTOMER_DONE;
    if (!there)
        return CUSTOMER_GONE;
    if (row->step == CUSTOMER_KEEP)
        return CUSTOMER_DONE;
    if (before->c.person)
        return CUSTOMER_VERIFIED;
    bool has_account = before->c.registered_us || before->c.verified_us;
    if (before->c.version != row->record.c.version || (row->step == CUSTOMER_UNMAKE && has_account))
        return CUSTOMER_CHANGED;
    return CUSTOMER_DONE;
}

static void keep_used(struct bulk *k, int64_t id, const char *table)
{
    if (k->b->own.len && str_starts(str_of(table), k->b->own))
        return;
    for (size_t i = 0; i < k->b->count; i++) {
        struct customer_bulk_row *row = &k->b->rows[i];
        bool leaves = row->leaves.len && str_starts(str_of(table), row->leaves);
        if (row->record.c.id == id && !leaves)
            row->result = CUSTOMER_CHANGED;
    }
}

// Of those that would be taken away: what hangs on one keeps it.
static enum customer_result look_used(struct bulk *k)
{
    int64_t *ids = arena_new_array(k->a, int64_t, k->b->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < k->b->count; i++)
        if (k->b->rows[i].step == CUSTOMER_UNMAKE && k->b->rows[i].result == CUSTOMER_DONE)
            ids[count++] = k->b->rows[i].record.c.id;
    if (!count)
        return CUSTOMER_DONE;
    struct unit *u = unit_new(k->a, DB_READ, k->b->by->site->tenant);
    unit_plan_each(u);
    int places = personal_merge_used(u, ids, count);
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    for (int p = 0; p < places; p++)
        for (int r = 0; r < unit_rows(u, p)->count; r++)
            keep_used(k, rows_i64(unit_rows(u, p), r, KEY(customer_id)), personal_merge_table(p));
    return CUSTOMER_DONE;
}

static enum customer_result look(struct bulk *k)
{
    size_t count = k->b->count;
    int64_t *ids = arena_new_array(k->a, int64_t, count + 1);
    struct str *folded = arena_new_array(k->a, struct str, count + 1);
    for (size_t i = 0; i < count; i++) {
        ids[i] = k->b->rows[i].record.c.id;
        folded[i] = text_fold(k->a, k->b->rows[i].record.c.email);
    }
    struct unit *u = unit_new(k->a, DB_READ, k->b->by->site->tenant);
    unit_plan_each(u);
    unit_add(u, &SQL_customer_bulk_look, k->tenant, db_i64_array(k->a, ids, count),
        db_str_array(k->a, folded, count));
    if (unit_run(u) != DB_OK)
        return CUSTOMER_BUSY;
    const struct rows *rows = unit_rows(u, 0);
    check((size_t)rows->count == count);
    for (size_t i = 0; i < count; i++) {
        bool there = rows_i64_or(rows, (int)i, KEY(customer_id), 0) != 0;
        k->before[i] =
            there ? customer_record_of_row(rows, (int)i) : (struct customer_record){.c.id = 0};
        k->b->rows[i].result =
            judge(&k->b->rows[i], &k->before[i], rows_bool(rows, (int)i, KEY(taken)));
    }
    return look_used(k);
}

static struct str or_empty(struct str s)
{
    return s.p ? s : STR("");
}

static struct columns columns_of(struct bulk *k, enum customer_bulk_step step)
{
    struct arena *a = k->a;
    size_t most = k->b->count + 1;
    struct columns n = {0, arena_new_array(a, int64_t, most), arena_new_array(a, int64_t, most),
        arena_new_array(a, struct str, most), arena_new_array(a, struct str, most),
        arena_new_array(a, struct str, most), arena_new_array(a, struct str, most),
        arena_new_array(a, struct str, most), arena_new_array(a, struct str, most),
        arena_new_array(a, struct str, most)};
    for (size_t i = 0; i < k->b->count; i++) {
        const struct customer_record *r = &k->b->rows[i].record;
        if (k->b->rows[i].step != step || k->b->rows[i].result != CUSTOMER_DONE)
            continue;
        n.ids[n.count] = r->c.id;
        n.versions[n.count] = r->c.version;
        n.first[n.count] = or_empty(r->c.first_name);
        n.last[n.count] = or_empty(r->c.last_name);
        n.email[n.count] = or_empty(r->c.email);
        n.folded[n.count] = text_fold(a, n.email[n.count]);
        n.phone[n.count] = or_empty(r->c.phone);
        n.gender[n.count] = or_empty(r->gender);
        n.birthdate[n.count++] = or_empty(r->birthdate);
    }
    return n;
}

static void add_free(struct unit *u, struct bulk *k, const struct columns *n)
{
    if (!n->count)
        return;
    struct str folded = db_str_array(k->a, n->folded, n->count);
    unit_add(u, &SQL_customer_bulk_lock, k->tenant, folded);
    unit_add(u, &SQL_customer_bulk_free, k->tenant, folded);
}

static void add_make(struct unit *u, struct bulk *k, const struct columns *n)
{
    struct arena *a = k->a;
    if (!n->count)
        return;
    unit_add(u, &SQL_customer_bulk_make, k->tenant, db_i64_array(a, n->ids, n->count),
        db_str_array(a, n->first, n->count), db_str_array(a, n->last, n->count),
        db_str_array(a, n->email, n->count), db_str_array(a, n->folded, n->count),
        db_str_array(a, n->phone, n->count), db_str_array(a, n->gender, n->count),
        db_str_array(a, n->birthdate, n->count), k->b->by->site->languages[0], k->b->made_by,
        db_time(a, clock_now_us()));
}

static void add_alter(struct unit *u, struct bulk *k, const struct columns *n)
{
    struct arena *a = k->a;
    if (!n->count)
        return;
    unit_add(u, &SQL_customer_bulk_alter, k->tenant, db_i64_array(a, n->ids, n->count),
        db_i64_array(a, n->versions, n->count), db_str_array(a, n->first, n->count),
        db_str_array(a, n->last, n->count), db_str_array(a, n->phone, n->count),
        db_str_array(a, n->gender, n->count), db_str_array(a, n->birthdate, n->count));
    unit_add(u, &SQL_customer_bulk_unfind, k->tenant, db_i64_array(a, n->ids, n->count));
}

static void add_unmake(struct unit *u, struct bulk *k, const struct columns *n)
{
    if (!n->count)
        return;
    unit_add(u, &SQL_customer_bulk_unmake, k->tenant, db_i64_array(k->a, n->ids, n->count),
        db_i64_array(k->a, n->versions, n->count));
    unit_add(u, &SQL_customer_bulk_unfind, k->tenant, db_i64_array(k->a, n->ids, n->count));
}

static void add_search(struct unit *u, struct bulk *k)
{
    struct arena *a = k->a;
    size_t count = 0, most = k->b->count * SEARCH_TERMS_MAX + 1;
    int64_t *ids = arena_new_array(a, int64_t, most);
    struct str *terms = arena_new_array(a, struct str, most);
    for (size_t i = 0; i < k->b->count; i++) {
        const struct customer *c = &k->b->rows[i].record.c;
        bool lasts = k->b->rows[i].step == CUSTOMER_MAKE || k->b->rows[i].step == CUSTOMER_ALTER;
        if (!lasts || k->b->rows[i].result != CUSTOMER_DONE)
            continue;
        struct search_text text = {
            .words = customer_name(a, c), .email = c->email, .phone = c->phone};
        size_t found = search_terms(a, &text, terms + count);
        for (size_t n = 0; n < found; n++)
            ids[count + n] = c->id;
        count += found;
    }
    if (count)
        unit_add(u, &SQL_customer_bulk_find, k->tenant, db_i64_array(a, ids, count),
            db_str_array(a, terms, count));
}

// What one made is stands in the customer itself, and goes with it.
static void add_record(struct unit *u, struct bulk *k)
{
    struct arena *a = k->a;
    const struct feature_actor *actor = k->b->by->actor;
    struct audit_object *objects = arena_new_array(a, struct audit_object, k->b->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < k->b->count; i++) {
        const struct customer_bulk_row *row = &k->b->rows[i];
        if (row->result != CUSTOMER_DONE || row->step == CUSTOMER_KEEP)
            continue;
        objects[count].id = str_of_i64(a, row->record.c.id);
        if (row->step == CUSTOMER_ALTER) {
            objects[count].before = customer_record_value(a, &k->before[i]);
            objects[count].after = customer_record_value(a, &row->record);
        }
        count++;
    }
    if (count)
        audit_add_all(u,
            &(struct audit){.actor_kind = actor->kind,
                .actor_id = actor->id,
                .actor_name = actor->name,
                .action = k->b->action,
                .object_kind = STR("customer")},
            objects, count);
}

static void add_told(struct unit *u, struct bulk *k)
{
    struct arena *a = k->a;
    struct event_about *made = arena_new_array(a, struct event_about, k->b->count + 1);
    struct event_about *altered = arena_new_array(a, struct event_about, k->b->count + 1);
    size_t made_count = 0, altered_count = 0;
    for (size_t i = 0; i < k->b->count; i++) {
        const struct customer_bulk_row *row = &k->b->rows[i];
        struct customer_told told = {.id = row->record.c.id, .by = k->b->by->actor->kind};
        bool told_of = row->step == CUSTOMER_MAKE || row->step == CUSTOMER_ALTER;
        if (row->result != CUSTOMER_DONE || !told_of)
            continue;
        if (row->step == CUSTOMER_ALTER) {
            told.before = customer_record_value(a, &k->before[i]);
            told.after = customer_record_value(a, &row->record);
        }
        const struct value *facts = customer_facts_told(a, &told);
        if (facts && row->step == CUSTOMER_MAKE)
            made[made_count++] = (struct event_about){told.id, facts};
        else if (facts)
            altered[altered_count++] = (struct event_about){told.id, facts};
    }
    if (made_count)
        event_add_all(u, EVENT_customer_created, made, made_count);
    if (altered_count)
        event_add_all(u, EVENT_customer_changed, altered, altered_count);
}

static enum customer_result write(struct bulk *k)
{
    struct unit *u = unit_new(k->a, DB_WRITE, k->b->by->site->tenant);
    struct columns made = columns_of(k, CUSTOMER_MAKE), altered = columns_of(k, CUSTOMER_ALTER);
    struct columns unmade = columns_of(k, CUSTOMER_UNMAKE);
    for (size_t i = 0; i < k->b->count; i++) // what an import doesn't have stays
        if (k->b->rows[i].step == CUSTOMER_ALTER) {
            k->b->rows[i].record.country = k->before[i].country;
            k->b->rows[i].record.c.email = k->before[i].c.email;
        }
    unit_plan_each(u);
    add_free(u, k, &made);
    add_alter(u, k, &altered);
    add_unmake(u, k, &unmade);
    unit_plan_shared(u);
    add_make(u, k, &made);
    add_search(u, k);
    add_record(u, k);
    add_told(u, k);
    unit_plan_each(u);
    if (k->b->also && !k->b->also(u, k->b->arg))
        return CUSTOMER_BUSY;
    return customer_finish(u);
}

enum customer_result customer_bulk_save(struct arena *a, const struct customer_bulk *b)
{
    struct bulk k = {.a = a,
        .b = b,
        .before = arena_new_array(a, struct customer_record, b->count + 1),
        .tenant = db_i64(a, b->by->site->tenant)};
    check(b->count <= CUSTOMER_BULK_MAX);
    // Whoever was faster between the look and the write is seen by the next look.
    enum customer_result result = CUSTOMER_CHANGED;
    for (int i = 0; i < TRIES && result == CUSTOMER_CHANGED; i++) {
        result = look(&k);
        if (result == CUSTOMER_DONE)
            result = write(&k);
    }
    return result;
}
