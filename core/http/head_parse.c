#include "http/head.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "base/check.h"
#include "http/server.h"

// picohttpparser inside libh2o, which calls it through its symbol table; its header isn't shipped.
struct phr_header {
    const char *name;
    size_t name_len;
    const char *value;
    size_t value_len;
};

// What the parser found, as its caller passes it.
struct found {
    const char **method;
    size_t *method_len;
    const char **path;
    size_t *path_len;
    int *minor_version;
    struct phr_header *headers;
    size_t *header_count;
};

typedef int parse_function(const char *, size_t, const char **, size_t *, const char **, size_t *,
    int *, struct phr_header *, size_t *, size_t);
__attribute__((visibility("default"))) parse_function phr_parse_request;

enum { INCOMPLETE = -2 };

static enum head_verdict verdict;

enum head_verdict head_verdict_take(void)
{
    enum head_verdict taken = verdict;
    verdict = HEAD_FINE;
    return taken;
}

static struct str name_of(const struct phr_header *h)
{
    return h->name ? str_n(h->name, h->name_len) : STR("");
}

static bool body_is_large(const struct found *f)
{
    int64_t length;
    for (size_t i = 0; i < *f->header_count; i++) {
        const struct phr_header *h = &f->headers[i];
        if (str_ieq(name_of(h), STR("content-length")))
            return str_to_i64(str_n(h->value, h->value_len), &length) && length > BODY_MAX;
    }
    return false;
}

// The request goes on without its body, so nobody waits for it.
static void drop_body(struct found *f)
{
    size_t kept = 0;
    for (size_t i = 0; i < *f->header_count; i++) {
        struct str name = name_of(&f->headers[i]);
        if (!str_ieq(name, STR("content-length")) && !str_ieq(name, STR("expect")))
            f->headers[kept++] = f->headers[i];
    }
    *f->header_count = kept;
}

// A request of our own in its place: all that was read belongs to it.
static int replace(struct found *f, size_t len)
{
    *f->method = "GET";
    *f->method_len = 3;
    *f->path = "/";
    *f->path_len = 1;
    *f->minor_version = 1;
    *f->header_count = 0;
    return (int)len;
}

static enum head_verdict judge(struct str raw, int parsed, const struct found *f)
{
    if (parsed == INCOMPLETE)
        return raw.len > HEAD_MAX ? HEAD_TOO_LARGE : HEAD_FINE;
    if (parsed < 0)
        return str_starts(raw, STR("PRI * HTTP/2")) ? HEAD_FINE : HEAD_MALFORMED;
    enum head_verdict head = head_check(str_sub(raw, 0, (size_t)parsed));
    return head == HEAD_FINE && body_is_large(f) ? HEAD_BODY_LARGE : head;
}

int phr_parse_request(const char *p, size_t len, const char **method, size_t *method_len,
    const char **path, size_t *path_len, int *minor_version, struct phr_header *headers,
    size_t *header_count, size_t last_len)
{
    static parse_function *parse;
    if (!parse)
        parse = (parse_function *)dlsym(RTLD_NEXT, "phr_parse_request");
    check(parse);
    int parsed = parse(
        p, len, method, method_len, path, path_len, minor_version, headers, header_count, last_len);
    struct found f = {method, method_len, path, path_len, minor_version, headers, header_count};
    verdict = judge(str_n(p, len), parsed, &f);
    if (verdict == HEAD_FINE)
        return parsed;
    if (verdict != HEAD_BODY_LARGE)
        return replace(&f, len);
    drop_body(&f);
    return parsed;
}
