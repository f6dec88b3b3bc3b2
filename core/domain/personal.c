// The statements of the register, made at their first use and kept for the life of the process.
#include "base/buf.h"
#include "base/check.h"
#include "data/sql.h"
#include "domain/feature_info.h"
#include "domain/personal_statement.h"

enum { STATEMENT_MAX = 8000, DEPTH_MAX = 4 };

static const struct {
    const char *mark, *type;
} inputs[PERSONAL_INPUTS] = {
    [PERSONAL_CUSTOMER] = {"@customer", "::bigint"},
    [PERSONAL_ADDRESS] = {"@address", "::text"},
    [PERSONAL_ORDERS] = {"@orders", "::bigint[]"},
    [PERSONAL_UNTIL] = {"@until", "::timestamptz"},
};

static struct arena *forever;
static struct personal_statement *statements;
static size_t statement_count;

// The marks of a condition become parameters, numbered as they come.
static void add_condition(struct personal_statement *s, struct buf *b, struct str text)
{
    while (text.len) {
        ptrdiff_t at = str_index(text, '@');
        if (at < 0)
            break;
        buf_add(b, str_sub(text, 0, (size_t)at));
        text = str_sub(text, (size_t)at, text.len);
        int input = 0;
        while (input < PERSONAL_INPUTS && !str_starts(text, str_of(inputs[input].mark)))
            input++;
        check(input < PERSONAL_INPUTS);
        int place = 0;
        while (place < s->input_count && s->inputs[place] != (enum personal_input)input)
            place++;
        if (place == s->input_count)
            s->inputs[s->input_count++] = (enum personal_input)input;
        buf_add(b, str_format(forever, "$%d%s", place + 2, inputs[input].type));
        text = str_sub(text, str_of(inputs[input].mark).len, text.len);
    }
    buf_add(b, text);
}

static const struct personal_table *table_of(
    struct personal_list list, const struct personal_table *child)
{
    // A plugin says "series" of its own plugin_recurring_bookings.series.
    struct str table = str_of(child->table);
    ptrdiff_t dot = str_index(table, '.');
    struct str schema = dot < 0 ? STR("") : str_sub(table, 0, (size_t)dot + 1);
    struct str wanted = str_join(forever, schema, str_of(child->rows), STR_NULL);
    for (size_t i = 0; i < list.count; i++)
        if (str_is(wanted, list.items[i].table))
            return &list.items[i];
    return NULL;
}

// Rows of a table whose parent's rows are the person's are the person's too.
static struct str condition_of(struct personal_list list, const struct personal_table *t, int depth)
{
    const struct personal_way *way = personal_way_find(str_of(t->rows));
    if (way)
        return str_of(way->condition);
    const struct personal_table *parent = table_of(list, t);
    check(parent && depth < DEPTH_MAX);
    struct str inner = condition_of(list, parent, depth + 1);
    if (!inner.p)
        return STR_NULL;
    struct str key = str_join(forever, str_of(t->rows), STR("_id"), STR_NULL);
    return str_join(forever, STR("t."), key, STR(" IN (SELECT t."), key, STR(" FROM "),
        str_of(parent->table), STR(" t WHERE t.tenant_id = $1 AND ("), inner, STR("))"), STR_NULL);
}

static void add_field(struct buf *b, struct str field)
{
    ptrdiff_t given = str_index(field, '=');
    if (given >= 0) {
        buf_add(b, str_sub(field, 0, (size_t)given));
        buf_add(b, STR(" = '"));
        buf_add(b, str_sub(field, (size_t)given + 1, field.len));
        buf_add_char(b, '\'');
    } else if (str_ends(field, STR("~"))) {
        struct str name = str_sub(field, 0, field.len - 1);
        buf_add(b, str_join(forever, name, STR(" = vt_anonymous("), name, STR(")"), STR_NULL));
    } else {
        buf_add(b, field);
        buf_add(b, STR(" = NULL"));
    }
}

static void finish(struct personal_statement *s, struct sql *sql, const char *kind, struct buf *b)
{
    check(!b->full);
    *sql = (struct sql){.name = str_join(forever, STR("personal."), str_of(kind), STR("."),
                            str_of(s->table->table), STR_NULL)
                                    .p,
        .text = str_z(forever, buf_str(b)),
        .params = s->input_count + 1};
}

static void make_erase(struct personal_statement *s, struct str condition)
{
    struct buf b;
    const struct personal_table *t = s->table;
    struct str rest = str_of(t->fields);
    if (t->end == PERSONAL_KEEP)
        return;
    s->erases = true;
    buf_init(&b, forever, STATEMENT_MAX);
    buf_add(&b, t->end == PERSONAL_DELETE ? STR("DELETE FROM ") : STR("UPDATE "));
    buf_add(&b, str_of(t->table));
    buf_add(&b, t->end == PERSONAL_DELETE ? STR(" t") : STR(" t SET "));
    for (bool first = true; t->end == PERSONAL_BLANK && rest.p && rest.len; first = false) {
        if (!first)
            buf_add(&b, STR(", "));
        add_field(&b, str_cut(&rest, ' '));
    }
    buf_add(&b, STR(" WHERE t.tenant_id = $1 AND ("));
    s->input_count = 0;
    add_condition(s, &b, condition);
    buf_add_char(&b, ')');
    finish(s, &s->erase, "erase", &b);
}

static void make_export(struct personal_statement *s, struct str condition)
{
    struct buf b;
    struct str rest = str_of(s->table->secret);
    if (str_is(rest, "*"))
        return;
    s->exports = true;
    buf_init(&b, forever, STATEMENT_MAX);
    buf_add(&b, STR("SELECT coalesce(jsonb_agg(x.j), '[]')::text AS items"
                    " FROM (SELECT to_jsonb(t) - '{tenant_id"));
    while (rest.p && rest.len) {
        buf_add_char(&b, ',');
        buf_add(&b, str_cut(&rest, ' '));
    }
    buf_add(&b, STR("}'::text[] AS j FROM "));
    buf_add(&b, str_of(s->table->table));
    buf_add(&b, STR(" t WHERE t.tenant_id = $1 AND ("));
    s->input_count = 0;
    add_condition(s, &b, condition);
    buf_add(&b, STR(") LIMIT 20000) x"));
    finish(s, &s->export, "export", &b);
}

static void make(struct personal_list list)
{
    for (size_t i = 0; i < list.count; i++) {
        struct str condition = condition_of(list, &list.items[i], 0);
        if (!condition.p)
            continue;
        struct personal_statement *s = &statements[statement_count++];
        *s = (struct personal_statement){.table = &list.items[i]};
        make_erase(s, condition);
        make_export(s, condition);
    }
}

struct personal_statement *personal_statements(size_t *count)
{
    if (!forever) {
        size_t room = personal_core().count;
        for (size_t i = 0; i < feature_info_count(); i++)
            room += personal_of_feature(feature_info_at(i)).count;
        forever = arena_new();
        statements = arena_new_array(forever, struct personal_statement, room);
        // Plugins' first: they refer to the core's.
        for (size_t i = 0; i < feature_info_count(); i++)
            make(personal_of_feature(feature_info_at(i)));
        make(personal_core());
    }
    *count = statement_count;
    return statements;
}

int personal_add(
    struct unit *u, const struct personal_statement *s, struct sql *sql, const struct str *given)
{
    struct str params[PERSONAL_INPUTS + 1] = {db_i64(unit_arena(u), unit_tenant(u))};
    for (int i = 0; i < s->input_count; i++)
        params[i + 1] = given[s->inputs[i]];
    return unit_add_params(u, sql, params, s->input_count + 1);
}
