#include "base/value.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/hash.h"

// One table for the process: names are few and fixed by code, templates and manifests.
enum { KEYS_MAX = 1 << 16 };

static struct {
    struct str *names; // by number, from 1
    uint32_t *slots;   // open addressing, twice as many as names at least
    uint32_t count, room;
} keys;

static uint32_t *key_slot(struct str name)
{
    uint32_t mask = keys.room * 2 - 1;
    for (uint32_t i = (uint32_t)hash_bytes(name) & mask;; i = (i + 1) & mask)
        if (!keys.slots[i] || str_eq(keys.names[keys.slots[i]], name))
            return &keys.slots[i];
}

static void keys_grow(void)
{
    keys.room = keys.room ? keys.room * 2 : 512;
    check(keys.room <= KEYS_MAX);
    keys.names = realloc(keys.names, (keys.room + 1) * sizeof *keys.names);
    free(keys.slots);
    keys.slots = calloc(keys.room * 2, sizeof *keys.slots);
    check(keys.names && keys.slots);
    for (uint32_t k = 1; k <= keys.count; k++)
        *key_slot(keys.names[k]) = k;
}

value_key value_key_find(struct str name)
{
    return keys.room ? *key_slot(name) : 0;
}

value_key value_key_intern(struct str name)
{
    if (keys.count == keys.room)
        keys_grow();
    uint32_t *slot = key_slot(name);
    if (!*slot) {
        char *copy = malloc(name.len + 1);
        check(copy);
        memcpy(copy, name.p, name.len);
        copy[name.len] = 0;
        keys.names[++keys.count] = str_n(copy, name.len);
        *slot = keys.count;
    }
    return *slot;
}

struct str value_key_name(value_key key)
{
    check(key && key <= keys.count);
    return keys.names[key];
}

static struct value *make(struct arena *a, enum value_kind kind)
{
    struct value *v = arena_new_object(a, struct value);
    v->kind = kind;
    return v;
}

struct value *value_null(void)
{
    static struct value null;
    return &null;
}

struct value *value_bool(struct arena *a, bool b)
{
    struct value *v = make(a, VALUE_BOOL);
    v->boolean = b;
    return v;
}

struct value *value_int(struct arena *a, int64_t n)
{
    struct value *v = make(a, VALUE_INT);
    v->integer = n;
    return v;
}

struct value *value_real(struct arena *a, double d)
{
    struct value *v = make(a, VALUE_REAL);
    v->real = d;
    return v;
}

struct value *value_str(struct arena *a, struct str s)
{
    if (!s.p)
        return value_null();
    struct value *v = make(a, VALUE_STR);
    v->str = s;
    return v;
}

struct value *value_list(struct arena *a)
{
    return make(a, VALUE_LIST);
}

struct value *value_object(struct arena *a)
{
    return make(a, VALUE_OBJECT);
}

static uint32_t next_room(uint32_t room)
{
    check(room < UINT32_MAX / 2);
    return room ? room * 2 : 8;
}

void value_append(struct arena *a, struct value *list, struct value *item)
{
    check(list->kind == VALUE_LIST);
    if (list->list.count == list->list.room) {
        uint32_t room = next_room(list->list.room);
        list->list.items = arena_grow(
            a, list->list.items, list->list.room * sizeof(void *), room * sizeof(void *));
        list->list.room = room;
    }
    list->list.items[list->list.count++] = item ? item : value_null();
}

struct value *value_append_object(struct arena *a, struct value *list)
{
    struct value *object = value_object(a);
    value_append(a, list, object);
    return object;
}

static struct value_field *field_find(const struct value *object, value_key key)
{
    if (!object || object->kind != VALUE_OBJECT || !key)
        return NULL;
    for (uint32_t i = 0; i < object->object.count; i++)
        if (object->object.fields[i].key == key)
            return &object->object.fields[i];
    return NULL;
}

void value_set(struct arena *a, struct value *object, value_key key, struct value *v)
{
    check(object->kind == VALUE_OBJECT && key);
    if (!v)
        v = value_null();
    struct value_field *field = field_find(object, key);
    if (field) {
        field->value = v;
        return;
    }
    if (object->object.count == object->object.room) {
        uint32_t room = next_room(object->object.room);
        object->object.fields = arena_grow(
            a, object->object.fields, object->object.room * sizeof *field, room * sizeof *field);
        object->object.room = room;
    }
    object->object.fields[object->object.count++] = (struct value_field){key, v};
}

void value_set_str(struct arena *a, struct value *object, value_key key, struct str s)
{
    value_set(a, object, key, value_str(a, s));
}

void value_set_int(struct arena *a, struct value *object, value_key key, int64_t n)
{
    value_set(a, object, key, value_int(a, n));
}

void value_set_bool(struct arena *a, struct value *object, value_key key, bool b)
{
    value_set(a, object, key, value_bool(a, b));
}

struct value *value_get(const struct value *object, value_key key)
{
    struct value_field *field = field_find(object, key);
    return field ? field->value : NULL;
}

struct str value_get_str(const struct value *object, value_key key)
{
    return value_as_str(value_get(object, key));
}

int64_t value_get_int(const struct value *object, value_key key, int64_t otherwise)
{
    const struct value *v = value_get(object, key);
    return value_is(v, VALUE_INT) ? v->integer : otherwise;
}

bool value_get_bool(const struct value *object, value_key key, bool otherwise)
{
    const struct value *v = value_get(object, key);
    return value_is(v, VALUE_BOOL) ? v->boolean : otherwise;
}

struct value *value_at(const struct value *list, size_t i)
{
    return value_is(list, VALUE_LIST) && i < list->list.count ? list->list.items[i] : NULL;
}

size_t value_count(const struct value *v)
{
    if (value_is(v, VALUE_LIST))
        return v->list.count;
    return value_is(v, VALUE_OBJECT) ? v->object.count : 0;
}

bool value_falsy(const struct value *v)
{
    return !v || v->kind == VALUE_NULL || (v->kind == VALUE_BOOL && !v->boolean) ||
           (v->kind == VALUE_LIST && !v->list.count);
}

struct str value_as_str(const struct value *v)
{
    return value_is(v, VALUE_STR) ? v->str : STR_NULL;
}

struct value *value_copy(struct arena *a, const struct value *v)
{
    if (!v || v->kind == VALUE_NULL)
        return value_null();
    struct value *copy = make(a, v->kind);
    switch (v->kind) {
    case VALUE_STR:
        copy->str = str_dup(a, v->str);
        break;
    case VALUE_LIST:
        for (uint32_t i = 0; i < v->list.count; i++)
            value_append(a, copy, value_copy(a, v->list.items[i]));
        break;
    case VALUE_OBJECT:
        for (uint32_t i = 0; i < v->object.count; i++)
            value_set(a, copy, v->object.fields[i].key, value_copy(a, v->object.fields[i].value));
        break;
    default:
        *copy = *v;
    }
    return copy;
}

static bool lists_equal(const struct value *a, const struct value *b)
{
    if (a->list.count != b->list.count)
        return false;
    for (uint32_t i = 0; i < a->list.count; i++)
        if (!value_equal(a->list.items[i], b->list.items[i]))
            return false;
    return true;
}

static bool objects_equal(const struct value *a, const struct value *b)
{
    if (a->object.count != b->object.count)
        return false;
    for (uint32_t i = 0; i < a->object.count; i++) {
        struct value_field *other = field_find(b, a->object.fields[i].key);
        if (!other || !value_equal(a->object.fields[i].value, other->value))
            return false;
    }
    return true;
}

bool value_equal(const struct value *a, const struct value *b)
{
    enum value_kind kind = a ? a->kind : VALUE_NULL;
    if (!value_is(b, kind))
        return false;
    switch (kind) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOL:
        return a->boolean == b->boolean;
    case VALUE_INT:
        return a->integer == b->integer;
    case VALUE_REAL:
        return a->real == b->real;
    case VALUE_STR:
        return str_eq(a->str, b->str);
    case VALUE_LIST:
        return lists_equal(a, b);
    case VALUE_OBJECT:
        return objects_equal(a, b);
    }
    unreachable();
}
