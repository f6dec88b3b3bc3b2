// From a request to its handler: host, language, route, session, permission, origin, fields. What
// goes wrong on the way is answered here, so that handlers start with valid input.
#pragma once

#include "http/route.h"
#include "http/server.h"

// For server_config.serve.
void dispatch(struct request *r);
// For server_config.find: files of the build, then whole pages.
struct cached_answer dispatch_find(const struct server_lookup *lookup);
