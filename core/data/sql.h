// A named SQL statement. The build makes one for every `-- name:` in a .sql file; plugins' own are
// made when the plugin is loaded. Each connection prepares it once, at first use.
#pragma once

#include <stdint.h>

struct sql {
    const char *name;
    const char *text;
    int params;
    int number;      // from 1, given at first use, the same on every connection
    int columns;     // known after the first result
    uint32_t *keys;  // interned names of the columns
    unsigned *types; // their PostgreSQL type numbers
};
