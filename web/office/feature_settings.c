#include "web/office/feature_settings.h"

#include "http/form.h"
#include "http/respond.h"
#include "web/office/feature_view.h"

// Longer texts get several lines.
enum { LONG_FROM = 200 };

static struct str id_of(struct request *r, const struct setting *s)
{
    return str_join(r->arena, STR("setting_"), value_key_name(s->key), STR_NULL);
}

static struct str value_text(struct request *r, const struct setting *s, const struct value *v)
{
    if (value_is(v, VALUE_STR))
        return v->str;
    if (!value_is(v, VALUE_INT))
        return STR("");
    return s->kind == SETTING_MONEY
               ? format_amount(r->arena, r->format, v->integer, r->site->currency)
               : str_of_i64(r->arena, v->integer);
}

static struct str limit_text(struct request *r, const struct setting *s, int64_t limit)
{
    return s->kind == SETTING_MONEY ? format_money(r->arena, r->format, limit, r->site->currency)
                                    : format_number(r->arena, r->format, limit);
}

static struct str error_text(
    struct request *r, const struct setting *s, struct str code, int64_t limit)
{
    struct arena *a = r->arena;
    bool range = str_is(code, "too_small") || str_is(code, "too_large");
    struct str key = str_join(a, range ? STR("office.setting.") : STR("error."), code, STR_NULL);
    if (str_is(code, "amount"))
        key = STR("office.setting.amount");
    struct value *shown = range ? value_str(a, limit_text(r, s, limit)) : value_int(a, limit);
    struct value *example = value_str(a, format_amount(a, r->format, 1250, r->site->currency));
    return message(a, r->words, key, "limit", shown, "example", example, NULL);
}

void feature_settings_refuse(
    struct request *r, const struct feature_info *info, const struct value *errors)
{
    for (size_t i = 0; i < value_count(errors); i++) {
        const struct value *e = value_at(errors, i);
        struct str code = value_get_str(e, KEY(code));
        const struct setting *s = feature_setting_find(info, value_get_str(e, KEY(field)));
        if (s)
            form_refuse_text(r, id_of(r, s).p, str_z(r->arena, code),
                error_text(r, s, code, value_get_int(e, KEY(limit), 0)));
    }
}

static struct str refusal_of(struct request *r, const struct setting *s, const struct value *errors)
{
    for (size_t i = 0; i < value_count(errors); i++) {
        const struct value *e = value_at(errors, i);
        if (str_eq(value_get_str(e, KEY(field)), value_key_name(s->key)))
            return error_text(r, s, value_get_str(e, KEY(code)), value_get_int(e, KEY(limit), 0));
    }
    return STR_NULL;
}

static void add_choices(
    struct request *r, struct value *field, const struct setting *s, struct str chosen)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    value_set(a, field, KEY(choices), list);
    for (size_t i = 0; i < s->choice_count; i++) {
        struct value *choice = value_append_object(a, list);
        value_set_str(a, choice, KEY(choice), s->choices[i].value);
        value_set_str(a, choice, KEY(choice_title), feature_words(r, s->choices[i].title));
        value_set_bool(a, choice, KEY(chosen), str_eq(chosen, s->choices[i].value));
    }
}

static void add_kind(struct request *r, struct value *field, const struct setting *s)
{
    struct arena *a = r->arena;
    bool is_long = s->kind == SETTING_STRING && s->len_max > LONG_FROM;
    value_set_bool(a, field, KEY(is_line), s->kind == SETTING_STRING && !is_long);
    value_set_bool(a, field, KEY(is_long), is_long);
    value_set_bool(a, field, KEY(is_number), s->kind == SETTING_INTEGER);
    value_set_bool(a, field, KEY(is_amount), s->kind == SETTING_MONEY);
    value_set_bool(a, field, KEY(is_tick), s->kind == SETTING_BOOLEAN);
    value_set_bool(a, field, KEY(is_choice), s->kind == SETTING_CHOICE);
    value_set_bool(a, field, KEY(required), s->required);
    value_set_int(a, field, KEY(len_max), s->len_max);
    if (s->kind == SETTING_INTEGER || s->kind == SETTING_MONEY) {
        value_set_str(a, field, KEY(least), limit_text(r, s, s->min));
        value_set_str(a, field, KEY(most), limit_text(r, s, s->max));
    }
}

static void add_field(struct request *r, struct value *list, const struct setting *s,
    const struct value *v, struct str error)
{
    struct arena *a = r->arena;
    struct value *field = value_append_object(a, list);
    struct str text = value_text(r, s, v);
    value_set_str(a, field, KEY(id), id_of(r, s));
    value_set_str(a, field, KEY(title), feature_words(r, s->title));
    value_set_str(a, field, KEY(help), s->text ? feature_words(r, s->text) : STR_NULL);
    value_set_str(a, field, KEY(value), text);
    value_set_str(a, field, KEY(error), error);
    value_set_bool(a, field, KEY(checked),
        value_is(v, VALUE_BOOL) ? v->boolean : value_is(v, VALUE_STR) && v->str.len);
    value_set_str(a, field, KEY(currency), str_of(r->site->currency.code));
    add_kind(r, field, s);
    add_choices(r, field, s, text);
}

struct value *feature_settings_sent(struct request *r, const struct feature_info *info)
{
    const struct value *given = value_get(r->form, KEY(setting));
    struct value *all = given ? value_copy(r->arena, given) : value_object(r->arena);
    for (size_t i = 0; i < info->setting_count; i++) {
        const struct setting *s = &info->settings[i];
        int64_t minor;
        struct str typed = value_get_str(all, s->key);
        if (s->kind == SETTING_MONEY && typed.len &&
            format_read_amount(r->format, typed, r->site->currency, &minor))
            value_set_int(r->arena, all, s->key, minor);
    }
    return all;
}

static const struct value *stored_of(const struct site *site, struct str plugin)
{
    for (int i = 0; i < site->feature_count; i++)
        if (str_eq(site->features[i].plugin, plugin))
            return site->features[i].settings;
    return NULL;
}

struct value *feature_settings_stored(
    struct arena *a, const struct site *site, const struct feature_info *info)
{
    return feature_settings_read(a, info, stored_of(site, info->name), site->currency, NULL);
}

struct value *feature_settings_merged(struct arena *a, const struct feature_info *info,
    const struct value *base, const struct value *given)
{
    struct value *all = value_object(a);
    for (size_t i = 0; i < info->setting_count; i++) {
        const struct setting *s = &info->settings[i];
        struct value *v = value_get(given, s->key);
        if (s->kind == SETTING_BOOLEAN)
            v = value_bool(a, value_is(v, VALUE_BOOL) ? v->boolean : value_as_str(v).len > 0);
        value_set(a, all, s->key, v ? v : value_get(base, s->key));
    }
    return all;
}

void feature_settings_view(struct request *r, struct value *view, const struct feature_info *info,
    const struct value *given, const struct value *errors)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    struct value *values = feature_settings_stored(a, r->site, info);
    for (size_t i = 0; i < info->setting_count; i++) {
        const struct setting *s = &info->settings[i];
        const struct value *v = value_get(values, s->key);
        if (given && (s->kind == SETTING_BOOLEAN || value_get(given, s->key)))
            v = value_get(given, s->key);
        add_field(r, list, s, v, refusal_of(r, s, errors));
    }
    value_set(a, view, KEY(settings), list);
    value_set(a, view, KEY(values), values);
    value_set_bool(a, view, KEY(has_settings), info->setting_count > 0);
    value_set_str(a, view, KEY(settings_url), feature_url(r, info->name, "/settings"));
}
