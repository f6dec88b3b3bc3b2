#include "domain/schedule_rule.h"

#include "base/id.h"
#include "domain/schedule_edit.h"
#include "domain/schedule_rule.sql.h"

struct change {
    const struct schedule_rule *rule;
    bool removes, is_new;
};

bool schedule_fill_times(struct schedule_rule *rule, int from_min, int to_min, int every_min)
{
    rule->count = 0;
    for (int m = from_min; m <= to_min; m += every_min) {
        if (rule->count == SCHEDULE_TIMES_MAX)
            return false;
        rule->minutes[rule->count++] = m;
    }
    return true;
}

struct str schedule_times_text(struct arena *a, const struct schedule_rule *rule)
{
    struct str text = STR("");
    for (int i = 0; i < rule->count; i++)
        text = str_join(a, text, i ? STR(", ") : STR(""), time_text(a, rule->minutes[i]), STR_NULL);
    return text;
}

struct value *schedule_rule_value(struct arena *a, const struct schedule_rule *rule)
{
    const value_key days[] = {KEY(monday), KEY(tuesday), KEY(wednesday), KEY(thursday), KEY(friday),
        KEY(saturday), KEY(sunday)};
    struct value *v = value_object(a);
    for (int i = 0; i < 7; i++)
        value_set_bool(a, v, days[i], rule->days >> (i + 1) & 1);
    value_set_str(a, v, KEY(times), schedule_times_text(a, rule));
    value_set_str(a, v, KEY(from_date), rule->has_from ? date_text(a, rule->from) : STR_NULL);
    value_set_str(a, v, KEY(to_date), rule->has_to ? date_text(a, rule->to) : STR_NULL);
    value_set_int(a, v, KEY(every_weeks), rule->every);
    return v;
}

static struct schedule_rule *stored_rule(struct schedule_facts *f, int64_t id)
{
    for (int i = 0; i < f->rule_count; i++)
        if (f->rules[i].id == id)
            return &f->rules[i];
    return NULL;
}

// Of a rule that is gone its offer's name says which it was.
static struct value *recorded(
    struct arena *a, const struct schedule_facts *f, const struct schedule_rule *rule)
{
    struct value *v = schedule_rule_value(a, rule);
    value_set(a, v, KEY(offer), schedule_offer_of(f, rule->offer)->title);
    return v;
}

static enum schedule_result apply(struct schedule_edit *e, struct schedule_facts *f)
{
    const struct change *c = e->arg;
    struct schedule_rule *stored = stored_rule(f, c->rule->id);
    if (!schedule_offer_of(f, c->rule->offer) || (!stored && !c->is_new))
        return SCHEDULE_NOT_FOUND;
    if (stored && !c->removes && stored->version != c->rule->version)
        return SCHEDULE_CHANGED;
    e->audit.before = stored ? recorded(e->a, f, stored) : NULL;
    e->audit.after = c->removes ? NULL : recorded(e->a, f, c->rule);
    if (!stored)
        stored = &f->rules[f->rule_count++];
    if (c->removes)
        *stored = f->rules[--f->rule_count];
    else
        *stored = *c->rule;
    return SCHEDULE_DONE;
}

static struct str day_array(struct arena *a, unsigned days)
{
    int64_t list[7];
    size_t count = 0;
    for (int i = 1; i <= 7; i++)
        if (days >> i & 1)
            list[count++] = i;
    return db_i64_array(a, list, count);
}

static struct str time_array(struct arena *a, const struct schedule_rule *rule)
{
    struct str *all = arena_new_array(a, struct str, SCHEDULE_TIMES_MAX);
    for (int i = 0; i < rule->count; i++)
        all[i] = time_text(a, rule->minutes[i]);
    return db_str_array(a, all, (size_t)rule->count);
}

static struct str code_array(struct arena *a, const struct value *codes)
{
    if (!value_is(codes, VALUE_LIST))
        return STR_NULL;
    struct str *all = arena_new_array(a, struct str, value_count(codes) + 1);
    for (size_t i = 0; i < value_count(codes); i++)
        all[i] = value_as_str(value_at(codes, i));
    return db_str_array(a, all, value_count(codes));
}

static void add_rule(struct schedule_edit *e, struct unit *u)
{
    struct arena *a = e->a;
    const struct change *c = e->arg;
    const struct schedule_rule *rule = c->rule;
    struct str params[11] = {db_i64(a, unit_tenant(u)), db_i64(a, rule->id), db_i64(a, rule->offer),
        day_array(a, rule->days), time_array(a, rule), code_array(a, rule->rate_codes),
        db_i64(a, rule->every), db_i64(a, rule->week),
        rule->has_from ? date_text(a, rule->from) : STR_NULL,
        rule->has_to ? date_text(a, rule->to) : STR_NULL, db_i64(a, rule->version)};
    if (c->removes)
        unit_add_params(u, &SQL_schedule_delete_rule, params, 2);
    else if (c->is_new)
        unit_add_params(u, &SQL_schedule_insert_rule, params, 10);
    else
        unit_add_params(u, &SQL_schedule_update_rule, params, 11);
}

static struct schedule_outcome run(
    struct arena *a, const struct schedule_ask *ask, struct change *c)
{
    struct schedule_edit e = {
        .a = a, .ask = ask, .offer = c->rule->offer, .apply = apply, .add = add_rule, .arg = c};
    e.rule = c->rule->id;
    e.audit = *ask->who;
    e.audit.action = c->removes  ? STR("rule.remove")
                     : c->is_new ? STR("rule.add")
                                 : STR("rule.change");
    e.audit.object_kind = STR("rule");
    e.audit.object_id = db_i64(a, c->rule->id);
    struct schedule_outcome out = schedule_edit(&e);
    out.id = c->rule->id;
    return out;
}

struct schedule_outcome schedule_save_rule(
    struct arena *a, const struct schedule_ask *ask, const struct schedule_rule *rule)
{
    struct schedule_rule *mine = arena_new_object(a, struct schedule_rule);
    *mine = *rule;
    if (!mine->id)
        mine->id = id_number();
    return run(a, ask, &(struct change){.rule = mine, .is_new = !rule->id});
}

struct schedule_outcome schedule_remove_rule(
    struct arena *a, const struct schedule_ask *ask, int64_t offer, int64_t rule)
{
    struct schedule_rule *gone = arena_new_object(a, struct schedule_rule);
    gone->id = rule;
    gone->offer = offer;
    return run(a, ask, &(struct change){.rule = gone, .removes = true});
}
