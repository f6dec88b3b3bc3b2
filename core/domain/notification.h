// Mails that features send: which one, to whom, with what. Written as a job in the transaction that
// causes it; the words are looked up and rendered when it is sent, so that what the venue changed
// meanwhile holds. A notification that the venue switched off is not sent.
#pragma once

#include "data/db.h"

struct notification {
    struct str plugin, key;
    struct str to;
    struct str language;           // absent: the site's first
    const struct value *variables; // texts by the notification's names
};

// The kind of the job: {plugin, key, to, language, variables}.
#define NOTIFICATION_JOB "notification.send"
void notification_add(struct unit *u, const struct notification *what);
