#include "io/redis_url.h"

static bool copy(char *to, size_t room, struct str s)
{
    if (s.len >= room || memchr(s.p, 0, s.len))
        return false;
    memcpy(to, s.p, s.len);
    to[s.len] = 0;
    return true;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool copy_decoded(char *to, size_t room, struct str s)
{
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        if (c == '%') {
            int high = i + 2 < s.len ? hex_digit(s.p[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(s.p[i + 2]) : -1;
            if (low < 0 || high + low == 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (len + 1 >= room)
            return false;
        to[len++] = c;
    }
    to[len] = 0;
    return true;
}

static bool parse_login(struct str login, struct redis_url *out)
{
    struct str password = login, user = str_cut(&password, ':');
    return password.p && copy_decoded(out->user, sizeof out->user, user) &&
           copy_decoded(out->password, sizeof out->password, password);
}

static bool parse_host(struct str authority, struct redis_url *out)
{
    struct str port = authority, host = str_cut(&port, ':');
    if (str_starts(authority, STR("["))) {
        ptrdiff_t end = str_index(authority, ']');
        if (end < 0)
            return false;
        host = str_sub(authority, 1, (size_t)end);
        port = str_sub(authority, (size_t)end + 1, authority.len);
        if (port.len && port.p[0] != ':')
            return false;
        port = port.len ? str_sub(port, 1, port.len) : STR_NULL;
    }
    int64_t number = 6379;
    if (port.p && (!str_to_i64(port, &number) || number < 1 || number > 65535))
        return false;
    out->port = (int)number;
    return host.len && copy(out->host, sizeof out->host, host);
}

bool redis_url_parse(struct str url, struct redis_url *out)
{
    *out = (struct redis_url){0};
    if (str_starts(url, STR("unix://"))) {
        struct str path = str_sub(url, 7, url.len);
        return str_starts(path, STR("/")) && copy(out->path, sizeof out->path, path);
    }
    if (!str_starts(url, STR("redis://")))
        return false;
    struct str database = str_sub(url, 8, url.len), authority = str_cut(&database, '/');
    for (size_t i = authority.len; i-- > 0;) {
        if (authority.p[i] != '@')
            continue;
        if (!parse_login(str_n(authority.p, i), out))
            return false;
        authority = str_sub(authority, i + 1, authority.len);
        break;
    }
    int64_t number = 0;
    if (database.len && (!str_to_i64(database, &number) || number < 0 || number > 9999))
        return false;
    out->database = (int)number;
    return parse_host(authority, out);
}
