// Schedules: weekly rules in the site's zone become slots, far enough ahead for what is on sale,
// where the opening hours and closures leave room. What should be is planned from what was read,
// then written as one guarded unit together with the change that made it necessary (a rule, hours,
// a closure): slots that nobody has are made and removed; those with sales stay as they are and are
// told; in a closed time what was sold is honoured and nothing more is sold. Times that a spring
// change skips have no slot, of those that an autumn change repeats the first one has. What takes a
// room has none where somebody else has it: each time that is missing is told, with what stands in
// its way.
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

// The use of a resource, by a slot or by what was sold.
struct schedule_use {
    int64_t resource, offer, slot; // slot 0: of a line
    int64_t from_us, to_us;
    bool over; // by a hold that ran out
};

// What a plan is made from. A caller changes rules or opening here to see what would follow.
struct schedule_facts {
    const struct site *site;
    int64_t now_us, revision;
    // An offer's resources are others from now on: all of its times take them, also those that
    // somebody has.
    bool takes_anew;
    // Of the resources that slots take.
    struct schedule_use *uses;
    int use_count;
    const struct rows *titles, *names; // of offers, of resources
    struct schedule_offer *offers;
    struct schedule_rule *rules; // by offer; there is room for one more
    struct schedule_slot *slots; // from now on, by offer and start
    struct opening opening;      // there is room for one more of each
    int offer_count, rule_count, slot_count;
    struct value *exceptions; // [{offer_id, starts_at}], by offer and start
};

// Why there is no slot, or one that has sales stays although it wouldn't be made.
enum schedule_why {
    SCHEDULE_IN_USE, // a resource is
    SCHEDULE_CLOSURE,
    SCHEDULE_HOURS,
    SCHEDULE_GAP, // the clock change skips it
    SCHEDULE_NO_RULE,
};

// What stands in the way of a time.
struct schedule_cause {
    enum schedule_why why;
    const struct closure *closure;
    int64_t resource;       // 0: all of the site
    struct schedule_use by; // of SCHEDULE_IN_USE
};

struct schedule_kept {
    const struct schedule_slot *slot;
    struct schedule_cause cause;
};

// A time that a rule wants and that isn't there, or goes.
struct schedule_missing {
    int64_t offer, rule, at_us;
    int minute; // of the day, of a time that the clock skips
    struct schedule_cause cause;
};

enum { SCHEDULE_KEPT_MAX = 500 };

struct schedule_plan {
    struct value *made;    // [{slot_id, offer_id, starts_us, ends_us, rule_id, …}]
    struct value *renewed; // [{slot_id, …}]: nobody has them, or only what is open changed
    struct value *taken;   // [{slot_id, resource_id, from_us, to_us}]: of these and of the freed
    int64_t *freed;        // take their resources anew
    int freed_count;
    bool takes_over; // holds that ran out may be in the way
    int64_t *removed, *closed, *opened;
    int64_t *detached; // kept without a rule: single ones from then on
    int removed_count, closed_count, opened_count, detached_count;
    struct schedule_kept kept[SCHEDULE_KEPT_MAX];
    int kept_count;
    struct schedule_missing *missing; // by why, time and offer
    int missing_count;
    int64_t too_many; // an offer that has more than SCHEDULE_SLOTS_MAX; 0: none
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
// With what uses the resources of these codes too.
struct schedule_facts *schedule_read_with(struct arena *a, const struct site *site, int64_t offer,
    int64_t now_us, const struct value *codes);
struct schedule_plan *schedule_plan(struct arena *a, const struct schedule_facts *facts);
// Leaves out what was missing before for the same reason, but for that of a rule (0: of none).
void schedule_plan_news(
    struct schedule_plan *plan, const struct schedule_plan *before, int64_t of_rule);
int schedule_missing_count(const struct schedule_plan *plan, enum schedule_why why);
int schedule_missing_of(const struct schedule_plan *plan, int64_t rule);
// First in the unit: it fails (SCHEDULE_CHANGED) when the site was changed since the facts were
// read. Then the caller's own statements, then those of the plan.
void schedule_add_guard(struct unit *u, const struct schedule_facts *facts);
void schedule_add_plan(
    struct unit *u, const struct schedule_facts *facts, const struct schedule_plan *plan);
enum schedule_result schedule_result_of(struct unit *u, enum db_result result);

const struct schedule_offer *schedule_offer_of(const struct schedule_facts *f, int64_t offer);
// Of any offer and resource of the site; absent when there is none such.
struct value *schedule_title_of(struct arena *a, const struct schedule_facts *f, int64_t offer);
struct str schedule_name_of(const struct schedule_facts *f, int64_t resource);
// Whether a time is open for an offer. `open` are the resources that are, as "{1,2}", absent when
// all of them are; `closure` says why it isn't, when it is one.
enum schedule_time { SCHEDULE_TIME_OPEN, SCHEDULE_TIME_CLOSURE, SCHEDULE_TIME_HOURS };
struct schedule_moment {
    enum schedule_time time;
    struct str open;
    const struct closure *closure;
    int64_t resource; // that isn't open; 0: the site
};
struct schedule_moment schedule_moment_of(struct arena *a, const struct schedule_facts *f,
    const struct schedule_offer *o, int64_t from_us);

// Writes what is missing from today on, offer by offer. False when the database refused. From a
// fiber.
bool schedule_extend(struct arena *a, const struct site *site, int64_t now_us);
