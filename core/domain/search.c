#include "domain/search.h"

#include "base/id.h"
#include "base/phone.h"
#include "base/text.h"
#include "domain/search.sql.h"

enum { TERM_BYTES_MAX = 120, PHONE_LEAST = 4 };

struct terms {
    struct str items[SEARCH_TERMS_MAX];
    int count, most;
};

static void add(struct terms *t, struct str term)
{
    if (term.len && t->count < t->most)
        t->items[t->count++] = str_utf8_clip(term, TERM_BYTES_MAX);
}

// "José O'Brien" is jose, o and brien; what isn't written in Latin letters is only folded.
static void add_words(struct arena *a, struct terms *t, struct str text)
{
    struct str rest = text_fold(a, text);
    while (rest.p) {
        struct str word = str_trim(str_cut(&rest, ' ')), plain = text_slug(a, word);
        if (!plain.len)
            add(t, word);
        while (plain.p && plain.len)
            add(t, str_cut(&plain, '-'));
    }
}

// Of "+34 612 34 56 78" or "(612) 34-56": absent when anything else is in it, or too little.
static struct str digits_of(struct arena *a, struct str typed)
{
    char digits[PHONE_TYPED_MAX];
    size_t count = 0;
    for (size_t i = 0; i < typed.len; i++) {
        if (typed.p[i] >= '0' && typed.p[i] <= '9' && count < sizeof digits)
            digits[count++] = typed.p[i];
        else if (!strchr("+-() ./", typed.p[i]))
            return STR_NULL;
    }
    return count < PHONE_LEAST ? STR_NULL : str_dup(a, str_n(digits, count));
}

size_t search_terms(struct arena *a, const struct search_text *text, struct str *out)
{
    struct terms terms = {.most = SEARCH_TERMS_MAX};
    add(&terms, str_lower(a, text->code));
    add(&terms, text_fold(a, text->email));
    add_words(a, &terms, text->words);
    if (text->phone.len) {
        add(&terms, digits_of(a, text->phone));
        add(&terms, phone_home(a, text->phone));
    }
    for (int i = 0; i < terms.count; i++)
        out[i] = terms.items[i];
    return (size_t)terms.count;
}

void search_add(struct unit *u, struct str kind, int64_t object, const struct search_text *text)
{
    struct arena *a = unit_arena(u);
    struct str terms[SEARCH_TERMS_MAX];
    size_t count = search_terms(a, text, terms);
    unit_add(u, &SQL_search_add, db_i64(a, unit_tenant(u)), kind, db_i64(a, object),
        db_str_array(a, terms, count));
}

// After every character that a term may begin with: the last code point there is.
static struct str end_of(struct arena *a, struct str begin)
{
    return str_join(a, begin, STR("\xf4\x8f\xbf\xbf"), STR_NULL);
}

struct search_query search_query_of(struct arena *a, struct str typed)
{
    struct terms terms = {.most = SEARCH_WORDS_MAX};
    struct str rest = str_trim(typed), code = id_code_normal(a, typed);
    struct search_query q = {.count = 0};
    // Codes are read aloud in groups.
    bool grouped = str_index(rest, ' ') > 0 || str_index(rest, '-') > 0, digit = false;
    for (int d = '2'; code.p && d <= '9'; d++)
        digit |= str_index(code, (char)d) >= 0;
    bool is_code = code.p && (digit || !grouped);
    struct str number = digits_of(a, rest);
    if (is_code)
        add(&terms, str_lower(a, code));
    else if (number.p)
        add(&terms, number);
    while (!is_code && !number.p && rest.p) {
        struct str word = str_cut(&rest, ' ');
        if (str_index(word, '@') >= 0)
            add(&terms, text_fold(a, word));
        else
            add_words(a, &terms, word);
    }
    for (int i = 0; i < terms.count; i++) {
        q.from[q.count] = terms.items[i];
        q.until[q.count++] = end_of(a, terms.items[i]);
    }
    return q;
}
