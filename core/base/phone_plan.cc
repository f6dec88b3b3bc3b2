// The numbering plans of libphonenumber, which has no C face.
#include <phonenumbers/phonenumberutil.h>
#include <string>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

enum { WRITTEN_MAX = 64 };

extern "C" bool phone_plan_parse(const char *typed, const char *region, char out[WRITTEN_MAX]);
extern "C" bool phone_plan_write(const char *e164, char out[WRITTEN_MAX]);
extern "C" bool phone_plan_home(const char *e164, char out[WRITTEN_MAX]);

static bool write(const PhoneNumber &number, PhoneNumberUtil::PhoneNumberFormat format, char *out)
{
    std::string text;
    PhoneNumberUtil::GetInstance()->Format(number, format, &text);
    if (text.empty() || text.size() >= WRITTEN_MAX)
        return false;
    out[text.copy(out, WRITTEN_MAX - 1)] = 0;
    return true;
}

bool phone_plan_parse(const char *typed, const char *region, char out[WRITTEN_MAX])
{
    const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
    PhoneNumber number;
    if (util->Parse(typed, region, &number) != PhoneNumberUtil::NO_PARSING_ERROR ||
        !util->IsValidNumber(number) || number.has_extension())
        return false;
    return write(number, PhoneNumberUtil::E164, out);
}

static bool write_as(
    const char *e164, PhoneNumberUtil::PhoneNumberFormat format, char out[WRITTEN_MAX])
{
    PhoneNumber number;
    return PhoneNumberUtil::GetInstance()->Parse(e164, "ZZ", &number) ==
               PhoneNumberUtil::NO_PARSING_ERROR &&
           write(number, format, out);
}

bool phone_plan_write(const char *e164, char out[WRITTEN_MAX])
{
    return write_as(e164, PhoneNumberUtil::INTERNATIONAL, out);
}

bool phone_plan_home(const char *e164, char out[WRITTEN_MAX])
{
    return write_as(e164, PhoneNumberUtil::NATIONAL, out);
}
