#include "data/cache_shared.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "data/revision.h"
#include "data/seal.h"
#include "io/redis.h"

enum { FORMAT = 0x31435456, TAG_LEN = 16, FRAME_MAX = CACHE_SHARED_MAX + 16384 };

struct frame {
    uint32_t format, key_len, head_len, body_len;
    int64_t tenant, revision, made_at_us, expires_at_us;
};

static struct str redis_key(struct arena *a, int64_t tenant, struct str key)
{
    struct sha256 h = hash_sha256(str_join(a, str_of_i64(a, tenant), STR(" "), key, STR_NULL));
    return str_join(a, STR("vitrine:cache:"), str_hex(a, h.bytes, 16), STR_NULL);
}

static bool tag_is_right(struct str frame)
{
    struct seal_digest d = seal_digest(STR("cache"), str_sub(frame, TAG_LEN, frame.len));
    return id_same_secret(str_n(d.bytes, TAG_LEN), str_sub(frame, 0, TAG_LEN));
}

static bool unpack(struct str bytes, struct str key, struct cache_entry *e)
{
    struct frame f;
    if (bytes.len < TAG_LEN + sizeof f || !tag_is_right(bytes))
        return false;
    memcpy(&f, bytes.p + TAG_LEN, sizeof f);
    struct str rest = str_sub(bytes, TAG_LEN + sizeof f, bytes.len);
    if (f.format != FORMAT || (uint64_t)f.key_len + f.head_len + f.body_len != rest.len ||
        !str_eq(str_sub(rest, 0, f.key_len), key))
        return false;
    *e = (struct cache_entry){
        .tenant = f.tenant,
        .revision = f.revision,
        .made_at_us = f.made_at_us,
        .expires_at_us = f.expires_at_us,
        .head = str_sub(rest, f.key_len, f.key_len + f.head_len),
        .body = str_sub(rest, f.key_len + f.head_len, rest.len),
    };
    return true;
}

bool cache_shared_get(struct arena *a, int64_t tenant, struct str key, struct cache_entry *e)
{
    struct str bytes;
    // A site whose revision isn't known yet may have changed since.
    if (!seal_ready() || !revision_seen(tenant) ||
        redis_get(a, redis_key(a, tenant, key), &bytes) != REDIS_DONE)
        return false;
    return unpack(bytes, key, e) && e->tenant == tenant;
}

void cache_shared_set(struct str key, const struct cache_entry *e)
{
    int64_t ttl_ms = (e->expires_at_us - clock_now_us()) / 1000;
    if (e->head.len + e->body.len > CACHE_SHARED_MAX || ttl_ms <= 0 || !seal_ready() || !redis_up())
        return;
    struct arena *a = arena_new();
    struct frame f = {
        .format = FORMAT,
        .key_len = (uint32_t)key.len,
        .head_len = (uint32_t)e->head.len,
        .body_len = (uint32_t)e->body.len,
        .tenant = e->tenant,
        .revision = e->revision,
        .made_at_us = e->made_at_us,
        .expires_at_us = e->expires_at_us,
    };
    struct buf b;
    buf_init(&b, a, FRAME_MAX);
    char *tag = buf_room(&b, TAG_LEN + sizeof f + key.len + e->head.len + e->body.len);
    if (tag) {
        buf_added(&b, TAG_LEN);
        buf_add(&b, str_n(&f, sizeof f));
        buf_add(&b, key);
        buf_add(&b, e->head);
        buf_add(&b, e->body);
        struct seal_digest d = seal_digest(STR("cache"), str_sub(buf_str(&b), TAG_LEN, b.len));
        memcpy(tag, d.bytes, TAG_LEN);
        redis_set(redis_key(a, e->tenant, key), buf_str(&b), ttl_ms);
    }
    arena_free(a);
}
