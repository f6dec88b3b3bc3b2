// The form of a weekly rule: its fields from what is stored, and a rule from what was sent, with
// refusals beside the fields.
#pragma once

#include "domain/schedule_rule.h"
#include "http/form.h"

extern const struct form rule_form_new, rule_form_change;

// Reads the sent fields over `base`.
void rule_form_take(struct request *r, struct schedule_rule *rule);
// Adds `rule` and `days` to the view; what was typed goes before what is stored.
void rule_form_view(struct request *r, struct value *view, const struct schedule_rule *rule);
// "Mo, Tu · 09:00, 10:30 · from … until …".
struct str rule_form_summary(struct request *r, const struct schedule_rule *rule);
