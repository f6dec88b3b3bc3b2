// What the pages of webhooks share: finding an endpoint by its address, and who acts. Private to
// this folder.
#pragma once

#include "domain/webhook.h"
#include "http/request.h"

// "/manage/webhooks/ID" with `tail` behind it.
struct str webhooks_path(struct arena *a, int64_t id, const char *tail);
// By the route's {id}, with what was added to the unit before; answers 404 or 503 and is false when
// there is none.
bool webhooks_of_route(struct request *r, struct unit *u, struct webhook *out);
struct webhook_by webhooks_by(const struct request *r);
// Whether what makes this server call somebody may be done once more; answers 429 or 503 and is
// false when it was done too often.
bool webhooks_may_call(struct request *r);
// Answers what the domain refused.
void webhooks_problem(struct request *r, enum webhook_result result);
// How a delivery's state looks (settings/panel.h).
const char *webhooks_delivery_look(struct str state);
