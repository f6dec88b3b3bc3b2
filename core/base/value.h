// The one kind of data that crosses borders: views for templates and JSON, JSON that came in,
// settings of plugins, arguments of hooks. A value lives in an arena and is not freed alone.
// Objects have interned keys, so a template finds a field by comparing numbers. NULL and a value
// of kind VALUE_NULL both mean absent; reading functions take either.
#pragma once

#include "base/str.h"

enum value_kind {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_REAL,
    VALUE_STR,
    VALUE_LIST,
    VALUE_OBJECT,
};

struct value_field;

struct value {
    enum value_kind kind;
    union {
        bool boolean;
        int64_t integer;
        double real;
        struct str str;
        struct {
            struct value **items;
            uint32_t count, room;
        } list;
        struct {
            struct value_field *fields;
            uint32_t count, room;
        } object;
    };
};

// A key's number is the same in the whole process, from intern until exit.
typedef uint32_t value_key;

struct value_field {
    value_key key;
    struct value *value;
};

// Numbers are never given back, so only names from code, templates and manifests are interned.
value_key value_key_intern(struct str name);
// 0 when nobody interned it: then no object of ours has it.
value_key value_key_find(struct str name);
struct str value_key_name(value_key key);

// KEY(name): interned once per place in the code.
#define KEY(name)                                \
    ({                                           \
        static value_key key_;                   \
        if (!key_)                               \
            key_ = value_key_intern(STR(#name)); \
        key_;                                    \
    })

struct value *value_null(void);
struct value *value_bool(struct arena *a, bool b);
struct value *value_int(struct arena *a, int64_t n);
struct value *value_real(struct arena *a, double d);
// Borrows the bytes: they live as long as the arena, or longer.
struct value *value_str(struct arena *a, struct str s);
struct value *value_list(struct arena *a);
struct value *value_object(struct arena *a);

void value_append(struct arena *a, struct value *list, struct value *item);
// Appends a new empty object and returns it.
struct value *value_append_object(struct arena *a, struct value *list);

// Sets or replaces a field; a NULL value removes nothing and sets absent.
void value_set(struct arena *a, struct value *object, value_key key, struct value *v);
void value_set_str(struct arena *a, struct value *object, value_key key, struct str s);
void value_set_int(struct arena *a, struct value *object, value_key key, int64_t n);
void value_set_bool(struct arena *a, struct value *object, value_key key, bool b);

// NULL when it isn't an object or has no such field.
struct value *value_get(const struct value *object, value_key key);
struct str value_get_str(const struct value *object, value_key key);
int64_t value_get_int(const struct value *object, value_key key, int64_t otherwise);
bool value_get_bool(const struct value *object, value_key key, bool otherwise);
// NULL when out of range or no list.
struct value *value_at(const struct value *list, size_t i);
size_t value_count(const struct value *list_or_object);

static inline bool value_is(const struct value *v, enum value_kind kind)
{
    return v ? v->kind == kind : kind == VALUE_NULL;
}

// Absent, false, an empty list: what a Mustache section skips. Empty text and 0 are data.
bool value_falsy(const struct value *v);
// The string, or absent for other kinds.
struct str value_as_str(const struct value *v);
// A copy in another arena, strings included.
struct value *value_copy(struct arena *a, const struct value *v);
bool value_equal(const struct value *a, const struct value *b);
