// What a change of rules, hours, closures or of an offer's resources means for the slots, told
// before it is saved: how many are made and taken away, which can't be made and which stay because
// somebody has them, and why.
#pragma once

#include "data/audit.h"
#include "domain/schedule.h"
#include "http/request.h"

// Adds `effect` to the view.
void schedule_effect_view(struct request *r, struct value *view, const struct schedule_facts *facts,
    const struct schedule_plan *plan);
// Adds `missing` (the times of a rule that aren't there; 0: all of the plan's) with what stands in
// their way, `missing_count` and for people what of it is folded away.
void schedule_missing_view(struct request *r, struct value *view, const struct schedule_facts *f,
    const struct schedule_plan *p, int64_t rule);
// Saves what `save` does, unless only a look was asked for, or booked slots stay or rooms are in
// use that nobody agreed to: false, and the page shows what would follow.
typedef struct schedule_outcome (*schedule_save)(
    struct arena *a, const struct schedule_ask *ask, const void *what);
bool schedule_settle(
    struct request *r, schedule_save save, const void *what, struct schedule_outcome *o);
// Answers with the problem for what wasn't done, when the page has no better words for it.
void schedule_problem(struct request *r, enum schedule_result result);
// Where one goes after a change: `path` with what followed, and the notice there that says it
// (office_done); its form has SCHEDULE_DONE_FIELDS.
struct str schedule_done_path(struct request *r, struct str path, const struct schedule_plan *plan);
struct value *schedule_done(struct request *r, struct value *view, struct str title);
#define SCHEDULE_DONE_FIELDS                                                              \
    {"done", .kind = FIELD_TEXT, .max = 20}, {"made", .kind = FIELD_INT, .max = 1000000}, \
        {"removed", .kind = FIELD_INT, .max = 1000000},                                   \
        {"in_use", .kind = FIELD_INT, .max = 1000000},                                    \
    {                                                                                     \
        "skipped", .kind = FIELD_INT, .max = 1000000                                      \
    }
// Why it is closed, in the reader's language: its reason, else what kind of closure it is.
struct str schedule_closure_reason(struct request *r, const struct closure *closure);
// Who is at it, for the audit.
struct audit schedule_who(const struct request *r);
// Adds `slot` to the view, of SQL_office_slot's row.
void schedule_slot_facts(struct request *r, struct value *view, const struct rows *slot);
// "/manage/schedule/slots/ID".
struct str schedule_slot_path(struct arena *a, int64_t slot);
// An option of a select: {value, label, chosen}.
void schedule_option(
    struct arena *a, struct value *list, struct str value, struct str label, bool chosen);
// A date and perhaps a time of the form as an instant, the end of a time without one being the end
// of the day; a skipped time is the first one after the gap. Refuses the field, then it is 0.
int64_t schedule_instant(
    struct request *r, const char *day_field, const char *time_field, bool end);
