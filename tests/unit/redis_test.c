// A private Redis server on a Unix socket: what is stored, counted and told, and what callers get
// while it is away.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "io/fiber.h"
#include "io/loop.h"
#include "io/offload.h"
#include "io/redis.h"
#include "io/redis_url.h"

static char dir[] = "/tmp/vitrine-redis-XXXXXX", socket_path[64], url[80];
static pid_t server;
static const char *port; // NULL: the socket
static char heard[32];
static int starts;

static void server_start(void)
{
    server = fork();
    assert_true(server >= 0);
    if (server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        int null = open("/dev/null", O_RDWR);
        dup2(null, 1);
        dup2(null, 2);
        if (port)
            execlp("redis-server", "redis-server", "--port", port, "--bind", "127.0.0.1",
                "--requirepass", "a/b", "--save", "", "--dir", dir, NULL);
        execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket_path, "--save",
            "", "--appendonly", "no", "--dir", dir, "--logfile", "", NULL);
        _exit(127);
    }
}

static void server_end(void)
{
    if (server > 0) {
        kill(server, SIGKILL);
        waitpid(server, NULL, 0);
    }
    server = 0;
}

static void on_message(struct str message)
{
    if (message.p)
        snprintf(heard, sizeof heard, "%.*s", STR_ARG(message));
    else
        starts++;
}

static void fresh_loop(void)
{
    loop_init();
    fibers_init();
}

static void (*body)(void);

static void run_body(void *arg)
{
    (void)arg;
    body();
    loop_stop();
}

static void in_fiber(void (*run)(void))
{
    body = run;
    assert_true(fiber_start(run_body, NULL, NULL));
    loop_run(redis_flush);
}

static bool ready(void)
{
    return redis_up();
}

static bool down(void)
{
    return !redis_up();
}

static bool came_true(bool (*condition)(void))
{
    for (int64_t until = clock_mono_ms() + 10000; clock_mono_ms() < until; fiber_sleep(5))
        if (condition())
            return true;
    return false;
}

// A busy machine may be late now and then; that is not what is tested.
static enum redis_result get(struct str key, struct str *value)
{
    enum redis_result r = REDIS_LATE;
    for (int i = 0; i < 20 && r == REDIS_LATE; i++)
        r = redis_get(fiber_arena(), key, value);
    return r;
}

// A count that came late may have happened, so it starts again with another key.
static bool counts_to_three(int64_t window_ms)
{
    static int keys;
    struct str key = str_format(fiber_arena(), "tries %d", keys++);
    for (int64_t i = 1, count = 0; i <= 3; i++) {
        enum redis_result r = redis_count(key, 1, window_ms, &count);
        if (r == REDIS_LATE && keys < 50)
            return counts_to_three(window_ms);
        assert_int_equal(r, REDIS_DONE);
        if (count != i)
            return false;
        fiber_sleep(20);
    }
    return true;
}

static void store_and_count(void)
{
    struct str value = STR("before");
    assert_true(came_true(ready));
    assert_int_equal(get(STR("none"), &value), REDIS_ABSENT);
    assert_true(str_is(value, "before"));
    struct str bytes = STR("a\0b \r\n \xff");
    assert_int_equal(redis_set(STR("k 1"), bytes, 60000), REDIS_DONE);
    assert_int_equal(get(STR("k 1"), &value), REDIS_DONE);
    assert_true(str_eq(value, bytes));
    assert_int_equal(redis_set(STR("empty"), STR(""), 60000), REDIS_DONE);
    assert_int_equal(get(STR("empty"), &value), REDIS_DONE);
    assert_true(value.p && value.len == 0);
    redis_delete(STR("k 1"));
    assert_int_equal(get(STR("k 1"), &value), REDIS_ABSENT);

    int64_t count = 0;
    assert_true(counts_to_three(60000) && !counts_to_three(1));
    redis_set(STR("text"), STR("no number"), 60000);
    enum redis_result r;
    while ((r = redis_count(STR("text"), 1, 60000, &count)) == REDIS_LATE)
        fiber_sleep(1);
    assert_int_equal(r, REDIS_REFUSED);
}

static void values_come_back_and_counters_end(void **state)
{
    (void)state;
    in_fiber(store_and_count);
}

static void large(void)
{
    struct str value;
    char *p = arena_alloc(fiber_arena(), REDIS_VALUE_MAX);
    memset(p, 'x', REDIS_VALUE_MAX);
    assert_true(came_true(ready));
    assert_int_equal(redis_set(STR("large"), str_n(p, REDIS_VALUE_MAX), 60000), REDIS_DONE);
    assert_int_equal(get(STR("large"), &value), REDIS_DONE);
    assert_true(str_eq(value, str_n(p, REDIS_VALUE_MAX)));
    assert_int_equal(
        redis_set(STR("large"), str_n(p, (size_t)REDIS_VALUE_MAX + 1), 1), REDIS_REFUSED);
    int sent = 0;
    while (redis_set(STR("small"), STR("1"), 60000) == REDIS_DONE)
        sent++;
    assert_int_equal(sent, REDIS_PENDING_MAX);
    assert_int_equal(redis_publish(STR("c"), STR("m")), REDIS_FULL);
    assert_int_equal(get(STR("small"), &value), REDIS_FULL);
    fiber_sleep(1);
    for (int i = 0; redis_get(fiber_arena(), STR("small"), &value) != REDIS_DONE; i++) {
        assert_true(i < 100);
        fiber_sleep(1);
    }
}

static void sizes_and_waiting_commands_are_bounded(void **state)
{
    (void)state;
    in_fiber(large);
}

static bool subscribed(void)
{
    return starts > 0;
}

static bool heard_it(void)
{
    return strcmp(heard, "site 7 revision 9") == 0;
}

static void tell(void)
{
    redis_subscribe("revisions", on_message);
    assert_true(came_true(subscribed) && came_true(ready));
    assert_int_equal(redis_publish(STR("elsewhere"), STR("no")), REDIS_DONE);
    assert_int_equal(redis_publish(STR("revisions"), STR("site 7 revision 9")), REDIS_DONE);
    assert_true(came_true(heard_it));
}

static void messages_reach_subscribers(void **state)
{
    (void)state;
    in_fiber(tell);
}

static int answers[8], answered;

static void asker(void *arg)
{
    struct str value;
    (void)arg;
    answers[redis_get(fiber_arena(), STR("k"), &value)]++;
    answered++;
}

static void lose(void)
{
    struct str value;
    redis_subscribe("revisions", on_message);
    assert_true(came_true(subscribed) && came_true(ready));
    // Frozen, so the questions are on their way when it dies.
    kill(server, SIGSTOP);
    for (int i = 0; i < 50; i++)
        assert_true(fiber_start(asker, NULL, NULL));
    fiber_sleep(10);
    server_end();
    assert_true(came_true(down));
    assert_int_equal(answered, 50);
    assert_int_equal(answers[REDIS_DOWN] + answers[REDIS_LATE], 50);
    int64_t before = clock_mono_ms();
    for (int i = 0; i < 1000; i++)
        assert_int_equal(redis_get(fiber_arena(), STR("k"), &value), REDIS_DOWN);
    assert_int_equal(redis_set(STR("k"), STR("v"), 1000), REDIS_DOWN);
    assert_true(clock_mono_ms() - before < REDIS_DEADLINE_MS);
    starts = 0;
    server_start();
    assert_true(came_true(ready) && came_true(subscribed));
    assert_int_equal(get(STR("k"), &value), REDIS_ABSENT);
    assert_int_equal(redis_publish(STR("revisions"), STR("site 7 revision 9")), REDIS_DONE);
    assert_true(came_true(heard_it));
}

static void a_lost_server_costs_no_time_and_comes_back(void **state)
{
    (void)state;
    in_fiber(lose);
}

static void freeze(void)
{
    struct str value;
    assert_true(came_true(ready));
    kill(server, SIGSTOP);
    assert_int_equal(redis_get(fiber_arena(), STR("k"), &value), REDIS_LATE);
    enum redis_result r = REDIS_LATE;
    for (int i = 0; i < 30 && r == REDIS_LATE; i++)
        r = redis_get(fiber_arena(), STR("k"), &value);
    assert_int_equal(r, REDIS_DOWN);
    fiber_sleep(1500); // it would accept a connection even now
    assert_false(redis_up());
    kill(server, SIGCONT);
    assert_true(came_true(ready));
    assert_int_equal(get(STR("k"), &value), REDIS_ABSENT);
}

static void a_frozen_server_counts_as_lost(void **state)
{
    (void)state;
    in_fiber(freeze);
}

static void ask_nobody(void)
{
    struct str value;
    int64_t count;
    assert_int_equal(redis_get(fiber_arena(), STR("k"), &value), REDIS_DOWN);
    assert_int_equal(redis_count(STR("k"), 1, 1, &count), REDIS_DOWN);
}

static void without_an_address_everything_is_down(void **state)
{
    (void)state;
    redis_fini();
    in_fiber(ask_nobody);
}

static void no_such_name(void)
{
    fiber_sleep(50);
    assert_false(redis_up());
    redis_fini();
    while (fibers_live() > 1) // a look-up may be under way
        fiber_sleep(1);
}

static void names_are_looked_up_in_the_pool(void **state)
{
    (void)state;
    redis_fini();
    offload_init(1);
    assert_true(redis_init(STR("redis://no-such-host.invalid")));
    in_fiber(no_such_name);
}

static void use_third_database(void)
{
    struct str value;
    assert_true(came_true(ready));
    assert_int_equal(redis_set(STR("k"), STR("v"), 1000), REDIS_DONE);
    assert_int_equal(get(STR("k"), &value), REDIS_DONE);
}

static const char *free_port(void)
{
    static char digits[8];
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof in;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&in, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
    close(fd);
    snprintf(digits, sizeof digits, "%d", ntohs(in.sin_port));
    return digits;
}

static void passwords_and_databases_are_used(void **state)
{
    (void)state;
    char address[80];
    redis_fini();
    server_end();
    port = free_port();
    server_start();
    snprintf(address, sizeof address, "redis://:a%%2Fb@127.0.0.1:%s/3", port);
    assert_true(redis_init(str_of(address)));
    in_fiber(use_third_database);
    redis_fini();
    fresh_loop();
    snprintf(address, sizeof address, "redis://:wrong@127.0.0.1:%s", port);
    assert_true(redis_init(str_of(address)));
    in_fiber(no_such_name);
    port = NULL;
}

static void addresses_are_understood_or_refused(void **state)
{
    (void)state;
    struct redis_url u;
    assert_true(redis_url_parse(STR("redis://us%65r:p%40ss@[::1]:7000/3"), &u));
    assert_string_equal(u.host, "::1");
    assert_string_equal(u.user, "user");
    assert_string_equal(u.password, "p@ss");
    assert_int_equal(u.port, 7000);
    assert_int_equal(u.database, 3);
    assert_true(redis_url_parse(STR("redis://cache"), &u));
    assert_int_equal(u.port, 6379);
    assert_true(redis_url_parse(STR("unix:///run/redis.sock"), &u));
    assert_string_equal(u.path, "/run/redis.sock");
    static const char *const wrong[] = {"", "redis://", "redis://h:0", "redis://h:x",
        "unix://relative", "http://h", "redis://h/x", "redis://user@h", "redis://:%4@h",
        "redis://:%00@h", "redis://[::1", "redis://[::1]6", "redis://h:6379:1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(redis_url_parse(str_of(wrong[i]), &u));
}

static int setup(void **state)
{
    (void)state;
    fresh_loop();
    heard[0] = 0;
    starts = answered = 0;
    memset(answers, 0, sizeof answers);
    server_start();
    return redis_init(str_of(url)) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    redis_fini();
    server_end();
    return 0;
}

static int group_setup(void **state)
{
    (void)state;
    if (!mkdtemp(dir))
        return -1;
    snprintf(socket_path, sizeof socket_path, "%s/s", dir);
    snprintf(url, sizeof url, "unix://%s", socket_path);
    return 0;
}

static int group_teardown(void **state)
{
    (void)state;
    unlink(socket_path);
    return rmdir(dir);
}

int main(void)
{
#define on_server(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        on_server(values_come_back_and_counters_end),
        on_server(sizes_and_waiting_commands_are_bounded),
        on_server(messages_reach_subscribers),
        on_server(a_lost_server_costs_no_time_and_comes_back),
        on_server(a_frozen_server_counts_as_lost),
        on_server(without_an_address_everything_is_down),
        on_server(names_are_looked_up_in_the_pool),
        on_server(passwords_and_databases_are_used),
        cmocka_unit_test(addresses_are_understood_or_refused),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
