// Amounts as people type them: in the reader's decimal mark and grouping, with or without the sign
// or code of the currency.
#include <unicode/unum.h>
#include <unicode/ustring.h>

#include "base/check.h"
#include "http/format_locale.h"

enum { TYPED_MAX = 40, GROUP = 3 };

// '.' or ',' of the language's custom.
static char decimal_mark(const struct format *f)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar symbol[8];
    UNumberFormat *n = unum_open(UNUM_DECIMAL, NULL, 0, f->locale, NULL, &status);
    check(U_SUCCESS(status));
    int32_t len = unum_getSymbol(n, UNUM_DECIMAL_SEPARATOR_SYMBOL, symbol, 8, &status);
    unum_close(n);
    return U_SUCCESS(status) && len == 1 && symbol[0] == ',' ? ',' : '.';
}

struct str format_amount(struct arena *a, struct format *f, int64_t minor, struct currency currency)
{
    int digits = currency_digits(currency);
    int64_t unit = 1;
    for (int i = 0; i < digits; i++)
        unit *= 10;
    if (!digits)
        return str_of_i64(a, minor);
    int64_t rest = minor % unit;
    return str_format(a, "%s%lld%c%0*lld", minor < 0 && minor > -unit ? "-" : "",
        (long long)(minor / unit), decimal_mark(f), digits, (long long)(rest < 0 ? -rest : rest));
}

// What is left without spaces of any kind, apostrophes and the currency's sign or code; false when
// it is more than digits and marks.
static bool bare(struct str text, struct currency currency, char out[TYPED_MAX], size_t *len)
{
    static const char *const skipped[] = {
        " ", "\t", "\u00a0", "\u202f", "\u2009", "'", "\u2019", "€", "$", "£", "¥", "￥"};
    *len = 0;
    while (text.len) {
        size_t skip = 0;
        if (text.len >= 3 && str_ieq(str_sub(text, 0, 3), str_n(currency.code, 3)))
            skip = 3;
        for (size_t i = 0; !skip && i < sizeof skipped / sizeof *skipped; i++)
            if (str_starts(text, str_of(skipped[i])))
                skip = strlen(skipped[i]);
        if (!skip) {
            char c = text.p[0];
            if (*len == TYPED_MAX || (c != '.' && c != ',' && (c < '0' || c > '9')))
                return false;
            out[(*len)++] = c;
            skip = 1;
        }
        text = str_sub(text, skip, text.len);
    }
    return *len > 0;
}

// Where the decimals begin: the decimal mark. A lone mark of the other kind counts too where it
// can't group: "12.50" in French. `len` when there are none.
static size_t decimals_at(const char *s, size_t len, char mark, int digits)
{
    size_t own = len, other = len, others = 0;
    for (size_t i = 0; i < len; i++) {
        if (s[i] == mark)
            own = i;
        else if (s[i] == '.' || s[i] == ',') {
            others++;
            other = i;
        }
    }
    if (own == len && others == 1 && digits > 0 && len - other - 1 != GROUP)
        return other;
    return own;
}

// Groups of three from the right, or none at all.
static bool take_whole(const char *s, size_t len, struct str *digits, char out[TYPED_MAX])
{
    size_t count = 0, since = 0;
    bool grouped = false;
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '.' || s[i] == ',') {
            if (!i || (grouped ? since != GROUP : since > GROUP))
                return false;
            grouped = true;
            since = 0;
            continue;
        }
        out[count++] = s[i];
        since++;
    }
    *digits = str_n(out, count);
    return count > 0 && (!grouped || since == GROUP);
}

bool format_read_amount(struct format *f, struct str text, struct currency currency, int64_t *minor)
{
    char typed[TYPED_MAX], whole[TYPED_MAX];
    size_t len;
    int digits = currency_digits(currency);
    if (!bare(text, currency, typed, &len))
        return false;
    char mark = decimal_mark(f);
    size_t at = decimals_at(typed, len, mark, digits);
    struct str units;
    int64_t n;
    if (!take_whole(typed, at, &units, whole) || units.len > 13 || !str_to_i64(units, &n))
        return false;
    size_t decimals = at < len ? len - at - 1 : 0;
    if ((at < len && decimals == 0) || decimals > (size_t)digits)
        return false;
    for (int i = 0; i < digits; i++) {
        char c = (size_t)i < decimals ? typed[at + 1 + (size_t)i] : '0';
        if (c < '0' || c > '9')
            return false;
        n = n * 10 + (c - '0');
    }
    *minor = n;
    return true;
}
