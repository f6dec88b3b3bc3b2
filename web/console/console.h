// The console: what the platform's account managers and operators see under /console.
#pragma once

#include "http/route.h"

void console_start(void);
void console_login_start(void);
void console_home_start(void);
void console_errors_start(void);
