// JSON that comes in: what is taken can be written, and reads the same again; foreign names fill
// no table.
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct str written(struct arena *a, const struct value *v)
{
    struct buf b;
    buf_init(&b, a, 16 << 20);
    json_write(&b, v);
    check(!b.full);
    return buf_str(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    struct json_error error = {0};
    static const char *const known[] = {"slot", "quantity", "key", "count", "name", "email"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        value_key_intern(str_of(known[i]));
    struct value *v = json_parse(a, str_n(data, size), JSON_KNOWN_KEYS, &error);
    if (v) {
        struct str text = written(a, v);
        struct value *again = json_parse(a, text, JSON_KNOWN_KEYS, &error);
        check(again && str_eq(written(a, again), text));
    } else {
        check(error.text.p);
    }
    check(!value_key_find(STR("nobody interned this")));
    arena_free(a);
    return 0;
}
