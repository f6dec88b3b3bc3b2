#include "data/owner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

PGconn *owner_connect(const char *url)
{
    if (!url) {
        fprintf(stderr, "vitrine: set VITRINE_DATABASE_OWNER_URL\n");
        return NULL;
    }
    PGconn *pg = PQconnectdb(url);
    if (PQstatus(pg) == CONNECTION_OK)
        return pg;
    fprintf(stderr, "vitrine: VITRINE_DATABASE_OWNER_URL: %s", PQerrorMessage(pg));
    PQfinish(pg);
    return NULL;
}

bool owner_run(PGconn *pg, const char *sql, const char *doing)
{
    PGresult *r = PQexec(pg, sql);
    bool ok = PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK;
    PQclear(r);
    if (!ok)
        fprintf(stderr, "vitrine: %s: %s", doing, PQerrorMessage(pg));
    return ok;
}

PGresult *owner_ask(PGconn *pg, const char *sql, const char *const *values, int count)
{
    PGresult *r = PQexecParams(pg, sql, count, NULL, values, NULL, NULL, 0);
    if (PQresultStatus(r) == PGRES_TUPLES_OK)
        return r;
    PQclear(r);
    fprintf(stderr, "vitrine: the database: %s", PQerrorMessage(pg));
    return NULL;
}

struct str owner_cell(const PGresult *r, int row, int column)
{
    return PQgetisnull(r, row, column)
               ? STR_NULL
               : str_n(PQgetvalue(r, row, column), (size_t)PQgetlength(r, row, column));
}

int64_t owner_number(const PGresult *r, int row, int column)
{
    int64_t n = 0;
    return str_to_i64(owner_cell(r, row, column), &n) ? n : 0;
}

// libpq knows which variable stands for which part of an address.
static void export_connection(const char *url)
{
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    for (PQconninfoOption *o = options; o && o->keyword; o++)
        if (o->envvar && o->val && *o->val)
            setenv(o->envvar, o->val, 1);
    PQconninfoFree(options);
}

static void become(const char *url, int major, const char *const *arguments)
{
    char path[128];
    snprintf(path, sizeof path, "/usr/lib/postgresql/%d/bin/%s", major, arguments[0]);
    export_connection(url);
    if (access(path, X_OK) == 0)
        execv(path, (char *const *)arguments);
    execvp(arguments[0], (char *const *)arguments);
    fprintf(stderr, "vitrine: %s: %s (install postgresql-client-%d)\n", arguments[0],
        strerror(errno), major);
    _exit(127);
}

bool owner_program(PGconn *pg, const char *url, const char *const *arguments)
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        become(url, PQserverVersion(pg) / 10000, arguments);
    if (pid < 0 || waitpid(pid, &status, 0) != pid) {
        fprintf(stderr, "vitrine: %s: %s\n", arguments[0], strerror(errno));
        return false;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    fprintf(stderr, "vitrine: %s failed\n", arguments[0]);
    return false;
}
