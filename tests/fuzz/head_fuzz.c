// Heads of HTTP/1 requests: what is called fine has one host, one way to tell its body's length,
// whole lines, and nothing that another server could read as something else.
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "http/head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int count_of(struct str head, const char *name)
{
    int count = 0;
    struct str rest = head;
    str_cut(&rest, '\n');
    while (rest.p) {
        struct str line = str_cut(&rest, '\n');
        count += str_ieq(str_sub(line, 0, strlen(name)), str_of(name));
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str raw = str_n(data, size);
    if (head_check(raw) != HEAD_FINE)
        return 0;
    ptrdiff_t end = str_find(raw, STR("\r\n\r\n"));
    check(end > 0 && end <= HEAD_MAX);
    struct str head = str_sub(raw, 0, (size_t)end);
    check(count_of(head, "host:") == 1);
    check(count_of(head, "content-length:") + count_of(head, "transfer-encoding:") <= 1);
    check(str_find(head, STR("\n ")) < 0 && str_find(head, STR("\n\t")) < 0);
    check(str_find(head, STR("\n\n")) < 0);
    ptrdiff_t space = str_index(head, ' ');
    check(space > 0 && head.p[space + 1] == '/');
    return 0;
}
