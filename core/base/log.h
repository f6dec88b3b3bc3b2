// Structured logs: one JSON object a line on standard error. Every line carries level, time,
// process role and message; inside a request also its id and site. Log once, where an error is
// handled. Values are strings; secrets, mail addresses and tokens never go in.
#pragma once

#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

// What every line of this process says of itself, such as "worker 1".
void log_role(const char *role);
// Lines below this level aren't written; LOG_INFO unless said otherwise.
void log_least(enum log_level level);

// The request or job that runs now; fibers set it when they are resumed.
struct log_context {
    struct str request_id;
    struct str site;
};
void log_set_context(const struct log_context *context);

// Pairs of a literal name and a struct str, ended by NULL:
//   log_line(LOG_WARN, "statement failed", "sql", name, "state", sqlstate, NULL);
void log_line(enum log_level level, const char *message, ...) __attribute__((sentinel));

#define log_info(...) log_line(LOG_INFO, __VA_ARGS__, NULL)
#define log_warn(...) log_line(LOG_WARN, __VA_ARGS__, NULL)
#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__, NULL)
