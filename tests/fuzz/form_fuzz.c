// Bodies against declared fields, as a form and as JSON: what reaches a handler has its field's
// type and keeps its limits, and every refusal names a field and has words.
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "http/form.h"
#include "http/respond.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const choices[] = {"one", "two", NULL};
static const struct form form = FORM({"name", FIELD_TEXT, true, 2, 40, NULL},
    {"note", FIELD_LONG, false, 0, 200, NULL}, {"email", FIELD_EMAIL, false, 0, 0, NULL},
    {"phone", FIELD_PHONE, false, 0, 0, NULL}, {"secret", FIELD_PASSWORD, false, 4, 20, NULL},
    {"number", FIELD_INT, false, -5, 500, NULL}, {"agree", FIELD_BOOL, false, 0, 0, NULL},
    {"pick", FIELD_CHOICE, false, 0, 0, choices}, {"day", FIELD_DATE, false, 0, 0, NULL},
    {"quantity", FIELD_COUNTS, false, 0, 8, NULL}, {"extra", FIELD_OBJECT, false, 0, 0, NULL});

static struct catalogue *words(void)
{
    static struct catalogue *english;
    struct source_error e;
    if (english)
        return english;
    struct messages *m = messages_new(arena_new());
    check(messages_add_dir(m, "web/locales", STR(""), &e));
    messages_finish(m);
    respond_init(&(struct respond_parts){.messages = m});
    return english = messages_language(m, STR("en"));
}

static void check_length(struct str s, size_t min, size_t max)
{
    check(!s.p || (str_utf8_valid(s) && str_utf8_count(s) >= min && str_utf8_count(s) <= max));
}

static void check_good(const struct request *r)
{
    check(form_str(r, KEY(name)).p);
    check_length(form_str(r, KEY(name)), 2, 40);
    check_length(form_str(r, KEY(note)), 0, 200);
    check_length(form_str(r, KEY(secret)), 4, 20);
    check(str_index(form_str(r, KEY(name)), '\n') < 0);
    check(form_int(r, KEY(number), 0) >= -5 && form_int(r, KEY(number), 0) <= 500);
    struct str pick = form_str(r, KEY(pick));
    check(!pick.p || str_is(pick, "one") || str_is(pick, "two"));
    const struct value *counts = value_get(r->form, KEY(quantity));
    for (size_t i = 0; i < value_count(counts); i++) {
        int64_t n = value_get_int(value_at(counts, i), KEY(count), 0);
        check(n > 0 && n <= 8);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    struct arena *a = arena_new();
    struct request r = {.arena = a,
        .method = HTTP_POST,
        .words = words(),
        .language = STR("en"),
        .sent_json = data[0] & 1,
        .content_type = STR("application/x-www-form-urlencoded"),
        .body = str_dup(a, str_n(data + 1, size - 1))};
    enum form_result result = form_read(&r, &form);
    check((result == FORM_REFUSED) == (form_refused(&r) && result != FORM_MALFORMED));
    if (result == FORM_GOOD)
        check_good(&r);
    for (size_t i = 0; i < value_count(r.errors); i++) {
        check(value_get_str(value_at(r.errors, i), KEY(field)).p); // a JSON name may be empty
        check(value_get_str(value_at(r.errors, i), KEY(text)).len);
    }
    arena_free(a);
    return 0;
}
