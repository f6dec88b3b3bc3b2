#include "base/clock.h"
#include "data/db.h"
#include "data/jobs.h"
#include "data/migrate.h"
#include "domain/feature_info.h"
#include "domain/invariant.h"
#include "main/doctor.h"
#include "main/doctor.sql.h"
#include "plug/plug.h"

// Connections of one worker to PostgreSQL, as worker.c opens them.
enum { CONNECTIONS_PER_WORKER = 9, CLOCKS_APART_S = 2, FEATURES_MAX = 512 };

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
        doctor_mend(d, str_join(d->a, str_of(variable), STR(": the schema isn't there"), STR_NULL),
            "run vitrine migrate");
    } else if (rows_bool(r, 0, KEY(unbound)) || rows_bool(r, 0, KEY(owns))) {
        doctor_mend(d,
            str_join(d->a, str_of(variable), STR(" logs in as a role that rules don't bind: "),
                rows_str(r, 0, KEY(name)), STR_NULL),
            "use the roles vitrine_app and vitrine_platform; sites are kept apart by them");
    } else {
        doctor_fine(variable);
    }
}

static void check_durability(struct doctor *d, const struct rows *r)
{
    static const struct {
        const char *setting, *right, *why;
    } wanted[] = {
        {"synchronous_commit", "on", "a sale that was answered must survive a power cut"},
        {"fsync", "on", "a power cut may destroy the whole database"},
        {"full_page_writes", "on", "a power cut may leave half-written pages"},
        {"autovacuum", "on", "tables grow without end and plans become wrong"},
        {"server_encoding", "UTF8", "names of people wouldn't fit: make the database anew as UTF8"},
    };
    int before = d->troubles;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct str found = rows_str(r, 0, value_key_find(str_of(wanted[i].setting)));
        // remote_apply and local are stricter and laxer ways of "on"; only "off" loses sales.
        bool right = i ? str_is(found, wanted[i].right) : !str_is(found, "off");
        if (!right)
            doctor_mend(d,
                str_join(d->a, STR("PostgreSQL: "), str_of(wanted[i].setting), STR(" is "), found,
                    STR_NULL),
                wanted[i].why);
    }
    if (d->troubles == before)
        doctor_fine("PostgreSQL keeps what was committed");
}

static void check_settings(struct doctor *d)
{
    const struct rows *r = ask(d, DB_PLATFORM, &SQL_doctor_settings);
    if (!r)
        return;
    int64_t needed = (d->config->workers + 1) * CONNECTIONS_PER_WORKER;
    int64_t apart_s = (rows_us(r, 0, KEY(now_us)) - clock_now_us()) / 1000000;
    if (rows_i64(r, 0, KEY(version)) < 150000)
        doctor_mend(d, STR("PostgreSQL is older than 15"), "upgrade it");
    if (rows_i64(r, 0, KEY(max_connections)) < needed + 5)
        doctor_mend(d, str_format(d->a, "max_connections is below %lld", (long long)needed + 5),
            "raise it in postgresql.conf, or lower VITRINE_WORKERS");
    if (apart_s > CLOCKS_APART_S || apart_s < -CLOCKS_APART_S)
        doctor_mend(d,
            str_format(
                d->a, "PostgreSQL's clock is %lld s away from this one's", (long long)apart_s),
            "set both by the same time servers");
    if (str_is(rows_str(r, 0, KEY(log_statement)), "all") ||
        str_is(rows_str(r, 0, KEY(log_statement)), "mod"))
        doctor_mend(d, STR("PostgreSQL logs statements (log_statement)"),
            "set it to none: names and addresses of customers stand in its log");
    check_durability(d, r);
}

static void check_jobs(struct doctor *d)
{
    struct job_load load;
    if (jobs_load(d->a, &load) != DB_OK)
        return;
    if (load.failed)
        doctor_mend(d, STR("jobs have failed"), "look at them with vitrine jobs, then retry them");
    if (load.late)
        doctor_mend(d, STR("jobs are late"), "is vitrine serve running?");
}

static void check_migrations(struct doctor *d)
{
    struct migrate_pending pending;
    const struct config *c = d->config;
    if (!migrate_look(
            d->a, c->database_platform_url, c->home, plug_roots(d->a, str_of(c->home)), &pending))
        return;
    if (pending.count)
        doctor_mend(d,
            str_format(d->a, "%d migrations haven't run, the first is %s", pending.count,
                str_z(d->a, pending.first)),
            "vitrine migrate, then reload");
    else
        doctor_fine("all migrations have run");
}

static void check_plugins(struct doctor *d)
{
    struct str names[FEATURES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < feature_info_count() && count < FEATURES_MAX; i++)
        names[count++] = feature_info_at(i)->name;
    struct unit *u = unit_new(d->a, DB_PLATFORM, 0);
    int place = unit_add(u, &SQL_doctor_missing_plugins, db_str_array(d->a, names, count));
    if (unit_run(u) != DB_OK)
        return;
    const struct rows *r = unit_rows(u, place);
    for (int i = 0; i < r->count; i++) {
        struct str plugin = rows_str(r, i, KEY(plugin));
        doctor_mend(d,
            str_format(d->a, "the feature %.*s is on at %lld sites and isn't installed",
                STR_ARG(plugin), (long long)rows_i64(r, i, KEY(sites))),
            "put its folder back into plugins and build, or switch it off in the console");
    }
}

// The owner's address is for migrations and backups; with it the rows can be proved too.
static void check_rows(struct doctor *d)
{
    if (!d->config->database_owner_url) {
        doctor_note(STR("VITRINE_DATABASE_OWNER_URL isn't set"),
            "vitrine migrate, backup and verify need it");
        return;
    }
    PGconn *pg = owner_connect(d->config->database_owner_url);
    int broken = 0, asked = 0;
    if (!pg) {
        doctor_mend(d, STR("the owner can't connect"), "check VITRINE_DATABASE_OWNER_URL");
        return;
    }
    // A large installation proves them by vitrine verify, at a quiet hour.
    bool ok = owner_run(pg, "SET statement_timeout = '3s'", "settings");
    for (int i = 0; ok && i < invariant_count(); i++, asked++) {
        struct invariant found;
        ok = invariant_ask(d->a, pg, i, NULL, &found);
        broken += ok && found.broken;
    }
    PQfinish(pg);
    if (broken)
        doctor_mend(d, STR("what is taken, sold and paid doesn't fit together"),
            "vitrine verify names the rows; restore them by hand or from a backup");
    else if (asked == invariant_count())
        doctor_fine("what is taken, sold and paid fits together");
}

void doctor_database(struct doctor *d)
{
    if (!doctor_wait(db_ready)) {
        doctor_mend(d, STR("PostgreSQL doesn't answer"),
            "start it, and check VITRINE_DATABASE_URL and VITRINE_DATABASE_PLATFORM_URL");
        return;
    }
    check_role(d, DB_READ, "VITRINE_DATABASE_URL");
    check_role(d, DB_PLATFORM, "VITRINE_DATABASE_PLATFORM_URL");
    check_migrations(d);
    check_settings(d);
    check_jobs(d);
    check_plugins(d);
    check_rows(d);
}
