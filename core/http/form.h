// Declared fields: the one way in for forms, queries and JSON bodies. What isn't declared never
// reaches a handler (ignored in forms, refused in JSON). Refusals stand beside their field, and
// what was typed is shown again, passwords excepted.
#pragma once

#include "http/request.h"

enum field_kind {
    FIELD_TEXT, // one line, trimmed, inner white space kept
    FIELD_LONG, // several lines
    FIELD_EMAIL,
    FIELD_PHONE,    // as typed; digits, spaces, + - ( ) .
    FIELD_PASSWORD, // as typed, never shown again
    FIELD_INT,      // min..max
    FIELD_BOOL,     // a ticked box, or true in JSON
    FIELD_CHOICE,   // one of `choices`
    FIELD_DATE,     // YYYY-MM-DD that exists
    FIELD_ID,       // the number of something, as text
    FIELD_COUNTS, // name_KEY=n in forms, {"name":[{"key":…,"count":n}]} in JSON → [{key, count}]
    FIELD_TEXTS, // name_KEY=text in forms, {"name":[{"key":…,"text":…}]} in JSON → [{key, text}]
    FIELD_OBJECT, // a JSON object, or name_KEY=value fields → object with known keys only
    FIELD_FILE,   // bytes of an uploaded file, in multipart/form-data only; never shown again; what
                  // it is called is NAME_name, where that is text
};

struct field {
    const char *name;
    enum field_kind kind;
    bool required;
    int64_t min, max;           // length in characters, or the number's range; 0, 0: the kind's own
    const char *const *choices; // NULL-terminated
};

struct form {
    const struct field *fields;
    size_t count;
};

#define FORM(...)                                                                   \
    {                                                                               \
        .fields = (const struct field[]){__VA_ARGS__},                              \
        .count = sizeof((const struct field[]){__VA_ARGS__}) / sizeof(struct field) \
    }

// What a change says it has read, a number that every write of the object raises: without it a
// program would overwrite what it hasn't seen. Read it with form_int(r, KEY(…), -1); -1 fits none.
#define FORM_SEEN(field)                                   \
    {                                                      \
        .name = field, .kind = FIELD_INT, .required = true \
    }

// A worker's loop stands still while a body is parsed, and JSON costs most.
enum {
    FORM_FILES_MAX = 40,
    FORM_FILE_NAME_MAX = 200,
    FORM_FIELDS_MAX = 200,
    FORM_BODY_MAX = 1 << 20,
    FORM_JSON_MAX = 256 << 10
};

enum form_result {
    FORM_GOOD,
    FORM_REFUSED,   // 422: r->errors
    FORM_MALFORMED, // 400: not a form, not JSON, not UTF-8
    FORM_FOREIGN,   // 415: neither a form nor JSON
    FORM_TOO_LARGE, // 413
};

// Reads query (GET) or body into r->form, and r->typed for showing again.
enum form_result form_read(struct request *r, const struct form *form);
// For what only a handler can know (taken, unknown): adds a refusal in words of the catalogue,
// `error.CODE` (or `error.CODE.FIELD`) with {name} where the words use it.
void form_refuse(struct request *r, const char *field, const char *code);
void form_refuse_text(struct request *r, const char *field, const char *code, struct str text);
// Too many tries: `key` is a message with {minutes}, and Retry-After is set. Then answer as after
// any refusal: it is a 429.
void form_refuse_many(struct request *r, const char *field, const char *key, int64_t wait_s);
bool form_refused(const struct request *r);
// The summary names what is wrong in the order of the form, whoever found it first.
void form_sort_errors(struct request *r);

// The checked fields.
struct str form_str(const struct request *r, value_key field);
int64_t form_int(const struct request *r, value_key field, int64_t otherwise);
bool form_bool(const struct request *r, value_key field);
