#include "main/command.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "data/cache.h"
#include "data/db.h"
#include "data/migrate.h"
#include "data/revision.h"
#include "data/seal.h"
#include "io/fiber.h"
#include "io/loop.h"
#include "io/offload.h"
#include "io/redis.h"
#include "io/transfer.h"
#include "main/parts.h"
#include "main/supervisor.h"
#include "main/version.h"
#include "plug/plug.h"

enum { CONNECT_MS = 10000 };

static bool have_databases(const struct config *c)
{
    if (c->database_url && c->database_platform_url)
        return true;
    fprintf(stderr, "vitrine: set VITRINE_DATABASE_URL and VITRINE_DATABASE_PLATFORM_URL "
                    "(./scripts/run does it for you)\n");
    return false;
}

static int command_serve(const struct config *c, int argc, char **argv)
{
    (void)argc, (void)argv;
    return have_databases(c) ? supervise(c) : 1;
}

static int command_migrate(const struct config *c, int argc, char **argv)
{
    (void)argc, (void)argv;
    if (!c->database_owner_url) {
        fprintf(stderr, "vitrine: set VITRINE_DATABASE_OWNER_URL\n");
        return 1;
    }
    struct arena *a = arena_new();
    bool ok = migrate(c->database_owner_url, c->home, plug_roots(a, str_of(c->home)));
    arena_free(a);
    return ok ? 0 : 1;
}

static int command_keys(const struct config *c, int argc, char **argv)
{
    if (argc != 1 || strcmp(argv[0], "rotate") != 0) {
        fprintf(stderr, "usage: vitrine keys rotate\n");
        return 2;
    }
    struct arena *a = arena_new();
    struct str why;
    bool ok = seal_rotate(a, str_join(a, str_of(c->state), STR("/keys"), STR_NULL), &why);
    if (!ok)
        fprintf(stderr, "vitrine: %s\n", why.p);
    arena_free(a);
    return ok ? 0 : 1;
}

static const struct command commands[] = {
    {"serve", "", "serve all sites until stopped", command_serve, false},
    {"migrate", "", "bring the database up to date", command_migrate, false},
    {"routes", "", "list every address with the permission it needs, as JSON", command_routes,
        true},
    {"openapi", "site|platform", "print the description of all addresses (OpenAPI 3.1)",
        command_openapi, true},
    {"personal", "", "list what is kept about people, and what erasing them does, as JSON",
        command_personal, true},
    {"doctor", "", "check this installation and name what to mend", command_doctor, true},
    {"site", "create|export|import …", "make and change sites", command_site, true},
    {"feature", "SITE NAME on|off", "switch a feature of a site", command_feature, true},
    {"operator", "create|remove EMAIL",
        "make an operator of the console (password on stdin), or end one", command_operator, true},
    {"jobs", "[list|retry SITE ID]", "show jobs that wait or failed", command_jobs, true},
    {"plugin", "new|test NAME | manual", "start a plugin, try it, write the manual", command_plugin,
        false},
    {"backup", "FOLDER …", "back up the database, and the keys under a passphrase", command_backup,
        false},
    {"restore", "FOLDER …", "prove a backup and restore it into an empty database", command_restore,
        false},
    {"verify", "", "prove that what is taken, sold and paid fits together", command_verify, false},
    {"ledger", "verify [--site SITE]", "prove that balances are the sums of their entries",
        command_ledger, false},
    {"keys", "rotate", "add a new key for sealing and signing", command_keys, false},
};

static int usage(FILE *to, int status)
{
    fprintf(to, "Vitrine hosts branded storefronts for venues.\n\nusage: vitrine COMMAND\n\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(to, "  %-9s %-29s %s\n", commands[i].name, commands[i].usage, commands[i].summary);
    return status;
}

struct run {
    const struct command *command;
    const struct config *config;
    int argc, status;
    char **argv;
};

static void in_fiber(void *arg)
{
    struct run *run = arg;
    int64_t until = clock_mono_ms() + CONNECT_MS;
    // The doctor says itself what is missing.
    bool must = run->command->run != command_doctor;
    while (must && !(db_ready() && revision_ready()) && clock_mono_ms() < until)
        fiber_sleep(10);
    if (must && !db_ready()) {
        fprintf(stderr, "vitrine: PostgreSQL doesn't answer at VITRINE_DATABASE_URL\n");
        run->status = 1;
    } else {
        run->status = run->command->run(run->config, run->argc, run->argv);
    }
    loop_stop();
}

static void on_turn(void)
{
    redis_flush();
}

static int run_in_fiber(struct run *run)
{
    const struct config *c = run->config;
    struct db_config db = {.app_url = c->database_url,
        .platform_url = c->database_platform_url,
        .connections = {[DB_READ] = 1, [DB_WRITE] = 1, [DB_EXCLUSIVE] = 1, [DB_PLATFORM] = 1}};
    struct arena *a = arena_new();
    struct str why;
    if (!have_databases(c) || !parts_load(c))
        return 1;
    mkdir(c->state, 0700);
    if (!seal_init(a, str_join(a, str_of(c->state), STR("/keys"), STR_NULL), &why)) {
        fprintf(stderr, "vitrine: %s\n", why.p);
        return 1;
    }
    // Whoever runs a command wants its output; what goes wrong is still said.
    log_least(LOG_WARN);
    signal(SIGPIPE, SIG_IGN);
    loop_init();
    fibers_init();
    offload_init(2);
    transfer_init();
    if (c->redis_url)
        redis_init(str_of(c->redis_url));
    db_init(&db);
    cache_init(CACHE_BYTES);
    revision_start();
    parts_start(c);
    if (!fiber_start(in_fiber, run, NULL))
        return 1;
    loop_run(on_turn);
    arena_free(a);
    return run->status;
}

int command_run(int argc, char **argv)
{
    if (argc < 1 || strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "help") == 0)
        return usage(argc < 1 ? stderr : stdout, argc < 1 ? 2 : 0);
    if (strcmp(argv[0], "--version") == 0) {
        printf("vitrine %s\n", VITRINE_VERSION);
        return 0;
    }
    struct arena *a = arena_new();
    struct config config;
    int status = 2;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        const struct command *c = &commands[i];
        if (strcmp(c->name, argv[0]) != 0)
            continue;
        struct run run = {c, &config, argc - 1, 0, argv + 1};
        status = 1;
        if (config_read(a, &config))
            status = c->in_fiber ? run_in_fiber(&run) : c->run(&config, argc - 1, argv + 1);
        arena_free(a);
        return status;
    }
    arena_free(a);
    fprintf(stderr, "vitrine: no command '%s'\n\n", argv[0]);
    return usage(stderr, status);
}
