// A named SQL statement. The build makes one for every `-- name:` in a .sql file; plugins' own are
// made when the plugin is loaded. Each connection prepares it once.
#pragma once

struct sql {
    const char *name;
    const char *text;
    int params;
    int number; // given at first use, the same on every connection of this process
};
