// What people type: addresses of sites and of mail, codes, encoded bytes; and the operator's Redis
// address.
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/id.h"
#include "base/text.h"
#include "io/redis_url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_plain(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
                s.p[i] == '-'))
            return false;
    return true;
}

// Text that people type has been checked for UTF-8 before.
static void check_typed(struct arena *a, struct str typed)
{
    struct str slug = text_slug(a, typed), folded = text_fold(a, typed);
    check(is_plain(slug));
    check(str_eq(text_slug(a, slug), slug));
    check(str_utf8_valid(folded));
    check(str_utf8_valid(text_skeleton(a, typed)));
    if (text_is_email(typed)) {
        ptrdiff_t at = str_index(typed, '@');
        check(
            at > 0 && typed.len <= 254 && str_index(typed, '\n') < 0 && str_index(typed, ' ') < 0);
    }
    struct str code = id_code_normal(a, typed);
    check(!code.p || (code.len == ID_CODE_LEN && str_eq(id_code_normal(a, code), code)));
}

static void check_base64(struct arena *a, struct str text)
{
    struct str bytes = id_base64_decode(a, text);
    if (!bytes.p)
        return;
    struct str again = id_base64_decode(a, id_base64url(a, bytes.p, bytes.len));
    check(str_eq(again, bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    struct str raw = str_n(data, size);
    struct redis_url url;
    if (redis_url_parse(raw, &url))
        check(url.path[0] || (url.host[0] && url.port > 0 && url.port < 65536));
    check_base64(a, raw);
    if (size <= 1000 && str_utf8_valid(raw))
        check_typed(a, raw);
    struct str clipped = str_utf8_valid(raw) ? str_utf8_clip(raw, size / 2) : STR("");
    check(str_utf8_valid(clipped) && clipped.len <= size / 2);
    arena_free(a);
    return 0;
}
