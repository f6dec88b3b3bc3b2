#include "domain/schedule_room.h"

#include <stdlib.h>

#include "base/check.h"

struct uses {
    struct schedule_use *list;
    int count, room;
};

struct schedule_room {
    struct arena *a;
    struct uses live;                  // by resource and time
    struct uses fresh;                 // taken since it was settled
    struct uses last;                  // of those, the last of each resource
    const struct schedule_use *owners; // all there was, by slot and resource
    int owner_count;
};

static void append(struct arena *a, struct uses *u, const struct schedule_use *use)
{
    if (u->count == u->room) {
        int room = u->room ? u->room * 2 : 64;
        u->list = arena_grow(
            a, u->list, (size_t)u->room * sizeof *u->list, (size_t)room * sizeof *u->list);
        u->room = room;
    }
    u->list[u->count++] = *use;
}

static int order(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int by_time(const void *left, const void *right)
{
    const struct schedule_use *a = left, *b = right;
    return a->resource != b->resource ? order(a->resource, b->resource)
                                      : order(a->from_us, b->from_us);
}

static int by_slot(const void *left, const void *right)
{
    const struct schedule_use *a = left, *b = right;
    return a->slot != b->slot ? order(a->slot, b->slot) : order(a->resource, b->resource);
}

static int by_number(const void *left, const void *right)
{
    return order(*(const int64_t *)left, *(const int64_t *)right);
}

struct schedule_room *schedule_room_new(struct arena *a, const struct schedule_facts *f)
{
    struct schedule_room *room = arena_new_object(a, struct schedule_room);
    size_t count = (size_t)f->use_count;
    struct schedule_use *owners = arena_new_array(a, struct schedule_use, count + 1);
    room->a = a;
    for (size_t i = 0; i < count; i++) {
        owners[i] = f->uses[i];
        if (!f->uses[i].over)
            append(a, &room->live, &f->uses[i]);
    }
    if (count)
        qsort(owners, count, sizeof *owners, by_slot);
    schedule_room_settle(room);
    room->owners = owners;
    room->owner_count = f->use_count;
    return room;
}

const struct schedule_use *schedule_room_own(
    const struct schedule_room *room, int64_t slot, int64_t resource)
{
    struct schedule_use key = {.slot = slot, .resource = resource};
    return room->owner_count
               ? bsearch(&key, room->owners, (size_t)room->owner_count, sizeof key, by_slot)
               : NULL;
}

void schedule_room_leave(struct schedule_room *room, const int64_t *slots, int count)
{
    int64_t *sorted = arena_new_array(room->a, int64_t, (size_t)count + 1);
    int kept = 0;
    for (int i = 0; i < count; i++)
        sorted[i] = slots[i];
    if (!count)
        return;
    qsort(sorted, (size_t)count, sizeof *sorted, by_number);
    for (int i = 0; i < room->live.count; i++) {
        const struct schedule_use *u = &room->live.list[i];
        if (!u->slot || !bsearch(&u->slot, sorted, (size_t)count, sizeof *sorted, by_number))
            room->live.list[kept++] = *u;
    }
    room->live.count = kept;
}

static struct schedule_use *last_of(const struct schedule_room *room, int64_t resource)
{
    for (int i = 0; i < room->last.count; i++)
        if (room->last.list[i].resource == resource)
            return &room->last.list[i];
    return NULL;
}

// The last that begins before the end is the only one that can reach in.
const struct schedule_use *schedule_room_clash(
    const struct schedule_room *room, int64_t resource, int64_t from_us, int64_t to_us)
{
    int low = 0, high = room->live.count;
    struct schedule_use end = {.resource = resource, .from_us = to_us};
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (by_time(&room->live.list[middle], &end) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    const struct schedule_use *found = low ? &room->live.list[low - 1] : NULL;
    if (found && found->resource == resource && found->to_us > from_us)
        return found;
    const struct schedule_use *last = last_of(room, resource);
    return last && last->to_us > from_us ? last : NULL;
}

void schedule_room_take(struct schedule_room *room, const struct schedule_use *use)
{
    struct schedule_use *last = last_of(room, use->resource);
    check(!last || last->to_us <= use->from_us);
    if (last)
        *last = *use;
    else
        append(room->a, &room->last, use);
    append(room->a, &room->fresh, use);
}

void schedule_room_settle(struct schedule_room *room)
{
    for (int i = 0; i < room->fresh.count; i++)
        append(room->a, &room->live, &room->fresh.list[i]);
    room->fresh.count = room->last.count = 0;
    if (room->live.count)
        qsort(room->live.list, (size_t)room->live.count, sizeof *room->live.list, by_time);
}
