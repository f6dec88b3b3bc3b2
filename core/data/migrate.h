// Migrations: numbered SQL files, forward only, each in a transaction of its own, run by the owner
// role from the command line (never by a worker). core/migrations is the component "core", every
// plugin with a migrations folder is its own component and gets the schema plugin_<name>. A file
// that ran is remembered by its checksum and may never change. They run while everything goes on:
// one that needs a lock takes it within a third of a second or tries again later, so that nobody
// stands in line behind it. A file that begins with "-- outside a transaction" runs statement by
// statement (CREATE INDEX CONCURRENTLY).
#pragma once

#include <stdbool.h>

#include "base/str.h"

// Blocking. Prints what it does; false after saying what is wrong and where. `plugin_roots` are the
// folders that hold plugins' folders, ended by an absent one.
bool migrate(const char *owner_url, const char *home, const struct str *plugin_roots);

struct migrate_pending {
    int count;
    struct str first; // "core/0025_ops.sql"
};

// Which files of this program haven't run, asked as any role that may see what did. False when the
// database doesn't answer, and nothing is known. Blocking, three seconds to connect.
bool migrate_look(struct arena *a, const char *url, const char *home,
    const struct str *plugin_roots, struct migrate_pending *out);
