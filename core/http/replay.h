// A write that names itself (Idempotency-Key) has one effect, however often it comes: the first
// answer is kept with its body, and given again to the same write of the same token or session.
// Only what was done is kept; after a refusal the same key may be tried again. Handlers that sell
// have their own guard in the sale's unit (http/idempotency.h); this stands around all of them.
#pragma once

#include "http/request.h"

// False, and answered: done before, still under way (409), or another write had this key (422).
bool replay_begin(struct request *r);
// After the handler; keeps the answer, or forgets the key.
void replay_end(struct request *r);
