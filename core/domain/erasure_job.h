// What follows an erasing. Private to erasure*.c.
#pragma once

#include "data/db.h"

// What was erased: once at once, then for what was on its way meanwhile.
struct erasure_rest {
    int64_t customer; // 0: an order alone
    const int64_t *orders;
    size_t order_count;
    int64_t at_us;
    int round;
};
void erasure_add_job(struct unit *u, const struct erasure_rest *rest, int64_t run_at_us);
void erasure_add_order_job(struct unit *u, int64_t order, int64_t run_at_us);

// Every erasing statement of the register; `given` as personal_add has it.
void erasure_add(struct unit *u, const struct str *given);
// What done jobs were about. `email` as it was typed, or absent.
bool erasure_clean_jobs(struct arena *a, int64_t tenant, int64_t customer, struct str email);
