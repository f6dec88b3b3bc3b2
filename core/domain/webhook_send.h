// Sending what happens at a site to its endpoints. An endpoint has one job at a time that sends
// whatever is due to it, several at once while it answers, one by one while it doesn't; so a slow
// one holds up nobody else, and the order of events isn't promised. A delivery that fails comes
// again after growing pauses for three days, always with the same body and the same event id; an
// endpoint that took nothing for five days is switched off and its owners get a mail. A job that
// was killed is run again, so a receiver may get an event twice: its id tells.
//
// The signature is `t=SECONDS,v1=HEX`, HEX being HMAC-SHA-256 of "SECONDS.body" under the whole
// secret; while an old secret is still good there are two v1.
#pragma once

#include "domain/event.h"
#include "domain/site.h"

#define WEBHOOK_JOB "webhook.send"
#define WEBHOOK_SIGNATURE "Vitrine-Signature"

enum { WEBHOOK_ANSWER_MAX = 2048, WEBHOOK_BODY_MAX = 256 << 10 };

// Given by the pages, which know how objects look as JSON: `data` of the event's body. NULL with
// `*gone` when the object isn't there any more, without when it can't be read now.
extern struct value *(*webhook_data)(
    struct arena *a, struct site *site, enum event event, int64_t object, bool *gone);

// The job kind. `own`: endpoints on this machine are allowed, for tests and development. Time
// limits are divided by `haste`.
void webhook_send_start(bool own, int haste);
bool webhook_own_allowed(void);

struct str webhook_signature(
    struct arena *a, int64_t at_us, struct str body, const struct str *secrets, int count);
