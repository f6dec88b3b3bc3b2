// A calendar file (RFC 5545) of what somebody bought. Times are written in UTC: an order's events
// don't repeat, so an instant is exact in every calendar program, also in the hour that occurs
// twice in autumn, and no program has to understand a VTIMEZONE of ours (several ignore or misread
// them). When a slot moves, the same UID with a higher SEQUENCE replaces it. No I/O.
#pragma once

#include "base/str.h"

struct calendar_event {
    struct str uid; // "line-123@site.example": the same for every version of the event
    int64_t start_us, end_us;
    struct str summary, location, description, url; // all but summary may be absent
    int sequence;                                   // rises with every change
    bool cancelled;
};

struct calendar {
    struct str name;  // shown where a program makes a calendar of the file; may be absent
    int64_t stamp_us; // when this file was made
    const struct calendar_event *events;
    size_t count;
};

// The .ics text from the arena. METHOD is PUBLISH, or CANCEL when every event is cancelled.
struct str calendar_ics(struct arena *a, const struct calendar *c);
