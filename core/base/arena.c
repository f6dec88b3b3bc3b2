#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum { BLOCK_SIZE = 8 * 1024 - 64, ALIGN = alignof(max_align_t) };

struct block {
    struct block *older;
    size_t size, used;
    alignas(max_align_t) unsigned char data[];
};

struct arena {
    struct block *newest;
    size_t total;
};

static struct block *block_new(struct arena *a, size_t at_least)
{
    size_t size = at_least > BLOCK_SIZE ? at_least : BLOCK_SIZE;
    struct block *b = malloc(sizeof *b + size);
    check(b);
    b->older = a->newest;
    b->size = size;
    b->used = 0;
    a->newest = b;
    a->total += size;
    return b;
}

struct arena *arena_new(void)
{
    struct arena *a = calloc(1, sizeof *a);
    check(a);
    return a;
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    for (struct block *b = a->newest, *older; b; b = older) {
        older = b->older;
        free(b);
    }
    free(a);
}

void arena_reset(struct arena *a)
{
    struct block *kept = NULL;
    for (struct block *b = a->newest, *older; b; b = older) {
        older = b->older;
        if (!kept && b->size == BLOCK_SIZE)
            kept = b;
        else
            free(b);
    }
    if (kept) {
        kept->older = NULL;
        kept->used = 0;
    }
    a->newest = kept;
    a->total = kept ? kept->size : 0;
}

void *arena_alloc(struct arena *a, size_t size)
{
    check(size < SIZE_MAX / 2);
    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    struct block *b = a->newest;
    if (!b || b->size - b->used < size)
        b = block_new(a, size);
    void *p = b->data + b->used;
    b->used += size;
    return p;
}

void *arena_zalloc(struct arena *a, size_t count, size_t size)
{
    size_t bytes;
    check(!__builtin_mul_overflow(count, size, &bytes));
    return memset(arena_alloc(a, bytes), 0, bytes);
}

void *arena_grow(struct arena *a, void *p, size_t old_size, size_t new_size)
{
    check(new_size >= old_size && new_size < SIZE_MAX / 2);
    struct block *b = a->newest;
    size_t old_room = (old_size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    size_t new_room = (new_size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (p && b && (unsigned char *)p + old_room == b->data + b->used &&
        b->size - b->used >= new_room - old_room) {
        b->used += new_room - old_room;
        return p;
    }
    void *moved = arena_alloc(a, new_size);
    if (old_size)
        memcpy(moved, p, old_size);
    return moved;
}

size_t arena_size(const struct arena *a)
{
    return a->total;
}
