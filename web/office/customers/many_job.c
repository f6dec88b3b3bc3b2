// The job that works through a batch: notes down whom the filter names, then changes one after the
// other, or takes that back. Killed, it goes on where it stopped: each is marked with its change.
#include "base/clock.h"
#include "data/jobs.h"
#include "web/office/customers/find.h"
#include "web/office/customers/many.h"

enum { TRIES = 12, DEADLINE_MS = 60000, EXTEND_EVERY_MS = 15000, NOTED_AT_ONCE = 2000 };

struct work {
    struct arena *a;
    struct job *job;
    const struct site *site;
    struct customer_batch *batch;
    struct many_action action;
    bool there; // the action: its feature may be off by now
    int64_t extended_ms;
};

static bool go_on(struct work *w)
{
    int64_t now = clock_mono_ms();
    if (now - w->extended_ms < EXTEND_EVERY_MS)
        return true;
    w->extended_ms = now;
    return job_extend(w->job, DEADLINE_MS);
}

// False: try again later.
static bool fill(struct work *w)
{
    struct customers_filter f = customers_filter_of(w->a, w->site, w->batch->filter);
    int64_t below = w->batch->filled_below ? w->batch->filled_below : w->batch->upto + 1;
    bool over = false, ok = true;
    while (ok && !over) {
        struct arena *a = arena_new();
        int64_t ids[NOTED_AT_ONCE];
        const struct rows *found = customers_find(a, w->site, &f, below, NOTED_AT_ONCE);
        int count = found ? found->count : 0;
        for (int i = 0; i < count; i++)
            below = ids[i] = rows_i64(found, i, KEY(customer_id));
        over = count < NOTED_AT_ONCE;
        ok = found && batch_fill(a, w->batch, ids, (size_t)count, over) && go_on(w);
        arena_free(a);
    }
    return ok;
}

static struct str cell_of(const struct rows *looked, int64_t id, value_key column)
{
    for (int i = 0; looked && i < looked->count; i++)
        if (rows_i64(looked, i, KEY(customer_id)) == id)
            return rows_str(looked, i, column);
    return STR_NULL;
}

static enum many_result change_one(
    struct work *w, struct arena *a, const struct rows *looked, struct batch_mark *mark)
{
    if (!w->there)
        mark->why = STR("off");
    else if (looked)
        mark->why = cell_of(looked, mark->customer, KEY(why));
    if (looked && !mark->was.p)
        mark->was = cell_of(looked, mark->customer, KEY(was));
    enum many_result result = mark->why.len ? MANY_KEPT : many_change(a, w->site, &w->action, mark);
    if (result != MANY_KEPT)
        return result;
    mark->to = "kept";
    mark->why = mark->why.len ? mark->why : STR("changed");
    return batch_mark(a, mark) ? MANY_KEPT : MANY_AGAIN;
}

static const struct rows *look_at(struct work *w, struct arena *a, const struct rows *rows)
{
    int64_t ids[BATCH_ROWS];
    for (int i = 0; i < rows->count; i++)
        ids[i] = rows_i64(rows, i, KEY(customer_id));
    return many_look(a, w->site, &w->action, ids, (size_t)rows->count);
}

// The next hundred; −1: try again later, else how many there were.
static int change_some(struct work *w, struct arena *a)
{
    bool back = str_is(w->batch->state, "undoing");
    const char *from = back ? "changed" : "waiting";
    const struct rows *rows = batch_rows(a, w->batch, from), *looked = NULL;
    if (rows && rows->count && w->there && !back && !(looked = look_at(w, a, rows)))
        return -1;
    int changed = 0, kept = 0;
    for (int i = 0; rows && i < rows->count; i++) {
        struct batch_mark mark = {.batch = w->batch,
            .customer = rows_i64(rows, i, KEY(customer_id)),
            .from = from,
            .to = back ? "undone" : "changed",
            .was = back ? rows_str(rows, i, KEY(was)) : STR_NULL};
        enum many_result result = change_one(w, a, looked, &mark);
        if (result == MANY_AGAIN || !go_on(w))
            return -1;
        changed += result == MANY_CHANGED ? (back ? -1 : 1) : 0;
        kept += result == MANY_KEPT;
    }
    return rows && batch_progress(a, w->batch, changed, kept) ? rows->count : -1;
}

static bool change_all(struct work *w)
{
    for (int count = 1; count > 0;) {
        struct arena *a = arena_new();
        count = change_some(w, a);
        arena_free(a);
        if (count < 0)
            return false;
    }
    return batch_end(w->a, w->batch);
}

static enum job_result work(struct job *job, const struct site *site, struct customer_batch *b)
{
    struct work w = {
        .a = arena_new(), .job = job, .site = site, .batch = b, .extended_ms = clock_mono_ms()};
    bool ok = true;
    w.there = many_action_find(w.a, site, b->action, b->value, &w.action);
    w.action.day = b->day;
    w.action.label = b->label;
    if (str_is(b->state, "filling")) {
        ok = fill(&w);
        b->state = ok ? STR("running") : b->state;
    }
    if (ok && (str_is(b->state, "running") || str_is(b->state, "undoing")))
        ok = change_all(&w);
    arena_free(w.a);
    return ok ? JOB_DONE : JOB_RETRY;
}

static enum job_result run(struct job *job)
{
    struct site *site;
    enum site_result found = site_acquire_by_tenant(job->tenant, &site);
    if (found != SITE_FOUND)
        return found == SITE_UNKNOWN ? JOB_DONE : JOB_RETRY;
    struct arena *a = arena_new();
    struct customer_batch b = {.tenant = job->tenant};
    enum batch_result known = str_to_i64(value_get_str(job->payload, KEY(batch_id)), &b.id)
                                  ? batch_find(a, &b)
                                  : BATCH_UNKNOWN;
    job->error = STR("the database did not answer");
    enum job_result result = known == BATCH_DONE      ? work(job, site, &b)
                             : known == BATCH_UNKNOWN ? JOB_DONE
                                                      : JOB_RETRY;
    arena_free(a);
    site_release(site);
    return result;
}

void many_start(void)
{
    job_handler(BATCH_JOB, run);
    job_policy(BATCH_JOB, TRIES, DEADLINE_MS);
}
