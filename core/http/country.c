#include "http/country.h"

#include <stdlib.h>
#include <unicode/ucol.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

#include "base/arena.h"

enum {
    LANGUAGES_MAX = 16,
    LANGUAGE_LEN = 16,
    NAME_UNITS = 128,
    NAME_BYTES = 512,
    COUNTRIES_MAX = 400
};

struct entry {
    UChar wide[NAME_UNITS];
    const char *code;
    UCollator *order;
};

static struct {
    char language[LANGUAGE_LEN];
    struct countries list;
} known[LANGUAGES_MAX];

static int compare(const void *left, const void *right)
{
    const struct entry *l = left, *r = right;
    return l->order ? ucol_strcoll(l->order, l->wide, -1, r->wide, -1) : strcmp(l->code, r->code);
}

static struct str utf8_of(struct arena *a, const UChar *wide, const char *otherwise)
{
    char bytes[NAME_BYTES];
    UErrorCode error = U_ZERO_ERROR;
    u_strToUTF8(bytes, sizeof bytes, NULL, wide, -1, &error);
    return str_dup(a, str_of(U_FAILURE(error) ? otherwise : bytes));
}

static struct countries read_all(const char *language)
{
    struct arena *kept = arena_new(), *work = arena_new();
    struct entry *entries = arena_alloc(work, COUNTRIES_MAX * sizeof *entries);
    const char *const *codes = uloc_getISOCountries();
    UErrorCode error = U_ZERO_ERROR;
    UCollator *order = ucol_open(language, &error);
    int count = 0;
    for (; codes[count] && count < COUNTRIES_MAX; count++) {
        char place[8] = "und_";
        memcpy(place + 4, codes[count], 3);
        UErrorCode named = U_ZERO_ERROR;
        entries[count].code = codes[count];
        entries[count].order = U_FAILURE(error) ? NULL : order;
        uloc_getDisplayCountry(place, language, entries[count].wide, NAME_UNITS, &named);
        if (U_FAILURE(named))
            entries[count].wide[0] = 0;
    }
    qsort(entries, (size_t)count, sizeof *entries, compare);
    struct country *items = arena_alloc(kept, (size_t)count * sizeof *items);
    for (int i = 0; i < count; i++)
        items[i] = (struct country){
            str_of(entries[i].code), utf8_of(kept, entries[i].wide, entries[i].code)};
    ucol_close(order);
    arena_free(work);
    return (struct countries){items, count};
}

const struct countries *countries_in(struct str language)
{
    char name[LANGUAGE_LEN] = "en";
    if (language.len && language.len < LANGUAGE_LEN) {
        memcpy(name, language.p, language.len);
        name[language.len] = 0;
    }
    int place = 0;
    while (place < LANGUAGES_MAX - 1 && known[place].list.count &&
           strcmp(known[place].language, name) != 0)
        place++;
    if (!known[place].list.count) {
        memcpy(known[place].language, name, LANGUAGE_LEN);
        known[place].list = read_all(name);
    }
    return &known[place].list;
}

struct str country_name(struct str language, struct str code)
{
    const struct countries *all = countries_in(language);
    for (int i = 0; i < all->count; i++)
        if (str_eq(all->items[i].code, code))
            return all->items[i].name;
    return code;
}

bool country_exists(struct str code)
{
    for (const char *const *known_code = uloc_getISOCountries(); *known_code; known_code++)
        if (str_is(code, *known_code))
            return true;
    return false;
}
