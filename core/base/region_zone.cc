// The one question about zones that ICU answers in C++ only: which region one belongs to.
#include <unicode/timezone.h>

extern "C" bool region_of_icu_zone(const UChar *name, int32_t len, char code[8]);

bool region_of_icu_zone(const UChar *name, int32_t len, char code[8])
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t code_len = icu::TimeZone::getRegion(icu::UnicodeString(name, len), code, 8, status);
    return U_SUCCESS(status) && code_len == 2;
}
