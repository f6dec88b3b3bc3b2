// The control socket of test builds: sets the business time, runs due jobs, switches the cache.
// A line in, a line out. Release builds have none.
#pragma once

#include "main/worker.h"

void control_start(const struct config *config, struct controls *controls);
