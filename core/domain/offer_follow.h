// What an offer's times do when it uses other resources: those that exist take them, also those
// that somebody has; one of a rule that nobody has and that finds them taken goes, others stay, and
// both are told before it is saved.
#pragma once

#include "domain/offer.h"
#include "domain/schedule.h"

struct offer_follow {
    bool agreed;                  // to what is in the way
    struct schedule_facts *facts; // NULL: nothing follows
    struct schedule_plan *plan;
};

// False when the database is away. `doc` is what is to be saved.
bool offer_follow_read(struct arena *a, const struct site *site, const struct offer *offer,
    const struct value *doc, struct offer_follow *follow);
// Whether something is in the way that nobody agreed to.
bool offer_follow_asks(const struct offer_follow *follow);
// First in the unit, and after what is stored of the offer.
void offer_follow_guard(struct unit *u, const struct offer_follow *follow);
void offer_follow_add(struct unit *u, const struct offer_follow *follow);
