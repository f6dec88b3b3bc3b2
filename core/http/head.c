#include "http/head.h"

struct counts {
    int host, length, encoding;
};

static bool line_is_fine(struct str line, struct counts *n)
{
    ptrdiff_t colon = str_index(line, ':');
    if (colon <= 0 || line.p[0] == ' ' || line.p[0] == '\t')
        return false;
    struct str name = str_sub(line, 0, (size_t)colon);
    n->host += str_ieq(name, STR("host"));
    n->length += str_ieq(name, STR("content-length"));
    n->encoding += str_ieq(name, STR("transfer-encoding"));
    return true;
}

bool head_is_unambiguous(struct str raw)
{
    struct counts n = {0};
    bool first = true;
    for (size_t at = 0; at < raw.len;) {
        struct str rest = str_sub(raw, at, raw.len);
        ptrdiff_t feed = str_index(rest, '\n');
        if (feed < 1 || rest.p[feed - 1] != '\r')
            return false;
        struct str line = str_sub(rest, 0, (size_t)feed - 1);
        if (!line.len)
            return n.host == 1 && n.length + n.encoding <= 1;
        if (!first && !line_is_fine(line, &n))
            return false;
        first = false;
        at += (size_t)feed + 1;
    }
    return false;
}
