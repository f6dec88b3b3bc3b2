// Jobs: what is added, who picks it up, how it ends. Business time is moved, never waited for.
#include "with_database.h"

#include <unistd.h>

#include "data/attempt.h"
#include "data/job_lease.h"
#include "data/jobs.h"
#include "data/seal.h"

enum { SECOND_US = 1000000 };

static int runs, failures_left, most_at_once;
static struct str seen_note;
static char seen_note_bytes[32];

static enum job_result run_work(struct job *job)
{
    runs++;
    assert_true(str_is(job->kind, "test_work"));
    struct str note = value_get_str(job->payload, KEY(note));
    seen_note = str_n(seen_note_bytes, note.len);
    memcpy(seen_note_bytes, note.p ? note.p : "", note.len);
    if (failures_left == 0)
        return JOB_DONE;
    failures_left--;
    job->error = STR("the printer is out of paper");
    return JOB_RETRY;
}

static enum job_result run_hopeless(struct job *job)
{
    job->error = STR("no such recipient");
    return JOB_FAILED;
}

static enum job_result run_slow(struct job *job)
{
    static int now;
    if (++now > most_at_once)
        most_at_once = now;
    (void)job;
    fiber_sleep(5);
    now--;
    runs++;
    return JOB_DONE;
}

static int strangers, most_strangers;
static bool answered;

static enum job_result run_stranger(struct job *job)
{
    (void)job;
    if (++strangers > most_strangers)
        most_strangers = strangers;
    while (!answered)
        fiber_sleep(2);
    strangers--;
    return JOB_DONE;
}

static enum db_result add(int64_t tenant, const char *kind, int64_t in_s, struct str once_key)
{
    struct unit *u = unit_new(arena(), tenant ? DB_WRITE : DB_PLATFORM, tenant);
    struct value *payload = value_object(arena());
    value_set_str(arena(), payload, KEY(note), STR("ñ\"1"));
    job_add(u, str_of(kind), payload, clock_now_us() + in_s * SECOND_US, once_key);
    return unit_run(u);
}

static int64_t count(const char *state)
{
    static struct sql sql = {
        .name = "count", .text = "SELECT count(*) AS n FROM job WHERE state = $1", .params = 1};
    return ask(&sql, str_of(state));
}

static int fresh(void **state)
{
    static struct sql wipe = {
        .name = "wipe", .text = "DELETE FROM job WHERE kind <> $1", .params = 1};
    (void)state;
    time_shift_us = 0;
    runs = failures_left = most_at_once = 0;
    ask(&wipe, STR(""));
    return 0;
}

static void a_job_runs_when_it_is_due(void **state)
{
    (void)state;
    assert_int_equal(add(new_site(), "test_work", 60, STR_NULL), DB_OK);
    assert_int_equal(jobs_run_due().done, 0);
    time_shift_us = 60 * (int64_t)SECOND_US;
    assert_int_equal(jobs_run_due().done, 1);
    assert_int_equal(runs, 1);
    assert_true(str_is(seen_note, "ñ\"1"));
    assert_int_equal(jobs_run_due().done, 0);
    assert_int_equal(count("done"), 1);
}

static void a_unit_that_fails_adds_none(void **state)
{
    (void)state;
    static struct sql guard = {.name = "guard", .text = "SELECT vt_require(false, 'no')"};
    int64_t site = new_site();
    struct unit *u = unit_new(arena(), DB_WRITE, site);
    job_add(u, STR("test_work"), NULL, clock_now_us(), STR_NULL);
    unit_add_plain(u, &guard);
    assert_int_equal(unit_run(u), DB_REFUSED);
    assert_int_equal(jobs_run_due().done, 0);
}

static void a_key_waits_once(void **state)
{
    (void)state;
    int64_t site = new_site();
    for (int i = 0; i < 3; i++)
        assert_int_equal(add(site, "test_work", 0, STR("order 7")), DB_OK);
    assert_int_equal(add(new_site(), "test_work", 0, STR("order 7")), DB_OK);
    assert_int_equal(add(site, "test_slow", 0, STR("order 7")), DB_OK);
    assert_int_equal(count("waiting"), 3);
    jobs_run_due();
    assert_int_equal(add(site, "test_work", 0, STR("order 7")), DB_OK);
    assert_int_equal(count("waiting"), 1);
}

static void while_it_runs_its_key_is_free(void **state)
{
    (void)state;
    int64_t site = new_site();
    struct lease_turn turn = {0};
    struct lease *picked = NULL;
    add(site, "test_work", 0, STR("site"));
    assert_int_equal(lease_pick(&turn, 1, NULL, &picked), LEASE_NO_MORE);
    assert_non_null(picked);
    // What changed since it started must not be lost.
    add(site, "test_work", 0, STR("site"));
    assert_int_equal(count("waiting"), 2);
    assert_true(lease_done(picked));
    arena_free(picked->arena);
    assert_int_equal(jobs_run_due().done, 1);
}

static void a_failure_is_tried_again_with_growing_pauses(void **state)
{
    (void)state;
    static struct sql wait_s = {.name = "wait_s",
        .text = "SELECT extract(epoch FROM run_at - $1)::bigint AS n FROM job",
        .params = 1};
    add(new_site(), "test_work", 0, STR_NULL);
    failures_left = 100;
    int64_t least = 7, most = 13;
    for (int i = 1; i < JOB_TRIES; i++) {
        assert_int_equal(jobs_run_due().retried, 1);
        int64_t pause = ask(&wait_s, db_time(arena(), clock_now_us()));
        assert_in_range(pause, least, most);
        least = least * 3 < 16200 ? least * 3 : 16200 - 1;
        most = most * 3 < 27000 ? most * 3 : 27000;
        assert_int_equal(jobs_run_due().retried, 0);
        time_shift_us += (pause + 1) * SECOND_US;
    }
    assert_int_equal(jobs_run_due().failed, 1);
    assert_int_equal(runs, JOB_TRIES);
    assert_int_equal(count("failed"), 1);
}

static void what_gave_up_is_seen_and_can_run_again(void **state)
{
    (void)state;
    struct value *list;
    struct job_load load;
    int64_t site = new_site(), id = 0;
    add(site, "test_hopeless", 0, STR_NULL);
    assert_int_equal(jobs_run_due().failed, 1);
    add(site, "test_work", 3600, STR_NULL);
    add(0, "test_work", 3600, STR_NULL);
    assert_int_equal(jobs_list(arena(), 0, STR_NULL, 10, &list), DB_OK);
    assert_int_equal(value_count(list), 3);
    struct value *failed = value_at(list, 0);
    assert_true(str_is(value_get_str(failed, KEY(state)), "failed"));
    assert_true(str_is(value_get_str(failed, KEY(error)), "no such recipient"));
    assert_true(str_starts(value_get_str(failed, KEY(site)), STR("t-")));
    assert_int_equal(jobs_list(arena(), site, STR("waiting"), 10, &list), DB_OK);
    assert_int_equal(value_count(list), 1);
    assert_int_equal(jobs_load(arena(), &load), DB_OK);
    assert_int_equal(load.failed, 1);
    assert_int_equal(load.waiting, 2);
    assert_true(str_to_i64(value_get_str(failed, KEY(id)), &id));
    assert_false(jobs_retry(arena(), site + 1, id));
    assert_true(jobs_retry(arena(), site, id));
    assert_int_equal(jobs_run_due().failed, 1);
}

static void a_kind_that_nobody_does_is_kept(void **state)
{
    (void)state;
    add(new_site(), "test_future", 0, STR_NULL);
    assert_int_equal(jobs_run_due().retried, 1);
    assert_int_equal(count("waiting"), 1);
}

static void a_late_finisher_changes_nothing(void **state)
{
    (void)state;
    struct lease_turn turn = {0};
    struct lease *first = NULL, *none = NULL, *second = NULL;
    add(new_site(), "test_work", 0, STR_NULL);
    lease_pick(&turn, 5, NULL, &first);
    assert_non_null(first);
    lease_pick(&turn, 5, NULL, &none);
    assert_null(none);
    assert_int_equal(lease_count(arena()), 1);
    time_shift_us = (LEASE_MS + 1) * INT64_C(1000);
    lease_pick(&turn, 5, NULL, &second);
    assert_non_null(second);
    assert_int_equal(second->job.attempt, 2);
    assert_false(lease_done(first));
    assert_false(lease_give_up(first));
    assert_false(job_extend(&first->job, 1000));
    assert_true(job_extend(&second->job, 600000));
    time_shift_us += (LEASE_MS + 1) * INT64_C(1000);
    lease_pick(&turn, 5, NULL, &none);
    assert_null(none);
    assert_true(lease_done(second));
    fiber_set_deadline(INT64_MAX);
    arena_free(first->arena);
    arena_free(second->arena);
}

static struct lease *found[2];
static int pickers;

static void pick_all(void *arg)
{
    struct lease_turn turn = {0};
    lease_pick(&turn, 100, NULL, arg);
    pickers--;
}

static int free_leases(struct lease *l)
{
    int freed = 0;
    for (struct lease *next; l; l = next, freed++) {
        next = l->next;
        arena_free(l->arena);
    }
    return freed;
}

static void two_pickers_never_share_a_job(void **state)
{
    (void)state;
    static struct sql seen = {.name = "seen",
        .text = "SELECT count(*) AS n FROM job WHERE attempt = $1::int",
        .params = 1};
    for (int i = 0; i < 30; i++)
        add(new_site(), "test_work", 0, STR_NULL);
    found[0] = found[1] = NULL;
    pickers = 2;
    assert_true(fiber_start(pick_all, &found[0], NULL));
    assert_true(fiber_start(pick_all, &found[1], NULL));
    while (pickers)
        fiber_sleep(1);
    assert_int_equal(ask(&seen, STR("1")), free_leases(found[0]) + free_leases(found[1]));
    assert_int_equal(ask(&seen, STR("2")), 0);
}

static void add_many(int64_t tenant, int n)
{
    static struct sql sql = {.name = "many",
        .text = "INSERT INTO job (tenant_id, kind, run_at, created_at) SELECT $1::bigint,"
                " 'test_slow', now() - interval '1 hour', now() FROM generate_series(1, $2::int)",
        .params = 2};
    struct unit *u = unit_new(arena(), DB_PLATFORM, 0);
    unit_add(u, &sql, db_i64(arena(), tenant), db_i64(arena(), n));
    assert_int_equal(unit_run(u), DB_OK);
}

// A long queue of one site, older than anybody else's, in one look and beyond what a look sees.
static void check_turns(int queue)
{
    int64_t busy = new_site(), others[3] = {new_site(), new_site(), new_site()};
    add_many(busy, queue);
    for (int i = 0; i < 3; i++)
        add(others[i], "test_work", 0, STR_NULL);
    struct lease_turn turn = {0};
    struct lease *picked = NULL;
    for (int looks = 0; looks < 3; looks++)
        if (lease_pick(&turn, 8, picked, &picked) == LEASE_NO_MORE)
            break;
    int of_busy = 0, of_others = 0;
    for (struct lease *l = picked; l; l = l->next)
        *(l->job.tenant == busy ? &of_busy : &of_others) += 1;
    assert_int_equal(of_busy, SITE_JOBS_MAX);
    assert_int_equal(of_others, 3);
    free_leases(picked);
}

static void sites_are_served_in_turn(void **state)
{
    (void)state;
    check_turns(40);
}

static void a_very_long_queue_hides_nobody(void **state)
{
    (void)state;
    check_turns(3000);
}

static void after_the_last_site_comes_the_first(void **state)
{
    (void)state;
    add(new_site(), "test_work", 0, STR_NULL);
    struct lease_turn turn = {.from_site_to_site = true, .after = INT64_MAX};
    struct lease *picked = NULL;
    assert_int_equal(lease_pick(&turn, 8, NULL, &picked), LEASE_MORE);
    assert_null(picked);
    assert_int_equal(lease_pick(&turn, 8, NULL, &picked), LEASE_NO_MORE);
    assert_int_equal(free_leases(picked), 1);
}

static void everything_is_done_in_the_end(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++)
        add_many(new_site(), 110);
    assert_int_equal(jobs_run_due().done, 660);
    assert_int_equal(runs, 660);
    assert_in_range(most_at_once, 2, 4);
}

static void housekeeping_removes_and_goes_on(void **state)
{
    (void)state;
    static struct sql old = {.name = "old",
        .text = "INSERT INTO job (tenant_id, kind, state, run_at, created_at, finished_at)"
                " SELECT 1, 'x', 'done', now(), now(), now() - $1::interval"
                " FROM generate_series(1, 1500)",
        .params = 1};
    ask(&old, STR("8 days"));
    ask(&old, STR("6 days"));
    assert_true(housekeeping_add(arena(), clock_now_us()));
    assert_true(housekeeping_add(arena(), clock_now_us()));
    assert_int_equal(jobs_run_due().done, 1);
    assert_int_equal(count("done"), 1501);
    assert_int_equal(count("waiting"), 1);
    time_shift_us = 3600 * (int64_t)SECOND_US;
    assert_int_equal(jobs_run_due().done, 1);
    assert_int_equal(count("waiting"), 1);
}

static void it_removes_tries_whose_window_ended(void **state)
{
    (void)state;
    static struct sql ended = {.name = "ended",
        .text = "SELECT count(*) AS n FROM attempt WHERE window_ends_at <= $1",
        .params = 1};
    struct str why, keys = str_format(arena(), "/tmp/vitrine-keys-%s", id_token(arena()).p);
    assert_true(seal_init(arena(), keys, &why));
    assert_int_equal(unlink(keys.p), 0);
    struct attempt try = {new_site(), STR("login"), STR("ana@example.com"), 3, 60000};
    assert_int_equal(attempt_take(arena(), &try, NULL), ATTEMPT_ALLOWED);
    time_shift_us = 61 * (int64_t)SECOND_US;
    assert_true(ask(&ended, db_time(arena(), clock_now_us())) > 0);
    assert_true(housekeeping_add(arena(), clock_now_us()));
    assert_int_equal(jobs_run_due().done, 1);
    assert_int_equal(ask(&ended, db_time(arena(), clock_now_us())), 0);
}

static void run_all(void *done)
{
    jobs_run_due();
    *(bool *)done = true;
}

// A site with many receivers that don't answer: its own other jobs and those of others go on, and
// so do other sites' receivers.
static void who_waits_for_strangers_holds_up_nobody(void **state)
{
    (void)state;
    bool done = false;
    int64_t site = new_site(), other = new_site();
    for (int i = 0; i < SITE_SLOW_JOBS_MAX + 5; i++)
        add(site, "test_stranger", 0, STR_NULL);
    assert_true(fiber_start(run_all, &done, NULL));
    while (strangers < SITE_SLOW_JOBS_MAX)
        fiber_sleep(1);
    add(other, "test_stranger", 0, STR_NULL);
    for (int i = 0; i < 10; i++)
        add(i % 2 ? site : other, "test_work", 0, STR_NULL);
    while (runs < 10 || strangers < SITE_SLOW_JOBS_MAX + 1)
        fiber_sleep(1);
    assert_int_equal(most_strangers, SITE_SLOW_JOBS_MAX + 1);
    assert_false(done);
    answered = true;
    while (!done)
        fiber_sleep(1);
    assert_int_equal(count("done"), SITE_SLOW_JOBS_MAX + 6 + 10);
}

static void the_loop_finds_what_is_added(void **state)
{
    (void)state;
    jobs_start(2);
    fiber_sleep(50); // the first look
    add(new_site(), "test_work", 0, STR_NULL);
    int64_t since = clock_mono_ms();
    while (!runs && clock_mono_ms() - since < 3000)
        fiber_sleep(1);
    assert_int_equal(runs, 1);
    assert_true(clock_mono_ms() - since < 500); // it was woken, in the same process
    add_many(new_site(), 1);
    while (runs < 2 && clock_mono_ms() - since < 5000)
        fiber_sleep(1);
    assert_int_equal(runs, 2); // found by looking
    jobs_stop();
    while (jobs_running())
        fiber_sleep(1);
}

static int group(void)
{
    job_handler("test_work", run_work);
    job_handler("test_hopeless", run_hopeless);
    job_handler("test_slow", run_slow);
    job_policy("test_slow", 3, 100000);
    job_handler("test_stranger", run_stranger);
    job_slow("test_stranger");
    struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_job_runs_when_it_is_due, fresh),
        cmocka_unit_test_setup(a_unit_that_fails_adds_none, fresh),
        cmocka_unit_test_setup(a_key_waits_once, fresh),
        cmocka_unit_test_setup(while_it_runs_its_key_is_free, fresh),
        cmocka_unit_test_setup(a_failure_is_tried_again_with_growing_pauses, fresh),
        cmocka_unit_test_setup(what_gave_up_is_seen_and_can_run_again, fresh),
        cmocka_unit_test_setup(a_kind_that_nobody_does_is_kept, fresh),
        cmocka_unit_test_setup(a_late_finisher_changes_nothing, fresh),
        cmocka_unit_test_setup(two_pickers_never_share_a_job, fresh),
        cmocka_unit_test_setup(sites_are_served_in_turn, fresh),
        cmocka_unit_test_setup(a_very_long_queue_hides_nobody, fresh),
        cmocka_unit_test_setup(after_the_last_site_comes_the_first, fresh),
        cmocka_unit_test_setup(everything_is_done_in_the_end, fresh),
        cmocka_unit_test_setup(housekeeping_removes_and_goes_on, fresh),
        cmocka_unit_test_setup(it_removes_tries_whose_window_ended, fresh),
        cmocka_unit_test_setup(who_waits_for_strangers_holds_up_nobody, fresh),
        cmocka_unit_test_setup(the_loop_finds_what_is_added, fresh),
    };
    return run_database_tests(tests, NULL, NULL);
}

int main(void)
{
    return run_in_loop(group);
}
