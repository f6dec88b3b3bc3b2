#include "http/multipart.h"

#include <string.h>

enum { BOUNDARY_MAX = 70 }; // RFC 2046, 5.1.1

bool multipart_is(struct str content_type)
{
    return str_starts(content_type, STR("multipart/form-data"));
}

// To the end of the parameter: a ';' in quotes is part of its value.
static struct str take_parameter(struct str *rest)
{
    size_t end = 0;
    for (bool quoted = false; end < rest->len && (quoted || rest->p[end] != ';'); end++)
        quoted ^= rest->p[end] == '"';
    struct str taken = str_sub(*rest, 0, end);
    *rest = end < rest->len ? str_sub(*rest, end + 1, rest->len) : STR_NULL;
    return str_trim(taken);
}

// The value of a parameter like name="…" behind the first ';', absent without it.
static struct str parameter(struct str header, struct str name)
{
    struct str rest = header;
    str_cut(&rest, ';');
    while (rest.p) {
        struct str value = take_parameter(&rest);
        struct str found = str_trim(str_cut(&value, '='));
        if (!value.p || !str_ieq(found, name))
            continue;
        value = str_trim(value);
        if (value.len >= 2 && value.p[0] == '"' && value.p[value.len - 1] == '"')
            return str_sub(value, 1, value.len - 1);
        return value;
    }
    return STR_NULL;
}

static ptrdiff_t find(struct str in, size_t from, struct str what)
{
    const char *at = memmem(in.p + from, in.len - from, what.p, what.len);
    return at ? at - in.p : -1;
}

// One line of the part's head, without its end; absent when there is none.
static struct str take_line(struct str *rest)
{
    ptrdiff_t end = str_find(*rest, STR("\r\n"));
    if (end < 0)
        return STR_NULL;
    struct str line = str_sub(*rest, 0, (size_t)end);
    *rest = str_sub(*rest, (size_t)end + 2, rest->len);
    return line;
}

// The part's head ends with an empty line; what follows is its value.
static bool take_part(struct str part, struct multipart *out)
{
    struct str name = STR_NULL, file = STR_NULL, line;
    bool is_file = false;
    while ((line = take_line(&part)).p && line.len) {
        struct str value = line, head = str_trim(str_cut(&value, ':'));
        if (!value.p || !str_ieq(head, STR("content-disposition")))
            continue;
        name = parameter(value, STR("name"));
        file = parameter(value, STR("filename"));
        is_file = file.p != NULL;
    }
    if (!line.p || !name.p || !str_utf8_valid(name))
        return false;
    if (is_file) {
        // A field without a chosen file comes with an empty name and no bytes.
        if (!part.len)
            return true;
        if (out->file_count == out->max)
            return false;
        out->file_names[out->file_count] = file;
        out->files[out->file_count++] = (struct pair){name, part};
        return true;
    }
    if (out->pair_count == out->max || !str_utf8_valid(part))
        return false;
    out->pairs[out->pair_count++] = (struct pair){name, part};
    return true;
}

bool multipart_read(struct str content_type, struct str body, struct multipart *out)
{
    char mark[BOUNDARY_MAX + 8] = "\r\n--";
    struct str boundary = parameter(content_type, STR("boundary"));
    if (!boundary.len || boundary.len > BOUNDARY_MAX)
        return false;
    memcpy(mark + 4, boundary.p, boundary.len);
    struct str between = str_n(mark, boundary.len + 4), first = str_sub(between, 2, between.len);
    if (!str_starts(body, first))
        return false;
    for (size_t at = first.len;;) {
        if (str_starts(str_sub(body, at, at + 2), STR("--")))
            return true;
        if (!str_starts(str_sub(body, at, at + 2), STR("\r\n")))
            return false;
        ptrdiff_t end = find(body, at + 2, between);
        if (end < 0 || !take_part(str_sub(body, at + 2, (size_t)end), out))
            return false;
        at = (size_t)end + between.len;
    }
}
