// Preconditions that stay on in production. A failed check is a bug: the process logs where and
// aborts, and the supervisor replaces it. Expected failures are returned values, never checks.
#pragma once

#define check(cond)                                  \
    do {                                             \
        if (__builtin_expect(!(cond), 0))            \
            check_failed(#cond, __FILE__, __LINE__); \
    } while (0)

#define unreachable() check_failed("unreachable", __FILE__, __LINE__)

__attribute__((noreturn, cold)) void check_failed(const char *what, const char *file, int line);
