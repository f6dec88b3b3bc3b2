#include "web/office/frame/filter.h"

#include "base/buf.h"

enum { QUERY_MAX = 8192 };

// What belongs to a form or a page rather than to what the list shows.
static bool narrows(struct str name)
{
    return !str_is(name, "csrf") && !str_is(name, "after") && !str_is(name, "done") &&
           !str_is(name, "what");
}

struct value *office_filter_of(struct request *r, const struct form *form)
{
    struct arena *a = r->arena;
    struct value *filter = value_object(a);
    for (size_t i = 0; i < form->count; i++) {
        value_key key = value_key_intern(str_of(form->fields[i].name));
        struct value *sent = value_get(r->form, key);
        if (!narrows(value_key_name(key)))
            continue;
        if (value_is(sent, VALUE_LIST) && value_count(sent))
            value_set(a, filter, key, sent);
        else if (value_get_str(r->form, key).len)
            value_set_str(a, filter, key, value_get_str(r->form, key));
    }
    return filter;
}

static void add_field(struct arena *a, struct value *fields, struct str name, struct str text)
{
    struct value *field = value_append_object(a, fields);
    value_set_str(a, field, KEY(name), name);
    value_set_str(a, field, KEY(value), text);
}

struct value *office_filter_fields(struct arena *a, const struct value *filter)
{
    struct value *fields = value_list(a);
    for (uint32_t i = 0; i < filter->object.count; i++) {
        struct str name = value_key_name(filter->object.fields[i].key);
        const struct value *v = filter->object.fields[i].value;
        if (!value_is(v, VALUE_LIST))
            add_field(a, fields, name, value_as_str(v));
        for (size_t k = 0; k < value_count(v); k++)
            add_field(a, fields,
                str_join(a, name, STR("_"), value_get_str(value_at(v, k), KEY(key)), STR_NULL),
                value_get_str(value_at(v, k), KEY(text)));
    }
    return fields;
}

static void add_part(struct buf *b, struct str name, struct str text)
{
    buf_add_char(b, b->len ? '&' : '?');
    buf_add_url(b, name);
    buf_add_char(b, '=');
    buf_add_url(b, text);
}

struct str office_filter_query(struct arena *a, const struct form *form, const struct value *filter)
{
    struct buf b;
    buf_init(&b, a, QUERY_MAX);
    for (size_t i = 0; i < form->count; i++) {
        struct str name = str_of(form->fields[i].name);
        const struct value *v = value_get(filter, value_key_find(name));
        if (value_is(v, VALUE_STR))
            add_part(&b, name, value_as_str(v));
        for (size_t k = 0; value_is(v, VALUE_LIST) && k < value_count(v); k++)
            add_part(&b,
                str_join(a, name, STR("_"), value_get_str(value_at(v, k), KEY(key)), STR_NULL),
                value_get_str(value_at(v, k), KEY(text)));
    }
    return buf_str(&b);
}
