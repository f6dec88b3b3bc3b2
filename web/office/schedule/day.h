// The slots of some days as they were read: what the schedule's day and week are made from. Read in
// one unit; lives in the request's arena.
#pragma once

#include "domain/opening.h"
#include "http/request.h"

struct day_slot {
    int64_t id, offer, starts_us, ends_us, taken, capacity;
    struct str title, state, resources;
    bool exclusive, single;
    struct value *view; // schedule_slot_view's, once it was asked for
};

// An offer uses a resource.
struct day_link {
    int64_t offer, resource;
};

struct schedule_days {
    struct date first;
    int count;
    int64_t now_us, from_us, to_us;
    struct day_slot *slots;
    int slot_count;
    const struct rows *uses, *resources, *offers;
    const struct day_link *links;
    int link_count;
    struct opening opening;
    int64_t resource, offer; // the filters; 0: all
};

// Answers and is false when the database is away.
bool schedule_days_read(struct request *r, struct schedule_days *d);
// Whether the slot uses the resource, one of its own or its offer's; 0: whether it uses none.
bool schedule_uses(const struct schedule_days *d, const struct day_slot *s, int64_t resource);
// Whether a list such as "{1,2}" has the resource.
bool schedule_has_resource(struct str list, int64_t resource);
// One slot for lists and cells, made once; who changes it takes a copy.
struct value *schedule_slot_view(
    struct request *r, const struct schedule_days *d, struct day_slot *s);
// `grid` of a day: a column for each resource, a row for each start.
void schedule_grid_view(struct request *r, const struct schedule_days *d, struct value *view);
// `week`: a row for each resource, a cell for each day.
void schedule_week_view(struct request *r, const struct schedule_days *d, struct value *view);
