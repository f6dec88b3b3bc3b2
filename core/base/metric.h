// Counters in memory that all processes share, made before they are forked: a worker adds to its
// own row, whoever is asked sums them up in Prometheus' text format. Adding is a plain store.
#pragma once

#include "base/str.h"

// name, help
#define METRICS(X)                                                                \
    X(requests_total, "Requests answered, from memory or by a handler")           \
    X(requests_cached_total, "Requests answered from memory")                     \
    X(request_errors_total, "Answers with a status of 500 and above")             \
    X(request_us_total, "Microseconds spent on requests that a handler answered") \
    X(cache_hits_total, "Cached values found in a process's memory")              \
    X(cache_shared_hits_total, "Cached values found in Redis")                    \
    X(cache_misses_total, "Cached values that had to be computed")                \
    X(cache_evictions_total, "Cached values thrown out for room")                 \
    X(db_units_total, "Units sent to PostgreSQL")                                 \
    X(db_failures_total, "Units that failed for a reason of the database")        \
    X(jobs_total, "Jobs run")                                                     \
    X(job_failures_total, "Jobs that failed or will be tried again")              \
    X(password_hashes_total, "Passwords hashed, to keep or to compare")

enum metric {
#define METRIC_NAME(name, help) METRIC_##name,
    METRICS(METRIC_NAME)
#undef METRIC_NAME
        METRIC_COUNT
};

enum { METRIC_PROCESSES_MAX = 66, METRIC_PLUGIN_ROWS = 4096 };

// In the supervisor, before the first fork.
void metric_init(void);
// In a process: which row is its own.
void metric_process(int number);
void metric_add(enum metric m, int64_t n);
// One call of a plugin for a site; rows beyond METRIC_PLUGIN_ROWS pairs are summed under "other".
void metric_plugin(struct str site, struct str plugin, int64_t took_ns, bool failed);
struct str metric_text(struct arena *a);
