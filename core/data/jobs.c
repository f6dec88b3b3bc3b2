#include "data/jobs.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/metric.h"
#include "data/job_lease.h"
#include "data/jobs.sql.h"
#include "io/fiber.h"
#include "io/loop.h"
#include "io/redis.h"

enum { LOOK_EVERY_MS = 1000, HANDLERS_MAX = 256, IN_VAIN_MAX = 4 };
enum { RUN_DUE_PARALLEL = 4, RUN_DUE_MAX_MS = 60000, SLOW_PARALLEL = 40 };

// The pauses after a failure, in seconds: times three from ten seconds up to six hours.
enum { PAUSE_FIRST_S = 10, PAUSE_FACTOR = 3, PAUSE_MAX_S = 6 * 3600 };

static const char channel[] = "vitrine:jobs";

struct handler {
    const char *kind;
    job_run run;
    int tries;
    int64_t deadline_ms;
    bool slow;
};

static struct {
    struct handler handlers[HANDLERS_MAX];
    int handler_count;
    struct lease_turn turns[LANES];
    struct lease *at_work;
    int running[LANES], parallel;
    struct timer timer;
    bool started, looking, more;
    bool housekeeping;        // is among the jobs
    struct job_counts counts; // since jobs_run_due asked
    struct wait *on_end;      // whoever waits for a job to end
    uint64_t ended;
} jobs = {.turns = {[LANE_SLOW] = {.lane = LANE_SLOW}}};

static struct handler *handler_of(struct str kind)
{
    for (int i = 0; i < jobs.handler_count; i++)
        if (str_is(kind, jobs.handlers[i].kind))
            return &jobs.handlers[i];
    return NULL;
}

void job_handler(const char *kind, job_run run)
{
    check(jobs.handler_count < HANDLERS_MAX && !handler_of(str_of(kind)));
    jobs.handlers[jobs.handler_count++] =
        (struct handler){.kind = kind, .run = run, .tries = JOB_TRIES, JOB_DEADLINE_MS};
}

void job_policy(const char *kind, int tries, int64_t deadline_ms)
{
    struct handler *h = handler_of(str_of(kind));
    check(h && tries > 0 && deadline_ms > 0);
    h->tries = tries;
    h->deadline_ms = deadline_ms;
}

void job_slow(const char *kind)
{
    struct handler *h = handler_of(str_of(kind));
    check(h);
    h->slow = true;
}

static void on_due(struct timer *t);

static void look_soon(void)
{
    if (jobs.started)
        timer_start(&jobs.timer, 0, on_due);
}

static void on_added(struct unit *u, void *unused)
{
    (void)u, (void)unused;
    look_soon();
    // Unheard, it is found by looking.
    redis_publish(str_of(channel), STR("due"));
}

void job_add(struct unit *u, struct str kind, const struct value *payload, int64_t run_at_us,
    struct str once_key)
{
    struct arena *a = unit_arena(u);
    int64_t now = clock_now_us();
    const struct handler *h = handler_of(kind);
    unit_add(u, &SQL_job_add, db_i64(a, unit_tenant(u)), kind,
        payload ? db_json(a, payload) : STR("{}"), db_time(a, run_at_us), once_key, db_time(a, now),
        db_i64(a, h && h->slow ? LANE_SLOW : LANE_USUAL));
    if (run_at_us <= now)
        unit_after(u, on_added, NULL);
}

bool job_extend(struct job *job, int64_t ms)
{
    struct arena *a = fiber_arena();
    int64_t until_us = clock_now_us() + (ms + LEASE_MS - JOB_DEADLINE_MS) * 1000;
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_job_extend, db_i64(a, job->tenant), db_i64(a, job->id),
        db_i64(a, job->attempt), db_time(a, until_us));
    if (unit_run(u) != DB_OK || !unit_rows(u, 0)->affected)
        return false;
    job->lease_until_us = until_us;
    fiber_set_deadline(clock_mono_ms() + ms);
    return true;
}

// A quarter more or less, so that what failed together doesn't come back together.
static int64_t next_try_us(int attempt)
{
    int64_t pause_s = PAUSE_FIRST_S;
    for (int i = 1; i < attempt && pause_s < PAUSE_MAX_S; i++)
        pause_s *= PAUSE_FACTOR;
    if (pause_s > PAUSE_MAX_S)
        pause_s = PAUSE_MAX_S;
    uint32_t random;
    id_random_bytes(&random, sizeof random);
    int64_t pause_us = pause_s * 1000000;
    return clock_now_us() + pause_us * 3 / 4 + (int64_t)(random % 1000) * pause_us / 2000;
}

static void write_end(struct lease *l, enum job_result result, int tries)
{
    struct job *job = &l->job;
    bool ours;
    if (result == JOB_RETRY && job->attempt >= tries)
        result = JOB_FAILED;
    if (result == JOB_DONE) {
        ours = lease_done(l);
        jobs.counts.done += ours;
    } else if (result == JOB_RETRY) {
        ours = lease_retry(l, job->retry_at_us ? job->retry_at_us : next_try_us(job->attempt));
        jobs.counts.retried += ours;
    } else {
        ours = lease_give_up(l);
        jobs.counts.failed += ours;
    }
    if (result != JOB_DONE)
        log_line(result == JOB_FAILED ? LOG_ERROR : LOG_WARN, "job failed", "kind", job->kind,
            "error", job->error.p ? job->error : STR("?"), NULL);
    metric_add(METRIC_jobs_total, 1);
    metric_add(METRIC_job_failures_total, result != JOB_DONE);
    if (!ours)
        log_warn("a job ended after its lease", "kind", job->kind);
}

static void forget(struct lease *l)
{
    struct lease **at = &jobs.at_work;
    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    jobs.running[l->lane]--;
    jobs.ended++;
    if (jobs.more)
        look_soon();
    if (jobs.on_end)
        wait_done(jobs.on_end);
}

static void run_job(void *arg)
{
    struct lease *l = arg;
    struct job *job = &l->job;
    struct log_context *log = fiber_log_context();
    log->request_id = str_join(l->arena, STR("job-"), str_of_i64(l->arena, job->id), STR_NULL);
    log->site = l->slug;
    struct handler *h = handler_of(job->kind);
    enum job_result result = JOB_RETRY;
    bool longer = h && h->deadline_ms > JOB_DEADLINE_MS;
    fiber_set_deadline(clock_mono_ms() + (h && !longer ? h->deadline_ms : JOB_DEADLINE_MS));
    if (!h)
        job->error = STR("nothing here does jobs of this kind");
    else if (!longer || job_extend(job, h->deadline_ms))
        result = h->run(job);
    else
        job->error = STR("the lease could not be made longer");
    fiber_set_deadline(INT64_MAX);
    write_end(l, result, h ? h->tries : JOB_TRIES);
    forget(l);
}

static int start(struct lease *picked)
{
    int count = 0;
    for (struct lease *next; picked; picked = next, count++) {
        next = picked->next;
        picked->next = jobs.at_work;
        jobs.at_work = picked;
        jobs.running[picked->lane]++;
        // Out of fibers: the lease ends by itself and the job is due again.
        if (!fiber_start(run_job, picked, picked->arena)) {
            struct arena *a = picked->arena;
            forget(picked);
            arena_free(a);
        }
    }
    return count;
}

static enum lease_more fill_lane(enum lane lane, int parallel, int *started)
{
    enum lease_more more = LEASE_MORE;
    const int *running = &jobs.running[lane];
    // When every due job belongs to a site that has its share, going round in vain ends too.
    for (int in_vain = 0; in_vain < IN_VAIN_MAX && more == LEASE_MORE && *running < parallel;) {
        struct lease *picked = NULL;
        more = lease_pick(&jobs.turns[lane], parallel - *running, jobs.at_work, &picked);
        in_vain = picked ? 0 : in_vain + 1;
        *started += start(picked);
    }
    return more == LEASE_NO_MORE && *running >= parallel ? LEASE_MORE : more;
}

static int at_work(void)
{
    return jobs.running[LANE_USUAL] + jobs.running[LANE_SLOW];
}

// Fills up to `parallel`; says whether jobs were started or are at work, -1 without an answer.
static int fill(int parallel)
{
    int started = 0;
    jobs.looking = true;
    enum lease_more usual = fill_lane(LANE_USUAL, parallel, &started);
    enum lease_more slow = fill_lane(LANE_SLOW, SLOW_PARALLEL, &started);
    jobs.looking = false;
    jobs.more = usual == LEASE_MORE || slow == LEASE_MORE;
    return usual == LEASE_UNKNOWN || slow == LEASE_UNKNOWN ? -1 : started + at_work();
}

static void look(void *unused)
{
    (void)unused;
    if (!jobs.housekeeping)
        jobs.housekeeping = housekeeping_add(fiber_arena(), clock_now_us());
    if (jobs.started && fill(jobs.parallel) < 0)
        jobs.more = false;
    if (jobs.started && !jobs.timer.place)
        timer_start(&jobs.timer, LOOK_EVERY_MS, on_due);
}

static void on_due(struct timer *t)
{
    // While a look is under way its end sets the timer; what came meanwhile may have been missed.
    if (jobs.looking || !fiber_start(look, NULL, NULL))
        timer_start(t, 20, on_due);
}

static void on_message(struct str message)
{
    (void)message;
    look_soon();
}

void jobs_start(int parallel)
{
    check(parallel > 0);
    jobs.parallel = parallel;
    jobs.started = true;
    redis_subscribe(channel, on_message);
    housekeeping_register();
    look_soon();
}

void jobs_stop(void)
{
    jobs.started = false;
    timer_stop(&jobs.timer);
}

int jobs_running(void)
{
    return at_work() + jobs.looking;
}

static void wait_for_end(int64_t ms)
{
    struct wait end = {0};
    jobs.on_end = &end;
    fiber_wait(&end, ms);
    jobs.on_end = NULL;
}

struct job_counts jobs_run_due(void)
{
    int64_t until = clock_mono_ms() + RUN_DUE_MAX_MS;
    int parallel = jobs.parallel ? jobs.parallel : RUN_DUE_PARALLEL;
    housekeeping_register();
    jobs.counts = (struct job_counts){0};
    while (clock_mono_ms() < until) {
        uint64_t ended = jobs.ended;
        int busy = jobs.looking ? 1 : fill(parallel);
        bool idle = busy == 0 && !jobs.more && lease_count(fiber_arena()) == 0;
        // One that ended after its lane was looked through may have left another one.
        if (idle && jobs.ended == ended && !jobs_running())
            break;
        wait_for_end(20);
    }
    return jobs.counts;
}
