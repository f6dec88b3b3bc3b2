// vitrine.h: failures and values.
#include <stdio.h>

#include "plug/api.h"

bool api_fail(struct vt_call *c, const char *format, ...)
{
    char text[400];
    va_list ap;
    if (c->failure.p)
        return false;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    c->failure = str_dup(c->arena, str_utf8_clip(str_of(text), sizeof text));
    return false;
}

struct vt_value *vt_fail(struct vt_call *c, struct vt_str text)
{
    api_fail(c, "%.*s", (int)text.len, text.p);
    return NULL;
}

bool vt_failed(const struct vt_call *c)
{
    return c->failure.p;
}

struct vt_str vt_forgive(struct vt_call *c)
{
    struct str text = c->failure;
    c->failure = STR_NULL;
    return api_out(text);
}

void *vt_alloc(struct vt_call *c, size_t size)
{
    return arena_zalloc(c->arena, 1, size);
}

struct vt_str vt_str_of(const char *zero_terminated)
{
    return api_out(str_of(zero_terminated));
}

bool vt_str_eq(struct vt_str a, struct vt_str b)
{
    return str_eq(api_in(a), api_in(b));
}

struct vt_str vt_str_format(struct vt_call *c, const char *format, ...)
{
    char text[1000];
    va_list ap;
    va_start(ap, format);
    int len = vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    if (len < (int)sizeof text)
        return api_out(str_dup(c->arena, str_of(text)));
    char *all = arena_alloc(c->arena, (size_t)len + 1);
    va_start(ap, format);
    vsnprintf(all, (size_t)len + 1, format, ap);
    va_end(ap);
    return api_out(str_n(all, (size_t)len));
}

struct vt_value *vt_text(struct vt_call *c, struct vt_str s)
{
    return api_give(s.p ? value_str(c->arena, api_in(s)) : value_null());
}

struct vt_value *vt_int(struct vt_call *c, int64_t n)
{
    return api_give(value_int(c->arena, n));
}

struct vt_value *vt_bool(struct vt_call *c, bool b)
{
    return api_give(value_bool(c->arena, b));
}

struct vt_value *vt_null(void)
{
    return api_give(value_null());
}

struct vt_value *vt_list(struct vt_call *c)
{
    return api_give(value_list(c->arena));
}

struct vt_value *vt_object(struct vt_call *c)
{
    return api_give(value_object(c->arena));
}

struct vt_value *vt_list_of(struct vt_call *c, ...)
{
    struct value *list = value_list(c->arena), *item;
    va_list ap;
    va_start(ap, c);
    while ((item = va_arg(ap, struct value *)))
        value_append(c->arena, list, item);
    va_end(ap);
    return api_give(list);
}

void vt_append(struct vt_call *c, struct vt_value *list, struct vt_value *item)
{
    value_append(c->arena, api_value(list), item ? api_value(item) : value_null());
}

void vt_set(struct vt_call *c, struct vt_value *object, const char *field, struct vt_value *v)
{
    value_set(c->arena, api_value(object), value_key_intern(str_of(field)), api_value(v));
}

void vt_set_text(struct vt_call *c, struct vt_value *object, const char *field, struct vt_str s)
{
    value_set_str(c->arena, api_value(object), value_key_intern(str_of(field)), api_in(s));
}

void vt_set_int(struct vt_call *c, struct vt_value *object, const char *field, int64_t n)
{
    value_set_int(c->arena, api_value(object), value_key_intern(str_of(field)), n);
}

void vt_set_bool(struct vt_call *c, struct vt_value *object, const char *field, bool b)
{
    value_set_bool(c->arena, api_value(object), value_key_intern(str_of(field)), b);
}

struct vt_value *vt_get(const struct vt_value *object, const char *field)
{
    return api_give(value_get(api_value(object), value_key_find(str_of(field))));
}

struct vt_str vt_get_text(const struct vt_value *object, const char *field)
{
    return api_out(value_get_str(api_value(object), value_key_find(str_of(field))));
}

int64_t vt_get_int(const struct vt_value *object, const char *field, int64_t otherwise)
{
    return value_get_int(api_value(object), value_key_find(str_of(field)), otherwise);
}

bool vt_get_bool(const struct vt_value *object, const char *field, bool otherwise)
{
    return value_get_bool(api_value(object), value_key_find(str_of(field)), otherwise);
}

size_t vt_count(const struct vt_value *v)
{
    return value_count(api_value(v));
}

struct vt_value *vt_at(const struct vt_value *list, size_t i)
{
    return api_give(value_at(api_value(list), i));
}

int64_t vt_as_int(const struct vt_value *v, int64_t otherwise)
{
    return value_is(api_value(v), VALUE_INT) ? api_value(v)->integer : otherwise;
}

bool vt_as_bool(const struct vt_value *v, bool otherwise)
{
    return value_is(api_value(v), VALUE_BOOL) ? api_value(v)->boolean : otherwise;
}

struct vt_str vt_as_text(const struct vt_value *v)
{
    return api_out(value_as_str(api_value(v)));
}
