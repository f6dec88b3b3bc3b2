// Short messages to telephones, written as jobs in the transaction that causes them and sent
// through the operator's HTTP gateway: a POST of {"id","to","text"} as JSON, with the address's
// user and password as basic authentication; any 2xx means taken, and the same id is the same
// message. Without a gateway they are written to the outbox folder, as mails are. Never sent after
// their time. From fibers.
#pragma once

#include "data/db.h"

struct text_message {
    struct str to; // E.164
    struct str text;
    int64_t until_us; // worth nothing afterwards
    int64_t customer; // who it is for
};
#define TEXT_MESSAGE_JOB "text_message.send" // {to, text, until_us, customer_id}
void text_message_add(struct unit *u, const struct text_message *m);

// At start. `gateway` absent: to the folder `state`/outbox.
void text_message_start(struct str gateway, struct str state);
