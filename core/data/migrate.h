// Migrations: numbered SQL files, forward only, each in a transaction of its own, run by the owner
// role from the command line (never by a worker). core/migrations is the component "core", every
// plugin with a migrations folder is its own component and gets the schema plugin_<name>. A file
// that ran is remembered by its checksum and may never change.
#pragma once

#include <stdbool.h>

#include "base/str.h"

// Blocking. Prints what it does; false after saying what is wrong and where. `plugin_roots` are the
// folders that hold plugins' folders, ended by an absent one.
bool migrate(const char *owner_url, const char *home, const struct str *plugin_roots);
