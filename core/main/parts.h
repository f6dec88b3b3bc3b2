// Puts the layers together: what is loaded once, before the fork (templates, words, assets,
// plugins), and what each process starts (routes, job handlers, hooks).
#pragma once

#include "main/config.h"

// False after saying what is wrong and where.
bool parts_load(const struct config *config);
void parts_start(const struct config *config);
