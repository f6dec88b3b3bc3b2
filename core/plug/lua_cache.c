#include "plug/lua_cache.h"

#include <stdlib.h>

#include "base/check.h"
#include "plug/lua_sandbox.h"

enum { BUCKETS = 1024 };

struct entry {
    struct lua_sandbox *box;
    int64_t site, revision;
    size_t bytes; // as last counted; a state grows while its calls run
    int pins;
    bool stale; // closed when the last pin goes
    struct entry *next_in_bucket;
    struct entry *newer, *older; // by use
};

struct lua_cache {
    size_t bytes_max;
    struct lua_cache_stats stats;
    struct entry *newest, *oldest;
    struct entry *buckets[BUCKETS];
};

static struct entry **bucket_of(struct lua_cache *cache, int64_t site)
{
    uint64_t mixed = (uint64_t)site * UINT64_C(0x9E3779B97F4A7C15);
    return &cache->buckets[mixed >> 54];
}

static void unlink_use(struct lua_cache *cache, struct entry *e)
{
    *(e->newer ? &e->newer->older : &cache->newest) = e->older;
    *(e->older ? &e->older->newer : &cache->oldest) = e->newer;
}

static void link_newest(struct lua_cache *cache, struct entry *e)
{
    e->newer = NULL;
    e->older = cache->newest;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = e;
    cache->newest = e;
}

static void count_bytes(struct lua_cache *cache, struct entry *e)
{
    cache->stats.bytes -= e->bytes;
    e->bytes = lua_sandbox_memory(e->box);
    cache->stats.bytes += e->bytes;
}

static void close_entry(struct lua_cache *cache, struct entry *e)
{
    struct entry **link = bucket_of(cache, e->site);
    check(!e->pins);
    while (*link != e)
        link = &(*link)->next_in_bucket;
    *link = e->next_in_bucket;
    unlink_use(cache, e);
    cache->stats.bytes -= e->bytes;
    cache->stats.states--;
    cache->stats.closed++;
    lua_sandbox_free(e->box);
    free(e);
}

static void make_room(struct lua_cache *cache)
{
    struct entry *e = cache->oldest, *newer;
    for (; e && cache->stats.bytes > cache->bytes_max; e = newer) {
        newer = e->newer;
        if (!e->pins)
            close_entry(cache, e);
    }
}

static void retire(struct lua_cache *cache, struct entry *e)
{
    e->stale = true;
    if (!e->pins)
        close_entry(cache, e);
}

static struct entry *find(struct lua_cache *cache, int64_t site, int64_t revision)
{
    struct entry *e = *bucket_of(cache, site);
    while (e && (e->site != site || e->revision != revision || e->stale))
        e = e->next_in_bucket;
    return e;
}

static struct lua_sandbox *use(struct lua_cache *cache, struct entry *e)
{
    e->pins++;
    unlink_use(cache, e);
    link_newest(cache, e);
    return e->box;
}

struct lua_cache *lua_cache_new(size_t bytes_max)
{
    struct lua_cache *cache = calloc(1, sizeof *cache);
    check(cache);
    cache->bytes_max = bytes_max;
    return cache;
}

void lua_cache_free(struct lua_cache *cache)
{
    if (!cache)
        return;
    while (cache->oldest)
        close_entry(cache, cache->oldest);
    free(cache);
}

struct lua_sandbox *lua_cache_acquire(struct lua_cache *cache, int64_t site, int64_t revision)
{
    struct entry *e = find(cache, site, revision);
    if (!e) {
        cache->stats.misses++;
        return NULL;
    }
    cache->stats.hits++;
    return use(cache, e);
}

static void retire_others(struct lua_cache *cache, int64_t site, const struct entry *kept)
{
    struct entry *e = *bucket_of(cache, site), *next;
    for (; e; e = next) {
        next = e->next_in_bucket;
        if (e->site == site && e != kept && !e->stale)
            retire(cache, e);
    }
}

struct lua_sandbox *lua_cache_put(
    struct lua_cache *cache, int64_t site, int64_t revision, struct lua_sandbox *box)
{
    struct entry *e = find(cache, site, revision);
    if (e) {
        lua_sandbox_free(box);
        return use(cache, e);
    }
    e = calloc(1, sizeof *e);
    check(e);
    *e = (struct entry){.box = box, .site = site, .revision = revision, .pins = 1};
    struct entry **bucket = bucket_of(cache, site);
    e->next_in_bucket = *bucket;
    *bucket = e;
    link_newest(cache, e);
    cache->stats.states++;
    count_bytes(cache, e);
    retire_others(cache, site, e);
    make_room(cache);
    return box;
}

void lua_cache_release(struct lua_cache *cache, struct lua_sandbox *box)
{
    // The state was used just now: it stands near the newest.
    struct entry *e = cache->newest;
    while (e && e->box != box)
        e = e->older;
    check(e && e->pins > 0);
    e->pins--;
    count_bytes(cache, e);
    if (e->stale && !e->pins)
        close_entry(cache, e);
    else
        make_room(cache);
}

void lua_cache_drop(struct lua_cache *cache, int64_t site)
{
    retire_others(cache, site, NULL);
}

struct lua_cache_stats lua_cache_stats(const struct lua_cache *cache)
{
    return cache->stats;
}
