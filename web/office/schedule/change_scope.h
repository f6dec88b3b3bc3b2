// Which slots a change is about: one, or those of a day (of one resource) that haven't begun; who
// has booked them; and where those who had booked them could go instead.
#pragma once

#include "domain/slot_change.h"
#include "domain/slot_choice.h"
#include "http/request.h"

struct change_scope {
    int64_t ids[SLOT_CHANGE_MAX];
    int count;
    bool too_many;          // the day has more
    int64_t slot, resource; // what was asked for; 0: not by it
    struct str resource_name;
    struct date day;
    const struct rows *rows;            // of the slots, by their start
    int64_t version;                    // of all of them together
    int64_t targets[SLOT_CHANGE_MAX];   // side by side with the rows; 0: nothing there
    const struct rows *choices;         // of one slot: other times of its offer
    const struct day_slot *target_rows; // of a day: the slots of the other day
    int target_count;
};

// Answers and is false when there is nothing to change.
bool change_scope_read(struct request *r, struct change_scope *s);
// The slots with these numbers, whatever they are; `targets` and all.
bool change_scope_of(struct request *r, const int64_t *slots, int count, struct change_scope *s);
// Takes `to_slot` or `to_day` of the form; refuses the field, or answers and is false.
bool change_targets_read(struct request *r, struct change_scope *s);
// Until when those concerned may choose, of the form; 0: not said.
int64_t change_choose_until(const struct request *r);
// `slots`, `concerned`, `choices` and `change`; `outage_url` when it is about a resource's day.
void change_scope_view(struct request *r, struct value *view, const struct change_scope *s);
// `targets`: each slot, where it goes, and whether there is room.
void change_targets_view(struct request *r, struct value *view, const struct change_scope *s);
