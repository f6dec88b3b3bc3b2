// Which resources are free when, while a plan of the schedule is made: what was read, without what
// slots give up, with what others of the plan take. Uses of one resource never overlap. Pure
// arithmetic; lives in the plan's arena.
#pragma once

#include "domain/schedule.h"

struct schedule_room;

struct schedule_room *schedule_room_new(struct arena *a, const struct schedule_facts *f);
// What the slot has of the resource; NULL: nothing. Those of one slot may be asked in any order.
const struct schedule_use *schedule_room_own(
    const struct schedule_room *room, int64_t slot, int64_t resource);
// The slots give up what they have.
void schedule_room_leave(struct schedule_room *room, const int64_t *slots, int count);
// Who has the resource in that time; NULL: nobody.
const struct schedule_use *schedule_room_clash(
    const struct schedule_room *room, int64_t resource, int64_t from_us, int64_t to_us);
// It must be free, and later than what was taken of the resource since the room was settled.
void schedule_room_take(struct schedule_room *room, const struct schedule_use *use);
// From here on anything may be taken again.
void schedule_room_settle(struct schedule_room *room);
