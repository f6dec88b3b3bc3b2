#include "web/office/schedule/effect.h"

#include "base/clock.h"
#include "http/form.h"
#include "http/format.h"
#include "http/respond.h"

enum { KEPT_SHOWN = 20, YEARS_AHEAD = 5 };

struct audit schedule_who(const struct request *r)
{
    return (struct audit){.actor_kind = request_actor_kind(r),
        .actor_id = r->session.person,
        .actor_name = r->session.name};
}

struct str schedule_slot_path(struct arena *a, int64_t slot)
{
    return str_join(a, STR("/manage/schedule/slots/"), str_of_i64(a, slot), STR_NULL);
}

void schedule_option(
    struct arena *a, struct value *list, struct str value, struct str label, bool chosen)
{
    struct value *v = value_append_object(a, list);
    value_set_str(a, v, KEY(value), value);
    value_set_str(a, v, KEY(label), label);
    value_set_bool(a, v, KEY(chosen), chosen);
}

static struct str why_of(struct request *r, const struct schedule_kept *k)
{
    static const char *const reasons[] = {
        [SCHEDULE_NO_RULE] = "rule", [SCHEDULE_CLOSURE] = "closure", [SCHEDULE_HOURS] = "hours"};
    struct arena *a = r->arena;
    struct str reason =
        k->closure ? site_text_in(r->site, k->closure->reason, r->language) : STR("");
    return message(a, r->words, STR("office.schedule.why"), "why",
        value_str(a, str_of(reasons[k->why])), "reason", value_str(a, reason.p ? reason : STR("")),
        NULL);
}

static void add_kept(struct request *r, struct value *list, const struct schedule_facts *f,
    const struct schedule_kept *k)
{
    struct arena *a = r->arena;
    struct value *v = value_append_object(a, list);
    const struct schedule_offer *o = schedule_offer_of(f, k->slot->offer);
    value_set_str(a, v, KEY(id), str_of_i64(a, k->slot->id));
    value_set_str(a, v, KEY(slot_url), request_url(r, schedule_slot_path(a, k->slot->id)));
    value_set_str(a, v, KEY(title), site_text_in(r->site, o->title, r->language));
    value_set(a, v, KEY(when), format_time_value(a, r->format, f->site->zone, k->slot->starts_us));
    value_set_int(a, v, KEY(taken), k->slot->taken);
    value_set_str(a, v, KEY(why), why_of(r, k));
}

void schedule_effect_view(struct request *r, struct value *view, const struct schedule_facts *f,
    const struct schedule_plan *p)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a), *kept = value_list(a);
    value_set(a, view, KEY(effect), v);
    value_set_int(a, v, KEY(made), (int64_t)value_count(p->made));
    value_set_int(a, v, KEY(removed), p->removed_count);
    value_set_int(a, v, KEY(skipped), p->skipped_closed);
    value_set_int(a, v, KEY(gaps), p->skipped_gap);
    value_set_bool(a, v, KEY(has_gaps), p->skipped_gap > 0);
    value_set_bool(a, v, KEY(has_kept), p->kept_count > 0);
    value_set_int(a, v, KEY(kept_count), p->kept_count);
    value_set(a, v, KEY(kept), kept);
    for (int i = 0; i < p->kept_count && i < KEPT_SHOWN; i++)
        add_kept(r, kept, f, &p->kept[i]);
    value_set(a, v, KEY(first),
        p->first_us ? format_time_value(a, r->format, f->site->zone, p->first_us) : NULL);
    value_set(a, v, KEY(last),
        p->last_us ? format_time_value(a, r->format, f->site->zone, p->last_us) : NULL);
}

bool schedule_settle(
    struct request *r, schedule_save save, const void *what, struct schedule_outcome *o)
{
    struct audit who = schedule_who(r);
    bool looks = str_is(form_str(r, KEY(do)), "look"), agreed = form_bool(r, KEY(agreed));
    struct schedule_ask ask = {.site = r->site, .who = &who, .looks = looks || !agreed};
    *o = save(r->arena, &ask, what);
    if (o->result != SCHEDULE_DONE || !ask.looks)
        return true;
    if (looks || o->plan->kept_count)
        return false;
    ask.looks = false;
    *o = save(r->arena, &ask, what);
    return true;
}

void schedule_problem(struct request *r, enum schedule_result result)
{
    respond_problem(r, result == SCHEDULE_NOT_FOUND     ? PROBLEM_NOT_FOUND
                       : result == SCHEDULE_UNAVAILABLE ? PROBLEM_UNAVAILABLE
                                                        : PROBLEM_CONFLICT);
}

int64_t schedule_instant(struct request *r, const char *day_field, const char *time_field, bool end)
{
    struct date day;
    int minute = 0;
    struct str date = form_str(r, value_key_intern(str_of(day_field)));
    struct str time = form_str(r, value_key_intern(str_of(time_field)));
    struct date today = zone_date(r->site->zone, clock_now_us());
    // A date that is none was refused with the form.
    if (!date_parse(date, &day))
        return 0;
    if (date_cmp(day, date_add_months(today, 12 * YEARS_AHEAD)) > 0 ||
        date_cmp(day, date_add_months(today, -12 * YEARS_AHEAD)) < 0)
        form_refuse(r, day_field, "date_far");
    if (!time.len || (end && str_is(time, "00:00")))
        return zone_day_start(r->site->zone, date_add_days(day, end));
    if (!time_parse(time, &minute)) {
        form_refuse(r, time_field, "time");
        return 0;
    }
    return zone_instant(r->site->zone, (struct local_time){day, minute * 60}).first_us;
}
