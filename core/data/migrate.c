#include "data/migrate.h"

#include <dirent.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"

struct migration {
    struct str component, name, text, checksum;
    struct str path; // the statement that sets where its tables go
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
    if (run(pg, "BEGIN", "begin") && run(pg, m->path.p, "search_path") &&
        run(pg, m->text.p, m->name.p) && remember(pg, m) && run(pg, "COMMIT", m->name.p))
        return true;
    run(pg, "ROLLBACK", "rollback");
    return false;
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
        .component = name, .path = str_format(a, "SET LOCAL search_path = %s, public", schema)};
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

static bool migrate_all(
    PGconn *pg, struct arena *a, struct str home, const struct str *plugin_roots)
{
    struct migration core = {
        .component = STR("core"), .path = STR("SET LOCAL search_path = public")};
    // The lock keeps two operators apart; it goes with the session.
    return run(pg, "SELECT pg_advisory_lock(7310)", "lock") &&
           run(pg, "SET client_min_messages = warning", "settings") &&
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
