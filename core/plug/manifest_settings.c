// The settings of a manifest: an object of properties, a subset of JSON Schema with titles by
// language. The office makes the form from them, the domain validates by them.
#include "plug/manifest.h"

enum { SETTINGS_MAX = 60, CHOICES_MAX = 40, LEN_MAX = 4000 };
// Far beyond any price; sums of them never overflow.
#define NUMBER_MAX INT64_C(1000000000000)

const struct manifest_rule manifest_setting_rules[] = {
    {"type", MANIFEST_TEXT, false, "string, integer, boolean, money (minor units) or choice"},
    {"title", MANIFEST_TEXTS, false, "its label"},
    {"description", MANIFEST_TEXTS, true, "a hint below the label"},
    {"default", MANIFEST_ANY, true, "what holds until somebody sets it; only strings may lack it"},
    {"required", MANIFEST_BOOL, true, "of a string: it may not stay empty"},
    {"minimum", MANIFEST_INT, true, "of integer and money"},
    {"maximum", MANIFEST_INT, true, "of integer and money"},
    {"maxLength", MANIFEST_INT, true,
        "of string, in characters; 200 if absent, several lines above"},
    {"enum", MANIFEST_LIST, true, "of choice: the choices, each {value, title}"},
    {0},
};

const struct manifest_rule manifest_choice_rules[] = {
    {"value", MANIFEST_TEXT, false, "what is stored"},
    {"title", MANIFEST_TEXTS, false, "what is shown"},
    {0},
};

static const struct {
    const char *name;
    enum value_kind kind;
} kinds[] = {
    [SETTING_STRING] = {"string", VALUE_STR},
    [SETTING_INTEGER] = {"integer", VALUE_INT},
    [SETTING_BOOLEAN] = {"boolean", VALUE_BOOL},
    [SETTING_MONEY] = {"money", VALUE_INT},
    [SETTING_CHOICE] = {"choice", VALUE_STR},
};

static bool read_kind(
    struct manifest_reader *r, struct str at, const struct value *v, struct setting *s)
{
    struct str name = value_get_str(v, KEY(type));
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_is(name, kinds[i].name)) {
            s->kind = (enum setting_kind)i;
            return true;
        }
    return manifest_refuse(
        r, manifest_field(r, at, STR("type")), "must be string, integer, boolean, money or choice");
}

// A field that only some kinds have.
static bool belongs(struct manifest_reader *r, struct str at, const struct value *v,
    const char *field, bool allowed)
{
    return allowed || !value_get(v, value_key_intern(str_of(field))) ||
           manifest_refuse(r, manifest_field(r, at, str_of(field)), "doesn't belong to this type");
}

static bool read_limits(
    struct manifest_reader *r, struct str at, const struct value *v, struct setting *s)
{
    bool number = s->kind == SETTING_INTEGER || s->kind == SETTING_MONEY;
    if (!belongs(r, at, v, "minimum", number) || !belongs(r, at, v, "maximum", number) ||
        !belongs(r, at, v, "maxLength", s->kind == SETTING_STRING) ||
        !belongs(r, at, v, "enum", s->kind == SETTING_CHOICE) ||
        !belongs(r, at, v, "required", s->kind == SETTING_STRING))
        return false;
    s->required = value_get_bool(v, KEY(required), false);
    s->min = value_get_int(v, KEY(minimum), s->kind == SETTING_MONEY ? 0 : -NUMBER_MAX);
    s->max = value_get_int(v, KEY(maximum), NUMBER_MAX);
    s->len_max = value_get_int(v, KEY(maxLength), 200);
    if (s->min > s->max || s->min < -NUMBER_MAX || s->max > NUMBER_MAX)
        return manifest_refuse(r, manifest_field(r, at, STR("maximum")), "leaves no number");
    if (s->len_max < 1 || s->len_max > LEN_MAX)
        return manifest_refuse(
            r, manifest_field(r, at, STR("maxLength")), "must be 1 to %d", LEN_MAX);
    return true;
}

static bool read_choices(
    struct manifest_reader *r, struct str at, const struct value *v, struct setting *s)
{
    const struct value *list = value_get(v, KEY(enum));
    size_t count = value_count(list);
    if (s->kind != SETTING_CHOICE)
        return true;
    if (count < 2 || count > CHOICES_MAX)
        return manifest_refuse(
            r, manifest_field(r, at, STR("enum")), "must have 2 to %d choices", CHOICES_MAX);
    struct setting_choice *choices = arena_new_array(r->arena, struct setting_choice, count);
    for (size_t i = 0; i < count; i++) {
        const struct value *item = value_at(list, i);
        struct str where = str_format(r->arena, "%.*s.enum[%zu]", STR_ARG(at), i);
        if (!manifest_check(r, where, item, manifest_choice_rules))
            return false;
        choices[i] =
            (struct setting_choice){value_get_str(item, KEY(value)), value_get(item, KEY(title))};
    }
    s->choices = choices;
    s->choice_count = count;
    return true;
}

static bool is_choice(const struct setting *s, struct str value)
{
    for (size_t i = 0; i < s->choice_count; i++)
        if (str_eq(s->choices[i].value, value))
            return true;
    return false;
}

static bool read_default(
    struct manifest_reader *r, struct str at, const struct value *v, struct setting *s)
{
    struct str field = manifest_field(r, at, STR("default"));
    s->fallback = value_get(v, KEY(default));
    if (!s->fallback && s->kind == SETTING_STRING)
        s->fallback = value_str(r->arena, STR(""));
    if (!s->fallback)
        return manifest_refuse(r, field, "is missing");
    if (!value_is(s->fallback, kinds[s->kind].kind))
        return manifest_refuse(r, field, "isn't of the setting's type");
    bool fits = true;
    if (s->kind == SETTING_STRING)
        fits = (int64_t)str_utf8_count(s->fallback->str) <= s->len_max;
    else if (s->kind == SETTING_CHOICE)
        fits = is_choice(s, s->fallback->str);
    else if (s->kind != SETTING_BOOLEAN)
        fits = s->fallback->integer >= s->min && s->fallback->integer <= s->max;
    return fits || manifest_refuse(r, field, "isn't among what the setting allows");
}

bool manifest_settings(struct manifest_reader *r, const struct value *v, struct feature_info *info)
{
    size_t count = value_count(v);
    struct setting *all = arena_new_array(r->arena, struct setting, count + 1);
    if (count > SETTINGS_MAX)
        return manifest_refuse(r, STR("settings"), "has more than %d settings", SETTINGS_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct value_field *f = &v->object.fields[i];
        struct str name = value_key_name(f->key);
        struct str at = manifest_field(r, STR("settings"), name);
        if (!manifest_is_word(name))
            return manifest_refuse(r, at, "its name must be a-z, 0-9 and '_', a letter first");
        if (!manifest_check(r, at, f->value, manifest_setting_rules) ||
            !read_kind(r, at, f->value, &all[i]) || !read_limits(r, at, f->value, &all[i]) ||
            !read_choices(r, at, f->value, &all[i]) || !read_default(r, at, f->value, &all[i]))
            return false;
        all[i].key = f->key;
        all[i].title = value_get(f->value, KEY(title));
        all[i].text = value_get(f->value, KEY(description));
    }
    info->settings = all;
    info->setting_count = count;
    return true;
}
