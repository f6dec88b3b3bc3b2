#include "http/format_locale.h"

#include <stdio.h>
#include <stdlib.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

#include "base/check.h"

enum {
    LOCALES_MAX = 64, // languages × regions in use; more share the first
    ASKED_MAX = 256,
    MEMO_SLOTS = 4096,
    MEMO_TEXT = 72,
};

void wide_set(struct wide *w, struct str ascii)
{
    check(ascii.len < FORMAT_TEXT_MAX);
    w->len = (int32_t)ascii.len;
    u_charsToUChars(ascii.p, w->p, w->len);
    w->p[w->len] = 0;
}

struct str wide_text(struct arena *a, const struct wide *w)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t room = w->len * 3 + 1, written = 0;
    char *out = arena_alloc(a, (size_t)room);
    u_strToUTF8(out, room, &written, w->p, w->len, &status);
    check(U_SUCCESS(status));
    return str_n(out, (size_t)written);
}

static struct memo {
    struct memo_key key;
    uint32_t len;
    char text[MEMO_TEXT];
} * memos;

static struct memo *memo_at(struct memo_key key)
{
    // For the life of the process.
    if (!memos)
        memos = arena_zalloc(arena_new(), MEMO_SLOTS, sizeof *memos);
    uint64_t h = (uint64_t)key.number * 0x9e3779b97f4a7c15u;
    h = (h ^ (uintptr_t)key.what ^ h >> 29) * 0xbf58476d1ce4e5b9u;
    h = (h ^ (uintptr_t)key.of ^ h >> 32) * 0x94d049bb133111ebu;
    return &memos[(h ^ h >> 31) % MEMO_SLOTS];
}

bool memo_get(struct arena *a, struct memo_key key, struct str *out)
{
    const struct memo *m = memo_at(key);
    if (!m->len || m->key.what != key.what || m->key.of != key.of || m->key.number != key.number)
        return false;
    *out = str_dup(a, str_n(m->text, m->len));
    return true;
}

struct str memo_put(struct memo_key key, struct str text)
{
    struct memo *m = memo_at(key);
    if (text.len && text.len <= MEMO_TEXT) {
        m->key = key;
        m->len = (uint32_t)text.len;
        memcpy(m->text, text.p, text.len);
    }
    return text;
}

static struct format *formats[LOCALES_MAX];
static size_t format_count;

// Languages are offered without a region; readers of "en" who aren't told otherwise get dates and
// money as most of the world writes them in English.
static void usual_region(const char *language, char region[4])
{
    char likely[64];
    UErrorCode status = U_ZERO_ERROR;
    region[0] = 0;
    if (!strcmp(language, "en")) {
        memcpy(region, "GB", 3);
        return;
    }
    uloc_addLikelySubtags(language, likely, sizeof likely, &status);
    uloc_getCountry(likely, region, 4, &status);
    if (U_FAILURE(status))
        region[0] = 0;
}

// Whether ICU knows how the language is written there: Spanish in Mexico, but not in Japan.
static bool is_locale(const char *name)
{
    for (int32_t i = 0, n = uloc_countAvailable(); i < n; i++)
        if (!strcmp(uloc_getAvailable(i), name))
            return true;
    return false;
}

static void locale_name(struct str lang, struct str region, char out[LOCALE_LEN])
{
    char language[4] = "en", usual[4];
    struct str rest = lang, primary = str_cut(&rest, '-');
    if (primary.len >= 2 && primary.len <= 3)
        snprintf(language, sizeof language, "%.*s", STR_ARG(primary));
    if (region.len == 2) {
        snprintf(out, LOCALE_LEN, "%s_%.2s", language, region.p);
        if (is_locale(out))
            return;
    }
    usual_region(language, usual);
    snprintf(out, LOCALE_LEN, usual[0] ? "%s_%s" : "%s", language, usual);
    if (!is_locale(out))
        snprintf(out, LOCALE_LEN, "%s", is_locale(language) ? language : "en_GB");
}

// The question asked before its answer: same language and region, same format.
static struct asked {
    char lang[LOCALE_LEN], region[4];
    struct format *format;
} asked[ASKED_MAX];
static size_t asked_count;

static struct format *format_of(const char *locale)
{
    for (size_t i = 0; i < format_count; i++)
        if (!strcmp(formats[i]->locale, locale))
            return formats[i];
    if (format_count == LOCALES_MAX)
        return formats[0];
    UErrorCode status = U_ZERO_ERROR;
    struct format *f = arena_new_object(arena_new(), struct format);
    memcpy(f->locale, locale, strlen(locale) + 1);
    f->result = unumf_openResult(&status);
    check(U_SUCCESS(status));
    formats[format_count++] = f;
    return f;
}

struct format *format_for(struct str lang, struct str region)
{
    for (size_t i = 0; i < asked_count; i++)
        if (str_is(lang, asked[i].lang) && str_eq(region, str_of(asked[i].region)))
            return asked[i].format;
    char locale[LOCALE_LEN];
    locale_name(lang, region, locale);
    struct format *f = format_of(locale);
    if (asked_count < ASKED_MAX && lang.len < LOCALE_LEN && region.len < 4) {
        struct asked *next = &asked[asked_count++];
        snprintf(next->lang, sizeof next->lang, "%.*s", STR_ARG(lang));
        snprintf(
            next->region, sizeof next->region, "%.*s", (int)region.len, region.p ? region.p : "");
        next->format = f;
    }
    return f;
}
