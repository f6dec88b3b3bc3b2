#include "web/office/frame/fields.h"

#include "http/respond.h"

enum { LINE_MAX = 200, LONG_TEXT_MAX = 20000 };

static struct str words_or_none(struct request *r, const char *key, const char *tail)
{
    struct str whole = str_join(r->arena, str_of(key), str_of(tail), STR_NULL);
    return message_find(respond_parts()->messages, whole) ? message(r->arena, r->words, whole, NULL)
                                                          : STR_NULL;
}

static const struct value *typed_of(const struct request *r, const char *id)
{
    return value_get(r->typed, value_key_find(str_of(id)));
}

static void add_kind(struct request *r, struct value *v, const struct office_field *f)
{
    struct arena *a = r->arena;
    value_set_bool(a, v, KEY(is_line), f->kind == OFFICE_LINE);
    value_set_bool(a, v, KEY(is_long), f->kind == OFFICE_LONG);
    value_set_bool(a, v, KEY(is_number), f->kind == OFFICE_NUMBER);
    value_set_bool(a, v, KEY(is_amount), f->kind == OFFICE_AMOUNT);
    value_set_bool(a, v, KEY(is_tick), f->kind == OFFICE_TICK);
    value_set_bool(a, v, KEY(is_choice), f->kind == OFFICE_CHOICE);
    value_set_bool(a, v, KEY(is_date), f->kind == OFFICE_DATE);
    value_set_bool(a, v, KEY(is_email), f->kind == OFFICE_EMAIL);
    value_set_bool(a, v, KEY(is_phone), f->kind == OFFICE_PHONE);
    value_set_int(a, v, KEY(len_max),
        f->len_max               ? f->len_max
        : f->kind == OFFICE_LONG ? LONG_TEXT_MAX
                                 : LINE_MAX);
}

struct value *office_field_add(struct request *r, struct value *list, const struct office_field *f)
{
    struct arena *a = r->arena;
    struct value *v = value_append_object(a, list);
    const struct value *typed = typed_of(r, f->id);
    const struct value *again = value_get(typed, KEY(value));
    const struct value *ticked = value_get(typed, KEY(checked));
    struct str value = again ? value_as_str(again) : f->value;
    value_set_str(a, v, KEY(id), str_of(f->id));
    value_set_str(a, v, KEY(title), message(a, r->words, str_of(f->label), NULL));
    value_set_str(a, v, KEY(help), words_or_none(r, f->label, ".hint"));
    value_set_str(a, v, KEY(value), value.p ? value : STR(""));
    value_set_bool(a, v, KEY(checked), ticked && form_refused(r) ? ticked->boolean : f->checked);
    value_set_bool(a, v, KEY(required), f->required);
    value_set_str(a, v, KEY(error), value_get_str(typed, KEY(error)));
    value_set_str(a, v, KEY(words_lang), f->language);
    value_set_str(a, v, KEY(end), f->end);
    add_kind(r, v, f);
    value_set(a, v, KEY(choices), f->choices ? f->choices : value_list(a));
    for (size_t i = 0; i < value_count(f->choices); i++) {
        struct value *choice = value_at(f->choices, i);
        value_set_bool(a, choice, KEY(chosen), str_eq(value_get_str(choice, KEY(choice)), value));
    }
    return v;
}

void office_choice_add(struct request *r, struct value *choices, struct str value, struct str label)
{
    struct value *choice = value_append_object(r->arena, choices);
    value_set_str(r->arena, choice, KEY(choice), value);
    value_set_str(r->arena, choice, KEY(choice_title), label);
}

struct value *office_choices(struct request *r, const char *key, const char *const *codes)
{
    struct value *choices = value_list(r->arena);
    for (; *codes; codes++)
        office_choice_add(r, choices, str_of(*codes),
            message(r->arena, r->words,
                str_join(r->arena, str_of(key), STR("."), str_of(*codes), STR_NULL), NULL));
    return choices;
}

struct value *office_fieldset_add(struct request *r, struct value *sets, const char *key)
{
    struct arena *a = r->arena;
    struct value *set = value_append_object(a, sets), *fields = value_list(a);
    value_set_str(a, set, KEY(set_id), str_of(strrchr(key, '.') + 1));
    value_set_str(a, set, KEY(set_title), message(a, r->words, str_of(key), NULL));
    value_set_str(a, set, KEY(set_text), words_or_none(r, key, ".text"));
    value_set(a, set, KEY(fields), fields);
    return fields;
}
