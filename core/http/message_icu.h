// icu::MessageFormat with named arguments for C: ICU's own C functions number them. Only message.c
// includes this. Text is UTF-8.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct icu_message;

enum icu_kind { ICU_TEXT, ICU_INTEGER, ICU_REAL };

struct icu_argument {
    const char *name;
    size_t name_len;
    enum icu_kind kind;
    const char *text;
    size_t text_len;
    int64_t integer;
    double real;
};

enum { ICU_NAME_ROOM = 64, ICU_ERROR_ROOM = 200, ICU_ARGUMENTS_MAX = 8 };

// NULL with `error` filled when the pattern is wrong.
struct icu_message *icu_message_new(
    const char *pattern, size_t len, const char *lang, char error[ICU_ERROR_ROOM]);
void icu_message_free(struct icu_message *m);
// Writes at most `room` bytes and returns how many there are to write.
size_t icu_message_format(
    struct icu_message *m, const struct icu_argument *args, size_t count, char *out, size_t room);
// Zero-terminated names of all arguments, nested ones too, each once; returns how many.
size_t icu_message_names(const char *pattern, size_t len, char names[][ICU_NAME_ROOM], size_t max);

#ifdef __cplusplus
}
#endif
