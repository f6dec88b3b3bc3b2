#include "base/json.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

enum { DEPTH_MAX = 32 };

static void write_escape(struct buf *b, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";
    switch (c) {
    case '"':
        buf_add(b, STR("\\\""));
        break;
    case '\\':
        buf_add(b, STR("\\\\"));
        break;
    case '\n':
        buf_add(b, STR("\\n"));
        break;
    case '\r':
        buf_add(b, STR("\\r"));
        break;
    case '\t':
        buf_add(b, STR("\\t"));
        break;
    default:
        buf_add(b, STR("\\u00"));
        buf_add_char(b, digits[c >> 4]);
        buf_add_char(b, digits[c & 15]);
    }
}

void json_write_str(struct buf *b, struct str s)
{
    size_t plain = 0;
    buf_add_char(b, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_add(b, str_n(s.p + plain, i - plain));
        write_escape(b, c);
        plain = i + 1;
    }
    buf_add(b, str_n(s.p + plain, s.len - plain));
    buf_add_char(b, '"');
}

static void write_real(struct buf *b, double d)
{
    char text[40];
    if (!isfinite(d)) {
        buf_add(b, STR("null"));
        return;
    }
    // Adding 0 turns -0 into 0, which reads back the same.
    int len = snprintf(text, sizeof text, "%.15g", d + 0.0);
    buf_add(b, str_n(text, (size_t)len));
}

static void write_list(struct buf *b, const struct value *v)
{
    buf_add_char(b, '[');
    for (uint32_t i = 0; i < v->list.count; i++) {
        if (i)
            buf_add_char(b, ',');
        json_write(b, v->list.items[i]);
    }
    buf_add_char(b, ']');
}

static void write_object(struct buf *b, const struct value *v)
{
    buf_add_char(b, '{');
    for (uint32_t i = 0; i < v->object.count; i++) {
        if (i)
            buf_add_char(b, ',');
        json_write_str(b, value_key_name(v->object.fields[i].key));
        buf_add_char(b, ':');
        json_write(b, v->object.fields[i].value);
    }
    buf_add_char(b, '}');
}

void json_write(struct buf *b, const struct value *v)
{
    switch (v ? v->kind : VALUE_NULL) {
    case VALUE_NULL:
        buf_add(b, STR("null"));
        break;
    case VALUE_BOOL:
        buf_add(b, v->boolean ? STR("true") : STR("false"));
        break;
    case VALUE_INT:
        buf_add_i64(b, v->integer);
        break;
    case VALUE_REAL:
        write_real(b, v->real);
        break;
    case VALUE_STR:
        json_write_str(b, v->str);
        break;
    case VALUE_LIST:
        write_list(b, v);
        break;
    case VALUE_OBJECT:
        write_object(b, v);
        break;
    }
}

struct reader {
    struct arena *arena;
    enum json_keys keys;
    struct json_error *error;
};

static struct value *refuse(struct reader *r, struct str text)
{
    *r->error = (struct json_error){.text = text};
    return NULL;
}

static struct value *read_any(struct reader *r, json_t *j, int depth);

static struct value *read_list(struct reader *r, json_t *j, int depth)
{
    struct value *list = value_list(r->arena), *item;
    for (size_t i = 0; i < json_array_size(j); i++) {
        if (!(item = read_any(r, json_array_get(j, i), depth + 1)))
            return NULL;
        value_append(r->arena, list, item);
    }
    return list;
}

static struct value *read_object(struct reader *r, json_t *j, int depth)
{
    struct value *object = value_object(r->arena), *item;
    const char *name;
    json_t *field;
    json_object_foreach(j, name, field)
    {
        struct str key_name = str_of(name);
        value_key key =
            r->keys == JSON_ANY_KEYS ? value_key_intern(key_name) : value_key_find(key_name);
        if (!key && r->keys == JSON_DROP_UNKNOWN_KEYS)
            continue;
        if (!key)
            return refuse(r, str_format(r->arena, "unknown field: %.100s", name));
        if (!(item = read_any(r, field, depth + 1)))
            return NULL;
        value_set(r->arena, object, key, item);
    }
    return object;
}

static struct value *read_any(struct reader *r, json_t *j, int depth)
{
    if (depth > DEPTH_MAX)
        return refuse(r, STR("nested too deep"));
    switch (json_typeof(j)) {
    case JSON_OBJECT:
        return read_object(r, j, depth);
    case JSON_ARRAY:
        return read_list(r, j, depth);
    case JSON_STRING:
        return value_str(
            r->arena, str_dup(r->arena, str_n(json_string_value(j), json_string_length(j))));
    case JSON_INTEGER:
        return value_int(r->arena, json_integer_value(j));
    case JSON_REAL:
        return value_real(r->arena, json_real_value(j));
    case JSON_TRUE:
    case JSON_FALSE:
        return value_bool(r->arena, json_is_true(j));
    case JSON_NULL:
        break;
    }
    return value_null();
}

struct value *json_parse(
    struct arena *a, struct str text, enum json_keys keys, struct json_error *error)
{
    struct reader reader = {a, keys, error};
    json_error_t e;
    json_t *j = json_loadb(text.p, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
    if (!j) {
        *error = (struct json_error){e.line, str_dup(a, str_of(e.text))};
        return NULL;
    }
    struct value *v = read_any(&reader, j, 0);
    json_decref(j);
    return v;
}
