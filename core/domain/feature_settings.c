// Settings of a feature by its schema: what is stored is completed, what is given is checked.
#include "domain/feature.h"

struct reading {
    struct arena *arena;
    struct currency currency;
    struct value *errors;
};

static bool refuse(struct reading *r, const struct setting *s, const char *code, int64_t limit)
{
    if (r->errors) {
        struct value *e = value_append_object(r->arena, r->errors);
        value_set_str(r->arena, e, KEY(field), value_key_name(s->key));
        value_set_str(r->arena, e, KEY(code), str_of(code));
        value_set_int(r->arena, e, KEY(limit), limit);
    }
    return false;
}

static bool is_one_line(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return true;
}

static bool take_string(
    struct reading *r, const struct setting *s, const struct value *v, struct value **out)
{
    struct str text = str_trim(value_as_str(v));
    if (!value_is(v, VALUE_STR) || !str_utf8_valid(text))
        return refuse(r, s, "type", 0);
    if (!text.len && s->required)
        return refuse(r, s, "required", 0);
    if (!is_one_line(text) && s->len_max <= 200)
        return refuse(r, s, "one_line", 0);
    if ((int64_t)str_utf8_count(text) > s->len_max)
        return refuse(r, s, "too_long", s->len_max);
    *out = value_str(r->arena, str_dup(r->arena, text));
    return true;
}

// A number, or what a person typed for one: amounts in major units.
static bool take_number(
    struct reading *r, const struct setting *s, const struct value *v, struct value **out)
{
    int64_t n;
    struct str typed = str_trim(value_as_str(v));
    bool money = s->kind == SETTING_MONEY;
    if (value_is(v, VALUE_INT))
        n = v->integer;
    else if (!value_is(v, VALUE_STR))
        return refuse(r, s, "type", 0);
    else if (!typed.len)
        return refuse(r, s, "required", 0);
    else if (money ? !money_parse(typed, r->currency, &n) : !str_to_i64(typed, &n))
        return refuse(r, s, money ? "amount" : "number", 0);
    if (n < s->min)
        return refuse(r, s, "too_small", s->min);
    if (n > s->max)
        return refuse(r, s, "too_large", s->max);
    *out = value_int(r->arena, n);
    return true;
}

// A ticked box sends something, an empty one nothing.
static bool take_boolean(
    struct reading *r, const struct setting *s, const struct value *v, struct value **out)
{
    struct str text = value_as_str(v);
    if (!value_is(v, VALUE_BOOL) && !value_is(v, VALUE_STR))
        return refuse(r, s, "type", 0);
    bool on = value_is(v, VALUE_BOOL) ? v->boolean
                                      : text.len && !str_is(text, "0") && !str_is(text, "false") &&
                                            !str_is(text, "off");
    *out = value_bool(r->arena, on);
    return true;
}

static bool take_choice(
    struct reading *r, const struct setting *s, const struct value *v, struct value **out)
{
    for (size_t i = 0; i < s->choice_count; i++)
        if (value_is(v, VALUE_STR) && str_eq(v->str, s->choices[i].value)) {
            *out = value_str(r->arena, s->choices[i].value);
            return true;
        }
    return refuse(r, s, "choice", 0);
}

static bool take(
    struct reading *r, const struct setting *s, const struct value *v, struct value **out)
{
    switch (s->kind) {
    case SETTING_STRING:
        return take_string(r, s, v, out);
    case SETTING_INTEGER:
    case SETTING_MONEY:
        return take_number(r, s, v, out);
    case SETTING_BOOLEAN:
        return take_boolean(r, s, v, out);
    case SETTING_CHOICE:
        return take_choice(r, s, v, out);
    }
    return false;
}

struct value *feature_settings_read(struct arena *a, const struct feature_info *info,
    const struct value *stored, struct currency currency, struct value *errors)
{
    struct reading r = {a, currency, errors};
    struct value *all = value_object(a);
    for (size_t i = 0; i < info->setting_count; i++) {
        const struct setting *s = &info->settings[i];
        const struct value *v = value_get(stored, s->key);
        struct value *taken = NULL;
        if (value_is(v, VALUE_NULL) || !take(&r, s, v, &taken))
            taken = value_copy(a, s->fallback);
        value_set(a, all, s->key, taken);
    }
    return all;
}
