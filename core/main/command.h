// The command line: `vitrine COMMAND …`. Commands that need the database run in a fiber on a loop
// of their own, so they use the same code as the server.
#pragma once

#include "main/config.h"

int command_run(int argc, char **argv);

struct command {
    const char *name, *usage, *summary;
    int (*run)(const struct config *config, int argc, char **argv);
    bool in_fiber; // with connections to PostgreSQL
};

// Each in its own file.
int command_feature(const struct config *config, int argc, char **argv);
int command_site(const struct config *config, int argc, char **argv);
int command_operator(const struct config *config, int argc, char **argv);
int command_jobs(const struct config *config, int argc, char **argv);
int command_plugin(const struct config *config, int argc, char **argv);
int command_openapi(const struct config *config, int argc, char **argv);
int command_personal(const struct config *config, int argc, char **argv);
int command_routes(const struct config *config, int argc, char **argv);
int command_doctor(const struct config *config, int argc, char **argv);
int command_backup(const struct config *config, int argc, char **argv);
int command_restore(const struct config *config, int argc, char **argv);
int command_verify(const struct config *config, int argc, char **argv);
int command_ledger(const struct config *config, int argc, char **argv);
// Words of `vitrine site`, after it.
int command_site_export(const struct config *config, int argc, char **argv);
int command_site_import(const struct config *config, int argc, char **argv);
