#include "data/migrate.h"

#include <dirent.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"

struct migration {
    struct str component, name, text, checksum;
    struct str path; // where its tables go: "public"
};

static bool complain(PGconn *pg, const char *doing)
{
    fprintf(stderr, "migrate: %s: %s", doing, PQerrorMessage(pg));
    return false;
}

static bool run(PGconn *pg, const char *sql, const char *doing)
{
    PGresult *r = PQexec(pg, sql);
    bool ok = PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK;
    PQclear(r);
    return ok || complain(pg, doing);
}

// The checksum that ran, or absent. `*failed` when the question itself failed.
static struct str ran(PGconn *pg, struct arena *a, const struct migration *m, bool *failed)
{
    const char *values[] = {m->component.p, m->name.p};
    PGresult *r =
        PQexecParams(pg, "SELECT checksum FROM schema_migration WHERE component = $1 AND name = $2",
            2, NULL, values, NULL, NULL, 0);
    *failed = PQresultStatus(r) != PGRES_TUPLES_OK;
    struct str checksum = STR_NULL;
    if (!*failed && PQntuples(r))
        checksum = str_dup(a, str_of(PQgetvalue(r, 0, 0)));
    PQclear(r);
    return checksum;
}

static bool remember(PGconn *pg, const struct migration *m)
{
    const char *values[] = {m->component.p, m->name.p, m->checksum.p};
    PGresult *r = PQexecParams(pg,
        "INSERT INTO schema_migration (component, name, checksum) VALUES ($1, $2, $3)", 3, NULL,
        values, NULL, NULL, 0);
    bool ok = PQresultStatus(r) == PGRES_COMMAND_OK;
    PQclear(r);
    return ok || complain(pg, m->name.p);
}

// A lock that isn't there at once isn't waited for: everybody who comes meanwhile would stand in
// line behind this. Instead the file is tried again in a while.
enum { TRY_AGAIN_MS = 500, TRIES = 120 };

static bool lacked_lock(PGresult *r)
{
    return str_is(str_of(PQresultErrorField(r, PG_DIAG_SQLSTATE)), "55P03");
}

enum ran { RAN, LACKED_LOCK, REFUSED };

static enum ran run_statement(PGconn *pg, const char *sql, const char *name)
{
    PGresult *r = PQexec(pg, sql);
    bool ok = PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK;
    bool lacked = !ok && lacked_lock(r);
    PQclear(r);
    if (!ok && !lacked)
        complain(pg, name);
    return ok ? RAN : lacked ? LACKED_LOCK : REFUSED;
}

static enum ran try_in_transaction(PGconn *pg, const struct migration *m)
{
    if (!run(pg, "BEGIN", "begin"))
        return REFUSED;
    enum ran how = run_statement(pg, m->text.p, m->name.p);
    if (how == RAN && remember(pg, m) && run(pg, "COMMIT", m->name.p))
        return RAN;
    run(pg, "ROLLBACK", "rollback");
    return how == RAN ? REFUSED : how;
}

// Indexes of large tables are made without a lock, which no transaction can do: statement by
// statement, each ending in ";" at the end of its line. One that was interrupted runs anew, so such
// a file first removes what it makes.
static enum ran try_without(PGconn *pg, struct arena *a, const struct migration *m)
{
    struct str rest = m->text;
    while (rest.p) {
        ptrdiff_t end = str_find(rest, STR(";\n"));
        size_t len = end < 0 ? rest.len : (size_t)end + 1;
        struct str statement = str_trim(str_sub(rest, 0, len));
        rest = end < 0 ? STR_NULL : str_sub(rest, len, rest.len);
        if (!statement.len)
            continue;
        enum ran how = run_statement(pg, str_z(a, statement), m->name.p);
        if (how != RAN)
            return how;
    }
    return remember(pg, m) ? RAN : REFUSED;
}

static void say_who_is_in_the_way(PGconn *pg, const struct migration *m)
{
    PGresult *r = PQexec(pg,
        "SELECT format('process %s of %s has been in a transaction for %s s', pid, usename,"
        "              extract(epoch FROM clock_timestamp() - xact_start)::int)"
        "  FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        "   AND xact_start IS NOT NULL ORDER BY xact_start LIMIT 1");
    const char *who = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) ? PQgetvalue(r, 0, 0)
                                                                           : "nobody is by now";
    fprintf(stderr, "migrate: %s/%s: waits for a lock, and holds nobody up: %s\n", m->component.p,
        m->name.p, who);
    PQclear(r);
}

static bool run_file(PGconn *pg, struct arena *a, const struct migration *m)
{
    bool alone = str_starts(m->text, STR("-- outside a transaction"));
    if (!run(pg, str_join(a, STR("SET search_path = "), m->path, STR_NULL).p, "search_path"))
        return false;
    for (int i = 0; i < TRIES; i++) {
        enum ran how = alone ? try_without(pg, a, m) : try_in_transaction(pg, m);
        if (how != LACKED_LOCK)
            return how == RAN;
        if (i % 10 == 0)
            say_who_is_in_the_way(pg, m);
        usleep(TRY_AGAIN_MS * 1000);
    }
    fprintf(stderr,
        "migrate: %s/%s: gave up; end that transaction, then run vitrine migrate again\n",
        m->component.p, m->name.p);
    return false;
}

static bool apply(PGconn *pg, struct arena *a, const struct migration *m)
{
    bool failed;
    struct str before = ran(pg, a, m, &failed);
    if (failed)
        return complain(pg, "schema_migration");
    if (before.p && !str_eq(before, m->checksum)) {
        fprintf(stderr, "migrate: %s/%s changed after it ran; write a new migration instead\n",
            m->component.p, m->name.p);
        return false;
    }
    if (before.p)
        return true;
    printf("migrate: %s/%s\n", m->component.p, m->name.p);
    fflush(stdout);
    return run_file(pg, a, m);
}

static int is_sql(const struct dirent *d)
{
    return str_ends(str_of(d->d_name), STR(".sql"));
}

static bool apply_folder(PGconn *pg, struct arena *a, struct migration of, const char *folder)
{
    struct dirent **files = NULL;
    int count = scandir(folder, &files, is_sql, alphasort);
    bool ok = true;
    for (int i = 0; i < count; i++) {
        struct migration m = of;
        m.name = str_dup(a, str_of(files[i]->d_name));
        struct str path = str_join(a, str_of(folder), STR("/"), m.name, STR_NULL);
        ok = ok && file_read(a, path, 4 << 20, &m.text);
        if (ok) {
            m.checksum = str_hex(a, hash_sha256(m.text).bytes, 32);
            ok = apply(pg, a, &m);
        }
        free(files[i]);
    }
    free(files);
    return ok;
}

// A plugin's tables live in a schema of its own that its statements name by search path.
static bool apply_plugin(PGconn *pg, struct arena *a, struct str root, struct str name)
{
    struct str folder = str_join(a, root, STR("/"), name, STR("/migrations"), STR_NULL);
    if (!file_is_folder(folder))
        return true;
    char *schema = (char *)str_join(a, STR("plugin_"), name, STR_NULL).p;
    for (char *p = schema; *p; p++)
        if (*p == '-')
            *p = '_';
    struct str make = str_format(a,
        "CREATE SCHEMA IF NOT EXISTS %s; GRANT USAGE ON SCHEMA %s TO vitrine_app, vitrine_platform",
        schema, schema);
    struct migration of = {
        .component = name, .path = str_join(a, str_of(schema), STR(", public"), STR_NULL)};
    return run(pg, make.p, name.p) && apply_folder(pg, a, of, folder.p);
}

static int is_plugin(const struct dirent *d)
{
    return d->d_name[0] >= 'a' && d->d_name[0] <= 'z';
}

static bool apply_plugins(PGconn *pg, struct arena *a, struct str root)
{
    struct dirent **folders = NULL;
    int count = scandir(str_z(a, root), &folders, is_plugin, alphasort);
    bool ok = true;
    for (int i = 0; i < count; i++) {
        ok = ok && apply_plugin(pg, a, root, str_dup(a, str_of(folders[i]->d_name)));
        free(folders[i]);
    }
    free(folders);
    return ok;
}

static bool apply_roots(PGconn *pg, struct arena *a, const struct str *roots)
{
    for (; roots->p; roots++)
        if (!apply_plugins(pg, a, *roots))
            return false;
    return true;
}

static const char lock_settings[] =
    "SET client_min_messages = warning; SET lock_timeout = '300ms'; SET statement_timeout = 0";

static bool migrate_all(
    PGconn *pg, struct arena *a, struct str home, const struct str *plugin_roots)
{
    struct migration core = {.component = STR("core"), .path = STR("public")};
    // The lock keeps two operators apart; it goes with the session.
    return run(pg, "SELECT pg_advisory_lock(7310)", "lock") && run(pg, lock_settings, "settings") &&
           run(pg,
               "CREATE TABLE IF NOT EXISTS schema_migration (component text, name text,"
               " checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(),"
               " PRIMARY KEY (component, name))",
               "schema_migration") &&
           apply_folder(pg, a, core, str_join(a, home, STR("/core/migrations"), STR_NULL).p) &&
           apply_roots(pg, a, plugin_roots);
}

bool migrate(const char *owner_url, const char *home, const struct str *plugin_roots)
{
    struct arena *a = arena_new();
    PGconn *pg = PQconnectdb(owner_url);
    bool ok = PQstatus(pg) == CONNECTION_OK ? migrate_all(pg, a, str_of(home), plugin_roots)
                                            : complain(pg, "VITRINE_DATABASE_OWNER_URL");
    PQfinish(pg);
    arena_free(a);
    return ok;
}

// What ran, as the asking role sees it: NULL when there is no answer, and then nothing is known.
// No right to see it, or no such table: nothing of this version ran.
static PGresult *ask_what_ran(PGconn *pg)
{
    PGresult *r = PQexec(pg, "SELECT component, name FROM schema_migration");
    struct str state = str_of(PQresultErrorField(r, PG_DIAG_SQLSTATE));
    if (PQresultStatus(r) == PGRES_TUPLES_OK || str_is(state, "42501") || str_is(state, "42P01"))
        return r;
    PQclear(r);
    return NULL;
}

static bool has_run(const PGresult *r, struct str component, struct str name)
{
    for (int i = 0; i < PQntuples(r); i++)
        if (str_is(component, PQgetvalue(r, i, 0)) && str_is(name, PQgetvalue(r, i, 1)))
            return true;
    return false;
}

static void look_in(struct arena *a, const PGresult *r, struct str component, struct str folder,
    struct migrate_pending *out)
{
    struct str *names;
    size_t count = file_is_folder(folder) ? file_list(a, folder, &names) : 0;
    for (size_t i = 0; i < count; i++) {
        if (!str_ends(names[i], STR(".sql")) || has_run(r, component, names[i]))
            continue;
        if (!out->count++)
            out->first = str_join(a, component, STR("/"), names[i], STR_NULL);
    }
}

bool migrate_look(struct arena *a, const char *url, const char *home,
    const struct str *plugin_roots, struct migrate_pending *out)
{
    static const char *const keys[] = {"dbname", "connect_timeout", NULL};
    const char *const values[] = {url, "3", NULL};
    *out = (struct migrate_pending){.count = 0};
    PGconn *pg = PQconnectdbParams(keys, values, 1);
    PGresult *r = PQstatus(pg) == CONNECTION_OK ? ask_what_ran(pg) : NULL;
    if (r) {
        look_in(
            a, r, STR("core"), str_join(a, str_of(home), STR("/core/migrations"), STR_NULL), out);
        for (; plugin_roots->p; plugin_roots++) {
            struct str *names;
            size_t count = file_list(a, *plugin_roots, &names);
            for (size_t i = 0; i < count; i++)
                look_in(a, r, names[i],
                    str_join(a, *plugin_roots, STR("/"), names[i], STR("/migrations"), STR_NULL),
                    out);
        }
    }
    PQclear(r);
    PQfinish(pg);
    return r != NULL;
}
