#include "web/office/frame/history.h"

#include "http/form.h"
#include "http/respond.h"
#include "web/office/frame/history.sql.h"
#include "web/office/frame/list.h"

enum { SHOWN = 20, TEXT_MAX = 600, NESTING_MAX = 4 };

// ?history=… to go on from, or absent.
static struct str from_of(const struct request *r)
{
    int64_t before;
    struct str from = form_str(r, KEY(history));
    return str_to_i64(from, &before) ? from : STR_NULL;
}

int office_history_add(struct request *r, struct unit *u, const char *kind, struct str id)
{
    return unit_add(
        u, &SQL_office_history, db_i64(r->arena, unit_tenant(u)), str_of(kind), id, from_of(r));
}

int office_histories_add(struct request *r, struct unit *u, const char *kind)
{
    return unit_add(
        u, &SQL_office_histories, db_i64(r->arena, unit_tenant(u)), str_of(kind), from_of(r));
}

static bool has_words(struct str key)
{
    return message_find(respond_parts()->messages, key) != 0;
}

struct str office_field_label(const struct request *r, struct str field)
{
    struct str key = str_join(r->arena, STR("office.field."), field, STR_NULL);
    if (has_words(key))
        return message(r->arena, r->words, key, NULL);
    struct str plain = str_dup(r->arena, field);
    for (size_t i = 0; i < plain.len; i++)
        if (plain.p[i] == '_')
            ((char *)plain.p)[i] = ' ';
    return plain;
}

static struct str word(const struct request *r, const char *key)
{
    return message(r->arena, r->words, str_of(key), NULL);
}

static void add_value(
    struct buf *b, const struct request *r, struct str field, const struct value *v, int depth);

static void add_int(struct buf *b, const struct request *r, struct str field, int64_t n)
{
    struct arena *a = r->arena;
    if (str_ends(field, STR("_minor")))
        buf_add(b, format_money(a, r->format, n, request_site(r)->currency));
    else if (str_ends(field, STR("_ppm")))
        buf_add(b, format_percent(a, r->format, n));
    else if (str_ends(field, STR("_us")))
        buf_add(
            b, value_get_str(format_time_value(a, r->format, request_site(r)->zone, n), KEY(text)));
    else
        buf_add(b, format_number(a, r->format, n));
}

static void add_parts(struct buf *b, const struct request *r, const struct value *v, int depth)
{
    for (uint32_t i = 0; i < v->object.count; i++) {
        struct str name = value_key_name(v->object.fields[i].key);
        if (i)
            buf_add(b, STR(" · "));
        buf_add(b, site_speaks(request_site(r), name) ? name : office_field_label(r, name));
        buf_add(b, STR(": "));
        add_value(b, r, name, v->object.fields[i].value, depth + 1);
    }
}

static void add_value(
    struct buf *b, const struct request *r, struct str field, const struct value *v, int depth)
{
    if (depth > NESTING_MAX)
        buf_add(b, STR("…"));
    else if (value_is(v, VALUE_BOOL))
        buf_add(b, word(r, v->boolean ? "office.history.yes" : "office.history.no"));
    else if (value_is(v, VALUE_INT))
        add_int(b, r, field, v->integer);
    else if (value_is(v, VALUE_STR) && v->str.len)
        buf_add(b, str_utf8_clip(v->str, TEXT_MAX));
    else if (value_is(v, VALUE_OBJECT) && v->object.count)
        add_parts(b, r, v, depth);
    else if (value_is(v, VALUE_LIST) && v->list.count)
        for (uint32_t i = 0; i < v->list.count; i++) {
            if (i)
                buf_add(b, STR(", "));
            add_value(b, r, field, v->list.items[i], depth + 1);
        }
    else
        buf_add(b, word(r, "office.history.nothing"));
}

struct str office_value_text(const struct request *r, struct str field, const struct value *v)
{
    struct buf b;
    buf_init(&b, r->arena, 64 << 10);
    // States and the like have words of their own.
    if (value_is(v, VALUE_STR) && v->str.len && v->str.len < 40) {
        struct str key =
            str_join(r->arena, STR("office.value."), field, STR("."), v->str, STR_NULL);
        if (has_words(key))
            return message(r->arena, r->words, key, NULL);
    }
    add_value(&b, r, field, v, 0);
    return buf_str(&b);
}

static void add_change(struct request *r, struct value *changes, struct str field,
    const struct value *before, const struct value *after)
{
    struct arena *a = r->arena;
    struct value *change = value_append_object(a, changes);
    value_set_str(a, change, KEY(field), office_field_label(r, field));
    value_set_str(a, change, KEY(before), before ? office_value_text(r, field, before) : STR_NULL);
    value_set_str(a, change, KEY(after), after ? office_value_text(r, field, after) : STR_NULL);
}

// Fields of either side; a side that is there lacks nothing but what the other has alike.
static struct value *changes_of(
    struct request *r, const struct value *before, const struct value *after)
{
    struct value *changes = value_list(r->arena);
    bool both = value_is(before, VALUE_OBJECT) && value_is(after, VALUE_OBJECT);
    for (size_t i = 0; value_is(after, VALUE_OBJECT) && i < after->object.count; i++) {
        const struct value_field *f = &after->object.fields[i];
        const struct value *was = value_get(before, f->key);
        add_change(r, changes, value_key_name(f->key), both && !was ? value_null() : was, f->value);
    }
    for (size_t i = 0; value_is(before, VALUE_OBJECT) && i < before->object.count; i++) {
        const struct value_field *f = &before->object.fields[i];
        if (!value_get(after, f->key))
            add_change(r, changes, value_key_name(f->key), f->value, both ? value_null() : NULL);
    }
    return changes;
}

static struct str action_text(struct request *r, struct str action)
{
    struct str key = str_join(r->arena, STR("office.audit."), action, STR_NULL);
    return has_words(key) ? message(r->arena, r->words, key, NULL) : action;
}

void office_history_view(struct request *r, struct value *view, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *history = value_object(a), *entries = value_list(a);
    value_set(a, view, KEY(history), history);
    value_set(a, history, KEY(entries), entries);
    value_set_bool(a, history, KEY(has_entries), rows->count > 0);
    for (int i = 0; i < rows->count && i < SHOWN; i++) {
        struct value *entry = value_append_object(a, entries);
        struct value *changes =
            changes_of(r, rows_json(a, rows, i, KEY(before)), rows_json(a, rows, i, KEY(after)));
        value_set_str(a, entry, KEY(who), rows_str(rows, i, KEY(actor_name)));
        value_set_str(a, entry, KEY(actor_kind), rows_str(rows, i, KEY(actor_kind)));
        value_set_str(a, entry, KEY(action), rows_str(rows, i, KEY(action)));
        value_set_str(a, entry, KEY(action_text), action_text(r, rows_str(rows, i, KEY(action))));
        value_set(a, entry, KEY(when),
            format_time_value(a, r->format, request_site(r)->zone, rows_us(rows, i, KEY(at_us))));
        value_set(a, entry, KEY(changes), changes);
        value_set_bool(a, entry, KEY(has_changes), value_count(changes) > 0);
    }
    struct str more = STR_NULL;
    if (rows->count > SHOWN)
        more = str_join(a, request_url(r, r->path),
            office_query_with(r, "history", rows_str(rows, SHOWN - 1, KEY(audit_id))),
            STR("#history"), STR_NULL);
    value_set_str(a, history, KEY(more_url), more);
}

void office_history_name(struct request *r, struct value *view, const struct rows *rows,
    office_history_namer *name, const void *arg)
{
    const struct value *entries = value_get(value_get(view, KEY(history)), KEY(entries));
    for (size_t i = 0; i < value_count(entries); i++) {
        struct str words = name(r, arg, rows, (int)i);
        if (words.len)
            value_set_str(r->arena, value_at(entries, i), KEY(object), words);
    }
}
