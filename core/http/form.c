#include "http/form.h"

#include "base/check.h"
#include "base/date.h"
#include "base/json.h"
#include "base/text.h"
#include "http/multipart.h"
#include "http/respond.h"
#include "http/route.h"
#include "http/urlencoded.h"

enum { TEXT_MAX = 200, LONG_MAX = 20000, COUNTS_MAX = 50 };

static bool is_secret(const struct field *f)
{
    return f->kind == FIELD_PASSWORD;
}

static struct value *typed_of(struct request *r, const char *name)
{
    value_key key = value_key_intern(str_of(name));
    struct value *typed = value_get(r->typed, key);
    if (!typed) {
        typed = value_object(r->arena);
        value_set(r->arena, r->typed, key, typed);
    }
    return typed;
}

void form_refuse_text(struct request *r, const char *field, const char *code, struct str text)
{
    struct arena *a = r->arena;
    if (!r->errors)
        r->errors = value_list(a);
    struct value *error = value_append_object(a, r->errors);
    value_set_str(a, error, KEY(field), str_of(field));
    value_set_str(a, error, KEY(id), str_of(field));
    value_set_str(a, error, KEY(code), str_of(code));
    value_set_str(a, error, KEY(text), text);
    if (!r->typed)
        r->typed = value_object(a);
    // Fields that nobody declared come from strangers: their names are never interned.
    if (!str_is(str_of(code), "undeclared") || value_key_find(str_of(field)))
        value_set_str(a, typed_of(r, field), KEY(error), text);
}

// A field may have words of its own for a refusal: error.required.email.
static struct str error_text(struct request *r, const char *field, const char *code, int64_t limit)
{
    struct str general = str_join(r->arena, STR("error."), str_of(code), STR_NULL);
    struct str key = str_join(r->arena, general, STR("."), str_of(field), STR_NULL);
    if (!message_find(respond_parts()->messages, key))
        key = general;
    return message(r->arena, r->words, key, "limit", value_int(r->arena, limit), NULL);
}

void form_refuse(struct request *r, const char *field, const char *code)
{
    form_refuse_text(r, field, code, error_text(r, field, code, 0));
}

// A program that guessed wrong is told what would do.
static void add_allowed(struct request *r, const struct field *f)
{
    struct value *error = value_at(r->errors, value_count(r->errors) - 1);
    struct value *allowed = value_list(r->arena);
    value_set(r->arena, error, KEY(allowed), allowed);
    for (const char *const *choice = f->choices; *choice; choice++)
        value_append(r->arena, allowed, value_str(r->arena, str_of(*choice)));
}

static bool refuse_limit(struct request *r, const struct field *f, const char *code, int64_t limit)
{
    form_refuse_text(r, f->name, code, error_text(r, f->name, code, limit));
    if (f->kind == FIELD_CHOICE)
        add_allowed(r, f);
    return false;
}

void form_refuse_many(struct request *r, const char *field, const char *key, int64_t wait_s)
{
    struct str text = message(
        r->arena, r->words, str_of(key), "minutes", value_int(r->arena, (wait_s + 59) / 60), NULL);
    respond_retry_after(r, wait_s);
    form_refuse_text(r, field, "too_many", text);
}

bool form_refused(const struct request *r)
{
    return value_count(r->errors) > 0;
}

void form_sort_errors(struct request *r)
{
    struct value *list = value_list(r->arena);
    for (size_t f = 0; f < r->route->form->count; f++)
        for (size_t i = 0; i < value_count(r->errors); i++)
            if (str_is(value_get_str(value_at(r->errors, i), KEY(field)),
                    r->route->form->fields[f].name))
                value_append(r->arena, list, value_at(r->errors, i));
    r->errors = list;
}

static bool is_one_line(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return true;
}

static bool is_phone(struct str s)
{
    size_t digits = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] >= '0' && s.p[i] <= '9')
            digits++;
        else if (!strchr("+-() ./", s.p[i]))
            return false;
    }
    return digits >= 6 && digits <= 15;
}

static bool check_length(struct request *r, const struct field *f, struct str s)
{
    int64_t max = f->max ? f->max : f->kind == FIELD_LONG ? LONG_MAX : TEXT_MAX;
    int64_t length = (int64_t)str_utf8_count(s);
    if (length > max)
        return refuse_limit(r, f, "too_long", max);
    if (length < f->min)
        return refuse_limit(r, f, "too_short", f->min);
    return true;
}

static bool take_int(struct request *r, const struct field *f, struct str s, value_key key)
{
    int64_t n;
    if (!str_to_i64(s, &n))
        return refuse_limit(r, f, "number", 0);
    if (n < f->min)
        return refuse_limit(r, f, "too_small", f->min);
    if (f->max && n > f->max)
        return refuse_limit(r, f, "too_large", f->max);
    value_set_int(r->arena, r->form, key, n);
    return true;
}

static bool check_choice(struct request *r, const struct field *f, struct str s)
{
    for (const char *const *choice = f->choices; *choice; choice++)
        if (str_is(s, *choice))
            return true;
    return refuse_limit(r, f, "choice", 0);
}

static bool check_text(struct request *r, const struct field *f, struct str s)
{
    struct date date;
    int64_t id;
    if (f->kind != FIELD_LONG && !is_one_line(s))
        return refuse_limit(r, f, "one_line", 0);
    if (!check_length(r, f, s))
        return false;
    switch (f->kind) {
    case FIELD_EMAIL:
        return text_is_email(s) || refuse_limit(r, f, "email", 0);
    case FIELD_PHONE:
        return is_phone(s) || refuse_limit(r, f, "phone", 0);
    case FIELD_DATE:
        return date_parse(s, &date) || refuse_limit(r, f, "date", 0);
    case FIELD_CHOICE:
        return check_choice(r, f, s);
    case FIELD_ID:
        return (str_to_i64(s, &id) && id > 0) || refuse_limit(r, f, "choice", 0);
    default:
        return true;
    }
}

// One field with its text, as a form sends it.
static bool take_text(struct request *r, const struct field *f, struct str s)
{
    value_key key = value_key_intern(str_of(f->name));
    struct str raw = s;
    if (!is_secret(f))
        s = text_strip(s);
    if (s.len != raw.len)
        value_set_bool(r->arena, typed_of(r, f->name), KEY(padded), true);
    if (!is_secret(f) && f->kind != FIELD_BOOL)
        value_set_str(r->arena, typed_of(r, f->name), KEY(value), s);
    if (f->kind == FIELD_BOOL) {
        bool on = s.len && !str_is(s, "false") && !str_is(s, "0");
        value_set_bool(r->arena, typed_of(r, f->name), KEY(checked), on);
        value_set_bool(r->arena, r->form, key, on);
        return !f->required || on || refuse_limit(r, f, "tick", 0);
    }
    if (!s.len)
        return !f->required || refuse_limit(r, f, "required", 0);
    if (f->kind == FIELD_INT)
        return take_int(r, f, s, key);
    if (!check_text(r, f, s))
        return false;
    value_set_str(r->arena, r->form, key, s);
    return true;
}

static void add_count(struct request *r, const struct field *f, struct str key, int64_t n)
{
    struct arena *a = r->arena;
    value_key name = value_key_intern(str_of(f->name));
    struct value *list = value_get(r->form, name);
    if (!list)
        value_set(a, r->form, name, list = value_list(a));
    if (n == 0)
        return;
    if (n < 0 || n > f->max)
        refuse_limit(r, f, n < 0 ? "too_small" : "too_large", n < 0 ? 0 : f->max);
    else if (value_count(list) >= COUNTS_MAX)
        refuse_limit(r, f, "choice", 0);
    else {
        struct value *item = value_append_object(a, list);
        value_set_str(a, item, KEY(key), key);
        value_set_int(a, item, KEY(count), n);
    }
}

static void add_text(struct request *r, const struct field *f, struct str key, struct str text)
{
    struct arena *a = r->arena;
    value_key name = value_key_intern(str_of(f->name));
    struct value *list = value_get(r->form, name);
    if (!list)
        value_set(a, r->form, name, list = value_list(a));
    if (!text.len)
        return;
    if (value_count(list) >= COUNTS_MAX || !is_one_line(text) || !check_length(r, f, text)) {
        refuse_limit(r, f, "choice", 0);
        return;
    }
    struct value *item = value_append_object(a, list);
    value_set_str(a, item, KEY(key), key);
    value_set_str(a, item, KEY(text), text);
}

static const struct pair *pair_find(const struct pair *pairs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(pairs[i].name, name))
            return &pairs[i];
    return NULL;
}

// Fields named FIELD_KEY.
static void take_keyed(
    struct request *r, const struct field *f, const struct pair *pairs, size_t count)
{
    struct str prefix = str_join(r->arena, str_of(f->name), STR("_"), STR_NULL);
    for (size_t i = 0; i < count; i++) {
        if (!str_starts(pairs[i].name, prefix))
            continue;
        struct str key = str_sub(pairs[i].name, prefix.len, pairs[i].name.len);
        struct str value = str_trim(pairs[i].value);
        int64_t n = 0;
        if (f->kind == FIELD_OBJECT) {
            value_key known = value_key_find(key), name = value_key_intern(str_of(f->name));
            struct value *object = value_get(r->form, name);
            if (!object)
                value_set(r->arena, r->form, name, object = value_object(r->arena));
            if (known)
                value_set_str(r->arena, object, known, pairs[i].value);
        } else if (f->kind == FIELD_TEXTS) {
            add_text(r, f, key, value);
        } else if (value.len && !str_to_i64(value, &n)) {
            refuse_limit(r, f, "number", 0);
        } else {
            add_count(r, f, key, n);
        }
    }
}

// The last part of a path, as far as it is text.
static struct str base_name(struct str sent)
{
    size_t from = 0;
    for (size_t i = 0; i < sent.len; i++) {
        if ((unsigned char)sent.p[i] < ' ' || sent.p[i] == 0x7f)
            return STR_NULL;
        if (sent.p[i] == '/' || sent.p[i] == '\\')
            from = i + 1;
    }
    sent = str_sub(sent, from, sent.len);
    return str_utf8_valid(sent) ? str_utf8_clip(sent, FORM_FILE_NAME_MAX) : STR_NULL;
}

static void take_file(struct request *r, const struct field *f, const struct multipart *m)
{
    const struct pair *p = pair_find(m->files, m->file_count, f->name);
    if (!p) {
        if (f->required)
            refuse_limit(r, f, "required", 0);
        return;
    }
    struct str named = str_join(r->arena, str_of(f->name), STR("_name"), STR_NULL);
    struct str file_name = base_name(m->file_names[p - m->files]);
    value_set_str(r->arena, r->form, value_key_intern(str_of(f->name)), p->value);
    if (file_name.len)
        value_set_str(r->arena, r->form, value_key_intern(named), file_name);
}

static void take_pairs(
    struct request *r, const struct form *form, const struct pair *pairs, size_t count)
{
    for (size_t i = 0; i < form->count; i++) {
        const struct field *f = &form->fields[i];
        if (f->kind == FIELD_FILE)
            continue;
        if (f->kind == FIELD_COUNTS || f->kind == FIELD_TEXTS || f->kind == FIELD_OBJECT) {
            take_keyed(r, f, pairs, count);
            continue;
        }
        const struct pair *p = pair_find(pairs, count, f->name);
        take_text(r, f, p ? p->value : STR(""));
    }
}

static void take_json_counts(struct request *r, const struct field *f, const struct value *list)
{
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *item = value_at(list, i);
        struct str key = value_get_str(item, KEY(key));
        if (!key.p || !value_is(value_get(item, KEY(count)), VALUE_INT)) {
            refuse_limit(r, f, "choice", 0);
            return;
        }
        add_count(r, f, key, value_get_int(item, KEY(count), 0));
    }
}

static void take_json_texts(struct request *r, const struct field *f, const struct value *list)
{
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *item = value_at(list, i);
        struct str key = value_get_str(item, KEY(key)), text = value_get_str(item, KEY(text));
        if (!key.p || !text.p || !str_utf8_valid(key) || !str_utf8_valid(text)) {
            refuse_limit(r, f, "choice", 0);
            return;
        }
        add_text(r, f, key, text);
    }
}

// A JSON value must have its field's type; the rest is checked as text is.
static void take_json_field(struct request *r, const struct field *f, const struct value *v)
{
    bool absent = value_is(v, VALUE_NULL);
    if (f->kind == FIELD_COUNTS)
        take_json_counts(r, f, v);
    else if (f->kind == FIELD_TEXTS)
        take_json_texts(r, f, v);
    else if (f->kind == FIELD_OBJECT && value_is(v, VALUE_OBJECT))
        value_set(r->arena, r->form, value_key_intern(str_of(f->name)), (struct value *)v);
    else if (absent)
        take_text(r, f, STR(""));
    else if (f->kind == FIELD_BOOL && value_is(v, VALUE_BOOL))
        take_text(r, f, v->boolean ? STR("1") : STR(""));
    else if (f->kind == FIELD_INT && value_is(v, VALUE_INT))
        take_text(r, f, str_of_i64(r->arena, v->integer));
    else if (f->kind != FIELD_INT && f->kind != FIELD_BOOL && value_is(v, VALUE_STR) &&
             str_utf8_valid(v->str))
        take_text(r, f, v->str);
    else
        refuse_limit(r, f, "type", 0);
}

static const struct field *field_find(const struct form *form, struct str name)
{
    for (size_t i = 0; i < form->count; i++)
        if (str_is(name, form->fields[i].name))
            return &form->fields[i];
    return NULL;
}

// The parser knows only keys that somebody interned.
static void intern_names(const struct form *form)
{
    (void)KEY(key);
    (void)KEY(count);
    (void)KEY(text);
    for (size_t i = 0; i < form->count; i++)
        value_key_intern(str_of(form->fields[i].name));
}

static enum form_result take_json(struct request *r, const struct form *form)
{
    struct json_error error;
    intern_names(form);
    struct value *body =
        json_parse(r->arena, r->body.len ? r->body : STR("{}"), JSON_KNOWN_KEYS, &error);
    struct str unknown = STR("unknown field: ");
    if (!body && str_starts(error.text, unknown)) {
        form_refuse(
            r, str_z(r->arena, str_sub(error.text, unknown.len, error.text.len)), "undeclared");
        return FORM_REFUSED;
    }
    if (!value_is(body, VALUE_OBJECT))
        return FORM_MALFORMED;
    for (uint32_t i = 0; i < body->object.count; i++) {
        struct str name = value_key_name(body->object.fields[i].key);
        if (!field_find(form, name))
            form_refuse(r, str_z(r->arena, name), "undeclared");
    }
    for (size_t i = 0; i < form->count; i++)
        take_json_field(
            r, &form->fields[i], value_get(body, value_key_intern(str_of(form->fields[i].name))));
    return form_refused(r) ? FORM_REFUSED : FORM_GOOD;
}

static bool takes_files(const struct form *form)
{
    for (size_t i = 0; i < form->count; i++)
        if (form->fields[i].kind == FIELD_FILE)
            return true;
    return false;
}

static enum form_result take_multipart(
    struct request *r, const struct form *form, struct pair *pairs)
{
    struct multipart m = {.pairs = pairs,
        .files = arena_new_array(r->arena, struct pair, FORM_FILES_MAX),
        .file_names = arena_new_array(r->arena, struct str, FORM_FILES_MAX),
        .max = FORM_FILES_MAX};
    if (!multipart_read(r->content_type, r->body, &m))
        return FORM_MALFORMED;
    take_pairs(r, form, m.pairs, m.pair_count);
    for (size_t i = 0; i < form->count; i++)
        if (form->fields[i].kind == FIELD_FILE)
            take_file(r, &form->fields[i], &m);
    return form_refused(r) ? FORM_REFUSED : FORM_GOOD;
}

enum form_result form_read(struct request *r, const struct form *form)
{
    struct pair *pairs = arena_new_array(r->arena, struct pair, FORM_FIELDS_MAX);
    size_t count;
    r->form = value_object(r->arena);
    r->typed = value_object(r->arena);
    bool is_query = r->method == HTTP_GET;
    // The server's own limit holds for files.
    if (!is_query && takes_files(form) && multipart_is(r->content_type))
        return take_multipart(r, form, pairs);
    if (!is_query && r->body.len > (r->sent_json ? FORM_JSON_MAX : FORM_BODY_MAX))
        return FORM_TOO_LARGE;
    if (!is_query && r->sent_json)
        return take_json(r, form);
    if (!is_query && r->body.len &&
        !str_starts(r->content_type, STR("application/x-www-form-urlencoded")))
        return FORM_FOREIGN;
    if (!urlencoded_read(r->arena, is_query ? r->query : r->body, pairs, FORM_FIELDS_MAX, &count))
        return FORM_MALFORMED;
    take_pairs(r, form, pairs, count);
    return form_refused(r) ? FORM_REFUSED : FORM_GOOD;
}

struct str form_str(const struct request *r, value_key field)
{
    return value_get_str(r->form, field);
}

int64_t form_int(const struct request *r, value_key field, int64_t otherwise)
{
    return value_get_int(r->form, field, otherwise);
}

bool form_bool(const struct request *r, value_key field)
{
    return value_get_bool(r->form, field, false);
}
