#include "data/audit.h"

#include "base/clock.h"
#include "data/audit.sql.h"

enum { TEXT_MAX = 4000 };

// Fields whose values are never stored, wherever in their name these words stand.
static const char *const secret_words[] = {
    "password", "secret", "token", "api_key", "private_key", "credential", "passphrase", "sealed"};

static bool is_secret(struct str name)
{
    for (size_t i = 0; i < sizeof secret_words / sizeof *secret_words; i++)
        if (str_find(name, str_of(secret_words[i])) >= 0)
            return true;
    return false;
}

static struct value *cleaned(struct arena *a, const struct value *v);

static struct value *cleaned_list(struct arena *a, const struct value *v)
{
    struct value *list = value_list(a);
    for (size_t i = 0; i < value_count(v); i++)
        value_append(a, list, cleaned(a, value_at(v, i)));
    return list;
}

// Without the fields that `other` has alike, when there is one.
static struct value *cleaned_object(
    struct arena *a, const struct value *v, const struct value *other)
{
    struct value *object = value_object(a);
    for (uint32_t i = 0; i < v->object.count; i++) {
        const struct value_field *f = &v->object.fields[i];
        if (other && value_equal(f->value, value_get(other, f->key)))
            continue;
        bool hide = is_secret(str_lower(a, value_key_name(f->key))) &&
                    !value_is(f->value, VALUE_NULL) && !value_is(f->value, VALUE_BOOL);
        value_set(
            a, object, f->key, hide ? value_str(a, STR("[not recorded]")) : cleaned(a, f->value));
    }
    return object;
}

static struct value *cleaned(struct arena *a, const struct value *v)
{
    if (value_is(v, VALUE_OBJECT))
        return cleaned_object(a, v, NULL);
    if (value_is(v, VALUE_LIST))
        return cleaned_list(a, v);
    if (value_is(v, VALUE_STR) && v->str.len > TEXT_MAX)
        return value_str(a, str_join(a, str_utf8_clip(v->str, TEXT_MAX), STR(" …"), STR_NULL));
    return v ? value_copy(a, v) : value_null();
}

static struct str side(struct arena *a, const struct value *v, const struct value *other)
{
    if (!v)
        return STR_NULL;
    bool both = value_is(v, VALUE_OBJECT) && other && value_is(other, VALUE_OBJECT);
    return db_json(a, both ? cleaned_object(a, v, other) : cleaned(a, v));
}

void audit_add(struct unit *u, const struct audit *what)
{
    struct arena *a = unit_arena(u);
    unit_add(u, &SQL_audit_add, db_i64(a, unit_tenant(u)), db_time(a, clock_now_us()),
        what->actor_kind, what->actor_id ? db_i64(a, what->actor_id) : STR_NULL, what->actor_name,
        what->action, what->object_kind, what->object_id, side(a, what->before, what->after),
        side(a, what->after, what->before));
}

void audit_add_all(
    struct unit *u, const struct audit *what, const struct audit_object *objects, size_t count)
{
    struct arena *a = unit_arena(u);
    struct str *ids = arena_new_array(a, struct str, count + 1);
    struct str *before = arena_new_array(a, struct str, count + 1);
    struct str *after = arena_new_array(a, struct str, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct str was = side(a, objects[i].before, objects[i].after);
        struct str is = side(a, objects[i].after, objects[i].before);
        ids[i] = objects[i].id;
        before[i] = was.p ? was : STR("");
        after[i] = is.p ? is : STR("");
    }
    unit_add(u, &SQL_audit_add_all, db_i64(a, unit_tenant(u)), db_time(a, clock_now_us()),
        what->actor_kind, what->actor_id ? db_i64(a, what->actor_id) : STR_NULL, what->actor_name,
        what->action, what->object_kind, db_str_array(a, ids, count),
        db_str_array(a, before, count), db_str_array(a, after, count));
}
