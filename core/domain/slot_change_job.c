#include "domain/slot_change_job.h"

#include "base/clock.h"
#include "data/jobs.h"
#include "domain/order_rebook.h"
#include "domain/order_return.h"
#include "domain/slot_change.h"
#include "domain/slot_change.sql.h"
#include "domain/slot_choice.h"
#include "io/fiber.h"

enum { TRIES = 3, BATCH_MS = 30000 };

struct row {
    struct arena *a;
    struct site *site;
    struct str change;
    int64_t order, until_us;
    struct str remedy, reason;
    struct order_actor actor;
    struct value *lines, *targets; // [line], [{line, target}]
};

static void add_mark(struct unit *u, const struct row *w, const char *state, const char *code)
{
    struct arena *a = unit_arena(u);
    unit_add(u, &SQL_slot_change_mark, db_i64(a, w->site->tenant), w->change, db_i64(a, w->order),
        str_of(state), code ? str_of(code) : STR_NULL);
}

static bool mark(const struct row *w, const char *state, const char *code)
{
    struct unit *u = unit_new(w->a, DB_WRITE, w->site->tenant);
    add_mark(u, w, state, code);
    enum db_result result = unit_run(u);
    return result == DB_OK || result == DB_REFUSED;
}

// Marked and mailed, or neither; whoever was there before did both.
static bool add_telling(struct unit *u, void *arg)
{
    const struct row *w = arg;
    struct arena *a = unit_arena(u);
    struct value *payload = value_object(a);
    bool placed = str_is(w->remedy, "place"), asks = str_is(w->remedy, "ask");
    add_mark(u, w, "done", NULL);
    if (asks)
        slot_choice_ask(u, w->change, w->order, w->until_us);
    else if (!placed)
        slot_choice_open(u, w->change, w->order);
    value_set_str(a, payload, KEY(change_id), w->change);
    value_set_str(a, payload, KEY(order_id), str_of_i64(a, w->order));
    value_set(a, payload, KEY(lines), w->lines);
    value_set_str(a, payload, KEY(reason), w->reason);
    job_add(u,
        asks     ? STR(SLOT_ASKED_MAIL)
        : placed ? STR(SLOT_PLACED_MAIL)
                 : STR(SLOT_MOVED_MAIL),
        payload, clock_now_us(), STR_NULL);
    return true;
}

static bool add_done(struct unit *u, void *arg)
{
    add_mark(u, arg, "done", NULL);
    return true;
}

static bool tell_row(struct row *w)
{
    struct unit *u = unit_new(w->a, DB_WRITE, w->site->tenant);
    add_telling(u, w);
    enum db_result result = unit_run(u);
    return result == DB_OK || result == DB_REFUSED;
}

static bool is_concerned(const struct row *w, int64_t line)
{
    for (size_t i = 0; i < value_count(w->lines); i++)
        if (value_at(w->lines, i)->integer == line)
            return true;
    return false;
}

static enum order_result give_back(struct row *w, const struct order *o)
{
    struct return_line lines[ORDER_LINES_MAX];
    struct order_return what = {
        .lines = lines, .reason = w->reason, .actor = w->actor, .add_guards = add_done, .arg = w};
    for (int i = 0; i < o->count; i++)
        if (is_concerned(w, o->lines[i].id) && order_line_returns(&o->lines[i]))
            lines[what.count++] = (struct return_line){o->lines[i].id, RETURN_ALL_PPM};
    if (!what.count)
        return ORDER_ALREADY;
    struct order_quote quote;
    return order_return(w->a, w->site, o, &what, &quote).result;
}

static int64_t target_of(const struct row *w, int64_t line)
{
    for (size_t i = 0; i < value_count(w->targets); i++)
        if (value_get_int(value_at(w->targets, i), KEY(line), 0) == line)
            return value_get_int(value_at(w->targets, i), KEY(target), 0);
    return 0;
}

// All lines of the order go, or none does: friends stay together.
static enum order_result rebook(struct row *w, const struct order *o)
{
    struct rebook_line lines[ORDER_LINES_MAX];
    struct order_rebooking what = {
        .lines = lines, .reason = w->reason, .actor = w->actor, .add = add_telling, .arg = w};
    for (int i = 0; i < o->count; i++) {
        int64_t line = o->lines[i].id, target = target_of(w, line);
        if (!is_concerned(w, line) || !order_line_returns(&o->lines[i]))
            continue;
        if (!target)
            return ORDER_NOT_ON_SALE;
        lines[what.count++] = (struct rebook_line){line, target, 0};
    }
    return order_rebook(w->a, w->site, o, &what);
}

static enum order_result settle_once(struct row *w)
{
    enum order_result found;
    struct order *o = order_find(w->a, w->site, w->order, &found);
    if (!o)
        return found;
    return str_is(w->remedy, "rebook") ? rebook(w, o) : give_back(w, o);
}

// False: try again later.
static bool settle_row(struct row *w)
{
    enum order_result result = ORDER_CHANGED;
    for (int i = 0; i < TRIES && result == ORDER_CHANGED; i++)
        result = settle_once(w);
    switch (result) {
    case ORDER_DONE:
        return true;
    case ORDER_BUSY:
    case ORDER_UNAVAILABLE:
    case ORDER_CHANGED:
        return false;
    case ORDER_ALREADY:
    case ORDER_NOT_FOUND:
        // Cancelled by the customer meanwhile: there is nothing left to do.
        return mark(w, "done", NULL);
    case ORDER_SOLD_OUT:
        return mark(w, "failed", "full");
    case ORDER_NOT_ON_SALE:
        return mark(w, "failed", "no_time");
    default:
        return mark(w, "failed", "refused");
    }
}

static bool run_row(struct row *w)
{
    bool tells =
        str_is(w->remedy, "tell") || str_is(w->remedy, "place") || str_is(w->remedy, "ask");
    return tells ? tell_row(w) : settle_row(w);
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
            .actor = {.kind = rows_str(r, i, KEY(actor_kind)),
                .id = rows_i64(r, i, KEY(actor_id)),
                .name = rows_str(r, i, KEY(actor_name))},
            .until_us = rows_i64_or(r, i, KEY(until_us), 0),
            .remedy = rows_str(r, i, KEY(remedy)),
            .reason = rows_str(r, i, KEY(reason)),
            .lines = rows_json(a, r, i, KEY(lines)),
            .targets = rows_json(a, r, i, KEY(targets))};
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
    job_handler(SLOT_CHANGE_JOB_BEFORE, run);
    job_handler(SLOT_CHANGE_JOB_FIRST, run);
}
