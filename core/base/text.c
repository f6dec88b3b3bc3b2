#include "base/text.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

#include "base/check.h"

struct wide {
    UChar *p;
    int32_t len;
};

static struct wide to_utf16(struct arena *a, struct str s)
{
    UErrorCode status = U_ZERO_ERROR;
    struct wide w = {arena_alloc(a, (s.len + 1) * sizeof(UChar)), 0};
    u_strFromUTF8(w.p, (int32_t)s.len + 1, &w.len, s.p, (int32_t)s.len, &status);
    check(U_SUCCESS(status));
    return w;
}

static struct str to_utf8(struct arena *a, struct wide w)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t len = 0, room = w.len * 3 + 1;
    char *p = arena_alloc(a, (size_t)room);
    u_strToUTF8(p, room, &len, w.p, w.len, &status);
    check(U_SUCCESS(status));
    return str_n(p, (size_t)len);
}

static struct wide normalize(struct arena *a, struct wide w, const UNormalizer2 *form)
{
    // The longest expansion of one code unit under NFKC case folding is 18 units (Unicode).
    UErrorCode status = U_ZERO_ERROR;
    int32_t room = w.len * 18 + 1;
    struct wide out = {arena_alloc(a, (size_t)room * sizeof(UChar)), 0};
    out.len = unorm2_normalize(form, w.p, w.len, out.p, room, &status);
    check(U_SUCCESS(status));
    return out;
}

static bool is_ascii(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] & 0x80)
            return false;
    return true;
}

struct str text_fold(struct arena *a, struct str s)
{
    if (is_ascii(s))
        return str_lower(a, s);
    UErrorCode status = U_ZERO_ERROR;
    return to_utf8(a, normalize(a, to_utf16(a, s), unorm2_getNFKCCasefoldInstance(&status)));
}

struct str text_secret(struct arena *a, struct str s)
{
    if (is_ascii(s))
        return s;
    UErrorCode status = U_ZERO_ERROR;
    struct wide w = to_utf16(a, s);
    for (int32_t i = 0; i < w.len; i++)
        if (u_charType(w.p[i]) == U_SPACE_SEPARATOR)
            w.p[i] = ' ';
    return to_utf8(a, normalize(a, w, unorm2_getNFCInstance(&status)));
}

// Zero-width space and byte order mark; the joiners of emoji and of Persian stay.
static bool is_blank(UChar32 c)
{
    return u_isUWhiteSpace(c) || c == 0x200b || c == 0xfeff;
}

struct str text_strip(struct str s)
{
    int32_t from = 0, to = (int32_t)s.len, at;
    UChar32 c;
    for (at = 0; from < to; from = at) {
        U8_NEXT(s.p, at, to, c);
        if (!is_blank(c))
            break;
    }
    for (at = to; to > from; to = at) {
        U8_PREV(s.p, from, at, c);
        if (!is_blank(c))
            break;
    }
    return str_sub(s, (size_t)from, (size_t)to);
}

struct str text_slug(struct arena *a, struct str s)
{
    UErrorCode status = U_ZERO_ERROR;
    struct wide folded = normalize(a, to_utf16(a, text_fold(a, s)), unorm2_getNFDInstance(&status));
    char *slug = arena_alloc(a, (size_t)folded.len + 1);
    size_t len = 0;
    for (int32_t i = 0; i < folded.len; i++) {
        UChar c = folded.p[i];
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            slug[len++] = (char)c;
        else if (u_charType(c) != U_NON_SPACING_MARK && c != '\'' && c != 0x2019 && len &&
                 slug[len - 1] != '-')
            slug[len++] = '-';
    }
    if (len && slug[len - 1] == '-')
        len--;
    slug[len] = 0;
    return str_n(slug, len);
}

// What an address's characters are commonly mistaken for.
static struct str merge_lookalikes(struct arena *a, struct str s)
{
    char *out = arena_alloc(a, s.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i], next = i + 1 < s.len ? s.p[i + 1] : 0;
        if (c == '-')
            continue;
        if ((c == 'r' && next == 'n') || (c == 'v' && next == 'v')) {
            out[len++] = c == 'r' ? 'm' : 'w';
            i++;
            continue;
        }
        out[len++] = c == '0' ? 'o' : c == '1' || c == 'i' ? 'l' : c == '5' ? 's' : c;
    }
    return str_n(out, len);
}

struct str text_skeleton(struct arena *a, struct str s)
{
    static USpoofChecker *checker;
    UErrorCode status = U_ZERO_ERROR;
    if (!checker)
        checker = uspoof_open(&status);
    check(U_SUCCESS(status));
    // Merge before as well: UTS 39 itself rewrites m to rn.
    struct str merged = merge_lookalikes(a, text_fold(a, s));
    struct wide w = to_utf16(a, merged);
    int32_t room = w.len * 18 + 1;
    struct wide out = {arena_alloc(a, (size_t)room * sizeof(UChar)), 0};
    out.len = uspoof_getSkeleton(checker, 0, w.p, w.len, out.p, room, &status);
    check(U_SUCCESS(status));
    return to_utf8(a, out);
}

static bool is_atext(unsigned char c)
{
    return c >= 0x80 || (c > ' ' && c != 0x7f && !strchr("()<>[]:;@\\,\"", c));
}

static bool is_domain(struct str domain)
{
    if (domain.len < 3 || domain.len > 253 || str_index(domain, '.') <= 0)
        return false;
    for (struct str rest = domain; rest.p;) {
        struct str label = str_cut(&rest, '.');
        if (!label.len || label.len > 63 || label.p[0] == '-' || label.p[label.len - 1] == '-')
            return false;
        for (size_t i = 0; i < label.len; i++) {
            unsigned char c = (unsigned char)label.p[i];
            if (!(c >= 0x80 || c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                    (c >= 'A' && c <= 'Z')))
                return false;
        }
    }
    return true;
}

bool text_is_email(struct str s)
{
    ptrdiff_t at = str_index(s, '@');
    if (at < 1 || at > 64 || s.len > 254)
        return false;
    struct str local = str_n(s.p, (size_t)at);
    for (size_t i = 0; i < local.len; i++)
        if (!is_atext((unsigned char)local.p[i]))
            return false;
    if (local.p[0] == '.' || local.p[local.len - 1] == '.' || str_find(local, STR("..")) >= 0)
        return false;
    return is_domain(str_n(s.p + at + 1, s.len - (size_t)at - 1));
}
