// Any bytes as pattern and subject: the first byte says how long the pattern is. The matcher stays
// inside both, ends within its steps, and reports captures that lie inside the subject.
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "plug/lua_match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    struct str all = str_n(data + 1, size - 1);
    size_t cut = data[0] < all.len ? data[0] : all.len;
    struct lua_match m = {
        .pattern = str_sub(all, 0, cut),
        .subject = str_sub(all, cut, all.len),
        .steps_left = 100000,
    };
    enum lua_match_result result = lua_match_search(&m, 0, false);
    check(result != LUA_MATCH_WRONG || m.error);
    check(result == LUA_MATCH_STEPS || m.steps_left > -(int64_t)size - 1);
    if (result != LUA_MATCH_YES)
        return 0;
    check(m.start <= m.end && m.end <= m.subject.len);
    for (int i = 0; i < m.capture_count; i++) {
        int64_t len = m.captures[i].len;
        check(m.captures[i].start <= m.subject.len);
        check(len < 0 || m.captures[i].start + (size_t)len <= m.subject.len);
    }
    return 0;
}
