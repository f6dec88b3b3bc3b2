#include "domain/opening_edit.h"

#include "base/id.h"
#include "domain/opening_edit.sql.h"
#include "domain/schedule_edit.h"

// One of a closure: written, or removed.
struct closing {
    const struct closure *closure;
    int64_t removes;
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
        struct str until = s->to_min == 1440 ? STR("24:00") : time_text(a, s->to_min % 1440);
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

static enum schedule_result apply_hours(struct schedule_edit *e, struct schedule_facts *f)
{
    const struct opening_hours *hours = e->arg;
    struct opening_hours *h = stored_hours(f, hours->resource);
    if ((h ? h->version : 0) != hours->version)
        return SCHEDULE_CHANGED;
    e->audit.before = h ? opening_hours_value(e->a, h) : NULL;
    e->audit.after = hours->count ? opening_hours_value(e->a, hours) : NULL;
    if (!h)
        h = &f->opening.hours[f->opening.hours_count++];
    if (hours->count)
        *h = *hours;
    else
        *h = f->opening.hours[--f->opening.hours_count];
    return SCHEDULE_DONE;
}

static enum schedule_result apply_closure(struct schedule_edit *e, struct schedule_facts *f)
{
    const struct closing *c = e->arg;
    struct closure *stored = stored_closure(f, c->removes ? c->removes : c->closure->id);
    bool is_new = !c->removes && !c->closure->version;
    if (!stored && !is_new)
        return SCHEDULE_NOT_FOUND;
    if (stored && !c->removes && stored->version != c->closure->version)
        return SCHEDULE_CHANGED;
    e->audit.before = stored ? opening_closure_value(e->a, stored) : NULL;
    e->audit.after = c->removes ? NULL : opening_closure_value(e->a, c->closure);
    if (!stored)
        stored = &f->opening.closures[f->opening.closure_count++];
    if (c->removes)
        *stored = f->opening.closures[--f->opening.closure_count];
    else
        *stored = *c->closure;
    return SCHEDULE_DONE;
}

static void add_hours(struct schedule_edit *e, struct unit *u)
{
    struct arena *a = e->a;
    const struct opening_hours *h = e->arg;
    struct str tenant = db_i64(a, unit_tenant(u)), version = db_i64(a, h->version);
    struct str resource = number_or_none(a, h->resource);
    if (h->count)
        unit_add(
            u, &SQL_opening_write_hours, tenant, resource, db_json(a, spans_value(a, h)), version);
    else if (h->version)
        unit_add(u, &SQL_opening_remove_hours, tenant, resource, version);
}

static void add_closure(struct schedule_edit *e, struct unit *u)
{
    struct arena *a = e->a;
    const struct closing *closing = e->arg;
    struct str tenant = db_i64(a, unit_tenant(u));
    if (closing->removes) {
        unit_add(u, &SQL_opening_delete_closure, tenant, db_i64(a, closing->removes));
        return;
    }
    const struct closure *c = closing->closure;
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

static struct schedule_outcome run(
    struct schedule_edit *e, struct str action, struct str object_kind, int64_t object)
{
    e->audit = *e->ask->who;
    e->audit.action = action;
    e->audit.object_kind = object_kind;
    e->audit.object_id = db_i64(e->a, object);
    return schedule_edit(e);
}

struct schedule_outcome opening_save_hours(
    struct arena *a, const struct schedule_ask *ask, const struct opening_hours *hours)
{
    struct opening_hours mine = *hours;
    struct schedule_edit e = {
        .a = a, .ask = ask, .apply = apply_hours, .add = add_hours, .arg = &mine};
    return run(&e, STR("hours.change"), STR("hours"), hours->resource);
}

static struct schedule_outcome edit_closure(
    struct arena *a, const struct schedule_ask *ask, struct closing *closing, struct str action)
{
    struct schedule_edit e = {
        .a = a, .ask = ask, .apply = apply_closure, .add = add_closure, .arg = closing};
    int64_t id = closing->removes ? closing->removes : closing->closure->id;
    struct schedule_outcome out = run(&e, action, STR("closure"), id);
    out.id = id;
    return out;
}

struct schedule_outcome opening_save_closure(
    struct arena *a, const struct schedule_ask *ask, const struct closure *closure)
{
    struct closure mine = *closure;
    if (!mine.id)
        mine.id = id_number();
    return edit_closure(a, ask, &(struct closing){.closure = &mine},
        closure->version ? STR("closure.change") : STR("closure.add"));
}

struct schedule_outcome opening_delete_closure(
    struct arena *a, const struct schedule_ask *ask, int64_t id)
{
    return edit_closure(a, ask, &(struct closing){.removes = id}, STR("closure.remove"));
}
