#include "domain/slot_choice.h"

#include "base/clock.h"
#include "data/audit.h"
#include "data/jobs.h"
#include "domain/order_rebook.sql.h"
#include "domain/slot_change_job.h"
#include "domain/slot_choice.sql.h"
#include "io/fiber.h"

#define UNANSWERED_JOB "slot.unanswered"
enum { TRIES = 3 };

static void take_choice(
    struct arena *a, const struct rows *r, int i, int64_t now_us, struct slot_choice *c)
{
    const struct value *lines = rows_json(a, r, i, KEY(lines));
    struct str choice = rows_str(r, i, KEY(choice));
    bool waits = str_is(choice, "open");
    *c = (struct slot_choice){.change = rows_i64(r, i, KEY(change_id)),
        .asked = rows_bool(r, i, KEY(asked)),
        .cancelled = rows_bool(r, i, KEY(cancelled)),
        .reason = rows_str(r, i, KEY(reason)),
        .answer = waits ? STR_NULL : choice,
        .until_us = rows_i64_or(r, i, KEY(until_us), 0),
        .chosen_us = rows_i64_or(r, i, KEY(chosen_us), 0)};
    for (size_t n = 0; n < value_count(lines) && c->count < ORDER_LINES_MAX; n++)
        c->lines[c->count++] = value_at(lines, n)->integer;
    c->open = waits && c->count && c->until_us > now_us;
}

int slot_choices(struct arena *a, const struct site *site, int64_t order,
    struct slot_choice **choices, enum order_result *result)
{
    struct unit *u = unit_new(a, DB_READ, site->tenant);
    int place = unit_add(u, &SQL_slot_choices, db_i64(a, site->tenant), db_i64(a, order),
        db_i64(a, SLOT_CHOICES_MAX));
    *result = order_result_of(u, unit_run(u));
    if (*result != ORDER_DONE)
        return 0;
    const struct rows *r = unit_rows(u, place);
    *choices = arena_new_array(a, struct slot_choice, SLOT_CHOICES_MAX);
    for (int i = 0; i < r->count; i++)
        take_choice(a, r, i, clock_now_us(), &(*choices)[i]);
    return r->count;
}

const char *slot_choice_kind(const struct slot_choice *c)
{
    return c->asked ? "asked" : c->cancelled ? "rebooked" : "moved";
}

// The answer under way.
struct answering {
    struct arena *a;
    const struct site *site;
    const struct order *o;
    const struct slot_choosing *what;
    bool late; // nobody answered: it is done for them
};

static const char *const answers[] = {
    [SLOT_KEEP] = "kept", [SLOT_REBOOK] = "rebooked", [SLOT_REFUND] = "refunded"};

static void add_record(struct unit *u, const struct answering *g)
{
    struct arena *a = unit_arena(u);
    struct value *after = value_object(a);
    value_set_str(a, after, KEY(choice), str_of(answers[g->what->answer]));
    audit_add(u, &(struct audit){.actor_kind = g->what->actor.kind,
                     .actor_id = g->what->actor.id,
                     .actor_name = g->what->actor.name,
                     .action = g->late ? STR("order.unanswered") : STR("order.choose"),
                     .object_kind = STR("order"),
                     .object_id = str_of_i64(a, g->o->id),
                     .after = after});
}

static void add_answer(struct unit *u, void *arg)
{
    const struct answering *g = arg;
    const struct slot_choice *c = g->what->choice;
    struct arena *a = unit_arena(u);
    int64_t now = clock_now_us();
    unit_add(u, &SQL_slot_choice_take, db_i64(a, g->site->tenant), db_i64(a, c->change),
        db_i64(a, g->o->id), str_of(answers[g->what->answer]), db_time(a, now), db_bool(g->late));
    add_record(u, g);
    if (g->what->answer == SLOT_REFUND)
        return; // what comes back is told by whoever gives it back
    struct value *payload = value_object(a), *lines = value_list(a);
    value_set_str(a, payload, KEY(order_id), str_of_i64(a, g->o->id));
    value_set(a, payload, KEY(lines), lines);
    for (int i = 0; i < c->count; i++)
        value_append(a, lines, value_int(a, c->lines[i]));
    job_add(u, STR(SLOT_CHOSEN_MAIL), payload, now, STR_NULL);
}

static bool add_guards(struct unit *u, void *arg)
{
    add_answer(u, arg);
    return true;
}

static struct order_return return_of(const struct slot_choice *c, struct return_line *lines)
{
    struct order_return what = {.lines = lines, .count = c->count};
    for (int i = 0; i < c->count; i++)
        lines[i] = (struct return_line){c->lines[i], RETURN_ALL_PPM};
    return what;
}

enum order_result slot_choice_quote(struct arena *a, const struct site *site, const struct order *o,
    const struct slot_choice *choice, struct order_quote *quote)
{
    struct return_line lines[ORDER_LINES_MAX];
    struct order_return what = return_of(choice, lines);
    return order_quote(a, site, o, &what, quote);
}

static struct order_outcome refund(struct answering *g)
{
    struct return_line lines[ORDER_LINES_MAX];
    struct order_return what = return_of(g->what->choice, lines);
    struct order_quote quote;
    what.actor = g->what->actor;
    what.add_guards = add_guards;
    what.arg = g;
    return order_return(g->a, g->site, g->o, &what, &quote);
}

static struct order_outcome rebook(struct answering *g)
{
    struct order_rebooking what = {.lines = g->what->to,
        .count = g->what->choice->count,
        .actor = g->what->actor,
        .add = add_guards,
        .arg = g};
    return (struct order_outcome){.result = order_rebook(g->a, g->site, g->o, &what)};
}

// Nothing of the order changes, but whoever changes it at this moment looks at it again.
static struct order_outcome keep(struct answering *g)
{
    struct unit *u = unit_new(g->a, DB_WRITE, g->site->tenant);
    unit_route(u, (uint64_t)g->o->id);
    unit_add(u, &SQL_rebook_order, db_i64(g->a, g->site->tenant), db_i64(g->a, g->o->id),
        db_i64(g->a, g->o->version));
    add_answer(u, g);
    return (struct order_outcome){.result = order_result_of(u, unit_run(u))};
}

static struct order_outcome answer(struct answering *g)
{
    switch (g->what->answer) {
    case SLOT_KEEP:
        return keep(g);
    case SLOT_REBOOK:
        return rebook(g);
    case SLOT_REFUND:
        break;
    }
    return refund(g);
}

struct order_outcome slot_choose(struct arena *a, const struct site *site, const struct order *o,
    const struct slot_choosing *what)
{
    struct answering g = {.a = a, .site = site, .o = o, .what = what};
    if (!what->choice->open || (what->answer == SLOT_KEEP && what->choice->asked))
        return (struct order_outcome){.result = ORDER_ALREADY};
    return answer(&g);
}

void slot_choice_open(struct unit *u, struct str change, int64_t order)
{
    struct arena *a = unit_arena(u);
    unit_add(u, &SQL_slot_choice_open, db_i64(a, unit_tenant(u)), change, db_i64(a, order));
}

void slot_choice_ask(struct unit *u, struct str change, int64_t order, int64_t until_us)
{
    struct arena *a = unit_arena(u);
    struct value *payload = value_object(a);
    unit_add(u, &SQL_slot_choice_ask, db_i64(a, unit_tenant(u)), change, db_i64(a, order),
        db_time(a, until_us));
    value_set_str(a, payload, KEY(change_id), change);
    value_set_str(a, payload, KEY(order_id), str_of_i64(a, order));
    job_add(u, STR(UNANSWERED_JOB), payload, until_us, STR_NULL);
}

static int64_t number_of(const struct job *job, value_key key)
{
    int64_t n = 0;
    return str_to_i64(value_get_str(job->payload, key), &n) ? n : 0;
}

// Whom the order itself refuses (a feature's check) is left for the office to decide.
static enum order_result leave(
    struct arena *a, const struct site *site, int64_t order, int64_t change)
{
    struct unit *u = unit_new(a, DB_WRITE, site->tenant);
    unit_add(
        u, &SQL_slot_choice_fail, db_i64(a, site->tenant), db_i64(a, change), db_i64(a, order));
    return order_result_of(u, unit_run(u));
}

static enum order_result give_back(
    struct arena *a, const struct site *site, int64_t order, int64_t change)
{
    enum order_result result;
    struct slot_choice *choices;
    struct order *o = order_find(a, site, order, &result);
    int count = o ? slot_choices(a, site, order, &choices, &result) : 0;
    for (int i = 0; i < count; i++) {
        const struct slot_choice *c = &choices[i];
        if (c->change != change || c->answer.p || !c->count)
            continue;
        struct slot_choosing what = {.choice = c,
            .answer = SLOT_REFUND,
            .actor = {.kind = STR("system"), .name = STR("Vitrine")}};
        struct answering g = {.a = a, .site = site, .o = o, .what = &what, .late = true};
        result = answer(&g).result;
        return result == ORDER_REFUSED ? leave(a, site, order, change) : result;
    }
    return o ? result : ORDER_NOT_FOUND;
}

static enum job_result run(struct job *job)
{
    struct arena *a = fiber_arena();
    struct site *site;
    if (site_acquire_by_tenant(job->tenant, &site) != SITE_FOUND)
        return JOB_RETRY;
    enum order_result result = ORDER_CHANGED;
    for (int i = 0; i < TRIES && result == ORDER_CHANGED; i++)
        result = give_back(a, site, number_of(job, KEY(order_id)), number_of(job, KEY(change_id)));
    site_release(site);
    bool later = result == ORDER_CHANGED || result == ORDER_BUSY || result == ORDER_UNAVAILABLE;
    return later ? JOB_RETRY : JOB_DONE;
}

void slot_choice_start(void)
{
    job_handler(UNANSWERED_JOB, run);
}
