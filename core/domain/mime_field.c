#include "domain/mime_field.h"

#include <time.h>

#include <unicode/uidna.h>

#include <sodium.h>

enum {
    LINE_MAX_SOFT = 76,
    ENCODED_MARKS = 12, // "=?UTF-8?B?" and "?="
    ENCODED_ROOM_MIN = 24,
    NAME_MAX_BYTES = 150,
    NAME_WORD_MAX = 60,
};

static const char hex[] = "0123456789ABCDEF";

static bool is_ascii_text(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.p[i] < ' ' || (unsigned char)s.p[i] > '~')
            return false;
    return true;
}

// One line: every run of white space and control characters is one space.
static struct str one_line(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, s.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c > ' ' && c != 0x7f)
            p[len++] = (char)c;
        else if (len && p[len - 1] != ' ')
            p[len++] = ' ';
    }
    return str_trim(str_n(p, len));
}

static size_t column(const struct buf *b)
{
    size_t start = b->len;
    while (start && b->p[start - 1] != '\n')
        start--;
    return b->len - start;
}

static void fold(struct buf *b)
{
    buf_add(b, STR("\r\n "));
}

static void add_folded(struct buf *b, struct str text)
{
    bool first = true;
    for (struct str rest = text; rest.p; first = false) {
        struct str word = str_cut(&rest, ' ');
        if (!first && column(b) + 1 + word.len > LINE_MAX_SOFT)
            fold(b);
        else if (!first)
            buf_add_char(b, ' ');
        buf_add(b, word);
    }
}

// Characters that stay themselves in the Q encoding, in text and in names alike.
static bool is_q_plain(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("!*+-/", c));
}

static size_t q_len(unsigned char c)
{
    return c == ' ' || is_q_plain(c) ? 1 : 3;
}

static size_t sequence_len(struct str s, size_t at)
{
    size_t end = at + 1;
    while (end < s.len && (s.p[end] & 0xC0) == 0x80)
        end++;
    return end - at;
}

// How much of `s` fits into `room` characters of one encoded word, whole characters only.
static size_t word_bytes(struct str s, bool q, size_t room)
{
    size_t bytes = 0, used = 0;
    while (bytes < s.len) {
        size_t next = sequence_len(s, bytes);
        for (size_t i = 0; q && i < next; i++)
            used += q_len((unsigned char)s.p[bytes + i]);
        if ((q ? used : (bytes + next + 2) / 3 * 4) > room)
            break;
        bytes += next;
    }
    return bytes;
}

static void add_q(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == ' ')
            buf_add_char(b, '_');
        else if (is_q_plain(c))
            buf_add_char(b, (char)c);
        else
            buf_add(b, str_n((char[]){'=', hex[c >> 4], hex[c & 15]}, 3));
    }
}

static void add_b(struct buf *b, struct str s)
{
    char text[LINE_MAX_SOFT + 1];
    sodium_bin2base64(
        text, sizeof text, (const unsigned char *)s.p, s.len, sodium_base64_VARIANT_ORIGINAL);
    buf_add(b, str_of(text));
}

static void add_encoded(struct buf *b, struct str text)
{
    size_t q_total = 0;
    for (size_t i = 0; i < text.len; i++)
        q_total += q_len((unsigned char)text.p[i]);
    bool q = q_total <= (text.len + 2) / 3 * 4;
    while (text.len) {
        if (column(b) + ENCODED_MARKS + ENCODED_ROOM_MIN > LINE_MAX_SOFT)
            fold(b);
        size_t bytes = word_bytes(text, q, LINE_MAX_SOFT - ENCODED_MARKS - column(b));
        buf_add(b, q ? STR("=?UTF-8?Q?") : STR("=?UTF-8?B?"));
        (q ? add_q : add_b)(b, str_n(text.p, bytes));
        buf_add(b, STR("?="));
        text = str_sub(text, bytes, text.len);
        if (text.len)
            fold(b);
    }
}

static size_t longest_word(struct str s)
{
    size_t longest = 0;
    for (struct str rest = s; rest.p;) {
        size_t len = str_cut(&rest, ' ').len;
        longest = len > longest ? len : longest;
    }
    return longest;
}

void field_text(struct buf *b, struct str name, struct str text)
{
    text = one_line(b->arena, text);
    buf_add(b, name);
    buf_add(b, STR(": "));
    if (is_ascii_text(text) && str_find(text, STR("=?")) < 0 && longest_word(text) < LINE_MAX_SOFT)
        add_folded(b, text);
    else
        add_encoded(b, text);
    buf_add(b, STR("\r\n"));
}

void field_plain(struct buf *b, struct str name, struct str value)
{
    buf_add(b, name);
    buf_add(b, STR(": "));
    add_folded(b, value);
    buf_add(b, STR("\r\n"));
}

static void add_quoted(struct buf *b, struct str s)
{
    buf_add_char(b, '"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\')
            buf_add_char(b, '\\');
        buf_add_char(b, s.p[i]);
    }
    buf_add_char(b, '"');
}

// Words of letters and digits need no quotes (RFC 5322 atoms).
static bool is_phrase(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] != ' ' && !is_q_plain((unsigned char)s.p[i]))
            return false;
    return s.len > 0;
}

static struct str ascii_domain(struct arena *a, struct str domain)
{
    UErrorCode status = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    char *ascii = arena_alloc(a, 256);
    UIDNA *idna = uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII, &status);
    int32_t len =
        uidna_nameToASCII_UTF8(idna, domain.p, (int32_t)domain.len, ascii, 256, &info, &status);
    uidna_close(idna);
    return U_FAILURE(status) || info.errors || len > 255 ? domain : str_n(ascii, (size_t)len);
}

void field_address(struct buf *b, struct str field, struct str name, struct str address)
{
    name = one_line(b->arena, str_utf8_clip(name, NAME_MAX_BYTES));
    size_t at = (size_t)str_index(address, '@') + 1;
    struct str domain = str_sub(address, at, address.len);
    if (!is_ascii_text(domain))
        domain = ascii_domain(b->arena, domain);
    buf_add(b, field);
    buf_add(b, STR(": "));
    if (is_phrase(name) && longest_word(name) < NAME_WORD_MAX)
        add_folded(b, name);
    else if (name.len && name.len < NAME_WORD_MAX && is_ascii_text(name) &&
             str_find(name, STR("=?")) < 0)
        add_quoted(b, name);
    else if (name.len)
        add_encoded(b, name);
    if (name.len && column(b) + at + domain.len + 3 > LINE_MAX_SOFT)
        fold(b);
    else if (name.len)
        buf_add_char(b, ' ');
    buf_add(b, STR("<"));
    buf_add(b, str_n(address.p, at));
    buf_add(b, domain);
    buf_add(b, STR(">\r\n"));
}

void field_date(struct buf *b, struct str name, int64_t at_us)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t seconds = at_us / 1000000;
    struct tm t;
    gmtime_r(&seconds, &t);
    buf_add(b, name);
    buf_add_format(b, ": %.3s, %d %.3s %d %02d:%02d:%02d +0000\r\n", days + 3 * t.tm_wday,
        t.tm_mday, months + 3 * t.tm_mon, t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

static bool is_attribute_char(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~", c));
}

// RFC 2231 with continuations: key*0*=UTF-8''…; key*1*=…
static void add_extended(struct buf *b, struct str key, struct str text)
{
    int part = 0;
    for (size_t i = 0; i < text.len; part++) {
        buf_add_format(b, ";\r\n %.*s*%d*=", STR_ARG(key), part);
        if (part == 0)
            buf_add(b, STR("UTF-8''"));
        while (i < text.len && column(b) + 3 * sequence_len(text, i) < LINE_MAX_SOFT) {
            size_t end = i + sequence_len(text, i);
            for (; i < end; i++) {
                unsigned char c = (unsigned char)text.p[i];
                if (is_attribute_char(c))
                    buf_add_char(b, (char)c);
                else
                    buf_add(b, str_n((char[]){'%', hex[c >> 4], hex[c & 15]}, 3));
            }
        }
        if (b->full)
            return;
    }
}

void field_parameter(struct buf *b, struct str key, struct str text)
{
    text = one_line(b->arena, str_utf8_clip(text, NAME_MAX_BYTES));
    if (!is_ascii_text(text) || text.len > 50) {
        add_extended(b, key, text);
        return;
    }
    buf_add(b, STR(";\r\n "));
    buf_add(b, key);
    buf_add_char(b, '=');
    add_quoted(b, text);
}
