// A second look at the raw head of an HTTP/1 request. libh2o accepts what another server in front
// may read differently (two lengths, a length beside chunked, two hosts, folded lines, bare line
// feeds), and hides it from handlers; such a request is refused with 400.
#pragma once

#include "base/str.h"

// True when the head, up to its empty line, can be read in one way only (RFC 9112, 5 and 6).
bool head_is_unambiguous(struct str raw);
