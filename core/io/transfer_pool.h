// libcurl's multi interface on the loop: takes one prepared handle, suspends the fiber until it is
// done. A pool for each reach, so that a connection which was opened to a private address with the
// operator's leave is never reused by a caller without it. Only transfer*.c use this.
#pragma once

#include <curl/curl.h>

#include "io/fiber.h"

struct transfer_pool;

enum transfer_reach { REACH_PUBLIC, REACH_OWN, REACH_PRIVATE, REACHES };

struct transfer_job {
    CURL *easy;
    struct transfer_pool *pool;
    struct wait wait;
    int64_t timeout_ms;
    CURLcode code;
};

// False when TRANSFER_ACTIVE_MAX run. The handle's options are all at their defaults.
bool transfer_pool_take(struct transfer_job *job, enum transfer_reach reach);
// Waits; then `job->code` says how it went.
void transfer_pool_run(struct transfer_job *job);
void transfer_pool_give_back(struct transfer_job *job);

// The threads that send mails (transfer_smtp.c) report here.
void transfer_mail_init(void);
void transfer_mail_fini(void);
