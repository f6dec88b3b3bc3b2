#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"

enum { LINE_MAX_BYTES = 16 * 1024 };

static const char *role_name = "main";
static enum log_level level_min = LOG_INFO;
static const struct log_context *context;

void log_role(const char *role)
{
    role_name = role;
}

void log_least(enum log_level level)
{
    level_min = level;
}

void log_set_context(const struct log_context *now)
{
    context = now;
}

static void add_field(struct buf *b, const char *name, struct str value)
{
    buf_add_char(b, ',');
    json_write_str(b, str_of(name));
    buf_add_char(b, ':');
    json_write_str(b, str_utf8_clip(value, 4096));
}

static void add_time(struct buf *b)
{
    int64_t us = clock_now_us();
    time_t seconds = us / 1000000;
    struct tm tm;
    gmtime_r(&seconds, &tm);
    char text[48];
    size_t len = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    len += (size_t)snprintf(text + len, sizeof text - len, ".%03dZ", (int)(us / 1000 % 1000));
    add_field(b, "time", str_n(text, len));
}

void log_line(enum log_level level, const char *message, ...)
{
    static const char *names[] = {"debug", "info", "warn", "error"};
    if (level < level_min)
        return;
    struct arena *a = arena_new();
    struct buf b;
    buf_init(&b, a, LINE_MAX_BYTES);
    buf_add(&b, STR("{\"level\":"));
    json_write_str(&b, str_of(names[level]));
    add_time(&b);
    add_field(&b, "role", str_of(role_name));
    if (context && context->request_id.p)
        add_field(&b, "request_id", context->request_id);
    if (context && context->site.p)
        add_field(&b, "site", context->site);
    add_field(&b, "msg", str_of(message));
    va_list ap;
    va_start(ap, message);
    for (const char *name; (name = va_arg(ap, const char *));)
        add_field(&b, name, va_arg(ap, struct str));
    va_end(ap);
    buf_add(&b, STR("}\n"));
    // One write, so that lines of several processes never mix; a lost log line changes nothing.
    ssize_t ignored = write(STDERR_FILENO, b.p, b.len);
    (void)ignored;
    arena_free(a);
}
