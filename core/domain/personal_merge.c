#include "domain/personal_merge.h"

#include "base/buf.h"
#include "base/check.h"
#include "data/sql.h"
#include "domain/feature_info.h"
#include "domain/personal.h"

enum { STATEMENT_MAX = 4000, TABLES_MAX = 200 };

static const struct personal_follow core[] = {{"orders", "order_id"}, {"order_line", "line_id"},
    {"customer_tag", "tag_folded"}, {"customer_note", "note_id"}, {"customer_email_wish", ""},
    {"customer_merge", "merge_id"}, {"ledger_account", "account_id"}};

// The parameters of all of them: $1 the site, $2 who stays, $3 the other one, $4 the merge.
struct statements {
    struct sql over, back;
    struct sql used; // $2: numbers of customers
    const char *table;
};

static struct arena *forever;
static struct statements *all;
static size_t count;

// " AND x.line_id = t.line_id" for every column that tells rows apart.
static void add_same(struct buf *b, const char *columns, const char *left, const char *right)
{
    for (struct str rest = str_of(columns); rest.p && rest.len;) {
        struct str column = str_cut(&rest, ' ');
        buf_add(b, str_join(forever, STR(" AND "), str_of(left), STR("."), column, STR(" = "),
                       str_of(right), STR("."), column, STR_NULL));
    }
}

// 'line_id', t.line_id
static struct str pairs_of(const char *columns)
{
    struct str pairs = STR("");
    for (struct str rest = str_of(columns); rest.p && rest.len;) {
        struct str column = str_cut(&rest, ' ');
        pairs = str_join(forever, pairs, str_of(pairs.len ? ", '" : "'"), column, STR("', t."),
            column, STR_NULL);
    }
    return pairs;
}

static struct sql finish(const struct personal_follow *t, const char *kind, struct buf *b)
{
    check(!b->full);
    return (struct sql){.name = str_join(forever, STR("personal."), str_of(kind), STR("."),
                            str_of(t->table), STR_NULL)
                                    .p,
        .text = str_z(forever, buf_str(b)),
        .params = 4};
}

#define OTHERS " t.tenant_id = $1 AND t.customer_id = $3::bigint"

static struct sql make_over(const struct personal_follow *t)
{
    struct buf b;
    struct str table = str_of(t->table);
    buf_init(&b, forever, STATEMENT_MAX);
    buf_add(&b, STR("WITH doubled AS (SELECT t.* FROM "));
    buf_add(&b, str_join(forever, table, STR(" t WHERE" OTHERS " AND EXISTS (SELECT FROM "), table,
                    STR(" k WHERE k.tenant_id = $1 AND k.customer_id = $2::bigint"), STR_NULL));
    add_same(&b, t->key, "k", "t");
    buf_add(&b, str_join(forever, STR(")), gone AS (DELETE FROM "), table,
                    STR(" t USING doubled x WHERE" OTHERS), STR_NULL));
    add_same(&b, t->key, "t", "x");
    buf_add(&b, str_join(forever, STR("), moved AS (UPDATE "), table,
                    STR(" t SET customer_id = $2::bigint WHERE" OTHERS
                        " AND NOT EXISTS (SELECT FROM doubled x WHERE true"),
                    STR_NULL));
    add_same(&b, t->key, "x", "t");
    buf_add(&b, str_join(forever,
                    STR(") RETURNING t.*) INSERT INTO customer_merge_row"
                        " (tenant_id, merge_id, table_name, moved, was)"
                        " SELECT $1::bigint, $4::bigint, '"),
                    table, STR("', true, jsonb_build_object("), pairs_of(t->key),
                    STR(") FROM moved t UNION ALL SELECT $1::bigint, $4::bigint, '"), table,
                    STR("', false, to_jsonb(t) FROM doubled t"), STR_NULL));
    return finish(t, "merge", &b);
}

static struct sql make_back(const struct personal_follow *t)
{
    struct buf b;
    struct str table = str_of(t->table);
    buf_init(&b, forever, STATEMENT_MAX);
    buf_add(&b, str_join(forever,
                    STR("WITH noted AS (SELECT r.moved, r.was FROM customer_merge_row r"
                        " WHERE r.tenant_id = $1 AND r.merge_id = $4::bigint"
                        " AND r.table_name = '"),
                    table, STR("'), moved AS (UPDATE "), table,
                    STR(" t SET customer_id = $3::bigint FROM noted n"
                        " CROSS JOIN LATERAL jsonb_populate_record(NULL::"),
                    table,
                    STR(", n.was) x WHERE n.moved AND t.tenant_id = $1"
                        " AND t.customer_id = $2::bigint"),
                    STR_NULL));
    add_same(&b, t->key, "t", "x");
    buf_add(&b, str_join(forever, STR(") INSERT INTO "), table,
                    STR(" SELECT x.* FROM noted n CROSS JOIN LATERAL jsonb_populate_record(NULL::"),
                    table, STR(", n.was) x WHERE NOT n.moved"), STR_NULL));
    return finish(t, "unmerge", &b);
}

static struct sql make_used(const struct personal_follow *t)
{
    struct buf b;
    buf_init(&b, forever, STATEMENT_MAX);
    buf_add(
        &b, str_join(forever, STR("SELECT DISTINCT t.customer_id FROM "), str_of(t->table),
                STR(" t WHERE t.tenant_id = $1 AND t.customer_id = ANY ($2::bigint[])"), STR_NULL));
    struct sql sql = finish(t, "used", &b);
    sql.params = 2;
    return sql;
}

static const char *key_of(const struct personal_follow *tables, size_t most, struct str table)
{
    for (size_t i = 0; i < most; i++)
        if (str_is(table, tables[i].table))
            return tables[i].key;
    return NULL;
}

const char *personal_merge_key(const char *table)
{
    const char *key = key_of(core, sizeof core / sizeof *core, str_of(table));
    for (size_t i = 0; !key && i < feature_info_count(); i++)
        key = key_of(feature_info_at(i)->follows, feature_info_at(i)->follow_count, str_of(table));
    return key;
}

static void make(const struct personal_follow *tables, size_t most)
{
    for (size_t i = 0; i < most; i++) {
        check(count < TABLES_MAX);
        all[count++] = (struct statements){
            make_over(&tables[i]), make_back(&tables[i]), make_used(&tables[i]), tables[i].table};
    }
}

static void make_all(void)
{
    if (forever)
        return;
    forever = arena_new();
    all = arena_new_array(forever, struct statements, TABLES_MAX);
    make(core, sizeof core / sizeof *core);
    for (size_t i = 0; i < feature_info_count(); i++)
        make(feature_info_at(i)->follows, feature_info_at(i)->follow_count);
}

static void add(struct unit *u, struct sql *sql, const struct personal_merge *m)
{
    struct arena *a = unit_arena(u);
    unit_add(u, sql, db_i64(a, unit_tenant(u)), db_i64(a, m->kept), db_i64(a, m->other),
        db_i64(a, m->merge));
}

void personal_merge_add(struct unit *u, const struct personal_merge *m)
{
    make_all();
    for (size_t i = 0; i < count; i++)
        add(u, &all[i].over, m);
}

void personal_merge_undo(struct unit *u, const struct personal_merge *m)
{
    make_all();
    for (size_t i = 0; i < count; i++)
        add(u, &all[i].back, m);
}

int personal_merge_used(struct unit *u, const int64_t *ids, size_t most)
{
    struct arena *a = unit_arena(u);
    struct str tenant = db_i64(a, unit_tenant(u)), numbers = db_i64_array(a, ids, most);
    make_all();
    for (size_t i = 0; i < count; i++)
        unit_add(u, &all[i].used, tenant, numbers);
    return (int)count;
}

const char *personal_merge_table(int place)
{
    check(place >= 0 && (size_t)place < count);
    return all[place].table;
}
