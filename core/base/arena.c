#include "base/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

// Most blocks are of the first size; a page's text takes the second. What is larger comes from
// malloc and goes back to it.
enum { BLOCK_SIZE = 8 * 1024 - 64, PAGE_SIZE = 40 * 1024 - 64, ALIGN = alignof(max_align_t) };
enum { BLOCKS_KEPT = 512, PAGES_KEPT = 64 };

struct block {
    struct block *older;
    size_t size, used;
    alignas(max_align_t) unsigned char data[];
};

// Stands at the start of its oldest block.
struct arena {
    struct block *newest;
    size_t total;
};

struct shelf {
    struct block *first;
    int count;
};

// Blocks of this thread that wait for their next use: a request's worth costs less than one malloc.
static _Thread_local struct shelf blocks, pages;

// Under AddressSanitizer nothing is kept, so that a use after the end is seen.
#ifdef VITRINE_ASAN
static const bool keeps = false;
#else
static const bool keeps = true;
#endif

static size_t size_for(size_t at_least)
{
    return at_least <= BLOCK_SIZE ? BLOCK_SIZE : at_least <= PAGE_SIZE ? PAGE_SIZE : at_least;
}

static struct block *block_take(size_t size)
{
    struct shelf *shelf = size == BLOCK_SIZE ? &blocks : &pages;
    struct block *b = size > PAGE_SIZE ? NULL : shelf->first;
    if (b) {
        shelf->first = b->older;
        shelf->count--;
        return b;
    }
    b = malloc(sizeof *b + size);
    check(b);
    b->size = size;
    return b;
}

static void block_give_back(struct block *b)
{
    struct shelf *shelf = b->size == BLOCK_SIZE ? &blocks : &pages;
    int most = b->size == BLOCK_SIZE ? BLOCKS_KEPT : b->size == PAGE_SIZE ? PAGES_KEPT : 0;
    if (!keeps || shelf->count >= most) {
        free(b);
        return;
    }
    b->older = shelf->first;
    shelf->first = b;
    shelf->count++;
}

static struct block *block_new(struct arena *a, size_t at_least)
{
    struct block *b = block_take(size_for(at_least));
    b->older = a->newest;
    b->used = 0;
    a->newest = b;
    a->total += b->size;
    return b;
}

enum { HEAD_SIZE = (sizeof(struct arena) + ALIGN - 1) / ALIGN * ALIGN };

struct arena *arena_new(void)
{
    struct block *b = block_take(BLOCK_SIZE);
    struct arena *a = (struct arena *)b->data;
    b->older = NULL;
    b->used = HEAD_SIZE;
    *a = (struct arena){b, b->size};
    return a;
}

// All but the oldest, which is returned.
static struct block *drop_younger(struct arena *a)
{
    struct block *b = a->newest;
    for (struct block *older; (older = b->older); b = older)
        block_give_back(b);
    return b;
}

void arena_free(struct arena *a)
{
    if (a)
        block_give_back(drop_younger(a));
}

void arena_reset(struct arena *a)
{
    struct block *b = drop_younger(a);
    b->used = HEAD_SIZE;
    *a = (struct arena){b, b->size};
}

void *arena_alloc(struct arena *a, size_t size)
{
    check(size < SIZE_MAX / 2);
    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    struct block *b = a->newest;
    if (b->size - b->used < size)
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
    if (p && (unsigned char *)p + old_room == b->data + b->used &&
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
