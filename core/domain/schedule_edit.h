// An edit of what schedules are made from: a rule, hours, a closure. The facts are read, the edit
// changes them in memory, what follows for the slots is planned, and unless it is only a look all
// of it is written as one guarded unit. When somebody else changed the site meanwhile it is tried
// again; whether what was edited is still as it was looked at is for `apply` to say.
#pragma once

#include "domain/schedule.h"

struct schedule_edit {
    struct arena *a;
    const struct schedule_ask *ask;
    int64_t offer; // whose facts: 0, all of them
    int64_t rule;  // that is edited, of which all that is missing is told; 0: only what is new
    // Changes the facts, and remembers what was before.
    enum schedule_result (*apply)(struct schedule_edit *e, struct schedule_facts *f);
    // Adds the statements of the edit itself.
    void (*add)(struct schedule_edit *e, struct unit *u);
    void *arg;
    struct audit audit; // `apply` fills in before and after
};

struct schedule_outcome schedule_edit(struct schedule_edit *e);
