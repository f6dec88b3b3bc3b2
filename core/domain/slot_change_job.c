#include "domain/slot_change_job.h"

#include "base/clock.h"
#include "data/jobs.h"
#include "domain/order_return.h"
#include "domain/slot_change.h"
#include "domain/slot_change.sql.h"
#include "io/fiber.h"

enum { TRIES = 3, BATCH_MS = 30000 };

struct row {
    struct arena *a;
    struct site *site;
    struct str change;
    int64_t order, actor_id;
    struct str kind, reason, actor_name;
    struct value *lines;
};

static void add_mark(struct unit *u, const struct row *w, const char *state, struct str code)
{
    struct arena *a = unit_arena(u);
    unit_add(u, &SQL_slot_change_mark, db_i64(a, w->site->tenant), w->change, db_i64(a, w->order),
        str_of(state), code);
}

// Marked and mailed, or neither; whoever was there before did both.
static bool mark(const struct row *w, const char *state, struct str code, bool mails)
{
    struct unit *u = unit_new(w->a, DB_WRITE, w->site->tenant);
    add_mark(u, w, state, code);
    if (mails) {
        struct value *payload = value_object(w->a);
        value_set_str(w->a, payload, KEY(order_id), str_of_i64(w->a, w->order));
        value_set(w->a, payload, KEY(lines), w->lines);
        value_set_str(w->a, payload, KEY(reason), w->reason);
        job_add(u, STR(SLOT_MOVED_MAIL), payload, clock_now_us(), STR_NULL);
    }
    enum db_result result = unit_run(u);
    return result == DB_OK || result == DB_REFUSED;
}

static bool mark_with(struct unit *u, void *arg)
{
    add_mark(u, arg, "done", STR_NULL);
    return true;
}

static bool is_concerned(const struct row *w, int64_t line)
{
    for (size_t i = 0; i < value_count(w->lines); i++)
        if (value_at(w->lines, i)->integer == line)
            return true;
    return false;
}

static enum order_result give_back(struct row *w)
{
    enum order_result found;
    struct order *o = order_find(w->a, w->site, w->order, &found);
    if (!o)
        return found;
    struct return_line lines[ORDER_LINES_MAX];
    struct order_return what = {.lines = lines,
        .reason = w->reason,
        .actor = {.kind = STR("staff"), .id = w->actor_id, .name = w->actor_name},
        .add_guards = mark_with,
        .arg = w};
    for (int i = 0; i < o->count; i++)
        if (is_concerned(w, o->lines[i].id) && order_line_returns(&o->lines[i]))
            lines[what.count++] = (struct return_line){o->lines[i].id, RETURN_ALL_PPM};
    if (!what.count)
        return ORDER_ALREADY;
    struct order_quote quote;
    return order_return(w->a, w->site, o, &what, &quote).result;
}

// False: try again later.
static bool cancel_row(struct row *w)
{
    enum order_result result = ORDER_CHANGED;
    for (int i = 0; i < TRIES && result == ORDER_CHANGED; i++)
        result = give_back(w);
    if (result == ORDER_DONE)
        return true;
    if (result == ORDER_BUSY || result == ORDER_UNAVAILABLE || result == ORDER_CHANGED)
        return false;
    // Cancelled by the customer meanwhile: there is nothing left to do.
    bool over = result == ORDER_ALREADY || result == ORDER_NOT_FOUND;
    return mark(w, over ? "done" : "failed", over ? STR_NULL : STR("refused"), false);
}

static bool run_row(struct row *w)
{
    return str_is(w->kind, "move") ? mark(w, "done", STR_NULL, true) : cancel_row(w);
}

// How many rows there were, −1 to try again later.
static int run_batch(struct job *job, struct arena *a, struct site *site, struct str change)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(u, &SQL_slot_change_next, db_i64(a, site->tenant), change);
    if (unit_run(u) != DB_OK)
        return -1;
    const struct rows *r = unit_rows(u, place);
    for (int i = 0; i < r->count; i++) {
        struct row w = {.a = a,
            .site = site,
            .change = change,
            .order = rows_i64(r, i, KEY(order_id)),
            .actor_id = rows_i64(r, i, KEY(actor_id)),
            .actor_name = rows_str(r, i, KEY(actor_name)),
            .kind = rows_str(r, i, KEY(kind)),
            .reason = rows_str(r, i, KEY(reason)),
            .lines = rows_json(a, r, i, KEY(lines))};
        if (!run_row(&w))
            return -1;
    }
    return r->count && !job_extend(job, BATCH_MS) ? -1 : r->count;
}

static enum job_result run(struct job *job)
{
    struct site *site;
    struct str change = value_get_str(job->payload, KEY(change_id));
    if (site_acquire_by_tenant(job->tenant, &site) != SITE_FOUND)
        return JOB_RETRY;
    int count = 1;
    while (count > 0) {
        struct arena *a = arena_new();
        count = run_batch(job, a, site, change);
        arena_free(a);
    }
    site_release(site);
    return count < 0 ? JOB_RETRY : JOB_DONE;
}

void slot_change_start(void)
{
    job_handler(SLOT_CHANGE_JOB, run);
}
