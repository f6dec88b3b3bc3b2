// Weekly rules: made, changed and removed, each as one guarded unit together with what follows for
// the slots (schedule.h), audited. Also the exceptions that keep a rule from making a slot again
// where one was moved or taken out.
#pragma once

#include "domain/schedule.h"

// `id` 0: a new one; `version` is what was looked at.
struct schedule_outcome schedule_save_rule(
    struct arena *a, const struct schedule_ask *ask, const struct schedule_rule *rule);
struct schedule_outcome schedule_remove_rule(
    struct arena *a, const struct schedule_ask *ask, int64_t offer, int64_t rule);

// Times in a row: from–to in steps, as a rule's minutes. False when there are more than a rule may
// have.
bool schedule_fill_times(struct schedule_rule *rule, int from_min, int to_min, int every_min);
// What the audit and the conflict page say of a rule.
struct value *schedule_rule_value(struct arena *a, const struct schedule_rule *rule);
// "09:00, 10:30".
struct str schedule_times_text(struct arena *a, const struct schedule_rule *rule);
