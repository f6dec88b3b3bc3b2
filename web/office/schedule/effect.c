#include "web/office/schedule/effect.h"

#include "base/clock.h"
#include "http/form.h"
#include "http/format.h"
#include "http/respond.h"
#include "web/office/frame/object.h"

enum { KEPT_SHOWN = 20, MISSING_SHOWN = 10, MISSING_MAX = 200, YEARS_AHEAD = 5 };

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

struct str schedule_closure_reason(struct request *r, const struct closure *closure)
{
    struct str kind = closure && closure->holiday ? STR("holiday") : STR("closure");
    struct str reason = closure ? site_text_in(r->site, closure->reason, r->language) : STR_NULL;
    if (reason.len || !closure)
        return reason.p ? reason : STR("");
    return message(
        r->arena, r->words, STR("office.hours.kind"), "kind", value_str(r->arena, kind), NULL);
}

static struct str why_of(
    struct request *r, const struct schedule_facts *f, const struct schedule_cause *cause)
{
    static const char *const reasons[] = {[SCHEDULE_IN_USE] = "in_use",
        [SCHEDULE_CLOSURE] = "closure",
        [SCHEDULE_HOURS] = "hours",
        [SCHEDULE_GAP] = "gap",
        [SCHEDULE_NO_RULE] = "rule"};
    struct arena *a = r->arena;
    bool in_use = cause->why == SCHEDULE_IN_USE;
    struct str other =
        in_use ? site_text_in(r->site, schedule_title_of(a, f, cause->by.offer), r->language)
               : STR("");
    struct str times =
        in_use ? format_time_range(a, r->format, f->site->zone, cause->by.from_us, cause->by.to_us)
               : STR("");
    struct str name = schedule_name_of(f, cause->resource);
    return message(a, r->words, STR("office.schedule.why"), "why",
        value_str(a, str_of(reasons[cause->why])), "reason",
        value_str(a, schedule_closure_reason(r, cause->closure)), "resource",
        value_str(a, name.p ? name : STR("")), "other", value_str(a, other.p ? other : STR("")),
        "times", value_str(a, times), NULL);
}

static struct str where_of(
    struct request *r, const struct schedule_facts *f, const struct schedule_cause *cause)
{
    struct str name = schedule_name_of(f, cause->resource);
    return name.p ? name : message(r->arena, r->words, STR("office.hours.site"), NULL);
}

// A time that the clock skips has no instant: it is said as it would be on the wall.
static struct str when_missing(
    struct request *r, const struct schedule_facts *f, const struct schedule_missing *m)
{
    struct arena *a = r->arena;
    const struct zone *zone = f->site->zone;
    if (m->cause.why != SCHEDULE_GAP)
        return value_get_str(format_time_value(a, r->format, zone, m->at_us), KEY(text));
    return str_join(a, format_date(a, r->format, zone_date(zone, m->at_us), FORMAT_DATE_LONG),
        STR(", "), time_text(a, m->minute), STR_NULL);
}

static void add_missing(struct request *r, struct value *list, const struct schedule_facts *f,
    const struct schedule_missing *m)
{
    struct arena *a = r->arena;
    struct value *v = value_append_object(a, list);
    value_set_str(a, v, KEY(when), when_missing(r, f, m));
    value_set(a, v, KEY(at),
        m->cause.why == SCHEDULE_GAP
            ? value_null()
            : value_get(format_time_value(a, r->format, f->site->zone, m->at_us), KEY(at)));
    value_set_str(
        a, v, KEY(title), site_text_in(r->site, schedule_title_of(a, f, m->offer), r->language));
    value_set_str(a, v, KEY(resource), where_of(r, f, &m->cause));
    value_set_str(a, v, KEY(why), why_of(r, f, &m->cause));
}

void schedule_missing_view(struct request *r, struct value *view, const struct schedule_facts *f,
    const struct schedule_plan *p, int64_t rule)
{
    struct arena *a = r->arena;
    struct value *shown = value_list(a), *folded = r->wants_json ? shown : value_list(a);
    int count = 0;
    for (int i = 0; i < p->missing_count; i++)
        if (!rule || p->missing[i].rule == rule) {
            if (count < MISSING_MAX)
                add_missing(r, count < MISSING_SHOWN ? shown : folded, f, &p->missing[i]);
            count++;
        }
    value_set(a, view, KEY(missing), shown);
    value_set_int(a, view, KEY(missing_count), count);
    if (r->wants_json)
        return;
    int folds = (int)value_count(folded), beyond = count - folds - (int)value_count(shown);
    value_set(a, view, KEY(missing_more), folded);
    value_set(a, view, KEY(missing_folded), folds ? value_int(a, folds) : value_null());
    value_set(a, view, KEY(missing_beyond), beyond ? value_int(a, beyond) : value_null());
    value_set_bool(a, view, KEY(has_missing), count > 0);
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
    value_set_str(a, v, KEY(why), why_of(r, f, &k->cause));
}

void schedule_effect_view(struct request *r, struct value *view, const struct schedule_facts *f,
    const struct schedule_plan *p)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a), *kept = value_list(a);
    value_set(a, view, KEY(effect), v);
    value_set_int(a, v, KEY(made), (int64_t)value_count(p->made));
    value_set_int(a, v, KEY(removed), p->removed_count);
    int gaps = schedule_missing_count(p, SCHEDULE_GAP);
    int in_use = schedule_missing_count(p, SCHEDULE_IN_USE);
    value_set_int(a, v, KEY(skipped),
        schedule_missing_count(p, SCHEDULE_CLOSURE) + schedule_missing_count(p, SCHEDULE_HOURS));
    value_set_int(a, v, KEY(in_use), in_use);
    value_set_bool(a, v, KEY(has_in_use), in_use > 0);
    value_set_bool(a, v, KEY(asks), p->kept_count || in_use);
    value_set_int(a, v, KEY(gaps), gaps);
    value_set_bool(a, v, KEY(has_gaps), gaps > 0);
    schedule_missing_view(r, v, f, p, 0);
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

static struct str with_count(struct request *r, struct str path, const char *name, int64_t count)
{
    return str_join(
        r->arena, path, STR("&"), str_of(name), STR("="), str_of_i64(r->arena, count), STR_NULL);
}

struct str schedule_done_path(struct request *r, struct str path, const struct schedule_plan *p)
{
    path = with_count(r, path, "made", (int64_t)value_count(p->made));
    path = with_count(r, path, "removed", p->removed_count);
    path = with_count(r, path, "in_use", schedule_missing_count(p, SCHEDULE_IN_USE));
    return with_count(r, path, "skipped",
        schedule_missing_count(p, SCHEDULE_CLOSURE) + schedule_missing_count(p, SCHEDULE_HOURS));
}

struct value *schedule_done(struct request *r, struct value *view, struct str title)
{
    static const struct {
        const char *field, *words;
    } counts[] = {{"made", "office.schedule.effect_made"},
        {"removed", "office.schedule.effect_removed"}, {"in_use", "office.schedule.effect_in_use"},
        {"skipped", "office.schedule.effect_skipped"}};
    struct arena *a = r->arena;
    struct value *notice = office_done(r, view, title);
    for (size_t i = 0; notice && i < sizeof counts / sizeof *counts; i++) {
        int64_t count = form_int(r, value_key_intern(str_of(counts[i].field)), -1);
        struct str said = value_get_str(notice, KEY(text));
        if (count > 0)
            value_set_str(a, notice, KEY(text),
                str_join(a, said, STR(" "),
                    message(
                        a, r->words, str_of(counts[i].words), "count", value_int(a, count), NULL),
                    STR_NULL));
    }
    return notice;
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
    if (looks || o->plan->kept_count || schedule_missing_count(o->plan, SCHEDULE_IN_USE))
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
