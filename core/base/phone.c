#include "base/phone.h"

enum { WRITTEN_MAX = 64 };

// phone_plan.cc
bool phone_plan_parse(const char *typed, const char *region, char out[WRITTEN_MAX]);
bool phone_plan_write(const char *e164, char out[WRITTEN_MAX]);
bool phone_plan_home(const char *e164, char out[WRITTEN_MAX]);

struct str phone_parse(struct arena *a, struct str typed, struct str region)
{
    char out[WRITTEN_MAX];
    if (!typed.len || typed.len > PHONE_TYPED_MAX)
        return STR_NULL;
    if (!phone_plan_parse(str_z(a, typed), region.len ? str_z(a, region) : "ZZ", out))
        return STR_NULL;
    return str_dup(a, str_of(out));
}

struct str phone_text(struct arena *a, struct str e164)
{
    char out[WRITTEN_MAX];
    if (!e164.len || !phone_plan_write(str_z(a, e164), out))
        return e164;
    return str_dup(a, str_of(out));
}

struct str phone_home(struct arena *a, struct str e164)
{
    char out[WRITTEN_MAX], *end = out;
    if (!e164.len || !phone_plan_home(str_z(a, e164), out))
        return STR_NULL;
    for (const char *p = out; *p; p++)
        if (*p >= '0' && *p <= '9')
            *end++ = *p;
    return str_dup(a, str_n(out, (size_t)(end - out)));
}
