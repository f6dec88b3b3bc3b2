// The first-level cache of a process: finished bytes (pages, fragments, compressed forms) by key,
// bounded, least recently used first out. Entries never change and are counted: one that is held
// stays valid, also after it was replaced or thrown out. An entry carries its site and the revision
// of its snapshot and isn't found once the site is newer. Entries marked `shared` are also kept in
// Redis for the other processes. Of fibers that miss the same key one computes, the others wait.
// Lives on the loop; nothing private of a person ever goes in.
#pragma once

#include "base/str.h"

// Payload: `head` is whatever fixed part the caller defines (status, lengths), aligned like a
// struct in an entry; `body` is raw bytes.
struct cache_entry {
    int64_t tenant, revision;
    int64_t made_at_us, expires_at_us; // business time
    struct str head, body;
};

enum { CACHE_BYTES = 64 << 20, CACHE_SHARED_MAX = 512 << 10 };

// The environment's VITRINE_CACHE=off starts it switched off. Once per process.
void cache_init(size_t bytes_max);
void cache_fini(void);
// Off: empties it, nothing is found or kept. Says what it was.
bool cache_switch(bool on);

// The entry, held, or NULL. Never waits: also on the loop, before a fiber is made. Keys are unique
// within a site; a page's has host, path, canonical query, representation, language, encoding.
const struct cache_entry *cache_find(int64_t tenant, struct str key);
void cache_acquire(const struct cache_entry *e);
// NULL is allowed.
void cache_release(const struct cache_entry *e);

// From a fiber that will compute what it doesn't find. Looks here, then (when `shared`) in Redis,
// then waits for a fiber that is computing it, `wait_ms` at most. Returns the entry, held; or NULL
// with a claim, which ends with cache_fill or cache_abandon; or NULL without one (off, waited too
// long, the other one gave up): then compute and don't keep.
struct cache_claim;
struct cache_want {
    int64_t tenant;
    struct str key;
    bool shared;
    int64_t wait_ms;
};
const struct cache_entry *cache_claim(const struct cache_want *want, struct cache_claim **claim);

struct cache_value {
    int64_t revision; // of the snapshot; read in the same unit as the data
    int64_t ttl_ms;   // at most a day
    struct str head, body;
};
// Keeps a copy, wakes who waits, returns the entry, held (too large to keep: only for the caller).
const struct cache_entry *cache_fill(struct cache_claim *claim, const struct cache_value *value);
// It failed or may not be shared: wakes who waits, each computes for itself.
void cache_abandon(struct cache_claim *claim);

struct cache_counters {
    uint64_t hits, misses, shared_hits, stale, evictions, waits;
    size_t entries, bytes;
};
struct cache_counters cache_counters(void);
