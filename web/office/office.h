// The back office of a site: what its staff sees under /manage.
#pragma once

#include "data/audit.h"
#include "http/route.h"

void office_start(void);

// Each page's routes, added by office_start.
void office_login_start(void);
void office_home_start(void);
