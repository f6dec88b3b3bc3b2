// Writes a changed basket as one guarded unit. Private to the basket's and payment's files.
#pragma once

#include "domain/basket.h"

struct basket_change {
    struct order *order;
    bool is_new;
    struct str session_hash; // of a session to be inserted first, else absent
    bool keeps_hold;         // the hold's end stays: nothing was asked for
    bool extends;            // uses the one extension
};

// Prices the order, asks the plugins' hold_check, sends the unit, once.
struct order_outcome basket_save(
    struct arena *a, const struct site *site, struct basket_change *change);

// Frees what ran out on a slot, then takes `delta` places of it (below zero: gives back) or has the
// unit refused. The slot is locked before, and its offer's resources when it is exclusive.
void basket_take_slot(struct unit *u, int64_t slot, int64_t delta, bool exclusive, struct str now);
// Chooses what an exclusive or numbered line has of a slot, or has the unit refused: this resource,
// or with 0 whichever are free.
void basket_choose(struct unit *u, const struct order_line *l, int64_t slot, int64_t resource);
