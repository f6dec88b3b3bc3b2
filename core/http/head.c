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

// "GET /path HTTP/1.1": one space between each; "*" and absolute addresses are for proxies.
static bool request_line_is_fine(struct str line)
{
    struct str rest = line;
    struct str method = str_cut(&rest, ' ');
    struct str target = rest.p ? str_cut(&rest, ' ') : STR_NULL;
    return method.len && target.len && target.p[0] == '/' && rest.p && str_index(rest, ' ') < 0;
}

enum head_verdict head_check(struct str raw)
{
    struct counts n = {0};
    struct str rest = str_sub(raw, 0, HEAD_MAX);
    for (bool first = true; rest.p; first = false) {
        struct str line = str_cut(&rest, '\n');
        if (!rest.p)
            break;
        if (!line.len || line.p[line.len - 1] != '\r')
            return HEAD_AMBIGUOUS;
        line.len--;
        if (str_index(line, '\r') >= 0)
            return HEAD_AMBIGUOUS;
        if (!line.len)
            return n.host == 1 && n.length + n.encoding <= 1 ? HEAD_FINE : HEAD_AMBIGUOUS;
        if (first ? !request_line_is_fine(line) : !line_is_fine(line, &n))
            return HEAD_AMBIGUOUS;
    }
    return raw.len > HEAD_MAX ? HEAD_TOO_LARGE : HEAD_AMBIGUOUS;
}
