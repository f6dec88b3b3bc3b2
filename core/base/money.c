#include "base/money.h"

#include <stdlib.h>
#include <unicode/ucurr.h>

#include "base/check.h"

enum { PPM = 1000000 };

static bool all_upper(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] < 'A' || s.p[i] > 'Z')
            return false;
    return true;
}

static void currency_utf16(struct currency c, UChar out[4])
{
    for (int i = 0; i < 4; i++)
        out[i] = (UChar)c.code[i];
}

bool currency_parse(struct str code, struct currency *out)
{
    if (code.len != 3 || !all_upper(code))
        return false;
    struct currency c = {{code.p[0], code.p[1], code.p[2], 0}};
    UChar wide[4];
    UErrorCode status = U_ZERO_ERROR;
    currency_utf16(c, wide);
    if (!ucurr_isAvailable(wide, U_DATE_MIN, U_DATE_MAX, &status) || U_FAILURE(status))
        return false;
    *out = c;
    return true;
}

int currency_digits(struct currency c)
{
    UChar wide[4];
    UErrorCode status = U_ZERO_ERROR;
    currency_utf16(c, wide);
    int digits = ucurr_getDefaultFractionDigits(wide, &status);
    return U_FAILURE(status) ? 2 : digits;
}

bool money_add(int64_t a, int64_t b, int64_t *out)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return false;
    *out = sum;
    return true;
}

bool money_multiply(int64_t amount, int64_t quantity, int64_t *out)
{
    int64_t product;
    if (__builtin_mul_overflow(amount, quantity, &product))
        return false;
    *out = product;
    return true;
}

static int64_t divide_rounded(__int128 numerator, __int128 denominator)
{
    check(denominator > 0);
    __int128 half = denominator / 2;
    __int128 rounded = (numerator < 0 ? numerator - half : numerator + half) / denominator;
    check(rounded >= INT64_MIN && rounded <= INT64_MAX);
    return (int64_t)rounded;
}

int64_t money_share(int64_t amount, int64_t share_ppm)
{
    return divide_rounded((__int128)amount * share_ppm, PPM);
}

int64_t money_tax_included(int64_t gross, int64_t rate_ppm)
{
    check(rate_ppm >= 0);
    return divide_rounded((__int128)gross * rate_ppm, PPM + rate_ppm);
}

// The part with the largest remainder that did not get its cent yet; ties go to the first.
static size_t largest_remainder(const __int128 *remainders, size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        if (remainders[i] > remainders[best])
            best = i;
    return best;
}

void money_split(int64_t amount, const int64_t *weights, size_t count, int64_t *parts)
{
    enum { PARTS_MAX = 256 };
    check(count > 0 && count <= PARTS_MAX);
    __int128 total = 0, remainders[PARTS_MAX];
    for (size_t i = 0; i < count; i++) {
        check(weights[i] >= 0);
        total += weights[i];
    }
    check(total > 0);
    int64_t sign = amount < 0 ? -1 : 1, left = amount * sign;
    __int128 whole = left;
    for (size_t i = 0; i < count; i++) {
        parts[i] = (int64_t)(whole * weights[i] / total);
        remainders[i] = whole * weights[i] % total;
        left -= parts[i];
    }
    for (; left > 0; left--) {
        size_t i = largest_remainder(remainders, count);
        parts[i]++;
        remainders[i] = -1;
    }
    for (size_t i = 0; i < count; i++)
        parts[i] *= sign;
}

bool money_parse(struct str text, struct currency c, int64_t *minor)
{
    int digits = currency_digits(c), decimals = -1;
    int64_t n = 0;
    if (!text.len || text.len > 18)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char ch = text.p[i];
        if ((ch == '.' || ch == ',') && decimals < 0 && i > 0 && digits > 0) {
            decimals = 0;
            continue;
        }
        if (ch < '0' || ch > '9' || decimals >= digits)
            return false;
        n = n * 10 + (ch - '0');
        decimals += decimals >= 0;
    }
    if (decimals == 0)
        return false;
    for (int i = decimals < 0 ? 0 : decimals; i < digits; i++)
        if (!money_multiply(n, 10, &n))
            return false;
    *minor = n;
    return true;
}

// `minor` with so many decimal places.
static struct str decimal(struct arena *a, int64_t minor, int digits)
{
    int64_t unit = 1;
    for (int i = 0; i < digits; i++)
        unit *= 10;
    if (!digits)
        return str_of_i64(a, minor);
    return str_format(a, "%s%lld.%0*lld", minor < 0 ? "-" : "", (long long)llabs(minor / unit),
        digits, (long long)llabs(minor % unit));
}

struct str money_typed(struct arena *a, int64_t minor, struct currency c)
{
    return decimal(a, minor, currency_digits(c));
}

bool money_parse_share(struct str text, int64_t *share_ppm)
{
    static const struct currency hundredths = {"EUR"};
    int64_t hundredth;
    text = str_trim(text);
    if (text.len && text.p[text.len - 1] == '%')
        text = str_trim((struct str){text.p, text.len - 1});
    if (!money_parse(text, hundredths, &hundredth) || hundredth < 1 || hundredth > 100 * 100)
        return false;
    *share_ppm = hundredth * 100;
    return true;
}

struct str money_typed_share(struct arena *a, int64_t share_ppm)
{
    struct str text = decimal(a, share_ppm / 100, 2);
    while (text.p[text.len - 1] == '0')
        text.len--;
    if (text.p[text.len - 1] == '.')
        text.len--;
    return text;
}
