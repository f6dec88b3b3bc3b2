#include "base/region.h"

#include <stdlib.h>
#include <unicode/ucal.h>
#include <unicode/ucurr.h>
#include <unicode/uenum.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

#include "base/zone.h"

enum { TAGS_MAX = 16 };

// ICU tells a zone's region in C++ only (region_zone.cc).
bool region_of_icu_zone(const UChar *name, int32_t len, char code[8]);

// Where most people of a region with several zones live; regions with one zone need no entry.
static const struct {
    char region[3];
    const char *zone;
} main_zones[] = {
    {"AR", "America/Argentina/Buenos_Aires"},
    {"AU", "Australia/Sydney"},
    {"BR", "America/Sao_Paulo"},
    {"CA", "America/Toronto"},
    {"CD", "Africa/Kinshasa"},
    {"CL", "America/Santiago"},
    {"CN", "Asia/Shanghai"},
    {"CY", "Asia/Nicosia"},
    {"DE", "Europe/Berlin"},
    {"EC", "America/Guayaquil"},
    {"ES", "Europe/Madrid"},
    {"GL", "America/Godthab"},
    {"ID", "Asia/Jakarta"},
    {"KZ", "Asia/Almaty"},
    {"MN", "Asia/Ulaanbaatar"},
    {"MX", "America/Mexico_City"},
    {"MY", "Asia/Kuala_Lumpur"},
    {"NZ", "Pacific/Auckland"},
    {"PF", "Pacific/Tahiti"},
    {"PG", "Pacific/Port_Moresby"},
    {"PS", "Asia/Hebron"},
    {"PT", "Europe/Lisbon"},
    {"RU", "Europe/Moscow"},
    {"UA", "Europe/Kiev"},
    {"US", "America/New_York"},
    {"UZ", "Asia/Tashkent"},
};

// One language of the header with its weight in thousandths.
struct wish {
    struct str tag;
    int weight;
};

// "0.8" as 800; 1000 where nothing valid is said.
static int parse_weight(struct str s)
{
    s = str_trim(s);
    if (!str_starts(s, STR("q=")) || s.len < 3)
        return 1000;
    int weight = s.p[2] == '0' ? 0 : 1000, unit = 100;
    for (size_t i = 4; i < s.len && unit && weight < 1000; i++, unit /= 10) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return 1000;
        weight += (s.p[i] - '0') * unit;
    }
    return weight;
}

// Heaviest first, in the header's order among equals.
static size_t parse_wishes(struct str header, struct wish out[TAGS_MAX])
{
    size_t count = 0;
    while (header.p && count < TAGS_MAX) {
        struct str parameters = str_cut(&header, ',');
        struct str tag = str_trim(str_cut(&parameters, ';'));
        struct wish wish = {tag, parameters.p ? parse_weight(parameters) : 1000};
        if (!tag.len || tag.len > 35 || !wish.weight)
            continue;
        size_t at = count++;
        for (; at && out[at - 1].weight < wish.weight; at--)
            out[at] = out[at - 1];
        out[at] = wish;
    }
    return count;
}

static struct str primary(struct str tag)
{
    return str_cut(&tag, '-');
}

static int language_of(struct str tag, const struct str *offered, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_ieq(tag, offered[i]))
            return (int)i;
    for (size_t i = 0; i < count; i++)
        if (str_ieq(primary(tag), primary(offered[i])))
            return (int)i;
    return -1;
}

int region_language(struct str accept_language, const struct str *offered, size_t count)
{
    struct wish wishes[TAGS_MAX];
    size_t wish_count = parse_wishes(accept_language, wishes);
    for (size_t i = 0; i < wish_count; i++) {
        int found = language_of(wishes[i].tag, offered, count);
        if (found >= 0)
            return found;
    }
    return -1;
}

// A literal of ours or a name that zone_get keeps, so the bytes live as long as the process.
static struct str kept_zone(const char *name)
{
    const struct zone *z = zone_get(str_of(name));
    return z ? zone_name(z) : STR_NULL;
}

static struct str zone_of_region(const char region[3])
{
    for (size_t i = 0; i < sizeof main_zones / sizeof *main_zones; i++)
        if (!strcmp(main_zones[i].region, region))
            return kept_zone(main_zones[i].zone);
    UErrorCode status = U_ZERO_ERROR;
    UEnumeration *zones =
        ucal_openTimeZoneIDEnumeration(UCAL_ZONE_TYPE_CANONICAL_LOCATION, region, NULL, &status);
    const char *name = U_SUCCESS(status) ? uenum_next(zones, NULL, &status) : NULL;
    struct str zone = name ? kept_zone(name) : STR_NULL;
    uenum_close(zones);
    return zone.p ? zone : STR("UTC");
}

struct region_defaults region_of(struct str region)
{
    // The code must outlive the call, so it comes from ICU's own list.
    struct region_defaults d = {STR("GB"), STR("Europe/London"), {"GBP"}};
    const char *const *countries = uloc_getISOCountries();
    while (*countries && !str_ieq(str_of(*countries), region))
        countries++;
    if (!*countries)
        return d;
    char locale[8] = "und_", code[4] = "";
    memcpy(locale + 4, *countries, 3);
    UChar wide[4];
    UErrorCode status = U_ZERO_ERROR;
    int32_t len = ucurr_forLocale(locale, wide, 4, &status);
    if (U_SUCCESS(status) && len == 3)
        u_UCharsToChars(wide, code, 3);
    d.region = str_of(*countries);
    d.zone = zone_of_region(*countries);
    if (!currency_parse(str_of(code), &d.currency))
        d.currency = (struct currency){"EUR"};
    return d;
}

// The likeliest region of a language tag, or absent. `code` holds it.
static struct str region_of_tag(struct str tag, char code[8])
{
    char z[40], locale[64], likely[64], language[16];
    UErrorCode status = U_ZERO_ERROR;
    memcpy(z, tag.p, tag.len);
    z[tag.len] = 0;
    uloc_forLanguageTag(z, locale, sizeof locale, NULL, &status);
    // What isn't a language would become the likeliest of all, English in the States.
    if (!uloc_getLanguage(locale, language, sizeof language, &status))
        return STR_NULL;
    uloc_addLikelySubtags(locale, likely, sizeof likely, &status);
    int32_t len = uloc_getCountry(likely, code, 8, &status);
    return U_SUCCESS(status) && len == 2 ? str_n(code, 2) : STR_NULL;
}

struct region_defaults region_guess(struct str accept_language)
{
    struct wish wishes[TAGS_MAX];
    char code[8];
    for (size_t i = 0, count = parse_wishes(accept_language, wishes); i < count; i++) {
        // "en" alone says little: half the world's browsers send it.
        if (str_ieq(wishes[i].tag, STR("en")))
            continue;
        struct str region = region_of_tag(wishes[i].tag, code);
        if (region.p)
            return region_of(region);
    }
    return region_of(STR("GB"));
}

struct str region_of_zone(struct str name)
{
    char code[8];
    UChar wide[80];
    if (!zone_get(name) || name.len >= 80)
        return STR_NULL;
    u_charsToUChars(name.p, wide, (int32_t)name.len);
    if (!region_of_icu_zone(wide, (int32_t)name.len, code))
        return STR_NULL;
    const char *const *countries = uloc_getISOCountries();
    while (*countries && strcmp(*countries, code))
        countries++;
    return str_of(*countries);
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

size_t region_zones(struct arena *a, struct str *zones, size_t max)
{
    UErrorCode status = U_ZERO_ERROR;
    size_t count = 0;
    UEnumeration *names =
        ucal_openTimeZoneIDEnumeration(UCAL_ZONE_TYPE_CANONICAL_LOCATION, NULL, NULL, &status);
    for (const char *name; count < max && U_SUCCESS(status);) {
        name = uenum_next(names, NULL, &status);
        if (!name)
            break;
        zones[count++] = str_dup(a, str_of(name));
    }
    uenum_close(names);
    qsort(zones, count, sizeof *zones, by_name);
    return count;
}
