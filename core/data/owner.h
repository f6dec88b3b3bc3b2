// The owner's own connection: blocking, for commands that bring up to date, move or prove a whole
// database. No worker has one. What goes wrong is said on standard error, with what was being done;
// callers only end.
#pragma once

#include <libpq-fe.h>

#include "base/str.h"

// NULL after saying why; close it with PQfinish.
PGconn *owner_connect(const char *url);
// One or more statements without results.
bool owner_run(PGconn *pg, const char *sql, const char *doing);
// Rows, to be cleared by the caller; NULL after saying what failed. `values` may be NULL.
PGresult *owner_ask(PGconn *pg, const char *sql, const char *const *values, int count);
// A cell, as it is until the result is cleared.
struct str owner_cell(const PGresult *r, int row, int column);
int64_t owner_number(const PGresult *r, int row, int column);

// Runs one of PostgreSQL's own programs (pg_dump) of the server's version, with the connection in
// its environment, where no list of processes shows a password. `arguments` end with NULL, the
// first is the program's name. True when it ended well.
bool owner_program(PGconn *pg, const char *url, const char *const *arguments);
