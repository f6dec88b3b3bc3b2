// The parent of everything: opens one listening socket per worker and keeps them, starts workers
// and the job worker, replaces whoever dies or stops beating for two seconds. SIGHUP replaces the
// workers one by one (the successor serves before the old one drains), SIGTERM drains them all.
#pragma once

#include "main/config.h"

// Returns the exit status when everything has ended.
int supervise(const struct config *config);
