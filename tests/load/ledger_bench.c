// Takes from accounts as fast as it goes: ledger_bench TENANT FIRST COUNT CLIENTS SECONDS [TRACE]
// with accounts FIRST to FIRST + COUNT - 1 that have more than enough, for scripts/bench. With
// TRACE it posts twice and leaves the statements there. Prints postings a second.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "domain/ledger.h"
#include "io/fiber.h"
#include "io/loop.h"
#include "io/redis.h"

enum { CONNECTIONS = 4, CONNECT_MS = 10000 };

static int64_t tenant, first, count, clients, seconds, until_ms, posted, failed;
static const char *trace;

static void post(void)
{
    struct arena *a = fiber_arena();
    int64_t n = ++posted, account = first + (n * 7919) % count;
    struct ledger_step s = {.op = LEDGER_TAKE,
        .plugin = STR("bench"),
        .key = str_format(a, "bench-%lld-%lld", (long long)clock_mono_ns(), (long long)n),
        .kind = STR("taken"),
        .unit = STR("points"),
        .other = STR("spent"),
        .accounts = &account,
        .account_count = 1,
        .amount = 1};
    enum ledger_result result = ledger_do(a, tenant, &s, 1, NULL);
    if (result != LEDGER_DONE && !failed++)
        fprintf(stderr, "ledger_bench: answered %d\n", (int)result);
}

static void client(void *arg)
{
    (void)arg;
    while (clock_mono_ms() < until_ms) {
        post();
        arena_reset(fiber_arena());
    }
}

static void measure(void)
{
    int before = fibers_live();
    int64_t since_ms = clock_mono_ms();
    until_ms = since_ms + seconds * 1000;
    for (int64_t i = 0; i < clients; i++)
        fiber_start(client, NULL, NULL);
    while (fibers_live() > before)
        fiber_sleep(5);
    printf("%.1f\n", (double)posted * 1000 / (double)(clock_mono_ms() - since_ms));
}

static void run(void *arg)
{
    (void)arg;
    for (int64_t until = clock_mono_ms() + CONNECT_MS; !db_ready() && clock_mono_ms() < until;)
        fiber_sleep(5);
    if (trace) {
        post(); // the other side's account is there from now on
        db_trace(trace);
        post();
        post();
    } else {
        measure();
    }
    loop_stop();
}

int main(int argc, char **argv)
{
    struct db_config config = {.app_url = getenv("VITRINE_DATABASE_URL"),
        .connections = {[DB_READ] = 1, [DB_WRITE] = CONNECTIONS, [DB_EXCLUSIVE] = 1}};
    int64_t *const numbers[] = {&tenant, &first, &count, &clients, &seconds};
    if (argc < 6 || !config.app_url)
        return 2;
    for (int i = 0; i < 5; i++)
        *numbers[i] = strtoll(argv[i + 1], NULL, 10);
    trace = argc > 6 ? argv[6] : NULL;
    loop_init();
    fibers_init();
    db_init(&config);
    fiber_start(run, NULL, NULL);
    loop_run(redis_flush);
    return failed ? 1 : 0;
}
