#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "data/db.h"
#include "data/jobs.h"
#include "io/fiber.h"
#include "io/redis.h"
#include "main/command.h"
#include "main/command_doctor.sql.h"

enum { CONNECT_MS = 3000, STEP_MS = 20, FILES_LEAST = 8192, MAPS_LEAST = 2 * FIBERS_MAX + 4096 };

// Connections of one worker to PostgreSQL, as worker.c opens them.
enum { CONNECTIONS_PER_WORKER = 9 };

struct doctor {
    struct arena *a;
    const struct config *config;
    int troubles;
};

static bool is_local(const struct config *c)
{
    return str_ends(c->host, STR(".localhost")) || str_is(c->host, "localhost");
}

static void fine(const char *what)
{
    printf("  ok    %s\n", what);
}

static void trouble(struct doctor *d, struct str what, const char *cure)
{
    printf("  MEND  %.*s\n        %s\n", STR_ARG(what), cure);
    d->troubles++;
}

// Fine on one's own machine, where a site for everybody has to mend it.
static void local_only(struct doctor *d, struct str what, const char *cure)
{
    if (is_local(d->config))
        printf("  note  %.*s: %s\n", STR_ARG(what), cure);
    else
        trouble(d, what, cure);
}

static void check_files(struct doctor *d)
{
    struct str home = str_of(d->config->home), state = str_of(d->config->state);
    if (file_exists(str_join(d->a, home, STR("/build/assets/manifest.json"), STR_NULL)))
        fine("styles, scripts and pictures are built");
    else
        trouble(d, STR("build/assets/manifest.json is missing"), "run ./scripts/assets");
    struct stat st;
    if (stat(state.p, &st) != 0 || access(state.p, W_OK) != 0)
        trouble(d, str_join(d->a, STR("can't write to "), state, STR_NULL),
            "make the folder, owned by the user that runs vitrine, or set VITRINE_STATE");
    else if (st.st_mode & 066)
        trouble(d, str_join(d->a, state, STR(" is open to other users"), STR_NULL),
            "chmod 700 it: it holds the keys");
    else
        fine("the state folder is ours alone");
}

static bool wait_for(bool (*is_up)(void))
{
    for (int waited = 0; waited < CONNECT_MS && !is_up(); waited += STEP_MS)
        fiber_sleep(STEP_MS);
    return is_up();
}

static const struct rows *ask(struct doctor *d, enum db_set set, struct sql *sql)
{
    struct unit *u = unit_new(d->a, set, set == DB_PLATFORM ? 0 : 1);
    int place = unit_add_plain(u, sql);
    return unit_run(u) == DB_OK ? unit_rows(u, place) : NULL;
}

static void check_role(struct doctor *d, enum db_set set, const char *variable)
{
    const struct rows *r = ask(d, set, &SQL_doctor_role);
    if (!r) {
        trouble(d, str_join(d->a, str_of(variable), STR(": the schema isn't there"), STR_NULL),
            "run vitrine migrate");
    } else if (rows_bool(r, 0, KEY(unbound)) || rows_bool(r, 0, KEY(owns))) {
        trouble(d,
            str_join(d->a, str_of(variable), STR(" logs in as a role that rules don't bind: "),
                rows_str(r, 0, KEY(name)), STR_NULL),
            "use the roles vitrine_app and vitrine_platform; sites are kept apart by them");
    } else {
        fine(variable);
    }
}

static void check_settings(struct doctor *d)
{
    const struct rows *r = ask(d, DB_PLATFORM, &SQL_doctor_settings);
    if (!r)
        return;
    int64_t needed = (d->config->workers + 1) * CONNECTIONS_PER_WORKER;
    if (rows_i64(r, 0, KEY(version)) < 150000)
        trouble(d, STR("PostgreSQL is older than 15"), "upgrade it");
    if (rows_i64(r, 0, KEY(max_connections)) < needed + 5)
        trouble(d, str_format(d->a, "max_connections is below %lld", (long long)needed + 5),
            "raise it in postgresql.conf, or lower VITRINE_WORKERS");
    if (str_is(rows_str(r, 0, KEY(synchronous_commit)), "off"))
        trouble(d, STR("synchronous_commit is off"),
            "turn it on: a sale that was answered must survive a power cut");
    struct job_load load;
    if (jobs_load(d->a, &load) != DB_OK)
        return;
    if (load.failed)
        trouble(d, STR("jobs have failed"), "look at them with vitrine jobs, then retry them");
    if (load.late)
        trouble(d, STR("jobs are late"), "is vitrine serve running?");
}

static void check_database(struct doctor *d)
{
    if (!wait_for(db_ready)) {
        trouble(d, STR("PostgreSQL doesn't answer"),
            "start it, and check VITRINE_DATABASE_URL and VITRINE_DATABASE_PLATFORM_URL");
        return;
    }
    check_role(d, DB_READ, "VITRINE_DATABASE_URL");
    check_role(d, DB_PLATFORM, "VITRINE_DATABASE_PLATFORM_URL");
    check_settings(d);
}

static void check_services(struct doctor *d)
{
    if (!d->config->redis_url)
        trouble(d, STR("VITRINE_REDIS_URL isn't set"),
            "it works without; set it so that workers share what they cache");
    else if (wait_for(redis_up))
        fine("Redis answers");
    else
        trouble(d, STR("Redis doesn't answer"), "start it, or check VITRINE_REDIS_URL");
    if (!d->config->smtp_url)
        local_only(d, STR("VITRINE_SMTP_URL isn't set"),
            "mails are only written to the outbox folder; set it to send them");
    else
        fine("mails are sent");
}

static int64_t system_number(const char *path)
{
    struct str text;
    int64_t n = 0;
    FILE *f = fopen(path, "r");
    char line[32];
    if (!f)
        return INT64_MAX;
    text = str_trim(str_of(fgets(line, sizeof line, f) ? line : "0"));
    fclose(f);
    return str_to_i64(text, &n) ? n : INT64_MAX;
}

static void check_system(struct doctor *d)
{
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_max < FILES_LEAST)
        trouble(d, STR("too few open files are allowed"),
            "raise the limit to 65536 (LimitNOFILE in the systemd unit)");
    // Every fiber's stack is two mappings.
    if (system_number("/proc/sys/vm/max_map_count") < MAPS_LEAST)
        trouble(d, STR("vm.max_map_count is too low"), "sysctl -w vm.max_map_count=65530");
    if (!is_local(d->config) && !d->config->public_https)
        trouble(d, STR("visitors come over plain HTTP"),
            "put nginx with TLS in front (scripts/nginx.conf) and set VITRINE_PUBLIC_SCHEME=https");
}

int command_doctor(const struct config *config, int argc, char **argv)
{
    struct doctor d = {fiber_arena(), config, 0};
    (void)argc, (void)argv;
    printf("vitrine at %.*s%.*s\n", STR_ARG(config->host), STR_ARG(config->public_port));
    check_files(&d);
    check_database(&d);
    check_services(&d);
    check_system(&d);
    if (d.troubles)
        printf("%d to mend\n", d.troubles);
    else
        printf("all is well\n");
    return d.troubles ? 1 : 0;
}
