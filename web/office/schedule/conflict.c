#include "web/office/schedule/conflict.h"

#include "http/format.h"
#include "http/respond.h"
#include "web/office/schedule/effect.h"

struct str schedule_conflict_text(struct request *r, const struct slot_conflict *c)
{
    static const char *const kinds[] = {[SLOT_PAST] = "past",
        [SLOT_TWICE] = "twice",
        [SLOT_CLOSURE] = "closure",
        [SLOT_HOURS] = "hours",
        [SLOT_OVERLAP] = "overlap",
        [SLOT_GAP] = "gap"};
    struct arena *a = r->arena;
    struct str other =
        c->other_title ? site_text_in(r->site, c->other_title, r->language) : STR("");
    struct str times =
        c->to_us ? format_time_range(a, r->format, r->site->zone, c->from_us, c->to_us) : STR("");
    return message(a, r->words, STR("office.schedule.conflict"), "kind",
        value_str(a, str_of(kinds[c->kind])), "reason",
        value_str(a, schedule_closure_reason(r, c->closure)), "resource",
        value_str(a, c->resource.p ? c->resource : STR("")), "other",
        value_str(a, other.p ? other : STR("")), "times", value_str(a, times), NULL);
}

void schedule_conflicts_view(struct request *r, struct value *view, const struct slot_look *look)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    value_set(a, view, KEY(conflicts), list);
    for (int i = 0; look && i < look->count; i++)
        value_set_str(a, value_append_object(a, list), KEY(text),
            schedule_conflict_text(r, &look->conflicts[i]));
    value_set_bool(a, view, KEY(has_conflicts), value_count(list) > 0);
    value_set_bool(a, view, KEY(may_anyway), look && look->count && !look->blocked);
    value_set_bool(a, view, KEY(is_free), look && !look->count);
}
