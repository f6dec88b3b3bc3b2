#include "http/urlencoded.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool decode(struct arena *a, struct str s, bool plus_is_space, struct str *out)
{
    char *p = arena_alloc(a, s.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        if (c == '%') {
            int high = i + 2 < s.len ? hex_digit(s.p[i + 1]) : -1;
            int low = i + 2 < s.len ? hex_digit(s.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        p[len++] = c;
    }
    p[len] = 0;
    *out = str_n(p, len);
    return str_utf8_valid(*out);
}

bool url_path_decode(struct arena *a, struct str text, struct str *out)
{
    return decode(a, text, false, out);
}

bool urlencoded_read(
    struct arena *a, struct str text, struct pair *pairs, size_t max, size_t *count)
{
    *count = 0;
    if (!text.len)
        return true;
    for (struct str rest = text; rest.p;) {
        struct str value = str_cut(&rest, '&');
        if (!value.len)
            continue;
        struct str name = str_cut(&value, '=');
        if (!value.p)
            value = STR("");
        if (*count == max || !decode(a, name, true, &pairs[*count].name) ||
            !decode(a, value, true, &pairs[*count].value))
            return false;
        ++*count;
    }
    return true;
}
