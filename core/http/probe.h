// What machines ask on any host: /healthz (the process runs), /readyz (it can serve), /metrics.
#pragma once

#include "http/request.h"

// True when it was one of these.
bool probe_answer(struct request *r);
