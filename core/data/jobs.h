// Work that follows from a transaction, as rows written in it. A process of its own picks up what
// is due: that commits a lease, so no lock is held while a job runs, and the attempt's number
// fences out whoever finishes late. Sites are served in turn, each with a cap. A job may run twice
// (a lost answer, a killed process): its effects are idempotent by contract. Failures are tried
// again with growing pauses, then stay as failed for the console. All times are business time.
#pragma once

#include "data/db.h"

struct job {
    int64_t tenant; // 0: the platform's own
    int64_t id;
    struct str kind;
    struct value *payload;
    int attempt;         // from 1
    struct str error;    // the handler's word on why, for the console; no secrets
    int64_t retry_at_us; // the handler's own choice of the next try; 0: the usual pauses
    int64_t lease_until_us;
};

enum job_result {
    JOB_DONE,
    JOB_RETRY,  // later, while tries are left
    JOB_FAILED, // trying again makes no sense
};

// Appends the row to a unit of the app or the platform, for the unit's site (platform without a
// site: tenant 0). While a job of the same kind and non-absent `once_key` waits, nothing is added;
// one that has been picked up doesn't count any more.
void job_add(struct unit *u, struct str kind, const struct value *payload, int64_t run_at_us,
    struct str once_key);

// Who does jobs of a kind. `run` is called in a fiber of its own, with the fiber's arena; before
// jobs_start. A handler may serve several kinds and look at job->kind.
typedef enum job_result (*job_run)(struct job *job);
void job_handler(const char *kind, job_run run);
// Other than JOB_TRIES and JOB_DEADLINE_MS for a kind that has a handler.
enum { JOB_TRIES = 12, JOB_DEADLINE_MS = 60000 };
void job_policy(const char *kind, int tries, int64_t deadline_ms);
// Jobs that wait for machines of strangers. They have a lane of their own, with its own caps, so
// that whoever doesn't answer holds up no mail; a statement of one's own that adds such a job says
// lane = 1. After job_handler, also where jobs are only added.
void job_slow(const char *kind);
// From a handler: `ms` more from now for the deadline and the lease. False when the lease is
// somebody else's by now: stop.
bool job_extend(struct job *job, int64_t ms);

// Looks for due jobs once a second and when woken, and runs up to `parallel` at once.
void jobs_start(int parallel);
// Picks up no more; what runs, or is just being picked up, goes on until jobs_running() is 0.
void jobs_stop(void);
int jobs_running(void);

struct job_counts {
    int done, retried, failed;
};
// From a fiber: runs what is due until nothing is, also what becomes due meanwhile, and waits for
// jobs that other processes are at.
struct job_counts jobs_run_due(void);

// Done regularly, once for the whole platform: removal of what has ended. `clean` is called in a
// job's fiber, deletes a batch and says whether there may be more. At most 16, before jobs_start.
void job_housekeeping(bool (*clean)(struct arena *a, int64_t now_us));

// For the command line and the console, failed ones first, newest first: objects with tenant, site
// (slug or null), id, kind, state (waiting, running, done, failed), attempt, run_at_us, error,
// payload, created_at_us, finished_at_us. `tenant` 0: all sites; `state` is waiting, failed or
// done, absent: all but done. Ids are strings.
enum db_result jobs_list(
    struct arena *a, int64_t tenant, struct str state, int limit, struct value **list);
// Lets a failed or waiting job run now, with all its tries. False when there is none such.
bool jobs_retry(struct arena *a, int64_t tenant, int64_t job_id);
// How many wait, are late by more than a minute, have failed; for metrics.
struct job_load {
    int64_t waiting, late, failed;
};
enum db_result jobs_load(struct arena *a, struct job_load *load);
