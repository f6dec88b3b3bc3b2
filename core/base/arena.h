// A region of memory that is freed whole. A fiber owns one for its request, a job for its run, a
// cached object for its life. Allocation never fails: every size that a client controls is limited
// before it comes here, so running out of memory aborts. Used by one thread at a time.
#pragma once

#include <stddef.h>

struct arena;

struct arena *arena_new(void);

// Frees everything allocated from it. NULL is allowed.
void arena_free(struct arena *a);

// Empties it and keeps one block for the next use.
void arena_reset(struct arena *a);

// Uninitialised memory, aligned for any type.
void *arena_alloc(struct arena *a, size_t size);

// Zeroed memory for `count` objects of `size`; the product is checked.
void *arena_zalloc(struct arena *a, size_t count, size_t size);

// Grows the newest allocation in place where it can, else copies it.
void *arena_grow(struct arena *a, void *p, size_t old_size, size_t new_size);

// Bytes taken from the system, for limits and metrics.
size_t arena_size(const struct arena *a);

#define arena_new_object(a, type) ((type *)arena_zalloc((a), 1, sizeof(type)))
#define arena_new_array(a, type, n) ((type *)arena_zalloc((a), (n), sizeof(type)))
