// What `vitrine doctor` looks at: each finding is fine, a note, or something to mend with its cure.
// A fault of an installation that serves the public may be a note on one's own machine. From the
// command's fiber; checks may block for some seconds.
#pragma once

#include "main/config.h"

struct doctor {
    struct arena *a;
    const struct config *config;
    int troubles;
};

bool doctor_is_local(const struct doctor *d);
void doctor_fine(const char *what);
void doctor_note(struct str what, const char *cure);
void doctor_mend(struct doctor *d, struct str what, const char *cure);
// To mend where the public comes, a note on one's own machine.
void doctor_mend_public(struct doctor *d, struct str what, const char *cure);
// Asks until it is so, for three seconds.
bool doctor_wait(bool (*is_up)(void));

void doctor_machine(struct doctor *d);  // files, limits, clock, disk, proxies, backups
void doctor_database(struct doctor *d); // roles, settings, migrations, jobs, plugins, rows
void doctor_services(struct doctor *d); // Redis, mail, the server itself
