// Which site, or the platform, a host name means: "name.vitrine.example" under the platform's host.
#pragma once

#include "base/str.h"

// Once per process: "vitrine.localhost", without a port.
void host_init(struct str platform_host);
struct str host_platform(void);
bool host_is_platform(struct str authority);
// The site's part of `authority` (a port is ignored), or absent.
struct str host_slug(struct str authority);
