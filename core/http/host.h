// Which site, or the platform, a host name means: "name.vitrine.example" under the platform's host.
#pragma once

#include "base/str.h"

// Once per process. How the world reaches the installation, whatever a request says of itself:
// "vitrine.localhost" without a port, ":8080" or empty, over TLS or not.
void host_init(struct str platform_host, struct str port, bool https);
// "https://" before, the port behind a host.
struct str host_url(struct arena *a, struct str host);
struct str host_platform(void);
bool host_is_platform(struct str authority);
// The site's part of `authority` (a port is ignored), or absent.
struct str host_slug(struct str authority);
