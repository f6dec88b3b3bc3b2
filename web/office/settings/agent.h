// A browser in words people know: "Firefox, Linux", of what it calls itself.
#pragma once

#include "http/request.h"

struct str agent_name(const struct request *r, struct str agent);
