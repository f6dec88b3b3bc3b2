// What hangs on a customer goes over to another one, and back: generated from the register of
// personal data (personal.h, `merge`), plugins' tables included, whether the plugin is on or off.
// For customer_merge.c, and for who lists the register.
#pragma once

#include "data/db.h"

struct personal_merge {
    int64_t kept, other, merge;
};
// Every row of `other` goes over to `kept` or is dropped, and is noted down under `merge`.
void personal_merge_add(struct unit *u, const struct personal_merge *m);
// What still is where it was put goes back; what was dropped is there again.
void personal_merge_undo(struct unit *u, const struct personal_merge *m);
// Which of these customers anything of that hangs on: adds statements that answer customer_id, how
// many.
int personal_merge_used(struct unit *u, const int64_t *ids, size_t count);
// The table of one of those statements, as the register has it.
const char *personal_merge_table(int place);
// What tells rows of this table apart; NULL: it doesn't follow.
const char *personal_merge_key(const char *table);
