#include "domain/schedule_edit.h"

#include "base/clock.h"
#include "data/revision.h"
#include "domain/offer_own.h"

enum { TRIES = 3 };

static enum schedule_result write(
    struct schedule_edit *e, const struct schedule_facts *f, const struct schedule_plan *p)
{
    struct unit *u = unit_new(e->a, DB_WRITE, f->site->tenant);
    schedule_add_guard(u, f);
    if (e->offer)
        offer_own(u, e->offer);
    e->add(e, u);
    schedule_add_plan(u, f, p);
    audit_add(u, &e->audit);
    revision_touch(u);
    enum db_result result = unit_run(u);
    if (result == DB_REFUSED && str_is(unit_refusal(u), "changed"))
        return SCHEDULE_CHANGED;
    return schedule_result_of(u, result);
}

static struct schedule_outcome once(struct schedule_edit *e)
{
    struct schedule_facts *f = schedule_read(e->a, e->ask->site, e->offer, clock_now_us());
    struct schedule_outcome out = {.result = SCHEDULE_UNAVAILABLE, .facts = f};
    if (!f)
        return out;
    struct schedule_plan *before = schedule_plan(e->a, f);
    out.result = e->apply(e, f);
    if (out.result != SCHEDULE_DONE)
        return out;
    struct schedule_plan *p = schedule_plan(e->a, f);
    schedule_plan_news(p, before, e->rule);
    out.plan = p;
    if (p->too_many)
        out.result = SCHEDULE_TOO_MANY;
    else if (!e->ask->looks)
        out.result = write(e, f, p);
    return out;
}

// A change elsewhere on the site isn't a conflict: what was looked at decides.
struct schedule_outcome schedule_edit(struct schedule_edit *e)
{
    struct schedule_outcome out = once(e);
    for (int i = 1; i < TRIES && out.result == SCHEDULE_CHANGED && out.plan; i++)
        out = once(e);
    return out;
}
