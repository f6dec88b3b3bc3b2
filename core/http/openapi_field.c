// The rules of a field as JSON Schema; http/form.c is what they say.
#include "http/openapi.h"

enum { TEXT_MAX = 200, LONG_MAX = 20000, COUNTS_MAX = 50 };

static void set(struct arena *a, struct value *v, const char *name, struct value *to)
{
    value_set(a, v, value_key_intern(str_of(name)), to);
}

static void set_text(struct arena *a, struct value *v, const char *name, const char *text)
{
    set(a, v, name, value_str(a, str_of(text)));
}

static void set_number(struct arena *a, struct value *v, const char *name, int64_t n)
{
    set(a, v, name, value_int(a, n));
}

static void set_type(struct arena *a, struct value *v, const char *type, bool or_null)
{
    if (!or_null) {
        set_text(a, v, "type", type);
        return;
    }
    struct value *types = value_list(a);
    value_append(a, types, value_str(a, str_of(type)));
    value_append(a, types, value_str(a, STR("null")));
    set(a, v, "type", types);
}

static void add_text(struct arena *a, struct value *v, const struct field *f, bool as_text)
{
    int64_t max = f->max ? f->max : f->kind == FIELD_LONG ? LONG_MAX : TEXT_MAX;
    if (f->min && f->required)
        set_number(a, v, "minLength", f->min);
    else if (f->required)
        set_number(a, v, "minLength", 1);
    set_number(a, v, "maxLength", max);
    // In JSON an empty text is an absent one, which a format would refuse.
    if (f->kind == FIELD_EMAIL && f->required)
        set_text(a, v, "format", "email");
    else if (f->kind == FIELD_DATE && (f->required || as_text))
        set_text(a, v, "format", "date");
    else if (f->kind == FIELD_ID)
        set_text(a, v, "pattern", f->required ? "^[1-9][0-9]*$" : "^([1-9][0-9]*)?$");
    else if (f->kind == FIELD_PHONE)
        set_text(a, v, "pattern", "^\\s*[0-9+() ./-]*\\s*$");
    else if (f->kind == FIELD_PASSWORD)
        set_text(a, v, "format", "password");
}

static void add_choices(struct arena *a, struct value *v, const struct field *f, bool or_null)
{
    struct value *list = value_list(a);
    for (const char *const *choice = f->choices; *choice; choice++)
        value_append(a, list, value_str(a, str_of(*choice)));
    if (!f->required)
        value_append(a, list, value_str(a, STR("")));
    if (or_null)
        value_append(a, list, value_null());
    set(a, v, "enum", list);
}

static void add_int(struct arena *a, struct value *v, const struct field *f)
{
    set_number(a, v, "minimum", f->min);
    if (f->max)
        set_number(a, v, "maximum", f->max);
}

static struct value *counted(struct arena *a, const struct field *f)
{
    struct value *n = value_object(a);
    set_text(a, n, "type", "integer");
    set_number(a, n, "minimum", 0);
    set_number(a, n, "maximum", f->max);
    return n;
}

static struct value *texted(struct arena *a, const struct field *f)
{
    struct value *text = value_object(a);
    set_text(a, text, "type", "string");
    set_number(a, text, "maxLength", f->max);
    return text;
}

// [{"key": "12", "count": 2}]
static void add_list(struct arena *a, struct value *v, const struct field *f)
{
    bool counts = f->kind == FIELD_COUNTS;
    const char *what = counts ? "count" : "text";
    struct value *item = value_object(a), *fields = value_object(a), *key = value_object(a);
    struct value *required = value_list(a);
    set_text(a, key, "type", "string");
    set(a, fields, "key", key);
    set(a, fields, what, counts ? counted(a, f) : texted(a, f));
    value_append(a, required, value_str(a, STR("key")));
    value_append(a, required, value_str(a, str_of(what)));
    set_text(a, item, "type", "object");
    set(a, item, "properties", fields);
    set(a, item, "required", required);
    set_number(a, v, "maxItems", COUNTS_MAX);
    set(a, v, "items", item);
}

// name_KEY=n, as forms and addresses send it.
static void add_keyed(struct arena *a, struct value *v, const struct field *f)
{
    struct value *patterns = value_object(a), *of = value_object(a);
    struct str pattern = str_join(a, STR("^"), str_of(f->name), STR("_"), STR_NULL);
    set_text(a, of, "type", "string");
    value_set(a, patterns, value_key_intern(pattern), f->kind == FIELD_COUNTS ? counted(a, f) : of);
    set_text(a, v, "type", "object");
    set(a, v, "patternProperties", patterns);
}

struct value *openapi_field(struct arena *a, const struct field *f, bool as_text)
{
    struct value *v = value_object(a);
    bool or_null = !as_text && !f->required;
    switch (f->kind) {
    case FIELD_INT:
        set_type(a, v, "integer", or_null);
        add_int(a, v, f);
        break;
    case FIELD_BOOL:
        set_type(a, v, "boolean", or_null);
        if (f->required)
            set(a, v, "const", value_bool(a, true));
        break;
    case FIELD_CHOICE:
        set_type(a, v, "string", or_null);
        add_choices(a, v, f, or_null);
        break;
    case FIELD_COUNTS:
    case FIELD_TEXTS:
    case FIELD_OBJECT:
        if (as_text) {
            add_keyed(a, v, f);
        } else {
            set_type(a, v, f->kind == FIELD_OBJECT ? "object" : "array", true);
            if (f->kind != FIELD_OBJECT)
                add_list(a, v, f);
        }
        break;
    case FIELD_FILE:
        set_text(a, v, "type", "string");
        set_text(a, v, "contentMediaType", "application/octet-stream");
        break;
    default:
        set_type(a, v, "string", or_null);
        add_text(a, v, f, as_text);
    }
    return v;
}
