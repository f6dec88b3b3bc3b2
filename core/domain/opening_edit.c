#include "domain/opening_edit.h"

#include "base/clock.h"
#include "base/id.h"
#include "data/revision.h"
#include "domain/opening_edit.sql.h"

enum { TRIES = 3 };

// One change: what it makes of the facts, its statements, and its place in the audit.
struct change {
    struct arena *a;
    const struct schedule_ask *ask;
    const struct opening_hours *hours;
    const struct closure *closure;
    int64_t removes; // a closure
    struct str action, object_kind, object_id;
    const struct value *before, *after;
};

static struct opening_hours *stored_hours(struct schedule_facts *f, int64_t resource)
{
    for (int i = 0; i < f->opening.hours_count; i++)
        if (f->opening.hours[i].resource == resource)
            return &f->opening.hours[i];
    return NULL;
}

static struct closure *stored_closure(struct schedule_facts *f, int64_t id)
{
    for (int i = 0; i < f->opening.closure_count; i++)
        if (f->opening.closures[i].id == id)
            return &f->opening.closures[i];
    return NULL;
}

static struct str number_or_none(struct arena *a, int64_t n)
{
    return n ? db_i64(a, n) : STR_NULL;
}

static struct value *spans_value(struct arena *a, const struct opening_hours *h)
{
    struct value *list = value_list(a);
    for (int i = 0; i < h->count; i++) {
        struct value *span = value_list(a);
        value_append(a, list, span);
        value_append(a, span, value_int(a, h->spans[i].weekday));
        value_append(a, span, value_int(a, h->spans[i].from_min));
        value_append(a, span, value_int(a, h->spans[i].to_min));
    }
    return list;
}

static struct str spans_text(struct arena *a, const struct opening_hours *h, int weekday)
{
    struct str text = STR("");
    for (int i = 0; i < h->count; i++) {
        const struct opening_span *s = &h->spans[i];
        if (s->weekday != weekday)
            continue;
        struct str until = s->to_min == 1440 ? STR("24:00") : time_text(a, s->to_min);
        text = str_join(a, text, text.len ? STR(", ") : STR(""), time_text(a, s->from_min),
            STR("\xe2\x80\x93"), until, STR_NULL);
    }
    return text;
}

struct value *opening_hours_value(struct arena *a, const struct opening_hours *h)
{
    const value_key days[] = {KEY(monday), KEY(tuesday), KEY(wednesday), KEY(thursday), KEY(friday),
        KEY(saturday), KEY(sunday)};
    struct value *v = value_object(a);
    for (int i = 0; h && i < 7; i++)
        value_set_str(a, v, days[i], spans_text(a, h, i + 1));
    return v;
}

struct value *opening_closure_value(struct arena *a, const struct closure *c)
{
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(kind), c->holiday ? STR("holiday") : STR("closure"));
    value_set_str(a, v, KEY(resource), c->resource ? c->resource_name : STR(""));
    value_set_int(a, v, KEY(from_us), c->from_us);
    value_set_int(a, v, KEY(to_us), c->to_us);
    value_set(a, v, KEY(reason), c->reason);
    return v;
}

static enum schedule_result apply_hours(struct change *c, struct schedule_facts *f)
{
    struct opening_hours *h = stored_hours(f, c->hours->resource);
    if ((h ? h->version : 0) != c->hours->version)
        return SCHEDULE_CHANGED;
    c->before = h ? opening_hours_value(c->a, h) : NULL;
    c->after = c->hours->count ? opening_hours_value(c->a, c->hours) : NULL;
    if (!h)
        h = &f->opening.hours[f->opening.hours_count++];
    if (c->hours->count)
        *h = *c->hours;
    else
        *h = f->opening.hours[--f->opening.hours_count];
    return SCHEDULE_DONE;
}

static enum schedule_result apply_closure(struct change *c, struct schedule_facts *f)
{
    struct closure *stored = stored_closure(f, c->removes ? c->removes : c->closure->id);
    bool is_new = !c->removes && !c->closure->version;
    if (!stored && !is_new)
        return SCHEDULE_NOT_FOUND;
    if (stored && !c->removes && stored->version != c->closure->version)
        return SCHEDULE_CHANGED;
    c->before = stored ? opening_closure_value(c->a, stored) : NULL;
    c->after = c->removes ? NULL : opening_closure_value(c->a, c->closure);
    if (!stored)
        stored = &f->opening.closures[f->opening.closure_count++];
    if (c->removes)
        *stored = f->opening.closures[--f->opening.closure_count];
    else
        *stored = *c->closure;
    return SCHEDULE_DONE;
}

static void add_hours(struct unit *u, struct str tenant, const struct opening_hours *h)
{
    struct arena *a = unit_arena(u);
    struct str resource = number_or_none(a, h->resource), version = db_i64(a, h->version);
    if (h->count)
        unit_add(
            u, &SQL_opening_write_hours, tenant, resource, db_json(a, spans_value(a, h)), version);
    else if (h->version)
        unit_add(u, &SQL_opening_remove_hours, tenant, resource, version);
}

static void add_closure(struct unit *u, struct str tenant, const struct closure *c)
{
    struct arena *a = unit_arena(u);
    struct str id = db_i64(a, c->id), resource = number_or_none(a, c->resource);
    struct str kind = c->holiday ? STR("holiday") : STR("closure");
    struct str from = db_time(a, c->from_us), to = db_time(a, c->to_us);
    struct str reason = db_json(a, c->reason);
    if (c->version)
        unit_add(u, &SQL_opening_update_closure, tenant, id, resource, kind, from, to, reason,
            db_i64(a, c->version));
    else
        unit_add(u, &SQL_opening_insert_closure, tenant, id, resource, kind, from, to, reason);
}

static enum schedule_result write(
    const struct change *c, const struct schedule_facts *f, const struct schedule_plan *p)
{
    struct unit *u = unit_new(c->a, DB_WRITE, f->site->tenant);
    struct str tenant = db_i64(c->a, f->site->tenant);
    schedule_add_guard(u, f);
    if (c->hours)
        add_hours(u, tenant, c->hours);
    else if (c->removes)
        unit_add(u, &SQL_opening_delete_closure, tenant, db_i64(c->a, c->removes));
    else
        add_closure(u, tenant, c->closure);
    schedule_add_plan(u, f, p);
    struct audit audit = *c->ask->who;
    audit.action = c->action;
    audit.object_kind = c->object_kind;
    audit.object_id = c->object_id;
    audit.before = c->before;
    audit.after = c->after;
    audit_add(u, &audit);
    revision_touch(u);
    enum db_result result = unit_run(u);
    if (result == DB_REFUSED && str_is(unit_refusal(u), "changed"))
        return SCHEDULE_CHANGED;
    return schedule_result_of(u, result);
}

static struct schedule_outcome once(struct change *c)
{
    struct schedule_facts *f = schedule_read(c->a, c->ask->site, 0, clock_now_us());
    struct schedule_outcome out = {.result = SCHEDULE_UNAVAILABLE, .facts = f};
    if (!f)
        return out;
    out.result = c->hours ? apply_hours(c, f) : apply_closure(c, f);
    if (out.result != SCHEDULE_DONE)
        return out;
    struct schedule_plan *p = schedule_plan(c->a, f);
    out.plan = p;
    if (p->too_many)
        out.result = SCHEDULE_TOO_MANY;
    else if (!c->ask->looks)
        out.result = write(c, f, p);
    return out;
}

// A conflict may have been about something else on the site: what was looked at decides.
static struct schedule_outcome run(struct change *c)
{
    struct schedule_outcome out = once(c);
    for (int i = 1; i < TRIES && out.result == SCHEDULE_CHANGED && out.plan; i++)
        out = once(c);
    return out;
}

struct schedule_outcome opening_save_hours(
    struct arena *a, const struct schedule_ask *ask, const struct opening_hours *hours)
{
    struct change c = {.a = a,
        .ask = ask,
        .hours = hours,
        .action = STR("hours.change"),
        .object_kind = STR("hours"),
        .object_id = db_i64(a, hours->resource)};
    return run(&c);
}

struct schedule_outcome opening_save_closure(
    struct arena *a, const struct schedule_ask *ask, const struct closure *closure)
{
    struct closure mine = *closure;
    if (!mine.id)
        mine.id = id_number();
    struct change c = {.a = a,
        .ask = ask,
        .closure = &mine,
        .action = closure->version ? STR("closure.change") : STR("closure.add"),
        .object_kind = STR("closure"),
        .object_id = db_i64(a, mine.id)};
    struct schedule_outcome out = run(&c);
    out.id = mine.id;
    return out;
}

struct schedule_outcome opening_delete_closure(
    struct arena *a, const struct schedule_ask *ask, int64_t id)
{
    struct change c = {.a = a,
        .ask = ask,
        .removes = id,
        .action = STR("closure.remove"),
        .object_kind = STR("closure"),
        .object_id = db_i64(a, id)};
    return run(&c);
}
