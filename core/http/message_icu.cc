#include "http/message_icu.h"

#include <cstdio>
#include <cstring>
#include <unicode/bytestream.h>
#include <unicode/messagepattern.h>
#include <unicode/msgfmt.h>

struct icu_message {
    icu::MessageFormat format;
};

static icu::UnicodeString wide(const char *p, size_t len)
{
    return icu::UnicodeString::fromUTF8(icu::StringPiece(p, static_cast<int32_t>(len)));
}

struct icu_message *icu_message_new(
    const char *pattern, size_t len, const char *lang, char error[ICU_ERROR_ROOM])
{
    UErrorCode status = U_ZERO_ERROR;
    UParseError where;
    icu::MessageFormat format(wide(pattern, len), icu::Locale(lang), where, status);
    if (U_FAILURE(status)) {
        snprintf(error, ICU_ERROR_ROOM, "%s at character %d", u_errorName(status), where.offset);
        return nullptr;
    }
    return new icu_message{format};
}

void icu_message_free(struct icu_message *m)
{
    delete m;
}

static icu::Formattable value_of(const struct icu_argument &arg)
{
    switch (arg.kind) {
    case ICU_INTEGER:
        return icu::Formattable(arg.integer);
    case ICU_REAL:
        return icu::Formattable(arg.real);
    default:
        return icu::Formattable(wide(arg.text, arg.text_len));
    }
}

size_t icu_message_format(
    struct icu_message *m, const struct icu_argument *args, size_t count, char *out, size_t room)
{
    icu::UnicodeString names[ICU_ARGUMENTS_MAX], text;
    icu::Formattable values[ICU_ARGUMENTS_MAX];
    for (size_t i = 0; i < count; i++) {
        names[i] = wide(args[i].name, args[i].name_len);
        values[i] = value_of(args[i]);
    }
    UErrorCode status = U_ZERO_ERROR;
    m->format.format(names, values, static_cast<int32_t>(count), text, status);
    if (U_FAILURE(status))
        return 0;
    icu::CheckedArrayByteSink sink(out, static_cast<int32_t>(room));
    text.toUTF8(sink);
    return static_cast<size_t>(sink.NumberOfBytesAppended());
}

static bool has_name(char names[][ICU_NAME_ROOM], size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(names[i], name))
            return true;
    return false;
}

size_t icu_message_names(const char *pattern, size_t len, char names[][ICU_NAME_ROOM], size_t max)
{
    UErrorCode status = U_ZERO_ERROR;
    UParseError where;
    icu::MessagePattern parsed(wide(pattern, len), &where, status);
    size_t count = 0;
    for (int32_t i = 0; U_SUCCESS(status) && i < parsed.countParts() && count < max; i++) {
        const icu::MessagePattern::Part &part = parsed.getPart(i);
        if (part.getType() != UMSGPAT_PART_TYPE_ARG_NAME &&
            part.getType() != UMSGPAT_PART_TYPE_ARG_NUMBER)
            continue;
        icu::CheckedArrayByteSink sink(names[count], ICU_NAME_ROOM - 1);
        parsed.getSubstring(part).toUTF8(sink);
        names[count][sink.NumberOfBytesWritten()] = 0;
        if (!has_name(names, count, names[count]))
            count++;
    }
    return count;
}
