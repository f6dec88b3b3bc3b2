// Schedules: weekly rules in the site's zone become slots, far enough ahead for what is on sale,
// where the opening hours and closures leave room. What should be is planned from what was read,
// then written as one guarded unit together with the change that made it necessary (a rule, hours,
// a closure): slots that nobody has are made and removed; those with sales stay as they are and are
// told; in a closed time what was sold is honoured and nothing more is sold. Times that a spring
// change skips have no slot, of those that an autumn change repeats the first one has.
#pragma once

#include "data/audit.h"
#include "domain/opening.h"

enum {
    SCHEDULE_DAYS_AHEAD = 60,
    SCHEDULE_TIMES_MAX = 288,  // of a rule in a day
    SCHEDULE_SLOTS_MAX = 5000, // of an offer's rules, from today on
};

struct schedule_rule {
    int64_t id, offer, version;
    unsigned days; // bit 1 is Monday
    int minutes[SCHEDULE_TIMES_MAX];
    int count;
    struct date from, to;
    bool has_from, has_to;
    int64_t every, week;
    struct value *rate_codes; // NULL: all
};

struct schedule_offer {
    int64_t id, duration_min, buffer_min, capacity, days_ahead;
    struct value *title;
    bool exclusive;
    int64_t *resources;
    int resource_count;
};

enum slot_state { SLOT_OPEN, SLOT_CLOSED, SLOT_CANCELLED };

struct schedule_slot {
    int64_t id, offer, rule; // rule 0: a single one
    int64_t starts_us, ends_us, taken, capacity, version;
    enum slot_state state;
    bool used;            // somebody has or had something of it
    struct str resources; // "{1,2}", absent: all of the offer's
};

// What a plan is made from. A caller changes rules or opening here to see what would follow.
struct schedule_facts {
    const struct site *site;
    int64_t now_us, revision;
    struct schedule_offer *offers;
    struct schedule_rule *rules; // by offer; there is room for one more
    struct schedule_slot *slots; // from now on, by offer and start
    struct opening opening;      // there is room for one more of each
    int offer_count, rule_count, slot_count;
    struct value *exceptions; // [{offer_id, starts_at}], by offer and start
};

// Why a slot that has sales stays although it wouldn't be made.
enum schedule_why { SCHEDULE_NO_RULE, SCHEDULE_CLOSURE, SCHEDULE_HOURS };

struct schedule_kept {
    const struct schedule_slot *slot;
    enum schedule_why why;
    const struct closure *closure;
};

enum { SCHEDULE_KEPT_MAX = 500 };

struct schedule_plan {
    struct value *made;    // [{offer_id, starts_us, ends_us, rule_id, capacity, resources}]
    struct value *renewed; // [{slot_id, …}]: nobody has them, or only what is open changed
    int64_t *removed, *closed, *opened;
    int64_t *detached; // kept without a rule: single ones from then on
    int removed_count, closed_count, opened_count, detached_count;
    struct schedule_kept kept[SCHEDULE_KEPT_MAX];
    int kept_count;
    int64_t skipped_closed, skipped_gap; // times without a slot
    int64_t too_many;                    // an offer that has more than SCHEDULE_SLOTS_MAX; 0: none
    int64_t too_many_slots;
    int64_t first_us, last_us; // of what is made; 0: nothing is
};

enum schedule_result {
    SCHEDULE_DONE,
    SCHEDULE_TOO_MANY,  // more slots than an offer may have
    SCHEDULE_CHANGED,   // somebody else was faster: read again
    SCHEDULE_NOT_FOUND, // what was to be changed
    SCHEDULE_UNAVAILABLE,
};

// What is asked of a change, and what came of it.
struct schedule_ask {
    const struct site *site;
    const struct audit *who; // its actor
    bool looks;              // only says what would follow
};

struct schedule_outcome {
    enum schedule_result result;
    const struct schedule_facts *facts;
    const struct schedule_plan *plan; // what follows, or would
    int64_t id;
};

// Everything of the site, or of one offer. NULL when the database is away.
struct schedule_facts *schedule_read(
    struct arena *a, const struct site *site, int64_t offer, int64_t now_us);
struct schedule_plan *schedule_plan(struct arena *a, const struct schedule_facts *facts);
// First in the unit: it fails (SCHEDULE_CHANGED) when the site was changed since the facts were
// read. Then the caller's own statements, then those of the plan.
void schedule_add_guard(struct unit *u, const struct schedule_facts *facts);
void schedule_add_plan(
    struct unit *u, const struct schedule_facts *facts, const struct schedule_plan *plan);
enum schedule_result schedule_result_of(struct unit *u, enum db_result result);

const struct schedule_offer *schedule_offer_of(const struct schedule_facts *f, int64_t offer);
// Whether a time is open for an offer. `open` are the resources that are, as "{1,2}", absent when
// all of them are; `closure` says why it isn't, when it is one.
enum schedule_time { SCHEDULE_TIME_OPEN, SCHEDULE_TIME_CLOSURE, SCHEDULE_TIME_HOURS };
struct schedule_moment {
    enum schedule_time time;
    struct str open;
    const struct closure *closure;
};
struct schedule_moment schedule_moment_of(struct arena *a, const struct schedule_facts *f,
    const struct schedule_offer *o, int64_t from_us);

// Writes what is missing from today on, offer by offer. False when the database refused. From a
// fiber.
bool schedule_extend(struct arena *a, const struct site *site, int64_t now_us);
