// What a worker process and the job worker run. Both return when they have drained.
#pragma once

#include "main/config.h"

// In memory shared with the supervisor.
struct heartbeat {
    int64_t beat_ms; // monotonic; 0 before the first turn
    int32_t ready;
    int32_t draining;
};

// What tests change while the processes run (control socket; release builds have none).
struct controls {
    int64_t clock_shift_us;
    int32_t cache_off;
    int32_t hang; // the worker with this number, counted from 1, shall stop beating
};

struct worker_start {
    const struct config *config;
    int number; // from 0; the job worker's is the number of workers
    int listen_fd;
    struct heartbeat *heartbeat;
    struct controls *controls;
};

// Loads templates, words, plugins: before the fork, so that a mistake stops the start and all
// workers share the memory. False after saying what is wrong and where.
bool worker_prepare(const struct config *config);
int worker_serve(const struct worker_start *start);
int worker_jobs(const struct worker_start *start);
