#include "data/cache.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/metric.h"
#include "data/cache_shared.h"
#include "data/revision.h"
#include "io/fiber.h"

enum { BUCKETS_MIN = 1024, CLAIM_BUCKETS = 256, KEY_MAX = 8192, CLOCK_STEP_US = 1000000 };
enum { MALLOC_OVERHEAD = 32, TTL_MAX_MS = 86400000, TAKES_MAX = 4 };

struct entry {
    struct cache_entry public;
    struct entry *next;          // in its bucket
    struct entry *newer, *older; // by last use
    uint64_t hash;
    size_t size;
    uint32_t held;
    bool kept; // counted, in the table; else it lives only while held
    struct str key;
};

struct waiter {
    struct wait wait;
    const struct cache_entry *entry;
    struct waiter *next;
};

struct cache_claim {
    int64_t tenant;
    uint64_t hash;
    struct str key;
    bool shared;
    struct waiter *waiters;
    struct cache_claim *next;
};

static struct {
    struct entry **buckets;
    size_t bucket_count;
    struct entry *newest, *oldest;
    size_t bytes_max;
    struct cache_claim *claims[CLAIM_BUCKETS];
    struct cache_counters counters;
    bool on;
} cache;

void cache_init(size_t bytes_max)
{
    const char *wish = getenv("VITRINE_CACHE");
    cache.on = !wish || strcmp(wish, "off") != 0;
    cache.bytes_max = bytes_max;
    cache.bucket_count = BUCKETS_MIN;
    cache.buckets = calloc(cache.bucket_count, sizeof *cache.buckets);
    check(cache.buckets);
}

static uint64_t hash_of(int64_t tenant, struct str key)
{
    return hash_bytes(key) ^ (uint64_t)tenant * UINT64_C(0x9e3779b97f4a7c15);
}

static struct entry **bucket_of(uint64_t hash)
{
    return &cache.buckets[hash & (cache.bucket_count - 1)];
}

static void unlink_use(struct entry *e)
{
    *(e->newer ? &e->newer->older : &cache.newest) = e->older;
    *(e->older ? &e->older->newer : &cache.oldest) = e->newer;
}

static void link_use(struct entry *e)
{
    e->newer = NULL;
    e->older = cache.newest;
    *(cache.newest ? &cache.newest->newer : &cache.oldest) = e;
    cache.newest = e;
}

static void drop(struct entry *e)
{
    struct entry **at = bucket_of(e->hash);
    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    unlink_use(e);
    e->kept = false;
    cache.counters.bytes -= e->size;
    cache.counters.entries--;
    if (!e->held)
        free(e);
}

void cache_fini(void)
{
    while (cache.oldest)
        drop(cache.oldest);
    free(cache.buckets);
    cache.buckets = NULL;
}

bool cache_switch(bool on)
{
    bool was = cache.on;
    cache.on = on;
    while (!on && cache.oldest)
        drop(cache.oldest);
    return was;
}

static void grow(void)
{
    struct entry **old = cache.buckets;
    size_t count = cache.bucket_count;
    cache.bucket_count *= 2;
    cache.buckets = calloc(cache.bucket_count, sizeof *cache.buckets);
    check(cache.buckets);
    for (size_t i = 0; i < count; i++)
        for (struct entry *e = old[i], *next; e; e = next) {
            next = e->next;
            e->next = *bucket_of(e->hash);
            *bucket_of(e->hash) = e;
        }
    free(old);
}

static struct entry *lookup(uint64_t hash, int64_t tenant, struct str key)
{
    struct entry *e = *bucket_of(hash);
    while (e && (e->hash != hash || e->public.tenant != tenant || !str_eq(e->key, key)))
        e = e->next;
    return e;
}

// Neither older than the site nor outlived, also when tests move the time in either direction.
static bool is_fresh(const struct cache_entry *e)
{
    int64_t now_us = clock_now_us();
    return e->revision >= revision_seen(e->tenant) && now_us < e->expires_at_us &&
           e->made_at_us <= now_us + CLOCK_STEP_US;
}

static const struct cache_entry *hold(struct entry *e)
{
    e->held++;
    return &e->public;
}

static const struct cache_entry *find(uint64_t hash, int64_t tenant, struct str key)
{
    struct entry *e = cache.on ? lookup(hash, tenant, key) : NULL;
    if (!e)
        return NULL;
    if (!is_fresh(&e->public)) {
        cache.counters.stale++;
        drop(e);
        return NULL;
    }
    unlink_use(e);
    link_use(e);
    cache.counters.hits++;
    metric_add(METRIC_cache_hits_total, 1);
    return hold(e);
}

const struct cache_entry *cache_find(int64_t tenant, struct str key)
{
    return find(hash_of(tenant, key), tenant, key);
}

void cache_acquire(const struct cache_entry *e)
{
    ((struct entry *)e)->held++;
}

void cache_release(const struct cache_entry *public)
{
    struct entry *e = (struct entry *)public;
    if (!e)
        return;
    check(e->held > 0);
    if (--e->held == 0 && !e->kept)
        free(e);
}

// One block: the entry, its head (aligned like a struct), body and key.
static struct entry *make(uint64_t hash, struct str key, const struct cache_entry *from)
{
    size_t size = sizeof(struct entry) + key.len + from->head.len + from->body.len;
    struct entry *e = malloc(size);
    check(e);
    char *head = (char *)(e + 1), *body = head + from->head.len, *name = body + from->body.len;
    memcpy(name, key.p, key.len);
    if (from->head.len)
        memcpy(head, from->head.p, from->head.len);
    if (from->body.len)
        memcpy(body, from->body.p, from->body.len);
    *e = (struct entry){
        .public = *from,
        .hash = hash,
        .size = size + MALLOC_OVERHEAD,
        .key = str_n(name, key.len),
    };
    e->public.head = str_n(head, from->head.len);
    e->public.body = str_n(body, from->body.len);
    return e;
}

// One entry may take an eighth at most, so that a few large ones don't push out all others.
static void keep(struct entry *e)
{
    struct entry *before = lookup(e->hash, e->public.tenant, e->key);
    if (before && before->public.revision > e->public.revision)
        return;
    if (before)
        drop(before);
    if (!cache.on || e->size > cache.bytes_max / 8 || !is_fresh(&e->public))
        return;
    while (cache.counters.bytes + e->size > cache.bytes_max) {
        drop(cache.oldest);
        cache.counters.evictions++;
        metric_add(METRIC_cache_evictions_total, 1);
    }
    if (cache.counters.entries >= cache.bucket_count)
        grow();
    e->next = *bucket_of(e->hash);
    *bucket_of(e->hash) = e;
    link_use(e);
    e->kept = true;
    cache.counters.bytes += e->size;
    cache.counters.entries++;
}

static struct cache_claim **claim_of(uint64_t hash, int64_t tenant, struct str key)
{
    struct cache_claim **at = &cache.claims[hash % CLAIM_BUCKETS];
    while (*at && ((*at)->hash != hash || (*at)->tenant != tenant || !str_eq((*at)->key, key)))
        at = &(*at)->next;
    return at;
}

// Ends the claim; with an entry, each who waits gets it, held.
static void settle(struct cache_claim *claim, struct entry *e)
{
    *claim_of(claim->hash, claim->tenant, claim->key) = claim->next;
    for (struct waiter *w = claim->waiters, *next; w; w = next) {
        next = w->next;
        w->entry = e ? hold(e) : NULL;
        wait_done(&w->wait);
    }
    free(claim);
}

static void stop_waiting(const struct cache_want *want, uint64_t hash, struct waiter *w)
{
    struct cache_claim *claim = *claim_of(hash, want->tenant, want->key);
    struct waiter **at = &claim->waiters;
    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
}

static const struct cache_entry *join(
    struct cache_claim *claim, const struct cache_want *want, int64_t until_ms)
{
    struct waiter w = {.next = claim->waiters};
    uint64_t hash = claim->hash;
    claim->waiters = &w;
    cache.counters.waits++;
    int64_t left_ms = until_ms - clock_mono_ms();
    if (!fiber_wait(&w.wait, left_ms > 0 ? left_ms : 0)) {
        stop_waiting(want, hash, &w);
        return NULL;
    }
    return w.entry;
}

static struct cache_claim *new_claim(const struct cache_want *want, uint64_t hash)
{
    struct cache_claim *claim = malloc(sizeof *claim + want->key.len);
    check(claim);
    memcpy(claim + 1, want->key.p, want->key.len);
    *claim = (struct cache_claim){
        .tenant = want->tenant,
        .hash = hash,
        .key = str_n(claim + 1, want->key.len),
        .shared = want->shared,
        .next = cache.claims[hash % CLAIM_BUCKETS],
    };
    cache.claims[hash % CLAIM_BUCKETS] = claim;
    return claim;
}

// On success the claim is over.
static const struct cache_entry *from_shared(struct cache_claim *claim)
{
    struct arena *a = arena_new();
    struct cache_entry found;
    const struct cache_entry *result = NULL;
    if (cache_shared_get(a, claim->tenant, claim->key, &found) && is_fresh(&found)) {
        cache.counters.shared_hits++;
        metric_add(METRIC_cache_shared_hits_total, 1);
        struct entry *e = make(claim->hash, claim->key, &found);
        result = hold(e);
        keep(e);
        settle(claim, e);
    }
    arena_free(a);
    return result;
}

static void count_miss(void)
{
    cache.counters.misses++;
    metric_add(METRIC_cache_misses_total, 1);
}

const struct cache_entry *cache_claim(const struct cache_want *want, struct cache_claim **claim)
{
    uint64_t hash = hash_of(want->tenant, want->key);
    int64_t until_ms = clock_mono_ms() + want->wait_ms;
    *claim = NULL;
    // More than once only when the site changed while somebody computed.
    for (int takes = 0; cache.on && takes < TAKES_MAX && want->key.len <= KEY_MAX; takes++) {
        const struct cache_entry *e = find(hash, want->tenant, want->key);
        if (e)
            return e;
        struct cache_claim *other = *claim_of(hash, want->tenant, want->key);
        if (!other) {
            struct cache_claim *ours = new_claim(want, hash);
            e = want->shared ? from_shared(ours) : NULL;
            *claim = e ? NULL : ours;
            if (!e)
                count_miss();
            return e;
        }
        e = join(other, want, until_ms);
        if (!e || is_fresh(e))
            return e;
        cache_release(e);
    }
    count_miss();
    return NULL;
}

const struct cache_entry *cache_fill(struct cache_claim *claim, const struct cache_value *value)
{
    int64_t now_us = clock_now_us();
    int64_t ttl_ms = value->ttl_ms < TTL_MAX_MS ? value->ttl_ms : TTL_MAX_MS;
    struct cache_entry from = {
        .tenant = claim->tenant,
        .revision = value->revision,
        .made_at_us = now_us,
        .expires_at_us = now_us + ttl_ms * 1000,
        .head = value->head,
        .body = value->body,
    };
    if (value->revision > 0)
        revision_learn(claim->tenant, value->revision);
    struct entry *e = make(claim->hash, claim->key, &from);
    hold(e);
    keep(e);
    if (claim->shared && e->kept)
        cache_shared_set(e->key, &e->public);
    settle(claim, e);
    return &e->public;
}

void cache_abandon(struct cache_claim *claim)
{
    settle(claim, NULL);
}

struct cache_counters cache_counters(void)
{
    return cache.counters;
}
