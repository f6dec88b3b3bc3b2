#include "main/control.h"

#ifndef VITRINE_TESTS

void control_start(const struct config *config, struct controls *controls)
{
    (void)config, (void)controls;
}

#else

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/zone.h"
#include "data/jobs.h"
#include "io/fiber.h"
#include "io/loop.h"

enum { LINE_MAX_BYTES = 256 };

static struct {
    struct controls *controls;
    int fd;
    struct watch *watch;
} control;

struct client {
    int fd;
    struct watch *watch;
    char line[LINE_MAX_BYTES];
    size_t len;
};

static struct str set_time(struct arena *a, struct str arg)
{
    int64_t *shift = &control.controls->clock_shift_us, seconds, at;
    int64_t real = clock_now_us() - *shift;
    struct str set = STR("set ");
    if (str_is(arg, "real"))
        __atomic_store_n(shift, 0, __ATOMIC_RELAXED);
    else if (arg.len > 1 && arg.p[0] == '+' && str_to_i64(str_sub(arg, 1, arg.len), &seconds))
        __atomic_fetch_add(shift, seconds * US_PER_SECOND, __ATOMIC_RELAXED);
    else if (str_starts(arg, set) && instant_parse(str_sub(arg, set.len, arg.len), &at))
        __atomic_store_n(shift, at - real, __ATOMIC_RELAXED);
    else
        return STR("error: time +SECONDS | time set RFC3339 | time real");
    return str_join(a, STR("ok "), instant_text(a, zone_utc(), clock_now_us()), STR_NULL);
}

static struct str obey(struct arena *a, struct str line)
{
    struct str word = str_cut(&line, ' ');
    if (str_is(word, "time"))
        return set_time(a, line);
    if (str_is(word, "cache")) {
        __atomic_store_n(&control.controls->cache_off, str_is(line, "off"), __ATOMIC_RELAXED);
        return STR("ok");
    }
    int64_t number;
    if (str_is(word, "hang") && str_to_i64(line, &number) && number >= 0) {
        __atomic_store_n(&control.controls->hang, (int32_t)number + 1, __ATOMIC_RELAXED);
        return STR("ok");
    }
    if (str_is(word, "jobs") && str_is(line, "run")) {
        struct job_counts n = jobs_run_due();
        return str_format(a, "ok done=%d retried=%d failed=%d", n.done, n.retried, n.failed);
    }
    return STR("error: time, cache, hang or jobs");
}

static void answer(void *arg)
{
    struct client *c = arg;
    struct arena *a = fiber_arena();
    struct str said = obey(a, str_trim(str_n(c->line, c->len)));
    said = str_join(a, said, STR("\n"), STR_NULL);
    // A tester who doesn't read its one line gets none.
    ssize_t ignored = write(c->fd, said.p, said.len);
    (void)ignored;
    c->len = 0;
    watch_read(c->watch, true);
}

static void on_readable(void *owner)
{
    struct client *c = owner;
    ssize_t n = read(c->fd, c->line + c->len, sizeof c->line - c->len);
    if (n <= 0 || c->len + (size_t)n == sizeof c->line) {
        watch_free(c->watch);
        close(c->fd);
        free(c);
        return;
    }
    c->len += (size_t)n;
    if (c->line[c->len - 1] != '\n')
        return;
    watch_read(c->watch, false);
    check(fiber_start(answer, c, NULL));
}

static void on_client(void *unused)
{
    static const struct watch_handler handler = {.on_readable = on_readable};
    (void)unused;
    int fd = accept4(control.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    struct client *c = calloc(1, sizeof *c);
    check(c);
    c->fd = fd;
    c->watch = watch_new(fd, &handler, c);
    watch_read(c->watch, true);
}

void control_start(const struct config *config, struct controls *controls)
{
    static const struct watch_handler handler = {.on_readable = on_client};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct arena *a = arena_new();
    struct str path = str_join(a, str_of(config->state), STR("/control.sock"), STR_NULL);
    check(path.len < sizeof address.sun_path);
    memcpy(address.sun_path, path.p, path.len);
    unlink(path.p);
    arena_free(a);
    control.controls = controls;
    control.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    check(bind(control.fd, (struct sockaddr *)&address, sizeof address) == 0);
    check(listen(control.fd, 16) == 0);
    control.watch = watch_new(control.fd, &handler, NULL);
    watch_read(control.watch, true);
}

#endif
